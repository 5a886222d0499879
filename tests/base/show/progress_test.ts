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

Deno.test("Progress of known work is a bar on a terminal, and a line now and then where there is none", async () => {
  const clock = { ms: 0 };
  await using host = await clockedHost(["stderr"], clock);
  const progress = new Progress(host, "opening", 40);
  clock.ms = 1_500;
  progress.step(10);
  assertEquals(host.shown(), "\r\x1b[2Kopening #####............... 10/40  1.5 s");
  progress.end();
  await using log = await clockedHost([], clock);
  const lines = new Progress(log, "updated", 40);
  lines.step(10);
  clock.ms += 10_000;
  lines.step(10);
  lines.step(10);
  lines.end();
  assertEquals(log.shown(), "updated: 20 of 40\n");
});
