/** Runs that are killed at any moment lose nothing, and the next run cleans up after them. */
import { assert, assertEquals } from "../support/assert.ts";
import { SEED } from "../support/seed.ts";
import { IS_FULL, Machine, readIfThere, seededNumbers, sleep, type StartedRun } from "../support/stress_program.ts";

const KILLS = IS_FULL ? 300 : Deno.build.os === "windows" ? 100 : 24;

/** How long after the first temporary file a run is killed at most, in ms: about as long as its writes take. */
const WRITING_MS = 6;

Deno.test(`${KILLS} runs killed at random moments lose nothing (SOPSMITH_SEED=${SEED})`, async () => {
  await using machine = await Machine.create();
  const random = seededNumbers(SEED);
  assertEquals((await machine.run(["keygen", "--force"])).code, 0); // compiles the program, the next ones need not
  const start = performance.now();
  assertEquals((await machine.run(["keygen", "--force"])).code, 0);
  const durationMs = performance.now() - start;
  let before = await machine.readState();
  const seen = { unfinished: 0, leftOvers: 0, finished: 0 };
  for (let i = 0; i < KILLS || seen.leftOvers === 0 && i < 4 * KILLS; i++) { // a busy machine kills too late
    const run = await machine.start(["keygen", "--force"]);
    if (i % 2 === 0) await sleep(random() * durationMs * 1.2);
    else await untilWriting(machine, run, random() * WRITING_MS);
    run.kill();
    const { code } = await run.ending;
    const after = await machine.readState();
    assertEquals(after.identities.slice(0, before.identities.length), before.identities);
    assertEquals(after.recipients.slice(0, before.recipients.length), before.recipients);
    assert(
      after.recipients.every((recipient) => after.identities.includes(recipient)),
      "no recipient without identity",
    );
    if (code === 0) seen.finished++;
    if (after.identities.length - before.identities.length > after.recipients.length - before.recipients.length) {
      seen.unfinished++;
    }
    if ((await machine.findLeftOvers()).length > 0) seen.leftOvers++;
    before = after;
    if (i % 10 === 9) before = await cleanUp(machine);
  }
  assert(seen.leftOvers > 0, `expected a kill that leaves something behind: ${JSON.stringify(seen)}`);
  assert(seen.finished < KILLS, "expected a kill that hits");
});

Deno.test("a key whose public half was not recorded is recorded by the next run", async () => {
  await using machine = await Machine.create();
  assertEquals((await machine.run(["keygen"])).code, 0);
  const whole = await machine.readState();
  await Deno.remove(machine.configPath); // as a run leaves it that is killed between the two halves
  assertEquals((await machine.run(["keygen"])).code, 0);
  assertEquals(await machine.readState(), whole);
});

async function untilWriting(machine: Machine, run: StartedRun, thenMs: number): Promise<void> {
  let hasEnded = false;
  run.ending.then(() => hasEnded = true);
  const folder = machine.keysPath.slice(0, machine.keysPath.lastIndexOf("/"));
  while (!hasEnded && await readIfThere(`${folder}/.keys.txt.sopsmith-tmp`) === undefined) await sleep(0);
  await sleep(thenMs);
}

/** @returns what is there after an undisturbed run, which has to sweep everything that was left */
async function cleanUp(machine: Machine): ReturnType<Machine["readState"]> {
  const before = await machine.readState();
  const { code, stderr } = await machine.run(["keygen", "--force"]);
  assertEquals(code, 0, stderr);
  assertEquals(await machine.findLeftOvers(), []);
  const after = await machine.readState();
  assertEquals(after.identities.length, before.identities.length + 1);
  assertEquals(after.recipients.length, before.recipients.length + 1);
  return after;
}
