/**
 * The program as people start it, for the tests that start it often, stop it, or take its surroundings away: the bundle in
 * a process of its own with exactly the permissions that the README names, and a look at what it left.
 *
 * What it left is read with `yaml` and `age-encryption` alone, not with the code under test.
 *
 * @module
 */
import { RUN_FLAGS } from "../../lib/base/host/runtime.ts";
import { identityToRecipient } from "age-encryption";
import { parse } from "yaml";
import { assert, assertEquals } from "./assert.ts";
import { putBundle } from "./bundled.ts";
import { walk } from "./case_shell.ts";
import { homeVariables, seededRandom } from "./test_host.ts";

/** `full`: the numbers of the nightly and release gates; else a quick run. */
export const IS_FULL = Deno.env.get("SOPSMITH_STRESS") === "full";

/** What the README tells people to give the program. */
export const PERMISSIONS: readonly string[] = RUN_FLAGS.split(" ");

/** What the names of temporary files end in; written out, so that a change of it is noticed here. */
const TEMPORARY_NAME = /^\.(?:keys\.txt|\.sops\.yaml)\.sopsmith-(?:tmp|lock)$/;

/** Whether files have permission bits. */
const HAS_MODES = Deno.build.os !== "windows";

/** How a run ended. */
export interface Ending {
  /** 128 and above: killed by a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a run differs from an ordinary one. */
export interface RunOptions {
  /** Variables besides `HOME` and `PATH`; undefined removes one of those. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Words put before the command: `sh -c 'ulimit …; exec "$@"' sh`, `setpriv …`. */
  readonly wrapper?: readonly string[];
  /** More flags for Deno. */
  readonly denoFlags?: readonly string[];
  /** What Deno is given. Default: what the README names. */
  readonly permissions?: readonly string[];
  /** What Deno runs. Default: the bundle. */
  readonly program?: string;
}

/** A started run. */
export interface StartedRun {
  readonly pid: number;
  readonly ending: Promise<Ending>;
  /** Sends a signal, unless the run has ended. Default: SIGKILL. */
  kill(signal?: Deno.Signal): void;
}

/** What both files hold. */
export interface State {
  /** Recipients of the identities in the keys file, in order. */
  readonly identities: readonly string[];
  /** Recipients of all rules, in order. */
  readonly recipients: readonly string[];
}

/** A home and a repository in a temp folder that everyone may enter, and the bundle. */
export class Machine implements AsyncDisposable {
  readonly root: string;
  readonly home: string;
  readonly work: string;
  readonly keysPath: string;
  readonly configPath: string;
  /** Recipients by identity line: deriving takes milliseconds, and the same keys are looked at again and again. */
  readonly #recipients = new Map<string, Promise<string>>();

  private constructor(root: string) {
    this.root = root;
    this.home = `${root}/home`;
    this.work = `${root}/work`;
    this.keysPath = `${this.home}/.config/sops/age/keys.txt`;
    this.configPath = `${this.work}/.sops.yaml`;
  }

  /** Lays out an empty home and an empty repository. */
  static async create(): Promise<Machine> {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "sopsmith-stress-" }));
    await Deno.chmod(root, 0o755);
    const machine = new Machine(root);
    await Deno.mkdir(machine.home);
    await Deno.mkdir(`${machine.work}/.git`, { recursive: true });
    return machine;
  }

  /** Starts the program. */
  async start(
    args: readonly string[],
    { env = {}, wrapper = [], denoFlags = [], permissions = PERMISSIONS, ...options }: RunOptions = {},
  ): Promise<StartedRun> {
    const { program: bundle, cache } = await builtProgram();
    const program = options.program ?? bundle;
    const deno = [Deno.execPath(), "run", "-q", "--no-config", "--no-prompt", ...denoFlags, ...permissions];
    const words = [...wrapper, ...deno, program, ...args];
    const all = { ...homeVariables(this.home), DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1", ...env };
    const child = new Deno.Command(words[0] ?? "", {
      args: words.slice(1),
      cwd: this.work,
      env: Object.fromEntries(
        Object.entries(all).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
      ),
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const decoder = new TextDecoder();
    const ending = child.output().then(({ code, stdout, stderr }) => ({
      code,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
    }));
    return { pid: child.pid, ending, kill: (signal = "SIGKILL") => killIfAlive(child, signal) };
  }

  /** Runs the program to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Ending> {
    return await (await this.start(args, options)).ending;
  }

  /** @returns what both files hold. @throws Error when one of them does not parse, or is open to others */
  async readState(): Promise<State> {
    const state = { identities: await this.#readIdentities(), recipients: await this.#readRecipients() };
    for (const list of [state.identities, state.recipients]) {
      assertEquals(new Set(list).size, list.length, "nothing stands there twice");
    }
    return state;
  }

  async #readIdentities(): Promise<string[]> {
    const text = await readIfThere(this.keysPath);
    if (text === undefined) return [];
    if (HAS_MODES) assertEquals(((await Deno.stat(this.keysPath)).mode ?? 0) & 0o777, 0o600);
    assert(text === "" || text.endsWith("\n"), "the keys file ends with a newline");
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return await Promise.all(lines.map((line) => this.#recipients.getOrInsertComputed(line, identityToRecipient)));
  }

  async #readRecipients(): Promise<string[]> {
    const text = await readIfThere(this.configPath);
    if (text === undefined) return [];
    const config: { creation_rules: { age?: string | string[]; key_groups?: { age: string[] }[] }[] } = parse(text);
    return config.creation_rules.flatMap(({ age = [], key_groups = [] }) => [
      ...(typeof age === "string" ? age.split(/\s*,\s*/) : age),
      ...key_groups.flatMap((group) => group.age),
    ]);
  }

  /**
   * @param known paths of other files that belong there
   * @returns the paths of everything that does not belong there; each of the known names, and of mode 0600, but for that
   * of .sops.yaml, which has the mode of its target for a moment
   */
  async findLeftOvers(...known: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    await walk(this.root, `${this.root}/`, (path, info) => {
      if (info.isDirectory || [this.keysPath, this.configPath, ...known].includes(path)) return;
      const mode = ((info.mode ?? 0) & 0o777).toString(8);
      assert(
        !HAS_MODES || mode === "600" || (mode === "644" && path.endsWith("/..sops.yaml.sopsmith-tmp")),
        `${path} ${mode}`,
      );
      assert(TEMPORARY_NAME.test(path.slice(path.lastIndexOf("/") + 1)), path);
      found.push(path);
    });
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await makeRemovable(this.root);
    await Deno.remove(this.root, { recursive: true });
  }
}

/** Runs jobs with at most `width` at the same time. */
export async function runParallel(count: number, width: number, job: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < count) await job(next++);
  }));
}

/** @returns a generator of numbers from 0 to 1 that is the same for the same seed */
export function seededNumbers(seed: number): () => number {
  const randomBytes = seededRandom(seed);
  return () => new DataView(randomBytes(4).buffer as ArrayBuffer).getUint32(0) / 2 ** 32;
}

/** Waits. */
export function sleep(timeoutMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeoutMs));
}

/** @returns the text of a file; undefined when there is none */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Opens the folders that a test has closed. */
async function makeRemovable(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o700);
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) await makeRemovable(`${folder}/${entry.name}`);
  }
}

function killIfAlive(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended by itself
  }
}

let built: Promise<{ program: string; cache: string }> | undefined;

/** Puts the bundle once for each test file into a folder that everyone may read. */
function builtProgram(): Promise<{ program: string; cache: string }> {
  return built ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "sopsmith-stress-program-" });
    addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
    await Deno.chmod(folder, 0o755);
    await Deno.mkdir(`${folder}/cache`);
    await Deno.chmod(`${folder}/cache`, 0o777);
    await putBundle(`${folder}/sopsmith.js`);
    return { program: `${folder}/sopsmith.js`, cache: `${folder}/cache` };
  })();
}
