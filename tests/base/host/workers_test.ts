import { Threads } from "../../../lib/base/host/workers.ts";
import { ROOT } from "../../../scripts/process.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { runIsolated } from "../../support/test_host.ts";

const PROGRAM = new URL("workers_program.ts", import.meta.url).pathname;

/** @returns what `workers_program.ts` says */
async function say(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<string> {
  const env = { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "", ...variables };
  const command = ["run", "-q", `--config=${ROOT}/deno.json`, "-P", PROGRAM, ...args];
  const result = await runIsolated(Deno.execPath(), command, { cwd: ROOT, env });
  assertEquals(result?.code, 0, new TextDecoder().decode(result?.stderr));
  return new TextDecoder().decode(result?.stdout);
}

Deno.test("SharedWork.finish() does everything in this thread without workers", async () => {
  assertEquals(await say(["0"]), "200 right, 200 done, without workers");
});

Deno.test("SharedWork.finish() shares the items between threads, each once, with the results in order", async () => {
  assertEquals(await say(["1"]), "200 right, 200 done, with workers");
  assertEquals(await say(["3"]), "200 right, 200 done, with workers");
});

Deno.test("SharedWork.finish() fails with what the work throws in any thread, and ends", async () => {
  for (const workers of ["0", "1"]) assertEquals(await say([workers, "150"]), "cannot square 150");
});

Deno.test("SharedWork.add() has workers begin before all items are known", async () => {
  assertEquals(await say(["1", "-1", "500"]), "200 right, 200 done, with workers");
  assertEquals(await say(["1", "20", "500"]), "cannot square 20");
});

Deno.test("SharedWork.finish() does everything in this thread when a worker cannot start", async () => {
  assertEquals(await say(["1"], { WORKERS: "fail" }), "200 right, 200 done, without workers");
});

Deno.test("SharedWork.finish() refuses a task that nobody knows", async () => {
  const work = new Threads(0).begin({}, { task: "other", shared: undefined, chunk: 1 });
  work.add(1);
  await assertRejects(() => work.finish(), /there is no task "other"/);
});
