/** A merge of git that stops at an encrypted file and at the rules: `check` sees both, and its next steps end the merge. */
import { run } from "../../main.ts";
import { EXIT } from "../../lib/base/exit_code.ts";
import { TEST_X25519 } from "../keys/test_keys.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { putProgramOnPath } from "../support/program_path.ts";
import { testHost } from "../support/test_host.ts";

/** The findings of `check --json` that are looked at here. */
interface Finding {
  readonly code: string;
  readonly file: string;
  readonly next: string;
}

peerTest("check sees a merge that stopped, and says how to end it", ["git", "bash"], async () => {
  await using host = await testHost({
    files: {
      ".sops.yaml": `creation_rules:\n  - age: ${TEST_X25519.recipient}\n`,
      "db.yaml": "a: 1\n",
      "~/.config/sops/age/keys.txt": `# test key\n${TEST_X25519.identity}\n`,
      "../editor": `#!/bin/sh\nprintf 'a: 4\\n' > "$1"\n`,
    },
  });
  await Deno.chmod(host.path("../editor"), 0o755);
  const env = {
    ...await putProgramOnPath(host),
    GIT_CONFIG_NOSYSTEM: "1",
    EDITOR: host.path("../editor"),
    ...Object.fromEntries(["AUTHOR", "COMMITTER"].flatMap((who) => [
      [`GIT_${who}_NAME`, "me"],
      [`GIT_${who}_EMAIL`, "me@example.org"],
    ])),
  };
  const git = async (...args: string[]): Promise<number> => (await runPeer(host, "git", args, env)).code;
  const commitChange = async (value: string): Promise<void> => {
    assertEquals(await run(["set", "db.yaml", '["a"]', value], host), EXIT.done);
    await host.writeText(".sops.yaml", `creation_rules:\n  - age: ${TEST_X25519.recipient} # name${value}\n`);
    assertEquals(await git("commit", "-q", "-a", "-m", value), 0);
  };
  const check = async (...flags: string[]): Promise<readonly Finding[]> => {
    const start = host.written("stdout").length;
    await run(["check", "--json", ...flags], host);
    return JSON.parse(host.written("stdout").slice(start)).findings;
  };
  assertEquals(await git("init", "-q", "-b", "main"), 0);
  assertEquals(await run(["encrypt", "-i", "db.yaml"], host), EXIT.done);
  assertEquals([await git("add", "."), await git("commit", "-q", "-m", "1")], [0, 0]);
  assertEquals(await git("checkout", "-q", "-b", "other"), 0);
  await commitChange("2");
  assertEquals(await git("checkout", "-q", "main"), 0);
  await commitChange("3");
  assertEquals(await git("merge", "other"), 1, "the merge stops");
  for (const flags of [[], ["--staged"]]) {
    const found = await check(...flags);
    assertEquals(found.map(({ code, file }) => [code, file.slice(host.cwd.length + 1)]), [
      ["merge-conflict", ".sops.yaml"],
      ["merge-conflict", "db.yaml"],
    ], `check ${flags}`);
  }
  for (const { next } of await check()) {
    const typed = await runPeer(host, "bash", ["--norc", "-c", next], env);
    assertEquals(typed.code, 0, `${next}: ${typed.stderr}`);
  }
  assertEquals(await check(), []);
  assertEquals([await git("add", "."), await git("commit", "-q", "-m", "merged")], [0, 0]);
  assertEquals(await run(["get", "db.yaml", '["a"]'], host), EXIT.done);
  assert(host.written("stdout").endsWith("4\n"), "what was typed into the editor");
});
