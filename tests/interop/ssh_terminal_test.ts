/**
 * The question for a passphrase on a real terminal, which tmux is: what is typed is never shown, and the terminal shows
 * what is typed again afterwards, also after Ctrl-C. And passphrases from descriptors, which a shell opens.
 *
 * @module
 */
import { outputOf, ROOT } from "../../scripts/process.ts";
import { PRIVATE_KEYS } from "../keys/ssh/build.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { runIsolated, type TestHost, testHost } from "../support/test_host.ts";

const KEY = PRIVATE_KEYS.find(({ cipher, rounds }) => cipher === "aes256-ctr" && rounds === 2)!;

/** Longest time that something may take to appear, in milliseconds. */
const TIMEOUT_MS = 20_000;

const POLL_MS = 50;

/** A folder with the key as `id`, and `sopsmith` from source on the path. */
async function keyHost(): Promise<{ host: TestHost; env: Record<string, string> }> {
  const host = await testHost({ files: { "id": KEY.private } });
  await Deno.mkdir(`${host.root}/bin`);
  const program =
    `#!/bin/sh\nexec '${Deno.execPath()}' run -q '--config=${ROOT}/deno.json' -P '${ROOT}/main.ts' "$@"\n`;
  await Deno.writeTextFile(`${host.root}/bin/sopsmith`, program, { mode: 0o755 });
  const { denoDir }: { denoDir: string } = JSON.parse(await outputOf(Deno.execPath(), ["info", "--json"]));
  const path = `${host.root}/bin:${Deno.env.get("PATH")}`;
  return { host, env: { HOME: host.home, PATH: path, DENO_DIR: denoDir, LC_ALL: "C.UTF-8", TERM: "xterm", PS1: "$ " } };
}

/** A shell in a tmux of its own, which ends with the test. */
class Terminal implements AsyncDisposable {
  readonly #socket: string;
  readonly #options: { cwd: string; env: Readonly<Record<string, string>> };

  constructor(host: TestHost, env: Readonly<Record<string, string>>) {
    this.#socket = `${host.root}/tmux`;
    this.#options = { cwd: host.cwd, env };
  }

  async start(): Promise<void> {
    await this.#tmux("-f", "/dev/null", "new-session", "-d", "-x", "150", "-y", "40", "bash --noprofile --norc");
  }

  /** Types a text without the Enter key. */
  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", text);
  }

  /** Presses a key by the name that tmux gives it. */
  async press(key: "Enter" | "C-c" | "C-d" | "BSpace"): Promise<void> {
    await this.#tmux("send-keys", key);
  }

  /** @returns everything that stands on the screen, once `part` is there; a trailing line that is not finished counts */
  async waitFor(part: string): Promise<string> {
    for (let waited = 0; waited < TIMEOUT_MS; waited += POLL_MS) {
      const screen = await this.screen();
      if (screen.includes(part)) return screen;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`"${part}" never appeared; the screen shows\n${await this.screen()}`);
  }

  screen(): Promise<string> {
    return this.#tmux("capture-pane", "-p", "-J", "-S", "-");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server");
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const result = await runIsolated("tmux", ["-S", this.#socket, ...args], this.#options);
    const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
    if (result?.code !== 0) throw new Error(`tmux ${args[0]}: ${decode(result?.stderr)}`);
    return decode(result.stdout);
  }
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
    assertStringIncludes(new TextDecoder().decode(result?.stderr), "it is not open or not a pipe, expected a pipe");
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
