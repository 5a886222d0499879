/**
 * `updatekeys` and `rotate` of hundreds of files in real processes with all their threads: killed at any moment, two at the
 * same time, with files that cannot be read or that somebody changes, on a full disk, in shares.
 *
 * What is on the disk afterwards is read with the engine, file by file, each with the keys of one person.
 *
 * @module
 */
import { deriveRecipient, generateIdentity } from "../../lib/keys/age/identity.ts";
import { createSurroundings } from "../../lib/repository/file/keys.ts";
import { decryptFile, encryptFile } from "../../lib/sops/mod.ts";
import { findMetadata } from "../../lib/sops/metadata/metadata.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { walk } from "../support/case_shell.ts";
import { SEED } from "../support/seed.ts";
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
  await Deno.mkdir(machine.keysPath.replace(/\/[^/]*$/, ""), { recursive: true });
  await Deno.writeTextFile(machine.keysPath, `# test key\n${IDENTITIES[0]!.revealText()}\n`, { mode: 0o600 });
  await Deno.writeTextFile(machine.configPath, `creation_rules:\n  - path_regex: ^apps/\n    age: ${me},${alice}\n`);
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
  return machine;
}

function pathOf({ work }: Machine, index: number): string {
  return `${work}/apps/${index % 7}/${index}.yaml`;
}

/** Who can read every file, as often as it is so: `me bob`, `me alice`. Each file is opened. */
async function countReaders(machine: Machine): Promise<Record<string, number>> {
  const names = new Map([[me, "me"], [alice, "alice"], [bob, "bob"]]);
  const counts: Record<string, number> = {};
  await using host = await testHost({ files: { "~/.config/sops/age/keys.txt": `${IDENTITIES[0]!.revealText()}\n` } });
  const surroundings = createSurroundings(host);
  for (let i = 0; i < FILES; i++) {
    const bytes = await Deno.readFile(pathOf(machine, i));
    const metadata = findMetadata(bytes, "x.yaml");
    const readers = metadata?.groups[0]?.keys.map(({ text }) => names.get(text)).join(" ") ?? "nobody";
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

for (const command of [["updatekeys"], ["updatekeys", "--rotate"], ["rotate"]]) {
  Deno.test(`${command.join(" ")} that is killed leaves every file old or new; the next run finishes (SOPSMITH_SEED=${SEED})`, async () => {
    await using machine = await createRepository();
    const random = seededNumbers(SEED);
    const start = performance.now();
    const seen = { unfinished: 0 };
    let durationMs = 3_000;
    for (let i = 0; i < KILLS; i++) {
      const run = await machine.start([...command, "-y"]);
      await sleep(random() * durationMs);
      run.kill();
      const { code } = await run.ending;
      if (code !== 0) seen.unfinished++;
      const counts = await countReaders(machine);
      assertEquals(Object.values(counts).reduce((sum, count) => sum + count, 0), FILES);
      assert(Object.keys(counts).every((readers) => ["me bob", "me alice"].includes(readers)), JSON.stringify(counts));
      if (i === 0) durationMs = Math.max(300, Math.min(durationMs, performance.now() - start));
      if (i % 3 === 2 && command[0] === "updatekeys") { // else every run after the first has nothing to do
        const rule = (await Deno.readTextFile(machine.configPath)).includes(alice) ? `${me},${bob}` : `${me},${alice}`;
        await Deno.writeTextFile(machine.configPath, `creation_rules:\n  - path_regex: ^apps/\n    age: ${rule}\n`);
      }
    }
    assert(seen.unfinished > 0, "expected a kill that hits");
    await Deno.writeTextFile(machine.configPath, `creation_rules:\n  - path_regex: ^apps/\n    age: ${me},${alice}\n`);
    const { code, stderr } = await machine.run(["updatekeys", "-y"]);
    assertEquals(code, 0, stderr);
    assertEquals((await machine.run([...command, "-y"])).code, 0);
    assertEquals(await countReaders(machine), { "me alice": FILES });
    assertEquals(await findStrays(machine), []);
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
