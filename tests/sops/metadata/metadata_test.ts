/** Which files count as encrypted, and what their metadata says. */
import { findMetadata, storeOfName } from "../../../lib/sops/metadata/metadata.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

const VECTORS = new URL("../../vectors/sops/", import.meta.url);
const K1 = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";
const K2 = "age13k8kz6sc28j46rgleh9sfaxucup2gg73wyfvlr6xykw0a9r6ryys38ts8c";
const K3 = "age1xwdd0y2uylukmqs34fft8gxdyucyvqqnmqaeq9c7d5zng4sp7syszhdzkg";
const MAC = "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]";

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function find(text: string, path = "a.yaml"): ReturnType<typeof findMetadata> {
  return findMetadata(encode(text), path);
}

function vector(name: string): string {
  return Deno.readTextFileSync(new URL(`enc/${name}`, VECTORS));
}

function groupsOf(text: string, path?: string): string[][] | undefined {
  return find(text, path)?.groups.map(({ keys }) => keys.map(({ type, text }) => `${type} ${text}`));
}

/** A small encrypted YAML file; lines of `sops` besides what every block has. */
function yamlFile(...lines: string[]): string {
  return ["a: 1", "sops:", ...lines.map((line) => `    ${line}`), `    mac: ${MAC}`, VERSION_AND_TIME, ""].join("\n");
}

const VERSION_AND_TIME = `    version: 3.9.0\n    lastmodified: "2026-01-01T00:00:00Z"`;
const AGE_KEY = `age: [{recipient: ${K1}, enc: x}]`;

Deno.test("findMetadata() knows every file that SOPS encrypted, under its own and any other name", () => {
  const names = [...Deno.readDirSync(new URL("enc/", VECTORS))].map(({ name }) => name);
  assert(names.length > 30, "the vectors are there");
  for (const name of names) {
    const bytes = Deno.readFileSync(new URL(`enc/${name}`, VECTORS));
    const metadata = findMetadata(bytes, name);
    assertEquals([name, metadata?.format, metadata?.version], [name, storeOfName(name), "3.13.2"]);
    const groups = findMetadata(bytes, "without-ending")?.groups;
    assertEquals([name, groups], [name, metadata?.groups]);
  }
});

Deno.test("findMetadata() knows no plain file", () => {
  for (const { name } of Deno.readDirSync(new URL("plain/", VECTORS))) {
    assertEquals(findMetadata(Deno.readFileSync(new URL(`plain/${name}`, VECTORS)), name), undefined, name);
  }
});

Deno.test("findMetadata() reads groups, threshold and selectors of every store", () => {
  const twoGroups = [[`age ${K1}`], [`age ${K2}`, `age ${K3}`]];
  assertEquals(groupsOf(vector("groups-2of2.yaml")), twoGroups);
  for (const name of ["groups-2of2.env", "groups-2of2.ini"]) {
    assertEquals(groupsOf(vector(name), name), [[`age ${K1}`], [`age ${K2}`]]);
  }
  const three = find(vector("groups-2of3.json"), "a.json");
  assertEquals([three?.groups.length, three?.shamirThreshold], [3, 2]);
  assertEquals(find(vector("groups-2of2.env"), "a.env")?.macOnlyEncrypted, true);
  const selected = find(vector("k8s-encregex-maconly.yaml"));
  assertEquals(selected?.selectors, { encrypted_regex: "^(data|stringData)$" });
  assertEquals([selected?.macOnlyEncrypted, selected?.lastModified], [true, "2026-11-20T23:13:02Z"]);
  assertEquals(find(vector("raw.bin"), "raw.bin")?.selectors, {});
  assertEquals(groupsOf(vector("two-recipients.yaml")), [[`age ${K2}`, `age ${K1}`]]);
});

Deno.test("findMetadata() keeps an ssh recipient with its comment", () => {
  const [group] = groupsOf(vector("ssh-ed25519.yaml")) ?? [];
  assert(/^age ssh-ed25519 AAAA\S+ \S+/.test(group?.[0] ?? ""), group?.[0] ?? "nothing");
});

Deno.test("findMetadata() reads INI values quoted over several lines and with comment characters", () => {
  const text = vector("simple.ini")
    .replace(/(age__list_0__map_enc\s*= )(.*)/, (_, key, enc) => `${key}"""${enc.replaceAll("\\n", "\n")}"""`)
    .replace(K1, "`ssh-ed25519 AAAA a#b;c`");
  assertEquals(groupsOf(text, "a.ini"), [["age ssh-ed25519 AAAA a#b;c"]]);
});

Deno.test("findMetadata() reads files with CRLF, byte order mark and other indentation", () => {
  for (const name of ["simple.yaml", "simple.env", "simple.ini", "types.json"]) {
    const text = vector(name);
    assertEquals(groupsOf(text.replaceAll("\n", "\r\n"), name), [[`age ${K1}`]], name);
    assertEquals(groupsOf(`\ufeff${text}`, name), [[`age ${K1}`]], name);
  }
  const indented = vector("simple.yaml").replace(/^(?=.)/gm, "  ");
  assertEquals(groupsOf(indented), [[`age ${K1}`]]);
});

Deno.test("findMetadata() finds a block that is not the last one and not written by SOPS", () => {
  const block = yamlFile(AGE_KEY).split("\n").slice(1).join("\n");
  const cases = {
    "first, comments between": `# c\n${block.replace("    version", "# c\n    version")}b: 1\n`,
    "quoted key": `a: 1\n${block.replace("sops:", '"sops" :')}`,
    "after a document start": `%YAML 1.1\n--- # c\na: 1\n${block}---\nb: 1\n`,
    "before a document end": `a: 1\n${block}...\n---\nsops: 1\n`,
    "list at the key's column": `l:\n- a\n- b: 1\n${block}`,
    "flow style":
      `{a: 1, sops: {age: [{recipient: ${K1}}], version: "3", lastmodified: 2026-01-01T00:00:00Z, mac: "${MAC}"}}`,
    "tagged key": `!!str a: 1\n${block}`,
    "anchor before": `a: &x 1\n? b\n: 2\n${block}`,
    "merge key": `a: &x {b: 1}\n!!merge <<: *x\n${block}`,
  };
  for (const [name, text] of Object.entries(cases)) assertEquals(groupsOf(text), [[`age ${K1}`]], name);
});

Deno.test("findMetadata() takes a JSON file for the store of its name", () => {
  const json = vector("types.json");
  const binary = vector("raw.bin");
  assertEquals(["a.json", "a.yaml", "a.env", "a"].map((name) => find(json, name)?.format), [
    "json",
    "yaml",
    "json",
    "json",
  ]);
  assertEquals(["a.json", "a.yml", "a.md"].map((name) => find(binary, name)?.format), ["json", "yaml", "binary"]);
});

Deno.test("findMetadata() decodes fields as weakly as SOPS does", () => {
  const metadata = find(yamlFile(
    "AGE: {recipient: x}",
    "pgp: null",
    'shamir_threshold: "2"',
    'mac_only_encrypted: "1"',
    'unencrypted_regex: ""',
    "unknown: [1]",
  ));
  assertEquals(metadata?.groups, [{ keys: [{ type: "age", text: "x" }] }]);
  assertEquals([metadata?.shamirThreshold, metadata?.macOnlyEncrypted, metadata?.selectors], [2, true, {}]);
});

Deno.test("findMetadata() names keys of every type as SOPS does, in its order", () => {
  const entries = [
    "age: [{recipient: r}]",
    "pgp: [{fp: F}]",
    "hc_vault: [{vault_address: 'https://v', engine_path: e, key_name: k}]",
    "azure_kv: [{vault_url: 'https://a', name: n, version: v}]",
    "hckms: [{key_id: 'region:id'}]",
    "gcp_kms: [{resource_id: projects/p}]",
    "kms: [{arn: arn1}, {arn: arn2, role: r, context: {b: 2, a: 1}}, {arn: arn3, aws_profile: p}]",
  ];
  const keys = [
    "kms arn1",
    "kms arn2+r|a:1,b:2",
    "kms arn3||p",
    "gcp_kms projects/p",
    "hckms region:id",
    "azure_kv https://a/keys/n/v",
    "hc_vault https://v/v1/e/keys/k",
    "pgp F",
    "age r",
  ];
  assertEquals(groupsOf(yamlFile(...entries)), [keys]);
  assertEquals(groupsOf(yamlFile(`key_groups: [{${entries.join(", ")}}, {age: []}]`)), [keys, []]);
  assertEquals(groupsOf(yamlFile(AGE_KEY, "key_groups: [{age: [{recipient: other}]}]")), [[`age ${K1}`]]);
});

Deno.test("findMetadata() refuses blocks that SOPS would not take for metadata", () => {
  const good = yamlFile(AGE_KEY);
  assert(find(good) !== undefined, "the unchanged file counts");
  const cases = {
    "no mac": good.replace(/ {4}mac: .*\n/, "").replace("a: 1", `a: ${MAC}`),
    "no version": good.replace(/ {4}version: .*\n/, ""),
    "no time": good.replace(/ {4}lastmodified: .*\n/, ""),
    "bad time": good.replace("2026-01-01T00:00:00Z", "yesterday"),
    "no keys": good.replace(AGE_KEY, "age: []"),
    "keys that are no mappings": good.replace(AGE_KEY, "age: [x]"),
    "a list": `a: ${MAC}\nsops:\n    - 1\n`,
    "a text": `a: ${MAC}\nsops: 3.13.2\n`,
    "two blocks": good + good.slice(good.indexOf("sops:")),
    "in the second document": `a: 1\n---\n${good}`,
    "nested": good.replace(/^/gm, "    ").replace(/^/, "a:\n"),
    "in a list": good.replace(/^/gm, "  ").replace(/^ /, "-"),
    "alias inside": `x: &x ${MAC}\n${good.replace(/mac: .*/, "mac: *x")}`,
  };
  for (const [name, text] of Object.entries(cases)) assertEquals(find(text), undefined, name);
});

Deno.test("findMetadata() refuses text that quotes an encrypted file", () => {
  const quoted = ["simple.yaml", "simple.env", "simple.ini", "types.json"].map(vector);
  for (const text of quoted) {
    for (const path of ["README.md", "notes.txt", "a.yaml", "a.ini", "a.env", "a.json"]) {
      const cases = {
        "fenced": `# A title\n\nLook at this:\n\n\`\`\`\n${text}\`\`\`\n`,
        "fence first": `\`\`\`yaml\n${text}\`\`\`\n`,
        "block scalar": `example: |\n${text.replace(/^/gm, "  ")}`,
        "prose before": `this file mentions sops_ and ENC[AES256_GCM,\n${text}`,
        "front matter": `---\ntitle: x\n---\n${text}`,
        "diff": text.replace(/^/gm, "+"),
      };
      for (const [name, quote] of Object.entries(cases)) assertEquals(find(quote, path), undefined, `${name} ${path}`);
    }
  }
});

Deno.test("findMetadata() refuses a configuration of SOPS and dotenv lines that only look like metadata", () => {
  assertEquals(find(`# ENC[AES256_GCM,\ncreation_rules:\n  - age: ${K1}\n`, ".sops.yaml"), undefined);
  assertEquals(find(`A=${MAC}\nsops_version=3.9.0\n`, "a.env"), undefined);
  assertEquals(find(`A=${MAC}\nsops_age=1\nsops_age__list_0__map_recipient=x\n`, "a.env"), undefined);
  assertEquals(find(`a=${MAC}\n[sops]\nversion="3\n`, "a.ini"), undefined);
  assertEquals(find(`a="""${MAC}\n[sops]\n`, "a.ini"), undefined);
  assertEquals(find(`[sops\na=${MAC}\n`, "a.ini"), undefined);
});

Deno.test("findMetadata() refuses hostile text without failing", () => {
  const bomb = `sops: ${"[".repeat(20_000)}\na: ${MAC}\n`;
  for (const path of ["a.yaml", "a.json", "a.ini", "a.env", "a"]) {
    assertEquals(find(bomb, path), undefined);
    assertEquals(find(`{"sops": ${"[".repeat(20_000)}"${MAC}"`, path), undefined);
    assertEquals(find(`"${"a".repeat(200_000)} sops ${MAC}`, path), undefined);
    assertEquals(find(`a${" ".repeat(200_000)}b sops ${MAC}`, path), undefined);
  }
});

Deno.test("property: a file without metadata never counts", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "sops:",
      "sops_",
      "[sops]",
      '"sops": {',
      MAC,
      "\n",
      "    ",
      "version: 1",
      "mac=",
      "---",
      "{",
      "}",
      "'''",
    ),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.constantFrom("a.yaml", "a.json", "a.env", "a.ini", "a"),
      (pieces, path) => {
        // no piece holds a time, without which there is no metadata
        assertEquals(find(pieces.join(""), path), undefined);
      },
    ),
  );
});

Deno.test("property: the metadata is found whatever plain values stand around it", () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/).filter((name) => !name.startsWith("sops"));
  const tree = fc.dictionary(key, fc.oneof(fc.string(), fc.integer(), fc.array(fc.string(), { maxLength: 3 })), {
    maxKeys: 5,
  });
  const block = {
    age: [{ recipient: K1, enc: "x" }],
    mac: MAC,
    version: "3.9.0",
    lastmodified: "2026-01-01T00:00:00Z",
  };
  fc.assert(fc.property(tree, tree, (before, after) => {
    const lines = (part: Record<string, unknown>): string =>
      Object.entries(part).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`).join("");
    const json = JSON.stringify({ ...before, ...after, sops: block });
    assertEquals(groupsOf(json, "a.json"), [[`age ${K1}`]]);
    assertEquals(groupsOf(lines(before) + lines({ sops: block }) + lines(after)), [[`age ${K1}`]]);
  }));
});
