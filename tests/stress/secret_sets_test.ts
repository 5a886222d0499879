/** Many `secret set` at once, of which the first makes the file, and runs that are killed: none is lost, and the file opens. */
import { TEST_X25519 } from "../keys/test_keys.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { IS_FULL, Machine, runParallel, sleep } from "../support/stress_program.ts";

const RUNS = 50;
const WIDTH = 16;
const KILLS = IS_FULL ? 100 : 12;

/** A machine with a key and a rule, and no secrets yet. */
async function createMachine(): Promise<Machine> {
  const machine = await Machine.create();
  await Deno.mkdir(machine.keysPath.slice(0, machine.keysPath.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(machine.keysPath, `${TEST_X25519.identity}\n`, { mode: 0o600 });
  await Deno.writeTextFile(machine.configPath, `creation_rules:\n  - age: ${TEST_X25519.recipient}\n`);
  return machine;
}

async function pullSecrets(machine: Machine): Promise<string[]> {
  const { code, stdout, stderr } = await machine.run(["secret", "pull"]);
  assertEquals(code, 0, stderr);
  return stdout.trimEnd().split("\n");
}

Deno.test(`${RUNS} secret set, ${WIDTH} at a time, lose none, though there is no file yet`, async () => {
  await using machine = await createMachine();
  const lines = Array.from({ length: RUNS }, (_, i) => `NAME_${i + 10}=value of NAME_${i + 10}`);
  await runParallel(RUNS, WIDTH, async (index) => {
    const { code, stderr } = await machine.run(["secret", "set", lines[index]!]);
    assertEquals(code, 0, stderr);
  });
  assertEquals(await pullSecrets(machine), lines);
});

Deno.test(`${KILLS} secret set killed at random moments lose nothing that was there`, async () => {
  await using machine = await createMachine();
  const start = performance.now();
  assertEquals((await machine.run(["secret", "set", "NAME_0=0"])).code, 0);
  const durationMs = performance.now() - start;
  let before = ["NAME_0=0"];
  let killed = 0;
  for (let i = 1; i <= KILLS; i++) {
    const run = await machine.start(["secret", "set", `NAME_${i}=${i}`]);
    await sleep(durationMs * (0.4 + 0.6 * i / KILLS));
    run.kill();
    const { code } = await run.ending;
    if (code !== 0) killed++;
    const after = await pullSecrets(machine);
    assertEquals(after.filter((line) => before.includes(line)), before);
    if (code === 0) assert(after.includes(`NAME_${i}=${i}`), "a run that has ended well has written");
    before = after;
  }
  assert(killed > 0, "expected a kill that hits");
  assertEquals((await machine.run(["secret", "set", "LAST=1"])).code, 0);
  const folder = `${machine.work}/secrets`;
  assertEquals((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["secrets.yaml"]);
});
