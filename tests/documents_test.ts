/**
 * The README: what its first screens say to paste runs as it stands there. It and the documents: every line of the program
 * names a command with flags that there are, and what is YAML can be read.
 *
 * @module
 */
import { parse } from "yaml";
import { COMMANDS } from "../lib/commands/command_table.ts";
import { parseCommand } from "../lib/commands/shared/argv.ts";
import { assert, assertEquals, assertStringIncludes } from "./support/assert.ts";
import { peerTest } from "./support/peers.ts";
import { putProgramOnPath } from "./support/program_path.ts";
import { runIsolated, testHost } from "./support/test_host.ts";

const README = await Deno.readTextFile(new URL("../README.md", import.meta.url));
const ROOT = new URL("..", import.meta.url);

/** @returns the blocks to paste above the list of the commands */
function blocksToPaste(): string[] {
  const start = README.slice(0, README.indexOf("\n## Commands\n"));
  return Array.from(start.matchAll(/^```sh\n(.*?)^```$/gms), ([, block = ""]) => block);
}

peerTest("every block of the README's first screens runs as it is pasted", ["git", "sh"], async () => {
  const [first = "", clone = ""] = blocksToPaste();
  await using host = await testHost();
  const env = await putProgramOnPath(host);
  const run = async (block: string, cwd: string) => {
    const result = await runIsolated("sh", ["-ec", block], { cwd, env: { ...env, GIT_CONFIG_NOSYSTEM: "1" } });
    const [stdout, stderr] = [result?.stdout, result?.stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals(result?.code, 0, `${block}\n${stderr}`);
    return `${stdout}`;
  };
  const shown = await run(first, host.cwd);
  assert(/^age1\w+\ncorrect horse\n?config {2}\.sops\.yaml/.test(shown), shown);
  assert(shown.endsWith("encrypted for default, as the rule says\n"), shown);
  assert(/^npx -y deno@2\.9\.6 run/m.test(clone.replace(/^.*\{ /, "")), "the clone is run by npx");
  const version = await run(
    clone.replace("npx -y deno@2.9.6", `'${Deno.execPath()}'`),
    decodeURIComponent(ROOT.pathname),
  );
  assert(/^\d+\.\d+\.\d+\n$/.test(version), version);
  assertEquals(blocksToPaste().length, 2);
});

/** The README and the documents, by their name. */
const DOCUMENTS: ReadonlyMap<string, string> = new Map([
  ["README.md", README],
  ...Array.from(Deno.readDirSync(new URL("docs/", ROOT)))
    .filter(({ name }) => name.endsWith(".md"))
    .map(({ name }): [string, string] => [`docs/${name}`, Deno.readTextFileSync(new URL(`docs/${name}`, ROOT))]),
]);

for (const [name, text] of DOCUMENTS) {
  Deno.test(`every line of the program in ${name} names a command, with flags that there are`, () => {
    const lines = Array.from(text.matchAll(/(?:`|^(?:\$ | *(?:- )?(?:run|script): | +- )|^)sopsmith ([^`\n]+)/gm), (
      [, line = ""],
    ) => line);
    let count = 0;
    for (const line of lines) {
      const words = splitWords(line.replace(/ (?:[>|<#]|&&|--$).*$/, "").replaceAll("\\|", "|"));
      if (words.some((word) => /^[[A-Z]|\.\.\.$|…$/.test(word)) || words[0]?.startsWith("-")) continue;
      const { spec, argv } = parseCommand(words, COMMANDS);
      const isGroup = spec === undefined && COMMANDS.some((known) => known.words[0] === words[0]);
      assert(spec !== undefined || isGroup || words[0] === "help", `no such command: sopsmith ${line}`);
      assertEquals(spec && argv.problem, undefined, `sopsmith ${line}`);
      count++;
    }
    if (name === "README.md") assert(count > 30, `only ${count} lines`);
  });
}

/** A job of a forge, as far as it is shared by several machines. */
interface SharedJob {
  readonly strategy?: { readonly matrix: { readonly shard: readonly number[] } };
  readonly steps?: readonly { readonly run?: string; readonly with?: Readonly<Record<string, string>> }[];
  readonly parallel?: number;
  readonly script?: string | readonly string[];
}

Deno.test("every YAML of the documents can be read, and every share of a matrix is taken once", () => {
  const shared: string[] = [];
  for (const [name, text] of DOCUMENTS) {
    for (const [, block = ""] of text.matchAll(/^```yaml\n(.*?)^```$/gms)) {
      const content = parse(block, { strict: true }) as
        & { jobs?: Record<string, SharedJob> }
        & Record<string, SharedJob>;
      if (!block.includes("--shard")) continue;
      const forge = /^# (GitHub|GitLab):/.exec(block)?.[1];
      shared.push(`${forge} ${name}`);
      for (const job of Object.values(content.jobs ?? content)) {
        if (forge === "GitLab") {
          assert((job.parallel ?? 0) > 1, name);
          assertStringIncludes([job.script].flat().join(), '--shard "$CI_NODE_INDEX/$CI_NODE_TOTAL"');
          continue;
        }
        const { shard = [] } = job.strategy?.matrix ?? {};
        assertEquals(shard, shard.map((_, i) => i + 1));
        const lines = job.steps?.flatMap(({ run }) => run ?? []) ?? [];
        for (const line of lines) assertStringIncludes(line, `--shard \${{ matrix.shard }}/${shard.length}`);
        const uploads = job.steps?.flatMap((step) => step.with?.["category"] ?? []) ?? [];
        assertEquals(uploads.filter((category) => !category.includes("${{ matrix.shard }}")), []);
      }
    }
  }
  assertEquals(shared.toSorted(), [
    "GitHub docs/check.md",
    "GitHub docs/repositories.md",
    "GitLab docs/check.md",
    "GitLab docs/repositories.md",
  ]);
});

/** @returns the words as a shell takes them, without quotes */
function splitWords(line: string): string[] {
  return Array.from(line.matchAll(/'[^']*'|\S+/g), ([word]) => word.replace(/^'(.*)'$/, "$1"));
}
