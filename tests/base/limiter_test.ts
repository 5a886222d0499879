/** The bound on concurrent operations. */
import { createLimiter } from "../../lib/base/limiter.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";

Deno.test("createLimiter() runs no more than the limit, in the order of the calls, also after failures", async () => {
  const limit = createLimiter(2);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, i) =>
    limit(async () => {
      started.push(i);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, i % 3));
      running--;
      if (i % 4 === 0) throw new Error(`no ${i}`);
      return i;
    })));
  assertEquals([most, started], [2, Array.from({ length: 20 }, (_, i) => i)]);
  assertEquals(results.filter(({ status }) => status === "rejected").length, 5);
  assertEquals(await limit(() => Promise.resolve("still works")), "still works");
  await assertRejects(() => limit(() => Promise.reject(new Error("passed on"))), /passed on/);
});
