/**
 * `git setup` with real git: which files have the drivers afterwards, in which clone, and how the program is found.
 */
import { ROOT } from "../../scripts/process.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { addAttributeLines } from "../../lib/repository/git/attributes.ts";
import { DRIVERS } from "../../lib/repository/git/drivers.ts";
import { globsOf } from "../../lib/repository/git/globs.ts";
import { PATHS, RULES } from "../repository/git/rule_globs.ts";
import fc from "../support/property.ts";
import { makePerson, READERS, Repository } from "./git_repository.ts";

const PEERS = ["git"];
const ME = await makePerson(1);

async function drivers(repository: Repository, path: string): Promise<string> {
  const lines = await repository.git("check-attr", "diff", "merge", "--", path);
  return lines.trim().split("\n").map((line) => line.split(": ").at(-1)).join(" ");
}

peerTest("git setup gives the drivers to the files of the rules, and to those that are encrypted", PEERS, async () => {
  await using repository = await Repository.make(ME);
  const rule = (pattern: string): string => `  - path_regex: ${pattern}\n    age: ${ME.recipient}\n`;
  await repository.write(
    ".sops.yaml",
    `creation_rules:\n${rule("^secrets/.*\\.(ya?ml|json)$")}${rule("\\.enc\\.env$")}${rule("^every[^/]*/x.*")}${
      rule(".*\\.json$")
    }`,
  );
  await repository.write("sub/.sops.yaml", `creation_rules:\n${rule("^deep/")}`);
  await repository.put("other/plain name.json", '{"a": 1}\n');
  await repository.put("other/[x]*#.json", '{"a": 1}\n');
  await repository.put("sub/deep/a.yaml", "a: 1\n");
  await repository.write("other/not.json", "{}\n");
  await repository.sopsmith("git", "setup");
  for (
    const path of [
      "secrets/a.yaml",
      "secrets/a/b/c.yml",
      "secrets/x.json",
      "x.enc.env",
      "a/b/x.enc.env",
      "every/x.yaml",
      "everyone/x/y/z",
      "other/plain name.json",
      "other/[x]*#.json",
      "sub/deep/a.yaml",
      "sub/deep/er/b",
    ]
  ) assertEquals(await drivers(repository, path), "sopsmith sopsmith", path);
  for (
    const path of [
      "a.yaml",
      "secrets/a.txt",
      "other/not.json",
      "other/x#.json",
      "deep/a.yaml",
      "every/a/x.yaml",
      "x.env",
    ]
  ) assertEquals(await drivers(repository, path), "unspecified unspecified", path);
  const again = await repository.sopsmith("git", "setup");
  assertEquals(again.stderr, "git is set up already; nothing changed\n");
});

peerTest("git setup leaves what is there, and --undo takes away what it has added", PEERS, async () => {
  await using repository = await Repository.make(ME);
  const own = "*.yaml text\r\nsecrets/mine.yaml diff=other -merge\r\n# the end, without a line break";
  await repository.write(".gitattributes", own);
  await repository.put("secrets/mine.yaml", "a: 1\n");
  await repository.put("secrets/a.yaml", "a: 1\n");
  const config = await repository.git("config", "--local", "--list");
  const dry = await repository.sopsmith("git", "setup", "--dry-run");
  assertStringIncludes(dry.stdout, "+/secrets/** diff=sopsmith merge=sopsmith");
  assertStringIncludes(dry.stdout, "git config --local diff.sopsmith.cachetextconv false\n");
  assertEquals(await repository.git("config", "--local", "--list"), config);
  assertEquals(await Deno.readTextFile(`${repository.host.cwd}/.gitattributes`), own);
  const done = await repository.sopsmith("git", "setup");
  const text = await Deno.readTextFile(`${repository.host.cwd}/.gitattributes`);
  assert(text.startsWith(`${own}\r\n# encrypted files`), text);
  assertStringIncludes(done.stderr, "next: git add .gitattributes");
  assertEquals(await drivers(repository, "secrets/a.yaml"), "sopsmith sopsmith");
  const undone = await repository.sopsmith("git", "setup", "--undo");
  assertStringIncludes(undone.stderr, "git treats encrypted files as any other file again");
  assertEquals(await Deno.readTextFile(`${repository.host.cwd}/.gitattributes`), `${own}\r\n`);
  assertEquals(await repository.git("config", "--local", "--list"), config);
  assertStringIncludes((await repository.sopsmith("git", "setup", "--undo")).stderr, "nothing changed");
});

peerTest("a fresh clone has the attributes, and the drivers once git setup has run in it", PEERS, async () => {
  await using repository = await Repository.make(ME);
  await repository.put("secrets/a.yaml", "a: clear-1\n");
  await repository.sopsmith("git", "setup");
  await repository.commit("one");
  await repository.git("clone", "-q", ".", "clone");
  const inClone = (...args: string[]): Promise<string> => repository.git("-C", "clone", ...args);
  assertStringIncludes(await inClone("show"), "ENC[AES256_GCM,");
  const { stderr } = await repository.sopsmith("-C", "clone", "git", "setup");
  assertStringIncludes(stderr, ".git/config: what git runs for them");
  assert(!stderr.includes(".gitattributes"), stderr);
  assertStringIncludes(await inClone("show"), "+a: clear-1");
  assertEquals(await inClone("status", "--porcelain"), "");
  // once for all clones of a person
  await inClone("config", "--remove-section", "diff.sopsmith");
  await repository.sopsmith("git", "setup", "--global");
  assertStringIncludes(await inClone("show"), "+a: clear-1");
  await repository.sopsmith("git", "setup", "--global", "--undo");
  assertStringIncludes(await inClone("show"), "ENC[AES256_GCM,");
});

peerTest("git finds the program where it has no name, also below a folder with blanks and quotes", [
  ...PEERS,
  ...READERS,
], async () => {
  await using repository = await Repository.make(ME);
  const place = `${repository.aside}/it's my "place"`;
  await Deno.symlink(ROOT, place);
  await repository.put("secrets/a.yaml", "a: clear-1\n");
  await repository.put("secrets/-b.yaml", "a: clear-1\n");
  const source = ["run", "-q", `--config=${ROOT}/deno.json`, "-P", `${place}/main.ts`];
  const paths = { PATH: "/usr/bin:/bin" };
  const { code, stderr } = await repository.run(Deno.execPath(), [...source, "git", "setup"], paths);
  assertEquals(code, 0, stderr);
  assertStringIncludes(await repository.git("config", "diff.sopsmith.textconv"), `'\\''s my "place"/main.ts'`);
  await repository.commit("one");
  const shown = await repository.run("git", ["show"], paths);
  assertStringIncludes(shown.stdout, "--- /dev/null\n+++ b/secrets/-b.yaml\n@@ -0,0 +1 @@\n+a: clear-1\n");
  for (const side of ["ours", "theirs"]) {
    await repository.git("switch", "-q", "-c", side, "main");
    await repository.put("secrets/-b.yaml", `a: clear-1\n${side}: clear-2\n`);
    await repository.commit(side);
  }
  const merged = await repository.run("git", ["merge", "--no-edit", "ours"], paths);
  assertEquals(merged.code, 0, merged.stdout + merged.stderr);
  assertEquals(await repository.plain("secrets/-b.yaml"), "a: clear-1\ntheirs: clear-2\nours: clear-2\n");
});

peerTest("git setup follows no .gitattributes out of the repository", PEERS, async () => {
  await using repository = await Repository.make(ME);
  const outside = `${repository.host.home}/profile`;
  await Deno.writeTextFile(outside, "mine\n");
  await Deno.symlink(outside, `${repository.host.cwd}/.gitattributes`);
  const { code, stderr } = await repository.run("sopsmith", ["git", "setup"]);
  assertEquals([code, await Deno.readTextFile(outside)], [1, "mine\n"]);
  assertStringIncludes(stderr, "it is a symlink, which git does not follow");
});

peerTest("git setup refuses a folder outside of git", PEERS, async () => {
  await using repository = await Repository.make(ME);
  const { code, stderr } = await repository.run("sopsmith", ["-C", "..", "git", "setup"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "it is in no work tree of git");
});

peerTest("git matches the patterns of rules as they are asked here", PEERS, async () => {
  await using repository = await Repository.make(ME);
  const globs = RULES.flatMap(([pathRegex]) => globsOf(pathRegex) ?? []);
  const paths = [...new Set([...fc.sample(PATHS, 300), ...globs.map(({ sample }) => sample)])];
  for (const { pattern, matches } of globs) {
    const line = { pattern: `/${pattern}`, drivers: DRIVERS };
    await Deno.writeFile(`${repository.host.cwd}/.gitattributes`, addAttributeLines(undefined, [line]));
    const lines = await repository.git("check-attr", "diff", "--", ...paths);
    const found = lines.trim().split("\n").map((text) => text.endsWith(": sopsmith"));
    assertEquals(found, paths.map(matches), pattern);
  }
});
