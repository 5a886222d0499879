import { withKeychainLock } from "../../../lib/keys/keychain/lock.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { testHost, type TestHostOptions } from "../../support/test_host.ts";

/** Long enough for another run to come in between, if nothing held it back; in milliseconds. */
const INSIDE_MS = 30;

Deno.test("withKeychainLock() lets one run in at a time, and leaves nothing behind", async () => {
  await using host = await testHost();
  let inside = 0;
  const results = await Promise.all([1, 2, 3, 4].map((number) =>
    withKeychainLock(host, async () => {
      inside++;
      assertEquals(inside, 1);
      await new Promise((resolve) => setTimeout(resolve, INSIDE_MS));
      inside--;
      return number;
    })
  ));
  assertEquals(results, [1, 2, 3, 4]);
  assertEquals(Array.from(Deno.readDirSync(host.home)), []);
});

Deno.test("withKeychainLock() is free again after a failure", async () => {
  await using host = await testHost();
  await assertRejects(() => withKeychainLock(host, () => Promise.reject(new Error("a test"))), /a test/);
  assert(await withKeychainLock(host, () => Promise.resolve(true)));
});

const PLACES: Readonly<Record<string, TestHostOptions>> = {
  "a runtime folder": { os: "linux", env: { XDG_RUNTIME_DIR: "/" } },
  "a runtime folder that is not there": { os: "linux", env: { XDG_RUNTIME_DIR: "/no/such/folder" } },
  "a relative runtime folder": { os: "linux", env: { XDG_RUNTIME_DIR: "run" } },
  "no home": { os: "linux", env: { HOME: undefined } },
};

for (const [what, options] of Object.entries(PLACES)) {
  Deno.test(`withKeychainLock() finds a place with ${what}`, async () => {
    const made: string[] = [];
    await using host = await testHost({
      ...options,
      beforeFileOperation(operation, path) {
        if (operation !== "create") return;
        made.push(path);
        if (path.startsWith("/.")) throw new Deno.errors.PermissionDenied("a test (os error 13)");
      },
    });
    if (options.env?.XDG_RUNTIME_DIR === "/") {
      await assertRejects(() => withKeychainLock(host, () => Promise.resolve()));
      assertEquals(made, ["/.sopsmith-keychain.sopsmith-tmp"]);
    } else {
      await withKeychainLock(host, () => Promise.resolve());
      const folder = host.env("HOME") === undefined ? host.cwd : host.home;
      assertEquals(made, [`${folder}/.sopsmith-keychain.sopsmith-tmp`]);
    }
  });
}
