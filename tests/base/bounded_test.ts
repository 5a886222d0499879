import { mapBounded } from "../../lib/base/bounded.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";

Deno.test("mapBounded() gives the results in the order of the items, whatever order they come in", async () => {
  const items = Array.from({ length: 100 }, (_, i) => i);
  const results = await mapBounded(items, 7, async (item) => {
    for (let turn = 0; turn < (item * 31) % 11; turn++) await Promise.resolve();
    return item * 2;
  });
  assertEquals(results, items.map((item) => item * 2));
  assertEquals(await mapBounded([], 7, () => Promise.resolve(1)), []);
});

Deno.test("mapBounded() runs so many operations at the same time, and no more", async () => {
  let running = 0;
  let most = 0;
  await mapBounded(Array.from({ length: 50 }), 4, async () => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
  });
  assertEquals(most, 4);
});

Deno.test("mapBounded() begins nothing after a failure, and waits for what runs", async () => {
  let begun = 0;
  let ended = 0;
  const error = await assertRejects(
    () =>
      mapBounded(Array.from({ length: 50 }, (_, i) => i), 3, async (item) => {
        begun++;
        await Promise.resolve();
        if (item === 1) throw new Error(`failed at ${item}`);
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
        ended++;
      }),
    /failed at 1/,
  );
  assert(error instanceof Error);
  assertEquals([begun, ended], [3, 2]);
});
