/**
 * A new person on Windows: the first key, a colleague's repository, doctor, ssh and Nix keys. Everything is typed in cmd,
 * and so is every step that is printed.
 *
 * @module
 */
import { RUN_FLAGS } from "../lib/base/host/runtime.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { putBundle } from "./support/bundled.ts";
import { definedOnly, homeVariables, type TestHost, testHost } from "./support/test_host.ts";

const IS_WINDOWS = Deno.build.os === "windows";

/** An editor that writes one value into the file that it is given. */
const EDITOR = 'Deno.writeTextFileSync(Deno.args[0], "password: hunter2\\n");';

/** What was printed for a line that was typed. */
interface Typed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The cmd of a person, with `sopsmith` on the path. */
class Cmd {
  readonly #host: TestHost;
  readonly #env: Readonly<Record<string, string>>;
  /** Every step that was printed, and typed. */
  readonly steps: string[] = [];

  private constructor(host: TestHost, env: Readonly<Record<string, string>>) {
    this.#host = host;
    this.#env = env;
  }

  static async open(host: TestHost): Promise<Cmd> {
    const bin = `${host.root}\\bin`;
    await Deno.mkdir(bin);
    await putBundle(`${bin}\\sopsmith.js`);
    await Deno.writeTextFile(`${bin}\\editor.ts`, EDITOR);
    const deno = `"${Deno.execPath()}" run -q --no-config`;
    await Deno.writeTextFile(`${bin}\\sopsmith.cmd`, `@${deno} ${RUN_FLAGS} "${bin}\\sopsmith.js" %*\r\n`);
    const variables = definedOnly(homeVariables(host.home));
    for (const name of ["HOME", "MSYSTEM"]) delete variables[name]; // cmd has none
    return new Cmd(host, {
      ...variables,
      PATH: `${bin};${variables["PATH"]}`,
      PROMPT: "$P$G",
      USERNAME: "me",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? "",
      EDITOR: `${Deno.execPath()} run -q --no-config -A ${bin}\\editor.ts`,
    });
  }

  /** Types a line, and the steps that it prints. @param code that it must end with */
  async type(line: string, code = 0): Promise<Typed> {
    const typed = await this.#run(line);
    assertEquals(typed.code, code, `${line}\n${typed.stdout}${typed.stderr}`);
    for (const [, step = ""] of `${typed.stdout}${typed.stderr}`.matchAll(/^next: (.*(?:\r?\n {6}.*)*)/gm)) {
      const whole = step.replace(/\r?\n {6}/g, " ");
      if (!/^(?:sopsmith|mkdir|set|icacls) /.test(whole) || this.steps.includes(whole)) continue;
      this.steps.push(whole);
      await this.type(whole.replace(/\bFILE\b.*/, "--help"));
    }
    return typed;
  }

  async #run(line: string): Promise<Typed> {
    const child = new Deno.Command("cmd.exe", {
      args: ["/d", "/s", "/c", line],
      cwd: this.#host.cwd,
      env: this.#env,
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const { code, stdout, stderr } = await child.output();
    const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, stdout: out, stderr: err };
  }
}

Deno.test({
  name: `a new person types every printed step in cmd${IS_WINDOWS ? "" : " [needs Windows]"}`,
  ignore: !IS_WINDOWS,
  async fn() {
    await using host = await testHost();
    const cmd = await Cmd.open(host);
    const { stdout: recipient } = await cmd.type("sopsmith keygen");
    assert(/^age1[a-z0-9]+\s*$/.test(recipient), recipient);
    assertEquals((await cmd.type("sopsmith keygen")).stdout, recipient);
    assert((await host.readText(".sops.yaml")).includes("^secrets[/\\\\].*"));
    assert((await host.readText("secrets/first.yaml")).includes("password: ENC["));
    const { stdout: clear } = await cmd.type("sopsmith decrypt secrets\\first.yaml");
    assertEquals(clear.trim(), "password: hunter2");
    assert((await cmd.type("sopsmith doctor secrets\\first.yaml")).stdout.includes("can be decrypted here"));
    const explained = await cmd.type("sopsmith rules explain secrets/first.yaml");
    assert(explained.stdout.includes("yes, wins"), explained.stdout);
    await cmd.type("sopsmith nix key generate-secret --key-name cache-1 > cache.sec");
    await cmd.type("sopsmith nix key convert-secret-to-public < cache.sec");
    await cmd.type("sopsmith status");
    assert(cmd.steps.length > 0, "no step was printed");
  },
});
