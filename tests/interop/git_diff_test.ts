/**
 * Real git with the diff driver: what it prints is in clear, what it keeps is not.
 */
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { makePerson, Repository } from "./git_repository.ts";

const PEERS = ["git"];
const FILE = "secrets/db.yaml";
const ME = await makePerson(1);

async function changedFile(): Promise<Repository> {
  const repository = await Repository.make(ME);
  await repository.put(FILE, "# clear-comment\na: clear-1\nb: clear-2\n");
  await repository.sopsmith("git", "setup");
  await repository.commit("one");
  await repository.put(FILE, "# clear-comment\na: clear-1\nb: clear-3\n");
  return repository;
}

const CHANGE = " # clear-comment\n a: clear-1\n-b: clear-2\n+b: clear-3\n";

peerTest("git diff, log -p, show and blame print values in clear, and nothing keeps them", PEERS, async () => {
  await using repository = await changedFile();
  assertStringIncludes(await repository.git("diff"), CHANGE);
  await repository.git("add", FILE);
  assertStringIncludes(await repository.git("diff", "--cached"), CHANGE);
  await repository.git("commit", "-q", "-m", "two");
  assertStringIncludes(await repository.git("show"), CHANGE);
  assertStringIncludes(await repository.git("log", "-p", "-1"), CHANGE);
  assertStringIncludes(await repository.git("log", "-p", "-S", "clear-3", "--format=%s"), "two\n");
  assertStringIncludes(await repository.git("blame", FILE), "b: clear-3\n");
  await repository.refuseClear("clear-");
  const patch = await repository.git("format-patch", "--stdout", "-1");
  assert(!patch.includes("clear-"), "a patch to be sent is of what git has");
});

peerTest(
  "git does not cache values in clear, also where it is told to for all drivers of the name",
  PEERS,
  async () => {
    await using repository = await changedFile();
    await repository.git("config", "--global", "diff.sopsmith.cachetextconv", "true");
    assertStringIncludes(await repository.git("diff", "HEAD"), CHANGE);
    await repository.commit("two");
    assertStringIncludes(await repository.git("show"), CHANGE);
    assertEquals(await repository.git("for-each-ref", "refs/notes"), "");
    await repository.refuseClear("clear-");
    // so that the test could fail: this is what the setting does
    await repository.git("config", "--local", "diff.sopsmith.cachetextconv", "true");
    await repository.git("show");
    assertStringIncludes(await repository.git("for-each-ref", "refs/notes"), "refs/notes/textconv/sopsmith");
  },
);

peerTest("git commit -v leaves no value in clear in .git/COMMIT_EDITMSG", PEERS, async () => {
  await using repository = await changedFile();
  await repository.git("add", FILE);
  await repository.git("commit", "-q", "-v", "-e", "-m", "two");
  const message = await Deno.readTextFile(`${repository.host.cwd}/.git/COMMIT_EDITMSG`);
  assertStringIncludes(message, "+b: ENC[AES256_GCM,");
  await repository.refuseClear("clear-");
  await repository.git("commit", "-q", "-v", "-e", "--amend", "-m", "two again");
  await repository.refuseClear("clear-");
});

peerTest("git diff prints what cannot be decrypted as it is, and asks nobody", PEERS, async () => {
  await using repository = await changedFile();
  const keys = `${repository.host.home}/.config/sops/age/keys.txt`;
  await Deno.remove(keys);
  const diff = await repository.git("diff");
  assertStringIncludes(diff, "+b: ENC[AES256_GCM,");
  assert(!diff.includes("clear-"));
});

peerTest(
  "git diff says that a file was changed by somebody without the key, and prints it as it is",
  PEERS,
  async () => {
    await using repository = await changedFile();
    await repository.write(
      FILE,
      (await Deno.readTextFile(`${repository.host.cwd}/${FILE}`)).replace("\na: ENC", "\nc: ENC"),
    );
    const { code, stdout, stderr } = await repository.run("git", ["diff"]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "+c: ENC[AES256_GCM,");
    assertStringIncludes(stderr, "warning: cannot decrypt");
  },
);

peerTest("git diff of a merge that is not finished prints both sides in clear", PEERS, async () => {
  await using repository = await Repository.make(ME);
  await repository.branch({
    async base() {
      await repository.put(FILE, "a: clear-1\n");
      await repository.sopsmith("git", "setup");
    },
    ours: () => repository.put(FILE, "a: clear-2\n"),
    theirs: () => repository.put(FILE, "a: clear-3\n"),
  });
  assertEquals((await repository.run("git", ["merge", "theirs"])).code, 1);
  assertStringIncludes(await repository.git("diff", "--theirs"), "-a: clear-3\n+a: clear-2\n");
  await repository.refuseClear("clear-");
});

peerTest("git diff asks the command of SOPS_AGE_KEY_CMD", PEERS, async () => {
  await using repository = await changedFile();
  const keys = `${repository.host.home}/.config/sops/age/keys.txt`;
  await Deno.rename(keys, `${keys}.away`);
  const { stdout } = await repository.run("git", ["diff"], { SOPS_AGE_KEY_CMD: `cat ${keys}.away` });
  assertStringIncludes(stdout, CHANGE);
});
