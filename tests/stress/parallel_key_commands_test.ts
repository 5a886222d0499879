/** Commands that bring keys in, many at the same time: nothing is lost, and nothing is made twice. */
import { assertEquals } from "../support/assert.ts";
import { Machine, runParallel } from "../support/stress_program.ts";

const WIDTH = 8;

Deno.test(`${WIDTH} runs of init --new-key at the same time make ${WIDTH} keys`, async () => {
  await using machine = await Machine.create();
  const shown: string[] = [];
  await runParallel(WIDTH, WIDTH, async () => {
    const { code, stdout, stderr } = await machine.run(["init", "--new-key", "--name", "n"]);
    assertEquals(code, 0, stderr);
    shown.push(stdout.trim());
  });
  const { identities, recipients } = await machine.readState();
  assertEquals(identities.toSorted(), shown.toSorted());
  assertEquals(recipients.toSorted(), shown.toSorted());
});

Deno.test(`${WIDTH} runs of nix key generate-secret for one file make one pair`, async () => {
  await using machine = await Machine.create();
  const codes: number[] = [];
  const shown: string[] = [];
  const args = ["nix", "key", "generate-secret", "--key-name", "test-1", "--out", "test.sec"];
  await runParallel(WIDTH, WIDTH, async () => {
    const { code, stdout } = await machine.run(args);
    codes.push(code);
    if (code === 0) shown.push(stdout.trim());
  });
  assertEquals(codes.toSorted(), [0, ...Array.from({ length: WIDTH - 1 }, () => 1)]);
  assertEquals(await Deno.readTextFile(`${machine.work}/test.sec.pub`), shown[0]);
});
