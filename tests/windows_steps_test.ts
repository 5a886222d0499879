/**
 * New people on Windows, each with an empty profile: the first key, a colleague's repository, doctor, ssh and Nix keys.
 * Everything is typed in cmd, and so is every step that is printed; the steps for PowerShell are where there is one: what
 * Wine has under its name does nothing.
 *
 * @module
 */
import { RUN_FLAGS } from "../lib/base/host/runtime.ts";
import { KEY_PAIRS } from "./keys/ssh/build.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { putBundle } from "./support/bundled.ts";
import { definedOnly, homeVariables, type TestHost, testHost } from "./support/test_host.ts";

/** A test key. */
const SSH_KEY = KEY_PAIRS[0]!;

const IS_WINDOWS = Deno.build.os === "windows";

/** An editor that writes one value into the file that it is given. */
const EDITOR = 'Deno.writeTextFileSync(Deno.args[0], "password: hunter2\\n");';

/** What was printed for a line that was typed. */
interface Typed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell: how it is told what to run, and what it leaves in the environment. */
interface ShellKind {
  readonly command: string;
  readonly args: (line: string) => string[];
  readonly env: Readonly<Record<string, string>>;
}

const CMD: ShellKind = {
  command: "cmd.exe",
  args: (line) => ["/d", "/s", "/c", `"${line}"`],
  env: { PROMPT: "$P$G" },
};

const POWERSHELL: ShellKind = {
  command: "powershell.exe",
  args(line) {
    const units = Uint16Array.from(`${line}\nexit $LASTEXITCODE`.split(""), (unit) => unit.charCodeAt(0));
    return ["-NoProfile", "-NonInteractive", "-EncodedCommand", new Uint8Array(units.buffer).toBase64()];
  },
  env: {
    PSModulePath: [ // that of the person before those of the system, as PowerShell has it
      String.raw`C:\Users\me\Documents\WindowsPowerShell\Modules`,
      String.raw`C:\Program Files\WindowsPowerShell\Modules`,
      String.raw`C:\Windows\system32\WindowsPowerShell\v1.0\Modules`,
    ].join(";"),
  },
};

/** Whether there is a PowerShell that runs what it is told. */
async function hasPowerShell(): Promise<boolean> {
  if (!IS_WINDOWS) return false;
  const asked = new Deno.Command(POWERSHELL.command, { args: POWERSHELL.args("echo here"), stdin: "null" });
  const { stdout } = await asked.output().catch(() => ({ stdout: new Uint8Array() }));
  return new TextDecoder().decode(stdout).includes("here");
}

/** The shell of a person, with `sopsmith` on the path. */
class Shell {
  readonly #host: TestHost;
  readonly #env: Readonly<Record<string, string>>;
  readonly #kind: ShellKind;
  /** The folder of the person. */
  readonly profile: string;
  /** Every step that was printed, and typed. */
  readonly steps: string[] = [];
  /** Who types what is to be sent to somebody else. */
  colleague?: Shell;

  private constructor(
    host: TestHost,
    profile: string,
    { kind, env }: { kind: ShellKind; env: Record<string, string> },
  ) {
    this.#host = host;
    this.#env = env;
    this.#kind = kind;
    this.profile = profile;
  }

  /** @param name of a person whose profile is empty */
  static async open(host: TestHost, name: string, kind: ShellKind = CMD): Promise<Shell> {
    const bin = `${host.root}\\bin`;
    const profile = `${host.root}\\Users\\${name}`;
    await Deno.mkdir(bin, { recursive: true });
    await Deno.mkdir(profile, { recursive: true });
    await putBundle(`${bin}\\sopsmith.js`);
    await Deno.writeTextFile(`${bin}\\editor.ts`, EDITOR);
    const deno = `"${Deno.execPath()}" run -q --no-config`;
    await Deno.writeTextFile(`${bin}\\sopsmith.cmd`, `@${deno} ${RUN_FLAGS} "${bin}\\sopsmith.js" %*\r\n`);
    const variables = definedOnly(homeVariables(profile));
    for (const name of ["HOME", "MSYSTEM"]) delete variables[name]; // they are those of Git Bash
    const env = {
      ...variables,
      ...kind.env,
      APPDATA: `${profile}\\AppData\\Roaming`,
      PATH: `${bin};${variables["PATH"]}`,
      USERNAME: name,
      DENO_DIR: Deno.env.get("DENO_DIR") ?? "",
      EDITOR: `${Deno.execPath()} run -q --no-config -A ${bin}\\editor.ts`,
    };
    return new Shell(host, profile, { kind, env });
  }

  /** Types a line, and the steps that it prints. @param code that it must end with */
  async type(line: string, code = 0): Promise<Typed> {
    const typed = await this.#run(line);
    assertEquals(typed.code, code, `${line}\n${typed.stdout}${typed.stderr}`);
    const by = /send the\s+next\s+step/.test(typed.stderr) ? this.colleague ?? this : this;
    for (const [, step = ""] of `${typed.stdout}${typed.stderr}`.matchAll(/^next: (.*(?:\r?\n {6}.*)*)/gm)) {
      const whole = step.replace(/\r?\n {6}/g, " ");
      if (!/^(?:sopsmith|mkdir|set|icacls|\$env:) ?/.test(whole) || by.steps.includes(whole)) continue;
      by.steps.push(whole);
      const answered = /^sopsmith updatekeys /.test(whole) ? `${whole} --yes` : whole; // there is no terminal to ask on
      await by.type(answered.replace(/\bFILE\b.*/, "--help"));
    }
    return typed;
  }

  async #run(line: string): Promise<Typed> {
    const child = new Deno.Command(this.#kind.command, {
      args: this.#kind.args(line),
      windowsRawArguments: true, // as it is typed: cmd knows no \"
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

/** A walk of people on Windows. @param missing what it needs and there is not */
function walk(
  name: string,
  body: (host: TestHost) => Promise<void>,
  missing: string | undefined = IS_WINDOWS ? undefined : "Windows",
): void {
  Deno.test({
    name: `${name}${missing === undefined ? "" : ` [needs ${missing}]`}`,
    ignore: missing !== undefined,
    async fn() {
      await using host = await testHost();
      await body(host);
    },
  });
}

walk("a new person types every printed step in cmd", async (host) => {
  const me = await Shell.open(host, "me");
  const { stdout: recipient } = await me.type("sopsmith keygen");
  assert(/^age1[a-z0-9]+\s*$/.test(recipient), recipient);
  assertEquals((await me.type("sopsmith keygen")).stdout, recipient);
  assert((await Deno.stat(`${me.profile}\\AppData\\Roaming\\sops\\age\\keys.txt`)).isFile);
  assert((await host.readText(".sops.yaml")).includes("^secrets[/\\\\].*"));
  assert((await host.readText("secrets/first.yaml")).includes("password: ENC["));
  const { stdout: clear } = await me.type("sopsmith decrypt secrets\\first.yaml");
  assertEquals(clear.trim(), "password: hunter2");
  assert((await me.type("sopsmith doctor secrets\\first.yaml")).stdout.includes("can be decrypted here"));
  const explained = await me.type("sopsmith rules explain secrets/first.yaml");
  assert(explained.stdout.includes("yes, wins"), explained.stdout);
  assertEquals((await me.type('sopsmith exec-env secrets\\first.yaml "echo %password%"')).stdout.trim(), "hunter2");
  await me.type("sopsmith nix key generate-secret --key-name cache-1 > cache.sec");
  await me.type("sopsmith nix key convert-secret-to-public < cache.sec");
  await me.type("sopsmith status");
  assert(me.steps.length > 0, "no step was printed");
});

walk("a second person joins, and types every printed step in cmd", async (host) => {
  const alice = await Shell.open(host, "alice");
  await alice.type("sopsmith init --name alice");
  const bob = await Shell.open(host, "bob");
  bob.colleague = alice;
  const refused = await bob.type("sopsmith decrypt secrets\\first.yaml", 4);
  assert(refused.stderr.includes("sopsmith doctor"), refused.stderr);
  await bob.type("sopsmith doctor secrets\\first.yaml", 4);
  assert(bob.steps.some((step) => step.startsWith("sopsmith init --name %USERNAME%")), bob.steps.join("\n"));
  assert(alice.steps.includes("sopsmith updatekeys secrets\\first.yaml"), alice.steps.join("\n"));
  assert((await bob.type("sopsmith doctor secrets\\first.yaml")).stdout.includes("can be decrypted here"));
  assertEquals((await bob.type("sopsmith decrypt secrets\\first.yaml")).stdout.trim(), "password: hunter2");
  const line = 'copy "%APPDATA%\\sops\\age\\keys.txt" k.txt && set "APPDATA=%CD%" && ' +
    'set "SOPS_AGE_KEY_CMD=sopsmith identity export k.txt" && sopsmith decrypt secrets\\first.yaml';
  assert((await bob.type(line)).stdout.trim().endsWith("password: hunter2"));
});

walk("a person with an ssh key alone types every printed step in cmd", async (host) => {
  const alice = await Shell.open(host, "alice");
  const carol = await Shell.open(host, "carol");
  await Deno.mkdir(`${carol.profile}\\.ssh`);
  await Deno.writeTextFile(`${carol.profile}\\.ssh\\id_ed25519`, SSH_KEY.private.replaceAll("\n", "\r\n"));
  await Deno.writeTextFile(`${carol.profile}\\.ssh\\id_ed25519.pub`, `${SSH_KEY.public}\r\n`);
  const { stdout: recipient } = await carol.type("sopsmith ssh-to-age -i %USERPROFILE%\\.ssh\\id_ed25519.pub");
  assert(/^age1[a-z0-9]+\s*$/.test(recipient), recipient);
  assertEquals((await carol.type("sopsmith ssh-to-age < %USERPROFILE%\\.ssh\\id_ed25519.pub")).stdout, recipient);
  await alice.type("sopsmith init --name alice");
  await alice.type(`sopsmith recipient add carol ${recipient.trim()}`);
  const closed = await carol.type("sopsmith doctor secrets\\first.yaml", 4);
  assert(closed.stdout.includes("SOPS does not convert ssh keys"), closed.stdout);
  assert(carol.steps.some((step) => step.startsWith("sopsmith identity import --ssh ")), carol.steps.join("\n"));
  assertEquals((await carol.type("sopsmith decrypt secrets\\first.yaml")).stdout.trim(), "password: hunter2");
});

walk("two people type every printed step in PowerShell", async (host) => {
  const alice = await Shell.open(host, "alice", POWERSHELL);
  await alice.type("sopsmith init --name alice");
  assert(alice.steps.some((step) => step.includes("; if ($?) { sopsmith edit ")), alice.steps.join("\n"));
  const bob = await Shell.open(host, "bob", POWERSHELL);
  bob.colleague = alice;
  await bob.type("sopsmith doctor secrets\\first.yaml", 4);
  assert(bob.steps.some((step) => step.startsWith("sopsmith init --name $env:USERNAME")), bob.steps.join("\n"));
  assertEquals((await bob.type("sopsmith decrypt secrets\\first.yaml")).stdout.trim(), "password: hunter2");
}, await hasPowerShell() ? undefined : "PowerShell");
