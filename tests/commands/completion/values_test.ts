import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";
import { listLintCodes } from "../../../lib/config/lint/code.ts";
import { listFiles, readValues } from "../../../lib/commands/completion/values.ts";

/** Recipients of test keys. */
const ALICE = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";
const BOB = "age13k8kz6sc28j46rgleh9sfaxucup2gg73wyfvlr6xykw0a9r6ryys38ts8c";

const NONE = new Map<string, readonly string[]>();

Deno.test("readValues() offers the names of recipients, each once: anchors and comments", async () => {
  const config = `keys:\n  - &bob ${BOB}\ncreation_rules:\n  - age:\n      - *bob\n      - ${ALICE} # alice\n`;
  await using host = await testHost({ files: { ".sops.yaml": config, "other.yaml": "creation_rules: []\n" } });
  assertEquals(await readValues("recipient-name", NONE, host), [
    { text: "alice", description: "age1nnex…4pfg8" },
    { text: "bob", description: "age13k8k…8ts8c" },
  ]);
  assertEquals(await readValues("recipient-name", new Map([["config", ["other.yaml"]]]), host), []);
});

Deno.test("readValues() offers rules by number, with their patterns", async () => {
  const config = `creation_rules:\n  - path_regex: ^a/\n    age: ${ALICE}\n  - age: ${BOB}\n`;
  await using host = await testHost({ files: { ".sops.yaml": config } });
  assertEquals(await readValues("rule", NONE, host), [
    { text: "1", description: "^a/" },
    { text: "2", description: "(every file)" },
  ]);
});

Deno.test("readValues() offers what rules lint takes", async () => {
  await using host = await testHost();
  assertEquals((await readValues("severity", NONE, host)).map(({ text }) => text), ["note", "warning", "error"]);
  const codes = await readValues("lint-code", NONE, host);
  assertEquals(codes.map(({ text }) => text), [...listLintCodes()]);
  assert(codes.every(({ description }) => description !== ""));
});

Deno.test("readValues() offers the .sops.yaml above and those below, and searches no hidden folder", async () => {
  await using host = await testHost({
    files: { ".sops.yaml": "", "at/.sops.yaml": "", "at/a/b/.sops.yaml": "", "at/.x/.sops.yaml": "", "at/y.yaml": "" },
  });
  const texts = (await readValues("rule-file", NONE, host.in("at"))).map(({ text }) => text);
  assertEquals(texts, [".sops.yaml", "a/b/.sops.yaml"]);
  const outside = (await readValues("rule-file", NONE, host.in("at/a"))).map(({ text }) => text);
  assertEquals(outside, ["../.sops.yaml", "b/.sops.yaml"]);
});

Deno.test("readValues() stops searching for .sops.yaml after 500 folders", async () => {
  await using host = await testHost();
  for (let i = 0; i < 510; i++) await Deno.mkdir(host.path(`f${i}`));
  await host.writeText(".sops.yaml", "");
  assertEquals((await readValues("rule-file", NONE, host)).length, 1);
});

Deno.test("readValues() offers the shells, and throws what the reader of a file throws", async () => {
  await using host = await testHost();
  assertEquals((await readValues("shell", NONE, host)).map(({ text }) => text), ["bash", "zsh", "fish", "powershell"]);
  await assertRejects(() => readValues("recipient-name", NONE, host));
});

Deno.test("listFiles() lists what continues a path", async () => {
  await using host = await testHost({ files: { "a b/x.yaml": "", "a.yaml": "", ".hidden": "", "b.yaml": "" } });
  await Deno.symlink("a b", host.path("alias"));
  await Deno.symlink("nowhere", host.path("away"));
  const list = async (typed: string, folders: "only" | "too"): Promise<string[]> =>
    (await listFiles(typed, folders, host)).map(({ text }) => text);
  assertEquals(await list("", "too"), ["a b/", "a.yaml", "alias/", "away", "b.yaml"]);
  assertEquals(await list("a", "only"), ["a b/", "alias/"]);
  assertEquals(await list(".h", "too"), [".hidden"]);
  assertEquals(await list("a b/", "too"), ["a b/x.yaml"]);
  assertEquals(await list(`${host.cwd}/b`, "too"), [`${host.cwd}/b.yaml`]);
  await assertRejects(() => listFiles("none/x", "too", host));
});
