/**
 * A real terminal for tests, which tmux is: what is typed, and what stands on the screen.
 *
 * @module
 */
import { outputOf, ROOT } from "../../scripts/process.ts";
import { runIsolated, type TestHost } from "./test_host.ts";

/** Longest time that something may take to appear, in milliseconds. */
const TIMEOUT_MS = 20_000;

const POLL_MS = 50;

/** @returns the variables of a shell that finds `sopsmith`, from source, on its path */
export async function terminalEnv(host: TestHost): Promise<Record<string, string>> {
  await Deno.mkdir(`${host.root}/bin`);
  const program =
    `#!/bin/sh\nexec '${Deno.execPath()}' run -q '--config=${ROOT}/deno.json' -P '${ROOT}/main.ts' "$@"\n`;
  await Deno.writeTextFile(`${host.root}/bin/sopsmith`, program, { mode: 0o755 });
  const { denoDir }: { denoDir: string } = JSON.parse(await outputOf(Deno.execPath(), ["info", "--json"]));
  const path = `${host.root}/bin:${Deno.env.get("PATH")}`;
  return { HOME: host.home, PATH: path, DENO_DIR: denoDir, LC_ALL: "C.UTF-8", TERM: "xterm", PS1: "$ " };
}

/** A shell in a tmux of its own, which ends with the test. */
export class Terminal implements AsyncDisposable {
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
  async press(key: "Enter" | "Escape" | "C-c" | "C-d" | "BSpace"): Promise<void> {
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
