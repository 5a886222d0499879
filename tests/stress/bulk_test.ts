/**
 * `updatekeys` and `rotate` of hundreds of files in real processes with all their threads: killed at any moment, two at the
 * same time, with files that cannot be read or that somebody changes, on a full disk, in shares.
 *
 * What is on the disk afterwards is read with the engine, file by file, each with the keys of one person.
 *
 * @module
 */
import { deriveRecipient, generateIdentity } from "../../lib/keys/age/identity.ts";
import { bundleParts, FIRST_PART } from "../../scripts/bundle/bundle.ts";
import { createSurroundings } from "../../lib/repository/file/keys.ts";
import { decryptFile, encryptFile } from "../../lib/sops/mod.ts";
import { findMetadata } from "../../lib/sops/metadata/metadata.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { walk } from "../support/case_shell.ts";
import { SEED } from "../support/seed.ts";
import { CAN_MOUNT, mountSmallDisk, NEEDS_MOUNT } from "../support/small_disk.ts";
import { IS_FULL, Machine, seededNumbers, sleep } from "../support/stress_program.ts";
import { giveToUnprivileged, UNPRIVILEGED, UNPRIVILEGED_PEERS } from "../support/stress_user.ts";
import { peerTest } from "../support/peers.ts";
import { seededRandom, testHost } from "../support/test_host.ts";

/** More than another thread is started for. */
const FILES = IS_FULL ? 500 : 300;

const KILLS = IS_FULL ? 50 : 6;

const TEXT = "# who may know\nuser: alice\npassword: hunter2\n";

/** Test keys. */
const IDENTITIES = [1, 2, 3].map((seed) => generateIdentity("x25519", seededRandom(seed)));
const [me = "", alice = "", bob = ""] = await Promise.all(IDENTITIES.map(deriveRecipient));

/** Makes a machine with files for `me` and `bob`, whose rule says `me` and `alice`. */
async function createRepository(): Promise<Machine> {
  const machine = await Machine.create();
  await layOut(machine);
  return machine;
}

async function layOut(machine: Machine): Promise<void> {
  await Deno.mkdir(machine.keysPath.replace(/\/[^/]*$/, ""), { recursive: true });
  await Deno.writeTextFile(machine.keysPath, `# test key\n${IDENTITIES[0]!.revealText()}\n`, { mode: 0o600 });
  await setRule(machine, alice);
  await using host = await testHost();
  const surroundings = createSurroundings(host);
  const groups = [{ keys: [me, bob].map((text) => ({ type: "age" as const, text })) }];
  for (let i = 0; i < FILES; i++) {
    const folder = `${machine.work}/apps/${i % 7}`;
    if (i < 7) await Deno.mkdir(folder, { recursive: true });
    const { bytes } = await encryptFile(new TextEncoder().encode(TEXT), {
      ...surroundings,
      path: "x.yaml",
      groups,
      selectors: { unencrypted_suffix: "_unencrypted" },
      macOnlyEncrypted: false,
    });
    await Deno.writeFile(pathOf(machine, i), bytes);
  }
}

/** Has the rule name `me` and others. */
async function setRule(machine: Machine, ...others: readonly string[]): Promise<void> {
  const age = [me, ...others].join();
  await Deno.writeTextFile(machine.configPath, `creation_rules:\n  - path_regex: ^apps/\n    age: ${age}\n`);
}

function pathOf({ work }: Machine, index: number): string {
  return `${work}/apps/${index % 7}/${index}.yaml`;
}

/** Who can read every file, as often as it is so: `me bob`, `me alice`, `me bob more`. Each file is opened. */
async function countReaders(machine: Machine): Promise<Record<string, number>> {
  const names = new Map([[me, "me"], [alice, "alice"], [bob, "bob"]]);
  const counts: Record<string, number> = {};
  await using host = await testHost({ files: { "~/.config/sops/age/keys.txt": `${IDENTITIES[0]!.revealText()}\n` } });
  const surroundings = createSurroundings(host);
  for (let i = 0; i < FILES; i++) {
    const bytes = await Deno.readFile(pathOf(machine, i));
    const metadata = findMetadata(bytes, "x.yaml");
    const readers = [...new Set(metadata?.groups[0]?.keys.map(({ text }) => names.get(text) ?? "more"))].join(" ");
    counts[readers] = (counts[readers] ?? 0) + 1;
    const { bytes: plain } = await decryptFile(bytes, { ...surroundings, path: "x.yaml" });
    assertEquals(new TextDecoder().decode(plain), TEXT, pathOf(machine, i));
  }
  return counts;
}

/** @returns everything below the work folder that is no encrypted file and no config */
async function findStrays({ work }: Machine): Promise<string[]> {
  const strays: string[] = [];
  await walk(work, "", (path, info) => {
    if (!info.isDirectory && !/(?:^|\/)(?:\d+|\.sops)\.yaml$/.test(path)) strays.push(path);
    return Promise.resolve();
  });
  return strays;
}

const COMMANDS: readonly (readonly string[])[] = [["updatekeys"], ["updatekeys", "--rotate"], ["rotate"]];

/** @returns how many files a run says that it has written */
function countDone(stderr: string): number {
  return Number(/ok (?:updated|rotated) (\d+) files/.exec(stderr)?.[1] ?? 0);
}

for (const signal of ["SIGKILL", "SIGINT"] as const) {
  for (const command of COMMANDS) {
    Deno.test(`${command.join(" ")} that gets ${signal} leaves every file old or new; the next run finishes (SOPSMITH_SEED=${SEED})`, async () => {
      await using machine = await createRepository();
      const random = seededNumbers(SEED);
      assertEquals((await machine.run([...command, "-y"])).code, 0);
      await setRule(machine, bob);
      const start = performance.now(); // of the second run: the first one compiles the program
      assertEquals((await machine.run([...command, "-y"])).code, 0);
      const durationMs = performance.now() - start;
      const seen = { unfinished: 0, halfway: 0 };
      for (let i = 0; i < KILLS; i++) {
        const [name, wanted] = i % 2 === 0 ? [alice, "me alice"] as const : [bob, "me bob"] as const;
        await setRule(machine, name);
        const { [wanted]: before = 0 } = await countReaders(machine);
        const run = await machine.start([...command, "-y"]);
        await sleep((0.3 + 0.6 * random()) * durationMs);
        run.kill(signal);
        const { code, stderr } = await run.ending;
        if (code !== 0) seen.unfinished++;
        const { "me alice": ofAlice = 0, "me bob": ofBob = 0, ...others } = await countReaders(machine);
        assertEquals([ofAlice + ofBob, others], [FILES, {}]);
        if (signal === "SIGKILL") continue;
        assert(code === 0 || code === 130, stderr);
        assertEquals(await findStrays(machine), []);
        const left = /interrupted: (\d+) files left to (?:update|rotate); the same command finishes/.exec(stderr);
        if (left === null) continue;
        seen.halfway++;
        if (command[0] === "rotate") assertEquals(countDone(stderr) + Number(left[1]), FILES, stderr);
        else {
          const after = name === alice ? ofAlice : ofBob;
          assertEquals([countDone(stderr), Number(left[1])], [after - before, FILES - after], stderr);
        }
      }
      assert(seen.unfinished > 0, "expected a run that does not come to its end");
      if (signal === "SIGINT") assert(seen.halfway > 0, "expected a run that ends early by itself");
      await setRule(machine, alice);
      assertEquals((await machine.run(["updatekeys", "-y"])).code, 0);
      assertEquals((await machine.run([...command, "-y"])).code, 0);
      assertEquals(await countReaders(machine), { "me alice": FILES });
      assertEquals(await findStrays(machine), []);
    });
  }
}

/** So many that a file with all of them takes more of a disk than before. */
const MANY = await Promise.all(
  Array.from({ length: 12 }, (_, i) => deriveRecipient(generateIdentity("x25519", seededRandom(i + 10)))),
);

/** What a file takes of the small disk before, in KiB: a page. */
const PAGE_KIB = 4;

/** What is left on it for new contents, in KiB: enough for some of the files. */
const LEFT_KIB = 600;

for (
  const { command, readers } of [
    { command: ["updatekeys"], readers: "me alice more" },
    { command: ["updatekeys", "--rotate"], readers: "me alice more" },
    { command: ["rotate", "--add-age", MANY.join()], readers: "me bob more" },
  ]
) {
  Deno.test({
    name: `${command.slice(0, 2).join(" ")} on a disk that gets full leaves every file old or new${NEEDS_MOUNT}`,
    ignore: !CAN_MOUNT,
    async fn() {
      await using machine = await Machine.create();
      await Deno.mkdir(`${machine.work}/apps`);
      await using disk = await mountSmallDisk(`${machine.work}/apps`, FILES * PAGE_KIB + LEFT_KIB);
      await layOut(machine);
      await setRule(machine, alice, ...MANY);
      const { code, stderr } = await machine.run([...command, "-y"]);
      assertEquals(code, 1, stderr);
      assertStringIncludes(stderr, "no space left on the device");
      const { "me bob": before = 0, [readers]: after = 0, ...others } = await countReaders(machine);
      assertEquals([before + after, others], [FILES, {}]);
      assert(before > 0 && after > 0, stderr);
      assertEquals(countDone(stderr), after, stderr);
      assertEquals(await findStrays(machine), []);
      await disk.resize(4 * FILES * PAGE_KIB + LEFT_KIB);
      const { code: finished, stderr: said } = await machine.run([...command, "-y"]);
      assertEquals(finished, 0, said);
      assertEquals(await countReaders(machine), { [readers]: FILES });
      assertEquals(await findStrays(machine), []);
    },
  });
}

Deno.test("two runs at the same time do the work together, each file once", async () => {
  await using machine = await createRepository();
  const runs = await Promise.all([
    machine.start(["updatekeys", "-y", "--json"]),
    machine.start(["updatekeys", "-y", "--json"]),
  ]);
  const endings = await Promise.all(runs.map(({ ending }) => ending));
  assertEquals(endings.map(({ code }) => code), [0, 0], endings.map(({ stderr }) => stderr).join());
  const updated = endings.map(({ stdout }) => JSON.parse(stdout).counts.updated ?? 0);
  assertEquals(updated[0] + updated[1], FILES, "nobody writes what the other one has written");
  assertEquals(await countReaders(machine), { "me alice": FILES });
  assertEquals(await findStrays(machine), []);
});

Deno.test("two rotations at the same time leave files that open, for those who could read them before", async () => {
  await using machine = await createRepository();
  const runs = await Promise.all([machine.run(["rotate", "-y", "--json"]), machine.run(["rotate", "-y", "--json"])]);
  assertEquals(runs.map(({ code }) => code), [0, 0], runs.map(({ stderr }) => stderr).join());
  assertEquals(runs.map(({ stdout }) => JSON.parse(stdout).counts), [{ rotated: FILES }, { rotated: FILES }]);
  assertEquals(await countReaders(machine), { "me bob": FILES });
  assertEquals(await findStrays(machine), []);
});

Deno.test("a file that cannot be read, one that is damaged, one that nobody here can open: the others are updated", async () => {
  await using machine = await createRepository();
  const damaged = await Deno.readTextFile(pathOf(machine, 1));
  await Deno.writeTextFile(pathOf(machine, 1), damaged.replace(/lastmodified: "(\d)/, 'lastmodified: "1'));
  await Deno.writeTextFile(
    pathOf(machine, 2),
    damaged.replaceAll(/(BEGIN AGE ENCRYPTED FILE-----\n\s*)(\S)/g, "$1!$2"),
  );
  const outside = `${machine.root}/outside.yaml`;
  await Deno.copyFile(pathOf(machine, 5), outside);
  const before = await Deno.readTextFile(outside);
  await Deno.symlink(outside, `${machine.work}/apps/link.yaml`);
  const { code, stdout } = await machine.run(["updatekeys", "-y", "--json"]);
  assertEquals(code, 5, "of the first failure: it is not what was encrypted");
  const { files, counts } = JSON.parse(stdout) as {
    files: { file: string; state: string; error?: { kind: string } }[];
    counts: Record<string, number>;
  };
  assertEquals(counts, { updated: FILES - 2, failed: 2 });
  assertEquals(files.flatMap(({ error }) => error?.kind ?? []), ["integrity", "no-identity"]);
  assertEquals(await Deno.readTextFile(outside), before, "a symlink out of the repository is not followed");
});

peerTest("one of many that may not be read is named, and the others are updated", UNPRIVILEGED_PEERS, async () => {
  await using machine = await createRepository();
  await giveToUnprivileged(machine);
  await Deno.chmod(pathOf(machine, 3), 0);
  const { code, stderr } = await machine.run(["updatekeys", "-y"], { wrapper: UNPRIVILEGED });
  assertEquals(code, 1, stderr);
  assertStringIncludes(stderr, "apps/3/3.yaml");
  assertStringIncludes(stderr, `updated ${FILES - 1} files`);
  await Deno.chmod(pathOf(machine, 3), 0o644);
  assertEquals((await machine.run(["updatekeys", "-y"], { wrapper: UNPRIVILEGED })).code, 0);
  assertEquals(await countReaders(machine), { "me alice": FILES });
});

Deno.test("shares do the whole work together, and none twice", async () => {
  await using machine = await createRepository();
  const list = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await machine.run(["updatekeys", "--dry-run", "--json", ...args]);
    return JSON.parse(stdout).files.map(({ file }: { file: string }) => file);
  };
  const all = await list();
  assertEquals(all.length, FILES);
  const shares = await Promise.all([1, 2, 3].map((i) => list("--shard", `${i}/3`)));
  assertEquals(shares.flat().toSorted(), all.toSorted());
  assert(shares.every((share) => share.length > FILES / 6), "the shares are about as large");
  for (const i of [1, 2, 3]) assertEquals((await machine.run(["updatekeys", "-y", "--shard", `${i}/3`])).code, 0);
  assertEquals(await countReaders(machine), { "me alice": FILES });
});

/** Tells on the standard error how often threads have answered, when the program ends. */
const COUNT_ANSWERS = `
let count = 0;
globalThis.Worker = class extends Worker {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", () => count++);
  }
};
addEventListener("unload", () => Deno.stderr.writeSync(new TextEncoder().encode(\`\${count} answers\\n\`)));
`;

/** Threads that take nothing. */
const IDLE = "globalThis.Worker = class { postMessage() {} terminate() {} };";

/** Threads that take everything, and never answer. */
const MUTE = `globalThis.Worker = class {
  postMessage({ claim }) { if (claim !== undefined) Atomics.store(claim, 0, 1); }
  terminate() {}
};`;

for (const form of ["one file", "parts"]) {
  Deno.test({
    name: `the program in ${form} shares work with threads, and says so where they never answer`,
    ignore: navigator.hardwareConcurrency < 2,
    async fn() {
      await using machine = await createRepository();
      const preload = `${machine.root}/preload.js`;
      const options: { denoFlags: string[]; program?: string } = { denoFlags: ["--preload", preload] };
      if (form !== "one file") {
        await bundleParts(`${machine.root}/parts`);
        options.program = `${machine.root}/parts/${FIRST_PART}`;
      }
      await Deno.writeTextFile(preload, MUTE);
      const muted = await machine.run(["updatekeys", "-y"], options);
      assertEquals(muted.code, 70, muted.stderr);
      assertStringIncludes(muted.stderr, "error: sopsmith stopped at a mistake of its own");
      assertEquals(await countReaders(machine), { "me bob": FILES });
      await Deno.writeTextFile(preload, IDLE);
      const alone = await machine.run(["rotate", "-y", "--verbose"], options);
      assertEquals([alone.code, countDone(alone.stderr)], [0, FILES], alone.stderr);
      assert(!alone.stderr.includes("shared with"), alone.stderr);
      await Deno.writeTextFile(preload, COUNT_ANSWERS);
      for (const command of ["updatekeys", "rotate"]) {
        const { code, stderr } = await machine.run([command, "-y", "--verbose"], options);
        assertEquals([code, countDone(stderr)], [0, FILES], stderr);
        assertStringIncludes(stderr, "shared with");
        assert(Number(/(\d+) answers/.exec(stderr)?.[1]) > 0, stderr);
        assertEquals(await countReaders(machine), { "me alice": FILES });
      }
    },
  });
}
