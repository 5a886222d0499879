import type { Host } from "../../../lib/base/host/host.ts";
import { Progress } from "../../../lib/base/show/progress.ts";
import { assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

/** A host whose clock stands where it is put. */
async function clockedHost(
  terminal: readonly "stderr"[],
  clock: { ms: number },
): Promise<Host & AsyncDisposable & { shown(): string }> {
  const host = await testHost({ terminal });
  return { ...host, now: () => new Date(clock.ms), shown: () => host.written("stderr") };
}

Deno.test("Progress shows nothing for half a second, then counts, and wipes its line", async () => {
  const clock = { ms: 0 };
  await using host = await clockedHost(["stderr"], clock);
  const progress = new Progress(host, "folders");
  progress.step();
  clock.ms = 499;
  progress.step();
  assertEquals(host.shown(), "");
  clock.ms = 500;
  progress.step();
  assertEquals(host.shown(), "\r\x1b[2Kfolders: 3");
  clock.ms = 550;
  progress.step();
  assertEquals(host.shown(), "\r\x1b[2Kfolders: 3");
  clock.ms = 600;
  progress.step();
  progress.end();
  progress.end();
  assertEquals(host.shown(), "\r\x1b[2Kfolders: 3\r\x1b[2Kfolders: 5\r\x1b[2K");
});

Deno.test("Progress writes nothing where there is no terminal", async () => {
  const clock = { ms: 0 };
  await using host = await clockedHost([], clock);
  const progress = new Progress(host, "folders");
  clock.ms = 10_000;
  progress.step();
  progress.end();
  assertEquals(host.shown(), "");
});
