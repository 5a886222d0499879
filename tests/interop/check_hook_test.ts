/** `check --staged` as a hook: of git itself, and by the pre-commit tool with the hooks file of this repository. */
import { ROOT } from "../../scripts/process.ts";
import { run } from "../../main.ts";
import { TEST_X25519 } from "../keys/test_keys.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { putProgramOnPath } from "../support/program_path.ts";
import { type TestHost, testHost } from "../support/test_host.ts";

/** Who commits, and no configuration of this machine. */
const GIT = {
  GIT_AUTHOR_NAME: "me",
  GIT_AUTHOR_EMAIL: "me@example.org",
  GIT_COMMITTER_NAME: "me",
  GIT_COMMITTER_EMAIL: "me@example.org",
  GIT_CONFIG_NOSYSTEM: "1",
};

/** A repository with rules, and sopsmith on the path. */
async function makeRepository(): Promise<{ host: TestHost; env: Record<string, string> }> {
  const host = await testHost({
    files: {
      ".sops.yaml": `creation_rules:\n  - path_regex: ^secrets/\n    age: ${TEST_X25519.recipient}\n`,
      "~/.config/sops/age/keys.txt": `# test key\n${TEST_X25519.identity}\n`,
      "secrets/db.yaml": "password: hunter2\n",
      "open.yaml": "a: 1\n",
    },
  });
  const env = { ...await putProgramOnPath(host), ...GIT };
  await git(host, env, "init", "-q");
  return { host, env };
}

async function git(host: TestHost, env: Record<string, string>, ...args: string[]): Promise<void> {
  const { code, stderr } = await runPeer(host, "git", args, env);
  assertEquals(code, 0, `git ${args.join(" ")}: ${stderr}`);
}

/** Tries a commit. @returns what was said, and whether there is a new commit */
async function commit(
  host: TestHost,
  env: Record<string, string>,
  ...args: string[]
): Promise<{ isMade: boolean; said: string }> {
  const { code, stdout, stderr } = await runPeer(host, "git", ["commit", "-q", "-m", "x", ...args], env);
  return { isMade: code === 0, said: `${stdout}${stderr}` };
}

/** The script of `docs/check.md`. */
async function readHookOfDocs(): Promise<string> {
  const docs = await Deno.readTextFile(`${ROOT}/docs/check.md`);
  const script = /```sh\n([\s\S]*?)```/.exec(docs)?.[1];
  assert(script !== undefined, "there is a script");
  return script;
}

peerTest("the hook of docs/check.md keeps plaintext out of commits of every kind", ["git", "sh"], async () => {
  const { host, env } = await makeRepository();
  await using _ = host;
  await host.writeText(".git/hooks/pre-commit", await readHookOfDocs());
  await Deno.chmod(host.path(".git/hooks/pre-commit"), 0o755);
  await git(host, env, "add", ".");
  const refused = await commit(host, env);
  assert(!refused.isMade && refused.said.includes("[plaintext]"), refused.said);
  assertEquals(await run(["encrypt", "-i", "secrets/db.yaml"], host), 0);
  await git(host, env, "add", ".");
  assertEquals((await commit(host, env)).isMade, true);
  // with an index of its own: of all files, and of some
  assertEquals(await run(["decrypt", "-i", "secrets/db.yaml"], host), 0);
  await host.writeText("open.yaml", "a: 2\n");
  for (const args of [["-a"], ["secrets/db.yaml"], ["--include", "secrets/db.yaml"]]) {
    const { isMade, said } = await commit(host, env, ...args);
    assert(!isMade && said.includes("secrets/db.yaml:1: error"), `${args}: ${said}`);
  }
  assertEquals((await commit(host, env, "open.yaml")).isMade, true);
  // in a linked work tree, started in a folder of it
  await git(host, env, "worktree", "add", "-q", "../linked");
  await host.writeText("../linked/secrets/new.yaml", "password: hunter2\n");
  await git(host, env, "-C", "../linked", "add", ".");
  const { code, stderr, stdout } = await runPeer(host, "git", ["-C", "../linked/secrets", "commit", "-m", "x"], env);
  assert(code !== 0 && `${stdout}${stderr}`.includes("[plaintext]"), `${stdout}${stderr}`);
});

peerTest("the pre-commit tool runs the hook of this repository", ["git", "pre-commit"], async () => {
  const { host, env } = await makeRepository();
  await using _ = host;
  await host.writeText("../hooks/.pre-commit-hooks.yaml", await Deno.readTextFile(`${ROOT}/.pre-commit-hooks.yaml`));
  await git(host, env, "-C", "../hooks", "init", "-q");
  await git(host, env, "-C", "../hooks", "add", ".");
  await git(host, env, "-C", "../hooks", "commit", "-q", "-m", "hooks");
  await git(host, env, "-C", "../hooks", "tag", "v1");
  const hooks = `repos:\n  - repo: ${host.path("../hooks")}\n    rev: v1\n    hooks:\n      - id: sopsmith-check\n`;
  await host.writeText(".pre-commit-config.yaml", hooks);
  const { code, stderr } = await runPeer(host, "pre-commit", ["install"], env);
  assertEquals(code, 0, stderr);
  await git(host, env, "add", ".");
  const refused = await commit(host, env);
  assert(!refused.isMade && refused.said.includes("[plaintext]"), refused.said);
  assertEquals(await run(["encrypt", "-i", "secrets/db.yaml"], host), 0);
  await git(host, env, "add", ".");
  const made = await commit(host, env);
  assert(made.isMade, made.said);
  const all = await runPeer(host, "pre-commit", ["run", "--all-files"], env);
  assert(all.code === 0 && /sopsmith check\.+Passed/.test(all.stdout), `${all.stdout}${all.stderr}`);
  await git(host, env, "rm", "-q", "--cached", "secrets/db.yaml");
  await Deno.remove(host.path("secrets/db.yaml"));
  assertEquals((await commit(host, env)).isMade, true, "a file that is taken out is not looked at");
});
