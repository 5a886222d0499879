/** The lock of Windows, by its rules, on whatever system the tests run. */
import { lockFile, sweepLeftOver } from "../../../lib/base/files/lock.ts";
import { LONG_WAIT_MS } from "../../../lib/base/host/host.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { osError, type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";
import { listAll } from "./edit_helpers.ts";

const LEFT_OVERS = { ".keys.txt.sopsmith-lock": "", ".keys.txt.sopsmith-tmp": "half a secret" };

/** The way of Windows, with the paths of the system that runs the test. */
async function windowsHost(options: TestHostOptions = {}): Promise<TestHost> {
  return Object.assign(await testHost(options), { os: "windows" as const });
}

Deno.test("lockFile() leaves nothing behind, whether the file was renamed or not", async () => {
  await using host = await windowsHost();
  const path = host.path("keys.txt");
  const unused = await lockFile(host, path, 0o600);
  assertEquals((await listAll(host)).filter((name) => name.includes("sopsmith-")).length, 2);
  unused.release();
  assertEquals(await listAll(host), ["home/", "work/"]);
  const used = await lockFile(host, path, 0o600);
  used.file.replaceContent(new TextEncoder().encode("one\n"));
  used.seal();
  assert(used.isHeld() && host.files.rename(used.temporary, path, { expected: undefined }));
  assert(!used.isHeld());
  used.release();
  assertEquals(await listAll(host), ["home/", "work/", "work/keys.txt"]);
  assertEquals(await host.readText("keys.txt"), "one\n");
});

Deno.test("lockFile() gives the lock of Windows to one at a time", async () => {
  await using host = await windowsHost();
  let holders = 0;
  await Promise.all(Array.from({ length: 8 }, async () => {
    const lock = await lockFile(host, host.path("keys.txt"), 0o600);
    assertEquals(++holders, 1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    holders--;
    lock.release();
  }));
  assertEquals(await listAll(host), ["home/", "work/"]);
});

Deno.test("lockFile() takes over what a killed process left, and publishes nothing of it", async () => {
  await using host = await windowsHost({ files: LEFT_OVERS });
  const lock = await lockFile(host, host.path("keys.txt"), 0o600);
  assertEquals((await Deno.stat(lock.temporary)).size, 0);
  lock.release();
  assertEquals(await listAll(host), ["home/", "work/"]);
});

for (const [name, content] of Object.entries(LEFT_OVERS)) {
  Deno.test(`sweepLeftOver() removes ${name}, and does nothing where nothing is left`, async () => {
    await using host = await windowsHost({ files: { [name]: content } });
    await sweepLeftOver(host, host.path("keys.txt"));
    assertEquals(await listAll(host), ["home/", "work/"]);
    await sweepLeftOver(host, host.path("keys.txt"));
  });

  Deno.test(`lockFile() refuses a folder or a file with two names under ${name}`, async () => {
    await using host = await windowsHost({ files: { victim: "of someone" } });
    await Deno.mkdir(host.path(name));
    const refused = await assertRejects(() => lockFile(host, host.path("keys.txt"), 0o600));
    assertUserError(refused, "refused", /"\S+sopsmith-(?:lock|tmp)" is in the way/);
    await Deno.remove(host.path(name));
    await Deno.link(host.path("victim"), host.path(name));
    assertUserError(await assertRejects(() => lockFile(host, host.path("keys.txt"), 0o600)), "refused");
    assertEquals(await host.readText("victim"), "of someone");
    assertEquals((await listAll(host)).length, 4);
  });
}

Deno.test("lockFile() waits for who has the lock of Windows, and says so when that takes long", async () => {
  await using host = await windowsHost();
  const path = host.path("keys.txt");
  const first = await lockFile(host, path, 0o600);
  const second = lockFile(host, path, 0o600);
  await new Promise((resolve) => setTimeout(resolve, LONG_WAIT_MS + 300));
  assertEquals(host.written("stderr"), `note: another sopsmith is writing "${path}"; waiting for it to end\n`);
  first.release();
  (await second).release();
  assertEquals(await listAll(host), ["home/", "work/"]);
});

Deno.test("lockFile() waits for a lock file that is going away, and not for a folder that is closed", async () => {
  let refusals = 3;
  await using host = await windowsHost({
    files: { ".keys.txt.sopsmith-lock": "" },
    beforeFileOperation(operation, path) {
      if (operation === "open" && path.endsWith("-lock") && refusals-- > 0) throw osError("EACCES");
    },
  });
  (await lockFile(host, host.path("keys.txt"), 0o600)).release();
  assertEquals([refusals, await listAll(host)], [-1, ["home/", "work/"]]);
  await using closed = await windowsHost({
    beforeFileOperation(operation) {
      if (operation === "create") throw osError("EACCES");
    },
  });
  const error = await assertRejects(() => lockFile(closed, closed.path("keys.txt"), 0o600));
  assertUserError(error, "denied", /^cannot write ".*keys\.txt": permission denied/);
});

Deno.test("a target stays as it is, and can be read, while the lock of Windows is held", async () => {
  await using host = await windowsHost({ files: { "keys.txt": "zero\n" } });
  const lock = await lockFile(host, host.path("keys.txt"), 0o600);
  assertEquals(await host.readText("keys.txt"), "zero\n");
  lock.release();
});
