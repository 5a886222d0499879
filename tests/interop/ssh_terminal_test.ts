/**
 * The question for a passphrase on a real terminal, which tmux is: what is typed is never shown, and the terminal shows
 * what is typed again afterwards, also after Ctrl-C. And passphrases from descriptors, which a shell opens.
 *
 * @module
 */
import { PRIVATE_KEYS } from "../keys/ssh/build.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { Terminal, terminalEnv } from "../support/terminal.ts";
import { runIsolated, type TestHost, testHost } from "../support/test_host.ts";

const KEY = PRIVATE_KEYS.find(({ cipher, rounds }) => cipher === "aes256-ctr" && rounds === 2)!;

/** A folder with the key as `id`, and `sopsmith` from source on the path. */
async function keyHost(): Promise<{ host: TestHost; env: Record<string, string> }> {
  const host = await testHost({ files: { "id": KEY.private } });
  return { host, env: await terminalEnv(host) };
}

peerTest("a passphrase is typed on a terminal and never shown", ["tmux", "bash"], async () => {
  const { host, env } = await keyHost();
  await using _host = host;
  await using terminal = new Terminal(host, env);
  await terminal.start();
  await terminal.type("sopsmith ssh-to-age --private-key -i id -o key.txt; echo code=$?");
  await terminal.press("Enter");
  await terminal.waitFor('passphrase of "id":');
  await terminal.type("battery staple");
  await terminal.press("Enter");
  await terminal.waitFor("wrong passphrase");
  await terminal.type(`${KEY.passphrase}x`);
  await terminal.press("BSpace");
  await terminal.press("Enter");
  const screen = await terminal.waitFor("code=0");
  assertStringIncludes(screen, "wrote the identity of ");
  assertEquals(screen.match(/passphrase of "id": ?\n/g)?.length, 2);
  for (const typed of ["battery", "staple", "correct", "horse", "AGE-SECRET"]) assert(!screen.includes(typed), screen);
  assertEquals((await host.readText("key.txt")).trimEnd() === KEY.identity, true);
});

for (const key of ["C-c", "C-d"] as const) {
  peerTest(`${key} at the question for a passphrase leaves a terminal that shows what is typed`, ["tmux"], async () => {
    const { host, env } = await keyHost();
    await using _host = host;
    await using terminal = new Terminal(host, env);
    await terminal.start();
    await terminal.type("sopsmith ssh-to-age --private-key -i id; echo code=$?; stty -a | grep -ow -e -echo -e echo");
    await terminal.press("Enter");
    await terminal.waitFor('passphrase of "id":');
    if (key === "C-c") await terminal.type("half a pass");
    await terminal.press(key);
    const screen = await terminal.waitFor("code=130\necho\n");
    assert(!screen.includes("half a pass"), screen);
  });
}

peerTest(
  "a passphrase comes from a descriptor, a named pipe or a substituted command",
  ["bash", "mkfifo"],
  async () => {
    const { host, env } = await keyHost();
    await using _host = host;
    await host.writeText("pass.txt", `${KEY.passphrase}\n`);
    const command = "sopsmith ssh-to-age --private-key -i id";
    for (
      const line of [
        `${command} --passphrase-fd 3 3< <(cat pass.txt)`,
        `${command} --passphrase-fd 0 < pass.txt`,
        `cat pass.txt | ${command} --stdinpass`,
        `${command} --passphrase-file <(cat pass.txt)`,
        `mkfifo pipe; cat pass.txt > pipe & ${command} --passphrase-file pipe`,
        `SSH_TO_AGE_PASSPHRASE="$(cat pass.txt)" ${command} < /dev/null`,
        `sopsmith ssh-to-age --private-key -i <(cat id) --stdinpass < pass.txt`,
        `cat id | sopsmith ssh-to-age --private-key --passphrase-fd 4 4< <(cat pass.txt)`,
      ]
    ) {
      const result = await runIsolated("bash", ["-c", line], { cwd: host.cwd, env });
      const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
      assertEquals(decode(result?.stdout).trimEnd() === KEY.identity, true, `${line}: ${decode(result?.stderr)}`);
    }
    const result = await runIsolated("bash", ["-c", `${command} --passphrase-fd 3 3< pass.txt`], {
      cwd: host.cwd,
      env,
    });
    assertEquals(result?.code, 1);
    assertStringIncludes(new TextDecoder().decode(result?.stderr).replace(/\s+/g, " "), "not a pipe, expected a pipe");
  },
);

peerTest("a passphrase that is read from a descriptor serves several keys", ["bash"], async () => {
  const { host, env } = await keyHost();
  await using _host = host;
  await host.writeText("pass.txt", `${KEY.passphrase}\n`);
  const line = "sopsmith identity import --ssh id --ssh ./id --to keys.txt --passphrase-fd 3 3< <(cat pass.txt)";
  const result = await runIsolated("bash", ["-c", line], { cwd: host.cwd, env });
  assertEquals(result?.code, 0, new TextDecoder().decode(result?.stderr));
  assert((await host.readText("keys.txt")).includes(KEY.identity));
});
