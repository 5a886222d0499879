import type { Child, Signal } from "../../../lib/base/host/host.ts";
import { waitForChild, withCleanup } from "../../../lib/base/host/signals.ts";
import { ROOT } from "../../../scripts/process.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

const SIGNALS: readonly Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

const WORKER = new URL("host_worker.ts", import.meta.url).pathname;

/** A child that ends when it is told to, and remembers the signals that it got. */
function fakeChild(): { child: Child; got: Signal[]; end: (status: number) => void } {
  const { promise: status, resolve: end } = Promise.withResolvers<number>();
  const got: Signal[] = [];
  return { child: { status, kill: (signal) => void got.push(signal as Signal) }, got, end };
}

Deno.test("withCleanup() cleans up behind a body that ends and one that fails, once", async () => {
  await using host = await testHost();
  const order: string[] = [];
  const cleanup = (): void => void order.push("cleanup");
  const result = await withCleanup(host, cleanup, () => {
    order.push("body");
    return Promise.resolve("done");
  });
  assertEquals([result, ...order], ["done", "body", "cleanup"]);
  await assertRejects(() => withCleanup(host, cleanup, () => Promise.reject(new Error("of the body"))), /of the body/);
  assertEquals(order, ["body", "cleanup", "cleanup"]);
  for (const signal of SIGNALS) assert(!host.raise(signal), "signals have their effect back");
});

for (const signal of SIGNALS) {
  Deno.test(`withCleanup() gives up its body at ${signal}, cleaned up before anything else is done`, async () => {
    await using host = await testHost();
    let count = 0;
    const never = new Promise<void>(() => {});
    const running = withCleanup(host, () => void count++, () => never);
    assert(host.raise(signal));
    assertEquals(count, 1);
    assertUserError(await assertRejects(() => running), "cancelled", /^interrupted$/);
    assertEquals(count, 1);
  });
}

Deno.test("withCleanup() within another cleans both up at a signal", async () => {
  await using host = await testHost();
  const cleaned: string[] = [];
  const running = withCleanup(
    host,
    () => void cleaned.push("outer"),
    () => withCleanup(host, () => void cleaned.push("inner"), () => new Promise<void>(() => {})),
  );
  host.raise("SIGTERM");
  assertEquals(cleaned.sort(), ["inner", "outer"]);
  assertUserError(await assertRejects(() => running), "cancelled");
});

Deno.test("withCleanup() says what cleaning up at a signal fails with", async () => {
  await using host = await testHost();
  const fail = (): never => {
    throw new Error("cannot clean");
  };
  const running = withCleanup(host, fail, () => new Promise<void>(() => {}));
  host.raise("SIGHUP");
  await assertRejects(() => running, /cannot clean/);
});

Deno.test("waitForChild() passes signals on, and the work around it goes on when the child has ended", async () => {
  await using host = await testHost();
  const { child, got, end } = fakeChild();
  let count = 0;
  const running = withCleanup(host, () => void count++, async () => `status ${await waitForChild(host, child)}`);
  for (const signal of SIGNALS) host.raise(signal);
  assertEquals([got, count], [SIGNALS, 0]);
  end(143);
  assertEquals([await running, count], ["status 143", 1]);
});

Deno.test("waitForChild() does not send Ctrl-C again to a child that got it from the terminal", async () => {
  await using host = await testHost({ terminal: ["stderr"] });
  const { child, got, end } = fakeChild();
  const running = waitForChild(host, child);
  for (const signal of SIGNALS) host.raise(signal);
  end(0);
  assertEquals([await running, got], [0, ["SIGTERM", "SIGHUP"]]);
});

for (const [signal, number] of [["SIGINT", 2], ["SIGTERM", 15], ["SIGHUP", 1]] as const) {
  Deno.test(`a process that gets ${signal} removes its private folder, and so does one whose child gets it`, async () => {
    const temp = await Deno.makeTempDir();
    for (const mode of ["alone", "child"]) {
      const running = new Deno.Command(Deno.execPath(), {
        args: ["run", "-q", `--config=${ROOT}/deno.json`, "-P", WORKER, "private", mode],
        clearEnv: true,
        env: { TMPDIR: temp, HOME: Deno.env.get("HOME") ?? "", PATH: Deno.env.get("PATH") ?? "" },
        stdout: "piped",
        stdin: "null",
      }).spawn();
      const reader = running.stdout.getReader();
      const folder = new TextDecoder().decode((await reader.read()).value).trim();
      assertEquals(await Deno.readTextFile(`${folder}/plain`), "a secret of a test");
      running.kill(signal);
      const { code } = await running.status;
      await reader.cancel();
      assertEquals([mode, code], [mode, mode === "alone" ? 130 : 128 + number]);
      await assertRejects(() => Deno.stat(folder), /No such file/);
    }
    await Deno.remove(temp, { recursive: true });
  });
}
