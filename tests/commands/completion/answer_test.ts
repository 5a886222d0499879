import { assert, assertEquals } from "../../support/assert.ts";
import { COMPLETION_VAULTS } from "../../support/completion_vaults.ts";
import { testHost } from "../../support/test_host.ts";
import { run } from "../../../main.ts";

/** Recipients of test keys. */
const ALICE = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";

const FILES = {
  "atmos.yaml": COMPLETION_VAULTS,
  ".sops.yaml": `keys:\n  - &alice ${ALICE}\ncreation_rules:\n  - age: *alice\n`,
  "sub/x.yaml": "a: b\n",
  "sub/in a/.sops.yaml": "creation_rules: []\n",
  "sub/.hidden": "",
  "sub/a\nb.yaml": "",
  "node_modules/.sops.yaml": "",
};

async function answers(words: readonly string[]): Promise<string[]> {
  await using host = await testHost({ files: FILES });
  assertEquals(await run(["__complete", ...words], host), 0);
  assertEquals(host.written("stderr"), "");
  return host.written("stdout").split("\n").filter((line) => line !== "");
}

Deno.test("__complete answers bash with words that can stand in its line", async () => {
  assertEquals(await answers(["bash", "keygen", "my"]), ["words", "my\\ vault"]);
  assertEquals(await answers(["bash", "keygen", `"my`]), ["words", "my vault"]);
  assertEquals(await answers(["bash", "keygen", "it"]), ["words", "it\\'s\\ \\$HOME"]);
  assertEquals(await answers(["bash", "keygen", `"it`]), ["words", "it's \\$HOME"]);
  assertEquals(await answers(["bash", "keygen", "prod"]), ["words", "prod-sops", "prod:db"]);
  assertEquals(await answers(["bash", "ru"]), ["words", "rules"]);
});

Deno.test("__complete answers zsh with escaped colons, and leaves the choice to it", async () => {
  assertEquals(await answers(["zsh", "keygen", "pr"]), [
    "words",
    "it's $HOME:sops/age",
    "my vault:sops/age",
    "prod-sops:sops/age",
    "prod\\:db:sops/age",
  ]);
});

Deno.test("__complete answers PowerShell, which puts a dot before each word", async () => {
  assertEquals(await answers(["powershell", ".keygen", ".'my"]), ["words", "my vault\tsops/age"]);
  assertEquals((await answers(["powershell", "."])).length > 5, true);
});

Deno.test("__complete leaves files to the shell, but for those of another folder", async () => {
  assertEquals(await answers(["bash", "rules", "explain", ""]), ["files"]);
  assertEquals(await answers(["bash", "-C", "sub", "rules", "explain", "/etc/x"]), ["files"]);
  assertEquals(await answers(["bash", "-C", "sub", "rules", "explain", "~/x"]), ["files"]);
  assertEquals(await answers(["bash", "keygen", "--config-path", ""]), ["folders"]);
  assertEquals(await answers(["bash", "-C", "sub", "rules", "explain", ""]), ["partial", "in\\ a/", "x.yaml"]);
  assertEquals(await answers(["fish", "-C", "sub", "rules", "explain", "x"]), ["words", "x.yaml\t"]);
  assertEquals(await answers(["fish", "-C", "sub", "keygen", "--config-path", ""]), ["partial", "in a/\t"]);
  assertEquals(await answers(["fish", "-C", "~/..", "rules", "explain", "work/sub/.h"]), [
    "words",
    "work/sub/.hidden\t",
  ]);
  assertEquals(await answers(["fish", "keygen", "--config=sub/x"]), ["words", "--config=sub/x.yaml\t"]);
});

Deno.test("__complete offers names from the folder that -C names and the file that --config names", async () => {
  assertEquals(await answers(["bash", "-C", "sub", "-C", "..", "keygen", "prod-"]), ["words", "prod-sops"]);
  assertEquals(await answers(["bash", "keygen", "--config", "sub/x.yaml", "prod-"]), ["words"]);
});

Deno.test("__complete shows no error, whatever is wrong", async () => {
  await using host = await testHost({ files: { "atmos.yaml": "{", ".sops.yaml": "\t- {" } });
  const lines: readonly (readonly string[])[] = [
    [],
    ["tcsh", ""],
    ["bash"],
    ["bash", "keygen", ""],
    ["bash", "-C", "nowhere", "rules", "explain", ""],
    ["bash", "nonsense", "--", "-"],
    ["fish", "--json", "--help", ""],
  ];
  for (const line of lines) assertEquals(await run(["__complete", ...line], host), 0, line.join(" "));
  assertEquals(host.written("stderr"), "");
  assert(!host.written("stdout").includes("error"));
});
