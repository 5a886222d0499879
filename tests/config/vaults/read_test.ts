import type { ErrorKind } from "../../../lib/base/error.ts";
import type { AgeKeySource, Vault, VaultConfig } from "../../../lib/config/vaults/vault.ts";
import { readVaults } from "../../../lib/config/vaults/read.ts";
import { assert, assertEquals, assertRejects, assertThrows, assertUserError } from "../../support/assert.ts";
import { type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";

const NOTHING_ASKED = { configFiles: [], configPaths: [], systemFolder: "/nowhere" };

function read(host: TestHost, cwd = "."): VaultConfig {
  return readVaults(host.in(cwd), NOTHING_ASKED);
}

/** The configuration of one vault `v` with the given spec, in flow form. */
function withSpec(spec: string, more = ""): string {
  return `${more}secrets: {providers: {v: {kind: sops/age, spec: ${spec}}}}\n`;
}

/** @returns the vault `v` of a configuration */
async function readVault(source: string, env: TestHostOptions["env"] = {}): Promise<Vault> {
  await using host = await testHost({ files: { "atmos.yaml": source }, env });
  const { vaults, unusable } = read(host);
  const problem = unusable[0]?.error;
  if (problem !== undefined) throw problem;
  const vault = vaults.find(({ name }) => name === "v");
  assert(vault !== undefined, "no vault v");
  const folders = [[host.cwd, "/work"], [host.home, "/home/me"]] as const;
  return JSON.parse(folders.reduce((text, [folder, shown]) => {
    return text.replaceAll(JSON.stringify(folder).slice(1, -1), shown);
  }, JSON.stringify(vault)));
}

Deno.test("readVaults() reads every field of a vault", async () => {
  const source = [
    "secrets:",
    "  providers:",
    "    v:",
    "      kind: sops/age",
    "      spec:",
    "        file: secrets/{{ .atmos_stack }}.enc.yaml",
    "        path: elsewhere",
    "        age_key_file: ~/keys.txt",
    "        recipients_file: conf/.sops.yaml",
    "        age_recipients: age1a,age1b",
  ].join("\n");
  assertEquals(await readVault(source), {
    name: "v",
    kind: "sops/age",
    definedAt: { path: "/work/atmos.yaml", line: 3, column: 5 },
    basePath: "/work",
    file: "secrets/{{ .atmos_stack }}.enc.yaml",
    fileAt: { path: "/work/atmos.yaml", line: 6, column: 9 },
    folder: "elsewhere",
    ageKey: { form: "file", path: "/home/me/keys.txt", written: "~/keys.txt" },
    ageKeyAt: { path: "/work/atmos.yaml", line: 8, column: 9 },
    recipientsFile: "/work/conf/.sops.yaml",
    ageRecipients: "age1a,age1b",
    ageRecipientsAt: { path: "/work/atmos.yaml", line: 10, column: 9 },
  } as unknown as Vault);
});

Deno.test("readVaults() reads a vault with nothing in it", async () => {
  for (const empty of ["", "{}", "{spec: }", "{kind: '', spec: {file: '', age_key_file: ''}}"]) {
    const vault = await readVault(`secrets: {providers: {v: ${empty}}}\n`);
    assertEquals([vault.kind, vault.file, vault.folder], ["", undefined, "secrets"]);
    assertEquals(vault.ageKey, { form: "default" });
    assertEquals(vault.recipientsFile, "/work/.sops.yaml");
  }
});

Deno.test("readVaults() sorts the vaults of all files and merges their specs", async () => {
  await using host = await testHost({
    files: {
      "sopsmith.yaml": "secrets:\n  providers:\n    b:\n      spec: {file: high}\n    a: {kind: sops/gpg}\n",
      "atmos.yaml":
        "secrets:\n  providers:\n    b:\n      kind: sops\n      spec:\n        file: low\n        path: low\n",
      "~/.atmos/atmos.yaml":
        "secrets:\n  providers:\n    b: {spec: {age_recipients: pinned}}\n    c: {kind: sops/age}\n",
    },
  });
  const config = read(host);
  assertEquals(config.vaults.map(({ name, kind }) => [name, kind]), [["a", "sops/gpg"], ["b", "sops"], [
    "c",
    "sops/age",
  ]]);
  const b = config.vaults[1]!;
  assertEquals([b.file, b.folder, b.ageRecipients], ["high", "low", "pinned"]);
  assertEquals(b.definedAt, { path: host.path("sopsmith.yaml"), line: 3, column: 5 });
  assertEquals(b.fileAt?.path, host.path("sopsmith.yaml"));
  assertEquals(b.ageRecipientsAt?.path, host.path("~/.atmos/atmos.yaml"));
  assertEquals(config.files, ["sopsmith.yaml", "atmos.yaml", "~/.atmos/atmos.yaml"].map(host.path));
  assertEquals(config.source, "sopsmith.yaml, atmos.yaml, ~/.atmos/atmos.yaml");
});

const AGE_KEYS: readonly (readonly [spec: string, ageKey: AgeKeySource])[] = [
  ["{}", { form: "default" }],
  ["{age_key: ''}", { form: "default" }],
  ["{age_key: {}}", { form: "default" }],
  ["{age_key: {store: file}}", { form: "default" }],
  ["{age_key: AGE-SECRET-KEY-TEST-ONLY}", { form: "inline" }],
  ["{age_key: {value: AGE-SECRET-KEY-TEST-ONLY, store: kc, path: x}}", { form: "inline" }],
  ["{age_key: !env SET}", { form: "inline" }],
  ["{age_key: !env UNSET inline}", { form: "inline" }],
  ["{age_key: !exec cat key}", { form: "inline" }],
  ["{age_key: {value: !store.get kc key}}", { form: "inline" }],
  ["{age_key: !env UNSET, age_key_file: k}", { form: "file", path: "/work/k", written: "k" }],
  ["{age_key: {value: !env UNSET, path: k}}", { form: "file", path: "/work/k", written: "k" }],
  ["{age_key_file: k}", { form: "file", path: "/work/k", written: "k" }],
  ["{age_key_file: $DIR/k}", { form: "file", path: "/keys/k", written: "$DIR/k" }],
  ["{age_key_file: !env KEYS}", { form: "file", path: "/home/me/k", written: "~/k" }],
  ["{age_key: {path: p}, age_key_file: k}", { form: "file", path: "/work/p", written: "p" }],
  ["{age_key: {store: file, path: ~/p}}", { form: "file", path: "/home/me/p", written: "~/p" }],
  ["{age_key: {store: file}, age_key_file: k}", { form: "file", path: "/work/k", written: "k" }],
  ["{age_key: {store: kc}}", { form: "store", store: "kc", path: "v", storeKind: "keychain" }],
  ["{age_key: {store: both, path: p}, age_key_file: k}", {
    form: "store",
    store: "both",
    path: "p",
    storeKind: "aws/ssm",
  }],
  ["{age_key: {store: team}}", {
    form: "store",
    store: "team",
    path: "v",
    storeKind: "keychain",
    keychain: { service: "s", stackDelimiter: "." },
  }],
];

for (const [spec, ageKey] of AGE_KEYS) {
  Deno.test(`readVaults() reads the private half of ${spec}`, async () => {
    const team = "{type: keychain, options: {service: s, stack_delimiter: .}}";
    const stores = `stores: {kc: {type: keychain}, both: {kind: aws/ssm, type: aws-ssm}, team: ${team}}\n`;
    const env = { SET: "AGE-SECRET-KEY-TEST-ONLY", DIR: "/keys", KEYS: "~/k" };
    const vault = await readVault(withSpec(spec, stores), env);
    assertEquals(vault.ageKey, ageKey);
    assertEquals(vault.ageKeyAt === undefined, ageKey.form === "default");
    assert(!JSON.stringify(vault).includes("TEST-ONLY"), "key material is kept");
  });
}

Deno.test("readVaults() leaves the kind of an unknown store open", async () => {
  for (const stores of ["", "stores: {kc: text}\n", "stores: {kc: {}}\n", "stores: text\n"]) {
    const { ageKey } = await readVault(withSpec("{age_key: {store: kc}}", stores));
    assertEquals(ageKey, { form: "store", store: "kc", path: "v" } as AgeKeySource);
  }
});

const WRONG_TYPES: readonly (readonly [source: string, message: RegExp])[] = [
  [withSpec("{file: [a]}"), /line 1, column 56: "file" of vault "v" is a list, expected text$/],
  [withSpec("{file: {a: b}}"), /"file" of vault "v" is a mapping, expected text$/],
  [withSpec("{path: 2024}"), /"path" of vault "v" is a number, expected text$/],
  [withSpec("{recipients_file: true}"), /"recipients_file" of vault "v" is true or false, expected text$/],
  [withSpec("{age_key_file: 2024-01-02}"), /"age_key_file" of vault "v" is a date, expected text$/],
  [withSpec("{age_recipients: [age1a, age1b]}"), /"age_recipients" of vault "v" is a list, expected text$/],
  [withSpec("{age_key: [a]}"), /"age_key" of vault "v" is a list, expected text or a mapping$/],
  [withSpec("{age_key: 5}"), /"age_key" of vault "v" is a number, expected text$/],
  [withSpec("{age_key: {value: {}}}"), /"age_key.value" of vault "v" is a mapping, expected text$/],
  [withSpec("{age_key: {store: [a]}}"), /"age_key.store" of vault "v" is a list, expected text$/],
  [withSpec("{file: !env }"), /"file" of vault "v" holds !env without a variable's name$/],
  [withSpec("[a]"), /"spec" of vault "v" is a list, expected a mapping$/],
  ["secrets: {providers: {v: text}}\n", /vault "v" is text, expected a mapping$/],
  ["secrets: {providers: {v: {kind: [a]}}}\n", /"kind" of vault "v" is a list, expected text$/],
  ["secrets: {providers: [a]}\n", /"secrets.providers" is a list, expected a mapping$/],
  ["secrets: text\n", /"secrets" is text, expected a mapping$/],
  ["base_path: 1.5\nsecrets: {providers: {v: }}\n", /"base_path" is a number, expected text$/],
  ["- a\n", /no mapping, expected keys with values$/],
  ["a: [\n", /^cannot read ".*atmos.yaml": line/],
];

for (const [source, message] of WRONG_TYPES) {
  Deno.test(`readVaults() refuses ${source.trim()}`, async () => {
    const error = assertUserError(await assertRejects(() => readVault(source)), "malformed", message);
    assertEquals(typeof error.location?.line, "number");
    assertEquals(typeof error.location?.column, "number");
  });
}

Deno.test("readVaults() shows no key material beside a mistake", async () => {
  const source = [
    "secrets:",
    "  providers:",
    "    v:",
    "      spec:",
    "        age_key: AGE-SECRET-KEY-1TESTONLY",
    "        path: 5",
    "    w: {spec: {age_key: {value: [AGE-SECRET-KEY-1TESTONLY]}}}",
  ].join("\n");
  for (const text of [source, source.replace("path: 5", "path: p")]) {
    const error = assertUserError(await assertRejects(() => readVault(text)), "malformed");
    assert(error.details.length > 0, "no excerpt");
    assert(!JSON.stringify([error.message, error.details, error.hints]).includes("TESTONLY"), "key material is shown");
  }
});

const UNUSABLE: readonly (readonly [spec: string, kind: ErrorKind, message: RegExp])[] = [
  ["{file: !exec ls}", "unsupported", /line 1: "file" of vault "v" needs !exec, which sopsmith never runs$/],
  ["{path: !terraform.output a b}", "unsupported", /"path" of vault "v" needs !terraform.output/],
  ["{recipients_file: !store.get a b}", "unsupported", /"recipients_file" of vault "v" needs !store.get/],
  ["{age_recipients: !secret X}", "unsupported", /"age_recipients" of vault "v" needs !secret/],
  ["{age_key: {path: !exec x}}", "unsupported", /"age_key.path" of vault "v" needs !exec/],
  ["{file: !include x.yaml}", "unsupported", /needs !include, which names a file that is not there: "x.yaml"$/],
  ["!include x.yaml", "unsupported", /"spec" of vault "v" needs !include, which names a file that is not there/],
  ["{path: !repo-root}", "unsupported", /"path" of vault "v" needs !repo-root, which has no answer outside of a git/],
  [
    "{age_key_file: $NOWHERE/k}",
    "not-found",
    /"age_key_file" of vault "v" has no value: the variable NOWHERE is not set$/,
  ],
  [
    "{age_key: {path: ~root/k}}",
    "not-found",
    /"age_key.path" of vault "v" has no value: "~root\/k" is the home folder/,
  ],
];

for (const [spec, kind, message] of UNUSABLE) {
  Deno.test(`readVaults() keeps a vault with the spec ${spec} for its error`, async () => {
    await using host = await testHost({ files: { "atmos.yaml": withSpec(spec) } });
    const { vaults, unusable } = read(host);
    assertEquals(vaults, []);
    assertEquals(unusable.map(({ name, kind }) => [name, kind]), [["v", "sops/age"]]);
    const error = assertUserError(unusable[0]!.error, kind, message);
    assertEquals(error.location?.line, 1);
  });
}

Deno.test("readVaults() reads the other vaults beside one that cannot be used", async () => {
  const source = "secrets: {providers: {bad: {kind: !exec x}, good: {kind: sops}, whole: !include x.yaml}}\n";
  await using host = await testHost({ files: { "atmos.yaml": source } });
  const { vaults, unusable } = read(host);
  assertEquals(vaults.map(({ name }) => name), ["good"]);
  assertEquals(unusable.map(({ name, kind }) => [name, kind]), [["bad", ""], ["whole", ""]]);
});

Deno.test("readVaults() warns of unknown keys with the one that was meant", async () => {
  const source = [
    "secrets:",
    "  provider: {}",
    "  providers:",
    "    v:",
    "      knd: sops/age",
    "      spec:",
    "        recipient_file: x",
    "        age_key: {pth: x}",
    "        whatever: x",
    "    aws: {kind: sops/aws-kms, spec: {arn: x}, any: x}",
  ].join("\n");
  await using host = await testHost({ files: { "atmos.yaml": source } });
  const { warnings } = read(host);
  assertEquals(warnings.map(({ message, location }) => `${location?.line} ${message}`), [
    '2 unknown key "provider" in "secrets"; did you mean "providers"?',
    '5 unknown key "knd" in vault "v"; did you mean "kind"?',
    '7 unknown key "recipient_file" in "spec" of vault "v"; did you mean "recipients_file"?',
    '9 unknown key "whatever" in "spec" of vault "v"',
    '8 unknown key "pth" in "age_key" of vault "v"; did you mean "path"?',
  ]);
});

Deno.test("readVaults() warns of a variable that is not set", async () => {
  await using host = await testHost({ files: { "atmos.yaml": withSpec("{file: !env FILE}") } });
  const { vaults, warnings } = read(host);
  assertEquals(vaults[0]?.file, undefined);
  assertEquals(warnings.map(({ message }) => message), [
    '"file" of vault "v" counts as absent: the variable FILE is not set',
  ]);
});

const IN_GIT = { "repo/.git/HEAD": "", "repo/sub/x": "" };
const VAULT = "secrets: {providers: {v: {kind: sops}}}\n";

const BASE_PATHS: readonly (readonly [
  name: string,
  files: Readonly<Record<string, string>>,
  cwd: string,
  env: TestHostOptions["env"],
  basePath: string,
])[] = [
  ["ATMOS_BASE_PATH from the working directory", { "repo/atmos.yaml": `base_path: a\n${VAULT}` }, "repo/sub", {
    ATMOS_BASE_PATH: " ../b ",
  }, "repo/b"],
  ["an absolute ATMOS_BASE_PATH", { "atmos.yaml": VAULT }, ".", { ATMOS_BASE_PATH: "/base" }, "/base"],
  [
    "base_path from the folder of its file",
    { "repo/atmos.yaml": `base_path: ./a/../b\n${VAULT}` },
    "repo/sub",
    {},
    "repo/b",
  ],
  [
    "base_path from its file, not the highest",
    {
      "atmos.yaml": VAULT,
      "~/.atmos/atmos.yaml": "base_path: infra\n",
    },
    ".",
    {},
    "~/.atmos/infra",
  ],
  ["an absolute base_path", { "atmos.yaml": `base_path: /base/\n${VAULT}` }, ".", {}, "/base"],
  ["base_path by a function", { "repo/a/atmos.yaml": `base_path: !repo-root\n${VAULT}` }, "repo/a", {}, "repo"],
  ["the folder of the file without base_path", { "repo/a/atmos.yaml": VAULT }, "repo/a", {}, "repo/a"],
  [
    "the folder of the file with base_path .",
    { "repo/a/atmos.yaml": `base_path: .\n${VAULT}` },
    "repo/a",
    {},
    "repo/a",
  ],
  [
    "the git root when the configuration is in a parent",
    { "repo/a/atmos.yaml": VAULT, "repo/a/b/x": "" },
    "repo/a/b",
    {},
    "repo",
  ],
  [
    "the git root with base_path . in a parent",
    {
      "repo/a/atmos.yaml": `base_path: "."\n${VAULT}`,
      "repo/a/b/x": "",
    },
    "repo/a/b",
    {},
    "repo",
  ],
  [
    "the parent's folder with ATMOS_GIT_ROOT_BASEPATH=false",
    { "repo/a/atmos.yaml": VAULT, "repo/a/b/x": "" },
    "repo/a/b",
    {
      ATMOS_GIT_ROOT_BASEPATH: "false",
    },
    "repo/a",
  ],
  ["the parent's folder outside of git", { "a/atmos.yaml": VAULT, "a/b/x": "" }, "a/b", {}, "a"],
  ["the git root for a file of the person", { "~/.atmos/atmos.yaml": VAULT }, "repo/sub", {}, "repo"],
  [
    "the working directory for a file of the person outside of git",
    { "~/.atmos/atmos.yaml": VAULT, "a/x": "" },
    "a",
    {},
    "a",
  ],
];

for (const [name, files, cwd, env, basePath] of BASE_PATHS) {
  Deno.test(`readVaults() takes as base path ${name}`, async () => {
    await using host = await testHost({ files: { ...IN_GIT, ...files }, env: env ?? {} });
    const { vaults } = read(host, cwd);
    assertEquals(vaults[0]?.basePath, basePath.startsWith("/") ? basePath : host.path(basePath));
    assertEquals(vaults[0]?.recipientsFile, `${vaults[0]?.basePath}/.sops.yaml`);
  });
}

Deno.test("readVaults() refuses a base path by a function that it never runs", async () => {
  await using host = await testHost({ files: { "atmos.yaml": `base_path: !exec pwd\n${VAULT}` } });
  assertUserError(assertThrows(() => read(host)), "unsupported", /"base_path" needs !exec/);
});

Deno.test("readVaults() tells what it skips, with its line", async () => {
  const source = [
    "secrets: {providers: {v: }}",
    "import: [./a.yaml, https://example.com/b.yaml, 'git::https://example.com/c', github.com/org/repo]",
  ].join("\n");
  await using host = await testHost({ files: { "atmos.yaml": source } });
  const { notes, skipped } = read(host);
  assertEquals(notes.map(({ message }) => message), ['the import of "./a.yaml" matches no file']);
  const why = "is skipped: sopsmith does not use the network";
  assertEquals(skipped.map(({ message, location }) => [message, location?.line]), [
    [`the import of "https://example.com/b.yaml" ${why}`, 2],
    [`the import of "git::https://example.com/c" ${why}`, 2],
    [`the import of "github.com/org/repo" ${why}`, 2],
  ]);
});

Deno.test("readVaults() has the built-in vault without any configuration", async () => {
  await using host = await testHost();
  const { vaults, unusable, files, source, warnings, notes } = read(host);
  assertEquals(vaults.map(({ name, definedAt }) => [name, definedAt]), [["default", undefined]]);
  assertEquals([unusable, files, source, warnings, notes], [[], [], "", [], []]);
});

Deno.test("readVaults() has the built-in vault, with a note, for a configuration without vaults", async () => {
  await using host = await testHost({
    files: { "atmos.yaml": "stacks: {base_path: stacks}\nsecrets: {providers: {}}\n" },
  });
  const { vaults, notes } = read(host);
  assertEquals(vaults.map(({ name }) => name), ["default"]);
  assertEquals(notes.map(({ message }) => message), [
    "no vault is configured in atmos.yaml, nor in its stack manifests",
  ]);
});

Deno.test("readVaults() reads the files that were asked for", async () => {
  await using host = await testHost({
    files: { "a/x.yaml": VAULT, "atmos.yaml": "secrets: {providers: {other: }}\n" },
  });
  const { vaults } = readVaults(host, { configFiles: ["a/x.yaml"], configPaths: [] });
  assertEquals(vaults.map(({ name, basePath }) => [name, basePath]), [["v", host.path("a")]]);
  const missing = () => readVaults(host, { configFiles: ["a/no.yaml"], configPaths: [] });
  assertUserError(assertThrows(missing), "not-found");
});

Deno.test("readVaults() refuses a configuration that is too large or no file", async () => {
  await using host = await testHost({ files: { "atmos.yaml": new Uint8Array(16 * 1024 * 1024 + 1) } });
  assertUserError(assertThrows(() => read(host)), "malformed", /larger than 16 MiB/);
  await Deno.mkdir(host.path("folder.yaml"));
  const folder = () => readVaults(host, { configFiles: ["folder.yaml"], configPaths: [] });
  assertUserError(assertThrows(folder), "io");
});
