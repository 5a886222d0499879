/** A change of a `.sops.yaml`, and what it means for encrypted files. The edits themselves are made up here. */
import { InternalError } from "../../../lib/base/error.ts";
import { diffConfigs } from "../../../lib/config/edit/diff.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { changeConfig, type ChangeOutcome } from "../../../lib/repository/recipients/change.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/test_host.ts";

const K1 = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";
const K2 = "age13k8kz6sc28j46rgleh9sfaxucup2gg73wyfvlr6xykw0a9r6ryys38ts8c";

/** Encrypted for {@link K1}. */
const ENCRYPTED = Deno.readTextFileSync(new URL("../../vectors/sops/enc/simple.yaml", import.meta.url));

const CONFIG = `creation_rules:
  - path_regex: a[/\\\\]
    age: ${K1}
  - path_regex: b[/\\\\]
    age: ${K1}
`;

function repository(): Promise<TestHost> {
  return testHost({ files: { ".sops.yaml": CONFIG, "a/x.yaml": ENCRYPTED, "b/x.yaml": ENCRYPTED } });
}

/** Changes the config to this text. */
function change(
  host: TestHost,
  after: string,
  { about = [0], dropped = [] as number[], mode = "write" as "write" | "preview", name = ".sops.yaml" } = {},
): Promise<ChangeOutcome> {
  const path = host.path(name);
  return changeConfig(host, { path, reason: "nearest" }, {
    mode,
    plan: (before) => {
      const diff = diffConfigs(before, parseSopsConfig(after, path), { dropped: new Set(dropped) });
      const changed = after !== before.document.source;
      return Promise.resolve({ change: { ...diff, changed }, about: new Set(about) });
    },
  });
}

const SECOND_RULE = CONFIG.slice(CONFIG.indexOf("  - path_regex: b[/\\\\]"));
const WIDER = CONFIG.replace(K1, `${K1},${K2}`);

Deno.test("changeConfig() tells who came and which files are behind", async () => {
  await using host = await repository();
  const { rules, behind, moved, changed } = await change(host, WIDER);
  assertEquals(rules.map(({ gained, lost }) => [gained.map(({ text }) => text), lost]), [[[K2], []]]);
  assertEquals(behind.map(({ file }) => file.relativePath), ["a/x.yaml"]);
  assertEquals([moved, changed], [[], true]);
  assertEquals(await host.readText(".sops.yaml"), WIDER);
});

Deno.test("changeConfig() writes nothing in a preview, and nothing where nothing changes", async () => {
  await using host = await repository();
  assert((await change(host, WIDER, { mode: "preview" })).changed);
  assertEquals((await change(host, CONFIG)).changed, false);
  assertEquals(await host.readText(".sops.yaml"), CONFIG);
});

Deno.test("changeConfig() tells where files go when a rule is dropped", async () => {
  await using host = await repository();
  const after = `creation_rules:\n${SECOND_RULE}  - path_regex: .*\n    age: ${K2}\n`;
  await host.writeText(".sops.yaml", `${CONFIG}  - path_regex: .*\n    age: ${K2}\n`);
  const { moved, behind, rules } = await change(host, after, { dropped: [0] });
  assertEquals(moved.map(({ file, to }) => [file.relativePath, to?.index]), [["a/x.yaml", 1]]);
  assertEquals(behind.map(({ file }) => file.relativePath), ["a/x.yaml"]);
  assertEquals(rules.map(({ after, lost }) => [after, lost.length]), [[undefined, 1]]);
});

Deno.test("changeConfig() leaves files that have a config of their own alone", async () => {
  await using host = await repository();
  await host.writeText("a/.sops.yaml", CONFIG);
  assertEquals((await change(host, WIDER)).behind, []);
});

Deno.test("changeConfig() writes nothing when a file would get other recipients than the change is about", async () => {
  await using host = await repository();
  const cases: [string, { about: number[]; dropped?: number[] }][] = [
    [WIDER, { about: [1] }],
    [CONFIG.replace("path_regex: b[/\\\\]", "path_regex: c/"), { about: [1] }],
    [`creation_rules:\n  - path_regex: .*\n    age: ${K1}\n${CONFIG.slice(CONFIG.indexOf("\n") + 1)}`, {
      about: [0],
    }],
    [`creation_rules:\n${SECOND_RULE}`, { about: [0] }],
  ];
  for (const [after, options] of cases) {
    assert(await assertRejects(() => change(host, after, options)) instanceof InternalError, after);
    assertEquals(await host.readText(".sops.yaml"), CONFIG);
  }
});

Deno.test("changeConfig() needs the file to be there still", async () => {
  await using host = await repository();
  assertUserError(await assertRejects(() => change(host, WIDER, { name: "gone.yaml" })), "not-found", /no such file/);
});
