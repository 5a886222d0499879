/** Changes of encrypted files that are killed, that find a full disk or a closed folder, or that run at the same time. */
import { createKeyOpener } from "../../lib/keys/age/unwrap.ts";
import { loadIdentities } from "../../lib/keys/places/identities.ts";
import { decryptFile } from "../../lib/sops/mod.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../keys/test_keys.ts";
import { compileRegex } from "../sops/trees.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { walk } from "../support/case_shell.ts";
import { peerTest } from "../support/peers.ts";
import { CANARY } from "../support/secret_documents.ts";
import { joinWrapped } from "../support/printed_steps.ts";
import { SEED } from "../support/seed.ts";
import {
  IS_FULL,
  Machine,
  readIfThere,
  type RunOptions,
  runParallel,
  seededNumbers,
  sleep,
  type StartedRun,
} from "../support/stress_program.ts";
import { giveToUnprivileged, UNPRIVILEGED, UNPRIVILEGED_PEERS } from "../support/stress_user.ts";
import { testHost } from "../support/test_host.ts";

const KILLS = IS_FULL ? 300 : 20;
const PARALLEL_SETS = 50;
const WIDTH = 16;

const { recipient, identity } = TEST_X25519;

/** How long after the first temporary file a run is killed at most, in ms. */
const WRITING_MS = 6;

const PLAIN = `# of the shop\nsecret: ${CANARY}-first\nn: 0\nlist:\n  - ${CANARY}-item # behind\n`;

const ruleFor = (...keys: string[]): string => `creation_rules:\n  - age: ${keys.join(",")}\n`;

/** A machine with a key, a rule and an encrypted file. */
class Repository implements AsyncDisposable {
  readonly file: string;
  /** Keeps private folders where they can be looked at. */
  readonly options: RunOptions;

  private constructor(readonly machine: Machine) {
    this.file = `${machine.work}/db.yaml`;
    this.options = { env: { TMPDIR: `${machine.root}/tmp`, XDG_RUNTIME_DIR: `${machine.root}/tmp` } };
  }

  static async create(): Promise<Repository> {
    const repository = new Repository(await Machine.create());
    const { machine, file } = repository;
    await Deno.mkdir(`${machine.root}/tmp`, { mode: 0o700 });
    await Deno.mkdir(machine.keysPath.slice(0, machine.keysPath.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(machine.keysPath, `${identity}\n`, { mode: 0o600 });
    await Deno.writeTextFile(machine.configPath, ruleFor(recipient));
    await Deno.writeTextFile(file, PLAIN);
    await repository.run("encrypt", "-i", "db.yaml");
    return repository;
  }

  /** Runs the program, which has to succeed. @returns its standard output */
  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.machine.run(args, this.options);
    assertEquals(code, 0, stderr);
    return stdout;
  }

  /** @returns the paths of all files that hold a value in clear */
  async findPlaintext(): Promise<string[]> {
    const found: string[] = [];
    await walk(this.machine.root, `${this.machine.root}/`, async (path, info) => {
      if (info.isFile && (await Deno.readTextFile(path)).includes(CANARY)) found.push(path);
    });
    return found;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.machine[Symbol.asyncDispose]();
  }
}

/** @returns what decrypts a file in this process */
async function createDecrypter(): Promise<(bytes: Uint8Array) => Promise<string>> {
  await using host = await testHost();
  await host.writeText("~/.config/sops/age/keys.txt", `${identity}\n`);
  const open = createKeyOpener(await loadIdentities(host));
  return async (bytes) =>
    new TextDecoder().decode((await decryptFile(bytes, { path: "db.yaml", open, compileRegex })).bytes);
}

async function untilWriting(file: string, run: StartedRun, thenMs: number): Promise<void> {
  let hasEnded = false;
  run.ending.then(() => hasEnded = true);
  const temporary = file.replace(/([^/]*)$/, ".$1.sopsmith-tmp");
  while (!hasEnded && await readIfThere(temporary) === undefined) await sleep(0);
  await sleep(thenMs);
}

Deno.test(`${KILLS} changes of a file killed at random moments (SOPSMITH_SEED=${SEED})`, async () => {
  await using repository = await Repository.create();
  const { machine, file, options } = repository;
  const decrypt = await createDecrypter();
  const random = seededNumbers(SEED);
  const source = `${machine.root}/source.yaml`;
  const editor = { ...options, env: { ...options.env, SOPS_EDITOR: "sed -i s/-first/-edited/;s/-again/-first/" } };
  const seen = { old: 0, new: 0 };
  await repository.run("set", "db.yaml", '["n"]', "0"); // compiles the program, the next ones need not
  for (let i = 1; i <= KILLS; i++) {
    const before = await decrypt(await Deno.readFile(file));
    let after = before;
    let run: StartedRun;
    const start = performance.now();
    switch (i % 5) {
      case 0:
        after = before.replace(/^n: .*$/m, `n: ${i}`);
        run = await machine.start(["set", "db.yaml", '["n"]', String(i)], options);
        break;
      case 1:
        run = await machine.start(["rotate", "--yes", "-i", "db.yaml"], options);
        break;
      case 2:
        await Deno.writeTextFile(machine.configPath, ruleFor(recipient, ...i % 2 ? [TEST_X25519_OTHER.recipient] : []));
        run = await machine.start(["updatekeys", "--yes", "db.yaml"], options);
        break;
      case 3:
        after = before.replace(/^n: .*$/m, `n: ${i}`).replace("# of the shop", `# of the shop, ${i}`);
        await Deno.writeTextFile(source, after);
        run = await machine.start(["edit", "--from", source, "db.yaml"], options);
        break;
      default:
        after = before.includes("-first") ? before.replace("-first", "-edited") : before;
        run = await machine.start(["edit", "db.yaml"], editor);
    }
    if (random() < 0.5) await sleep(random() * 150);
    else await untilWriting(file, run, random() * WRITING_MS);
    run.kill();
    await run.ending;
    assert(performance.now() - start < 30_000, "it hung");
    await Deno.remove(source).catch(() => {});
    const found = await decrypt(await Deno.readFile(file));
    assert(found === before || found === after, `run ${i} left something else:\n${found}`);
    if (found === before) seen.old++;
    else seen.new++;
    const plaintext = (await repository.findPlaintext()).filter((path) => !path.startsWith(`${machine.root}/tmp/`));
    assertEquals(plaintext, [], "plaintext outside of private folders");
    if (i % 10 !== 0) continue;
    await machine.run(["edit", "db.yaml"], { ...options, env: { ...options.env, SOPS_EDITOR: "true" } });
    await repository.run("set", "db.yaml", '["n"]', `${-i}`); // sweeps what was left beside the file
    assertEquals(await repository.findPlaintext(), [], "plaintext that the next run leaves");
    const names = Array.from(Deno.readDirSync(machine.work), ({ name }) => name).sort();
    assertEquals(names, [".git", ".sops.yaml", "db.yaml"]);
    assertEquals([...Deno.readDirSync(`${machine.root}/tmp`)], []);
  }
  assert(seen.old > 0, `no kill hit: ${JSON.stringify(seen)}`);
});

Deno.test(`${PARALLEL_SETS} parallel sets of different keys in one file lose none`, async () => {
  await using repository = await Repository.create();
  await runParallel(PARALLEL_SETS, WIDTH, async (index) => {
    await repository.run("set", "db.yaml", `["key${index}"]`, `"${CANARY}${index}"`);
  });
  const text = await (await createDecrypter())(await Deno.readFile(repository.file));
  for (let i = 0; i < PARALLEL_SETS; i++) assertStringIncludes(text, `key${i}: ${CANARY}${i}\n`);
  assertEquals(await repository.findPlaintext(), []);
});

/** Commands that change the file, each in a way that is not done already. */
const CHANGES: readonly (readonly string[])[] = [
  ["set", "db.yaml", '["n"]', "7"],
  ["unset", "db.yaml", '["n"]'],
  ["rotate", "--yes", "-i", "db.yaml"],
  ["updatekeys", "--yes", "db.yaml"],
  ["edit", "--from", "../source.yaml", "db.yaml"],
  ["decrypt", "-i", "db.yaml"],
  ["encrypt", "-i", "plain.yaml"],
];

/** Tries every change where it must fail, and looks that nothing has changed. */
async function refuseChanges(repository: Repository, options: RunOptions, message: RegExp): Promise<void> {
  const { machine, file } = repository;
  const before = await Deno.readTextFile(file);
  for (const args of CHANGES) {
    const { code, stdout, stderr } = await machine.run(args, options);
    assertEquals([code, stdout], [1, ""], `${args.join(" ")}: ${stderr}`);
    assert(message.test(joinWrapped(stderr).join("\n")), `${args.join(" ")}: ${stderr}`);
    assert(!stderr.includes(CANARY), "a value on standard error");
    assertEquals(await Deno.readTextFile(file), before);
  }
  assertEquals(await Deno.readTextFile(`${machine.work}/plain.yaml`), PLAIN);
  const names = Array.from(Deno.readDirSync(machine.work), ({ name }) => name).filter((name) => name.includes("tmp"));
  assertEquals(names, []);
}

async function arrange({ machine }: Repository): Promise<void> {
  await Deno.writeTextFile(`${machine.root}/source.yaml`, PLAIN.replace("first", "second"));
  await Deno.writeTextFile(`${machine.work}/plain.yaml`, PLAIN);
  await Deno.writeTextFile(machine.configPath, ruleFor(recipient, TEST_X25519_OTHER.recipient));
}

peerTest("a folder that may not be written keeps its encrypted files as they are", UNPRIVILEGED_PEERS, async () => {
  await using repository = await Repository.create();
  await arrange(repository);
  await giveToUnprivileged(repository.machine);
  await Deno.chmod(repository.machine.work, 0o500);
  await refuseChanges(repository, { ...repository.options, wrapper: UNPRIVILEGED }, /permission denied/);
  await Deno.chmod(repository.machine.work, 0o700);
});

Deno.test("a file size limit keeps encrypted files as they are", async () => {
  await using repository = await Repository.create();
  await arrange(repository);
  const wrapper = ["sh", "-c", `trap "" XFSZ; ulimit -f 0; exec "$@"`, "sh"];
  const options = { ...repository.options, wrapper, denoFlags: ["--no-code-cache"] };
  await refuseChanges(repository, options, /the file size limit is reached/);
});
