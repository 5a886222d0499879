/** `vault list` and `vault show`: what they print. */
import { Report, type ReportFormat } from "../../../lib/base/show/report.ts";
import { vaultList } from "../../../lib/commands/vault/list.ts";
import { vaultShow } from "../../../lib/commands/vault/show.ts";
import type { VaultFlags } from "../../../lib/commands/shared/vault_text.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertUserError } from "../../support/assert.ts";
import { type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";

/** Not a key; shaped so that it would be found in any output. */
const INLINE_KEY = "AGE-SECRET-KEY-1TESTTESTTESTTESTTESTTESTTESTTESTTESTTESTTESTTESTTESTTESTTEST";

const CONFIG = `stores:
  kc: {type: keychain}
secrets:
  providers:
    prod-sops:
      kind: sops/age
      spec:
        file: secrets/{{ .atmos_stack }}.enc.yaml
        age_key_file: ~/keys/prod.txt
        age_recipients: age1pinned
    dev-sops:
      spec: {recipients_file: conf/.sops.yaml}
    chain: {kind: sops/age, spec: {age_key: {store: kc}}}
    inline: {kind: sops/age, spec: {age_key: ${INLINE_KEY}}}
    value: {kind: sops/age, spec: {age_key: {value: ${INLINE_KEY}}}}
    aws: {kind: sops/aws-kms}
    broken: {kind: sops/age, spec: {file: !exec ls, fil: x}}
`;

type Body = typeof vaultList;

interface Run {
  readonly args?: readonly string[];
  readonly flags?: VaultFlags;
  readonly format?: ReportFormat;
}

async function run(
  body: Body,
  host: TestHost,
  { args = [], flags = {}, format = "text" }: Run = {},
): Promise<string[]> {
  assertEquals(await body(flags, args, { host, report: new Report(host, format) }), 0);
  const lines = host.written("stdout").split("\n").slice(0, -1);
  for (const { text } of host.output) assert(!text.includes("1TESTTEST"), "key material is shown");
  return lines;
}

async function json(body: Body, host: TestHost, options: Run = {}): Promise<Record<string, unknown>> {
  const lines = await run(body, host, { ...options, format: "json" });
  return JSON.parse(lines.join("\n").replaceAll(host.cwd, "/work").replaceAll(host.home, "/home"));
}

function configured(options: TestHostOptions = {}): Promise<TestHost> {
  return testHost({ ...options, files: { "atmos.yaml": CONFIG, ...options.files } });
}

Deno.test("vault list shows the built-in vault without any configuration", async () => {
  await using host = await testHost();
  assertEquals(await run(vaultList, host), [
    "vault    kind      private half                 recipients file",
    "default  sops/age  ~/.config/sops/age/keys.txt  .sops.yaml",
  ]);
  assertEquals(host.written("stderr"), "");
});

Deno.test("vault list shows every vault with the places of both halves", async () => {
  await using host = await configured();
  assertEquals((await run(vaultList, host)).map((line) => line.split(/ {2,}/)), [
    ["vault", "kind", "private half", "recipients file"],
    ["aws", "sops/aws-kms", "not an age key", ".sops.yaml"],
    ["broken", "sops/age", "cannot be used here"],
    ["chain", "sops/age", 'store "kc"', ".sops.yaml"],
    ["dev-sops", "sops/age (by default)", "~/.config/sops/age/keys.txt", "conf/.sops.yaml"],
    ["inline", "sops/age", "in the configuration", ".sops.yaml"],
    ["prod-sops", "sops/age", "~/keys/prod.txt", ".sops.yaml"],
    ["value", "sops/age", "in the configuration", ".sops.yaml"],
  ]);
  assertEquals(host.written("stderr").replace(/\n +/g, " ").split("\n"), [
    'warning: atmos.yaml:17: unknown key "fil" in "spec" of vault "broken"; did you mean "file"?',
    'warning: vault "broken" cannot be used here: cannot read "atmos.yaml": line 17: "file" of vault "broken" needs ' +
    "!exec, which sopsmith never runs",
    "",
  ]);
});

Deno.test("vault list --json has absolute paths", async () => {
  await using host = await configured();
  const { files, vaults } = await json(vaultList, host) as { files: string[]; vaults: Record<string, unknown>[] };
  assertEquals(files, ["/work/atmos.yaml"]);
  assertEquals(vaults.map(({ name }) => name), ["aws", "broken", "chain", "dev-sops", "inline", "prod-sops", "value"]);
  assertEquals(vaults[1], {
    name: "broken",
    kind: "sops/age",
    definedAt: { path: "/work/atmos.yaml", line: 17, column: 5 },
    definedFor: null,
    canGenerateKey: true,
    problem: 'cannot read "/work/atmos.yaml": line 17: "file" of vault "broken" needs !exec, which sopsmith never runs',
  });
  assertEquals(vaults[2]?.privateHalf, { place: "store", store: "kc", path: "chain", storeKind: "keychain" });
  assertEquals(vaults[5], {
    name: "prod-sops",
    kind: "sops/age",
    definedAt: { path: "/work/atmos.yaml", line: 5, column: 5 },
    definedFor: null,
    canGenerateKey: true,
    privateHalf: { place: "file", path: "/home/keys/prod.txt", reason: "written as ~/keys/prod.txt" },
    recipientsFile: "/work/.sops.yaml",
  });
});

Deno.test("vault list names the problem of a machine without a place for keys", async () => {
  await using host = await testHost({ env: { HOME: undefined } });
  const [, line] = await run(vaultList, host);
  assertStringIncludes(line ?? "", "neither $XDG_CONFIG_HOME nor $HOME is set");
});

Deno.test("vault list reads the files that are asked for", async () => {
  await using host = await configured({
    files: { "other/x.yaml": "secrets: {providers: {x: }}\n", "d/atmos.yaml": "" },
  });
  const lines = await run(vaultList, host, { flags: { config: ["other/x.yaml"], configPath: ["d"] } });
  assertEquals(lines.length, 2);
  assertStringIncludes(lines[1] ?? "", "x  ");
});

Deno.test("vault show shows everything of a vault", async () => {
  await using host = await configured({ files: { "~/keys/prod.txt": "" } });
  assertEquals(await run(vaultShow, host, { args: ["prod-sops"] }), [
    "vault         prod-sops  (atmos.yaml:5)",
    "kind          sops/age",
    "base path     .",
    "files         secrets/{{ .atmos_stack }}.enc.yaml",
    String.raw`pattern       ^secrets/.*\.enc\.yaml$`,
    "private half  ~/keys/prod.txt  (written as ~/keys/prod.txt; atmos.yaml:9)",
    "recipients    .sops.yaml  (does not exist yet)",
    "pinned        age_recipients at atmos.yaml:10",
  ]);
});

Deno.test("vault show shows the built-in vault and what SOPS uses above the git root", async () => {
  await using host = await testHost({
    files: { "../.sops.yaml": "", ".git/HEAD": "" },
    env: { SOPS_AGE_KEY_FILE: "k" },
  });
  assertEquals(await run(vaultShow, host), [
    "vault         default  (built in)",
    "kind          sops/age",
    "base path     .",
    "files         secrets/NAME.yaml (or json, env, ini)",
    String.raw`pattern       ^secrets/.*\.(ya?ml|json|env|ini)$`,
    "private half  k  (SOPS_AGE_KEY_FILE is set; does not exist yet)",
    "recipients    .sops.yaml  (does not exist yet)",
    "SOPS uses     ../.sops.yaml  (above the git work tree)",
  ]);
});

Deno.test("vault show shows a vault of a kind that keys are not made for", async () => {
  await using host = await configured({ files: { ".sops.yaml": "" } });
  const lines = await run(vaultShow, host, { args: ["aws"] });
  assertEquals(lines[1], "kind          sops/aws-kms  (sopsmith makes no keys of this kind)");
  assertEquals(lines.slice(-2), ["private half  not an age key", "recipients    .sops.yaml  (exists)"]);
});

Deno.test("vault show never shows an inline key", async () => {
  for (const name of ["inline", "value"]) {
    for (const format of ["text", "json"] as const) {
      await using host = await configured();
      assert((await run(vaultShow, host, { args: [name], format })).length > 0);
    }
  }
});

Deno.test("vault show --json has the whole vault", async () => {
  await using host = await configured();
  assertEquals(await json(vaultShow, host, { args: ["dev-sops"] }), {
    name: "dev-sops",
    kind: "",
    isBuiltIn: false,
    definedAt: { path: "/work/atmos.yaml", line: 11, column: 5 },
    definedFor: null,
    canGenerateKey: true,
    basePath: "/work",
    files: "secrets/STACK.enc.yaml",
    pathRegex: String.raw`secrets/.*\.enc\.yaml$`,
    privateHalf: { place: "file", path: "/home/.config/sops/age/keys.txt", reason: "default" },
    keysFileExists: false,
    recipientsFile: "/work/conf/.sops.yaml",
    recipientsFileExists: false,
    ageRecipients: null,
    hiddenConfig: null,
  });
});

Deno.test("vault show refuses an unknown vault, several vaults and one that cannot be used", async () => {
  await using host = await configured();
  const show = (...args: string[]): Promise<Error> => assertRejects(() => run(vaultShow, host, { args }));
  assertUserError(await show("prod-sop"), "usage", /^no vault "prod-sop"; did you mean "prod-sops"\?$/);
  assertUserError(await show(), "usage", /^no vault named, and there are 6 to choose from$/);
  assertUserError(await show("broken"), "unsupported", /needs !exec/);
});
