/** Many runs at the same time lose nothing. */
import { assertEquals } from "../support/assert.ts";
import { IS_FULL, Machine, runParallel } from "../support/stress_program.ts";

const IS_WINDOWS = Deno.build.os === "windows";

// More on Windows, whose lock is tried again and again instead of waited for (decision 033).
const RUNS = IS_FULL ? 200 : IS_WINDOWS ? 60 : 32;
const WIDTH = IS_WINDOWS ? 12 : 16;

Deno.test(`${RUNS} keygen --force, ${WIDTH} at a time, leave ${RUNS} identities and ${RUNS} recipients`, async () => {
  await using machine = await Machine.create();
  const shown: string[] = [];
  await runParallel(RUNS, WIDTH, async () => {
    const { code, stdout, stderr } = await machine.run(["keygen", "--force"]);
    assertEquals(code, 0, stderr);
    shown.push(stdout.trim());
  });
  const { identities, recipients } = await machine.readState();
  assertEquals(identities.length, RUNS);
  assertEquals(identities.toSorted(), shown.toSorted());
  assertEquals(recipients.toSorted(), shown.toSorted());
  assertEquals(await machine.findLeftOvers(), []);
});

for (const command of ["keygen", "init"]) {
  Deno.test(`${WIDTH} first runs of ${command} at the same time make one key, and all show it`, async () => {
    await using machine = await Machine.create();
    const shown = new Set<string>();
    await runParallel(WIDTH, WIDTH, async () => {
      const { code, stdout, stderr } = await machine.run([command]);
      assertEquals(code, 0, stderr);
      shown.add(stdout.trim());
    });
    const { identities, recipients } = await machine.readState();
    assertEquals(identities, [...shown]);
    assertEquals(recipients, [...shown]);
    assertEquals(await machine.findLeftOvers(), []);
  });
}
