/** What git says about files. */
import { isIgnoredByGit, isTrackedByGit } from "../../../lib/repository/scan/work_tree.ts";
import { assertEquals } from "../../support/assert.ts";
import { peerTest } from "../../support/peers.ts";
import { type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";

/** A host whose working folder is a work tree of git. */
async function gitHost(options: TestHostOptions): Promise<TestHost> {
  const host = await testHost(options);
  const init = await host.run("git", ["init", "--quiet"], { cwd: host.cwd });
  assertEquals(init?.code, 0);
  return host;
}

const FILES = {
  ".gitignore": "*.txt\n/keys/\n!kept.txt\n",
  "a.yaml": "",
  "forced.txt": "",
  ":b.yaml": "",
  "*.yaml": "",
};

peerTest("isIgnoredByGit() asks git, for files that exist or do not", ["git"], async () => {
  await using host = await gitHost({ files: FILES });
  await host.run("git", ["add", "--force", "forced.txt"], { cwd: host.cwd });
  const answers = { "keys.txt": true, "keys/deep/k": true, "kept.txt": false, "a.yaml": false, "forced.txt": false };
  for (const [name, expected] of Object.entries({ ...answers, "-x.txt": true, ":(top)x.txt": true })) {
    assertEquals([name, await isIgnoredByGit(host, host.path(name))], [name, expected]);
  }
});

peerTest("isTrackedByGit() asks git, and takes names literally", ["git"], async () => {
  await using host = await gitHost({ files: FILES });
  await host.run("git", ["--literal-pathspecs", "add", "--", "a.yaml", ":b.yaml"], { cwd: host.cwd });
  const answers = { "a.yaml": true, ":b.yaml": true, "*.yaml": false, "absent.yaml": false };
  for (const [name, expected] of Object.entries(answers)) {
    assertEquals([name, await isTrackedByGit(host, host.path(name))], [name, expected]);
  }
});

peerTest("isIgnoredByGit() asks about the repository of the file, whatever the environment says", ["git"], async () => {
  await using inside = await gitHost({ files: FILES });
  await using hook = await testHost({ env: { GIT_DIR: "/nowhere", GIT_WORK_TREE: "/nowhere", GIT_PREFIX: "x/" } });
  const misled = { ...inside, run: hook.run };
  assertEquals(await isIgnoredByGit(misled, inside.path("keys.txt")), true);
  assertEquals(await isIgnoredByGit(misled, inside.path("a.yaml")), false);
});

peerTest("isTrackedByGit() runs no command that the repository names", ["git"], async () => {
  await using inside = await gitHost({ files: FILES });
  await inside.run("git", ["config", "core.fsmonitor", `touch ${inside.path("was-run")}; false`]);
  assertEquals(await isTrackedByGit(inside, inside.path("a.yaml")), false);
  assertEquals(await inside.files.stat(inside.path("was-run")), undefined);
});

Deno.test("isIgnoredByGit() answers no outside of a work tree, without git and when git fails", async () => {
  const asked: (readonly string[])[] = [];
  const answer = (code: number | undefined): TestHostOptions => ({
    files: { ".git/HEAD": "" },
    commands: {
      git(args) {
        asked.push(args);
        return code === undefined ? undefined : { code, stdout: new Uint8Array(), stderr: new Uint8Array() };
      },
    },
  });
  for (const [code, expected] of [[0, true], [1, false], [128, false], [undefined, false]] as const) {
    await using host = await testHost(answer(code));
    assertEquals(await isIgnoredByGit(host, host.path("keys.txt")), expected);
    assertEquals(await isTrackedByGit(host, host.path("keys.txt")), expected);
    assertEquals(asked.at(-2)?.slice(-2), ["--", "./keys.txt"]);
  }
  const count = asked.length;
  await using outside = await testHost(answer(0));
  assertEquals(await isIgnoredByGit(outside, outside.path("~/keys.txt")), false);
  assertEquals(asked.length, count);
});
