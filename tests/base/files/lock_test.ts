import { editFiles } from "../../../lib/base/files/edit_files.ts";
import { lockFile, sweepLeftOver } from "../../../lib/base/files/lock.ts";
import { temporaryPath } from "../../../lib/base/files/temporary.ts";
import { LONG_WAIT_MS } from "../../../lib/base/host/host.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { osError, testHost } from "../../support/test_host.ts";
import { IS_ROOT } from "../../support/stress_user.ts";
import {
  appending,
  assertMode,
  changeNothing,
  listAll,
  modeOf,
  OTHER_USER,
  startWorker,
  targetsOf,
} from "./edit_helpers.ts";

const IS_WINDOWS = Deno.build.os === "windows";

Deno.test("temporaryPath() is a hidden name beside the target", async () => {
  await using host = await testHost();
  assertEquals(temporaryPath(host, "/a/keys.txt"), "/a/.keys.txt.sopsmith-tmp");
  assertEquals(temporaryPath(host, "/.sops.yaml"), "/..sops.yaml.sopsmith-tmp");
  await using windows = await testHost({ os: "windows" });
  assertEquals(temporaryPath(windows, "C:\\a\\keys.txt"), "C:\\a\\.keys.txt.sopsmith-tmp");
});

Deno.test("lockFile() holds an empty 0600 file, and release() removes it", async () => {
  await using host = await testHost();
  const lock = await lockFile(host, host.path("keys.txt"), 0o644);
  await assertMode(lock.temporary, 0o600);
  assertEquals((await Deno.stat(lock.temporary)).size, 0);
  assert(await lock.isHeld());
  await lock.release();
  assertEquals(await listAll(host), ["home/", "work/"]);
});

Deno.test("release() leaves the file of the next process alone", async () => {
  await using host = await testHost();
  const lock = await lockFile(host, host.path("keys.txt"), 0o600);
  await Deno.remove(lock.temporary);
  await Deno.writeTextFile(lock.temporary, "of the next process");
  assert(!await lock.isHeld());
  await lock.release();
  assertEquals(await Deno.readTextFile(lock.temporary), "of the next process");
});

Deno.test("lockFile() gives the lock to one at a time", async () => {
  await using host = await testHost();
  let holders = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    const lock = await lockFile(host, host.path("keys.txt"), 0o600);
    assertEquals(++holders, 1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    holders--;
    await lock.release();
  }));
  assertEquals(await listAll(host), ["home/", "work/"]);
});

Deno.test("lockFile() waits for a living process, also one that has not written yet", async () => {
  await using host = await testHost();
  const path = host.path("keys.txt");
  const holder = await startHolder(path);
  let isDone = false;
  const editing = editFiles(host, targetsOf(path), appending("one")).then(() => isDone = true);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert(!isDone, "expected the edit to wait");
  assertEquals(await Deno.readTextFile(temporaryPath(host, path)), "half a secret");
  await holder.stdin.close();
  await holder.status;
  await editing;
  assertEquals(await host.readText("keys.txt"), "one\n");
  assertEquals(await listAll(host), ["home/", "work/", "work/keys.txt"]);
  assertEquals(host.written("stderr"), "");
});

Deno.test("lockFile() says what it waits for when that takes long", async () => {
  await using host = await testHost();
  const path = host.path("keys.txt");
  const holder = await startHolder(path);
  const editing = editFiles(host, targetsOf(path), appending("one"));
  await new Promise((resolve) => setTimeout(resolve, LONG_WAIT_MS + 200));
  assertEquals(
    host.written("stderr"),
    `note: another sopsmith is writing "${host.path("keys.txt")}"; waiting for it to end\n`,
  );
  await holder.stdin.close();
  await holder.status;
  await editing;
  assertEquals(await host.readText("keys.txt"), "one\n");
});

Deno.test("lockFile() goes on when the process that holds the lock is killed", async () => {
  await using host = await testHost();
  const path = host.path("keys.txt");
  const holder = await startHolder(path);
  const editing = editFiles(host, targetsOf(path), appending("one"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  holder.kill("SIGKILL");
  await editing;
  await holder.status;
  await holder.stdin.abort().catch(() => {});
  assertEquals(await host.readText("keys.txt"), "one\n");
  assertEquals(await listAll(host), ["home/", "work/", "work/keys.txt"]);
});

for (const mode of [0o600, 0o644, 0o666]) {
  Deno.test(`editFiles() writes nothing into a left-over of mode 0${mode.toString(8)}`, async () => {
    await using host = await testHost({ files: { ".keys.txt.sopsmith-tmp": "long left-over of a dead process" } });
    const path = host.path("keys.txt");
    const leftOver = temporaryPath(host, path);
    await Deno.chmod(leftOver, mode);
    using spy = await Deno.open(leftOver);
    await editFiles(host, targetsOf(path), appending("one"));
    assertEquals([await host.readText("keys.txt"), await modeOf(path)], ["one\n", 0o600]);
    assertEquals(await new Response(spy.readable).text(), "long left-over of a dead process");
    assertEquals(await listAll(host), ["home/", "work/", "work/keys.txt"]);
  });
}

Deno.test("editFiles() sweeps left-overs of all targets when nothing is to be changed", async () => {
  await using host = await testHost({ files: { "a": "", ".a.sopsmith-tmp": "x", "~/.b.sopsmith-tmp": "x" } });
  await editFiles(host, targetsOf(host.path("a"), host.path("~/b")), changeNothing);
  assertEquals(await listAll(host), ["home/", "work/", "work/a"]);
});

Deno.test("editFiles() does not care for a left-over that it may not sweep when nothing is to be changed", async () => {
  await using host = await testHost({
    files: { "a": "", ".a.sopsmith-tmp": "x" },
    beforeFileOperation(operation) {
      if (operation === "remove") throw osError("EROFS");
    },
  });
  assertEquals(await editFiles(host, targetsOf(host.path("a")), changeNothing), "nothing");
});

Deno.test("sweepLeftOver() does nothing where nothing is left", async () => {
  await using host = await testHost();
  await sweepLeftOver(host, host.path("missing/keys.txt"));
  assertEquals(await listAll(host), ["home/", "work/"]);
});

/** What an attacker, or an accident, can put under the temporary name. */
const IN_THE_WAY: Readonly<Record<string, (temporary: string, victim: string) => Promise<void>>> = {
  "a symlink": (temporary, victim) => Deno.symlink(victim, temporary),
  "a symlink to nothing": (temporary) => Deno.symlink("missing", temporary),
  "a hard link": (temporary, victim) => Deno.link(victim, temporary),
  "a folder": (temporary) => Deno.mkdir(temporary),
};

for (const [name, place] of Object.entries(IN_THE_WAY)) {
  Deno.test(`editFiles() refuses ${name} under the temporary name and does not touch what it leads to`, async () => {
    await using host = await testHost({ files: { "victim": "of someone", "keys.txt": "zero\n" } });
    const [path, victim] = [host.path("keys.txt"), host.path("victim")];
    await Deno.chmod(victim, 0o640);
    await place(temporaryPath(host, path), victim);
    const before = await listAll(host);
    const error = await assertRejects(() => editFiles(host, targetsOf(path), appending("one")));
    const { location } = assertUserError(error, "refused", /"\S+\.keys\.txt\.sopsmith-tmp" is in the way/);
    assertEquals(location, { path: temporaryPath(host, path) });
    assertEquals(await editFiles(host, targetsOf(path), changeNothing), "nothing");
    assertEquals(await host.readText("victim"), "of someone");
    await assertMode(victim, 0o640);
    assertEquals(await host.readText("keys.txt"), "zero\n");
    assertEquals(await listAll(host), before);
  });
}

Deno.test("lockFile() does not follow a symlink that takes the place of a left-over meanwhile", async () => {
  await using host = await testHost({
    files: { "victim": "of someone", ".keys.txt.sopsmith-tmp": "" },
    beforeFileOperation(operation, path) {
      if (operation !== "open" || !path.endsWith(".sopsmith-tmp")) return;
      Deno.removeSync(path);
      Deno.symlinkSync("victim", path);
    },
  });
  const error = await assertRejects(() => editFiles(host, targetsOf(host.path("keys.txt")), appending("one")));
  assertUserError(error, "refused", /is in the way/);
  assertEquals(await host.readText("victim"), "of someone");
});

Deno.test("lockFile() refuses a left-over that it may not open or remove", async () => {
  for (const failing of IS_WINDOWS ? ["remove"] : ["open", "remove"]) { // nothing there opens what it only removes
    await using host = await testHost({
      files: { ".keys.txt.sopsmith-tmp": "of someone else" },
      beforeFileOperation(operation, path) {
        if (operation === failing && path.endsWith(".sopsmith-tmp")) throw osError("EACCES");
      },
    });
    const error = await assertRejects(() => lockFile(host, host.path("keys.txt"), 0o600));
    assertUserError(error, "refused", /is in the way, expected no such file$/);
    assertEquals(await host.readText(".keys.txt.sopsmith-tmp"), "of someone else");
  }
});

Deno.test("lockFile() describes other failures to make or lock its file, and leaves none", async () => {
  for (const [operation, code] of [["create", "EROFS"], ["lock", "EIO"]] as const) {
    await using host = await testHost({
      beforeFileOperation(current) {
        if (current === operation) throw osError(code);
      },
    });
    const error = await assertRejects(() => lockFile(host, host.path("keys.txt"), 0o600));
    assertUserError(error, code === "EIO" ? "io" : "denied", /^cannot (write|lock) ".*keys\.txt": /);
    const left = IS_WINDOWS && operation === "lock" ? ["work/.keys.txt.sopsmith-lock"] : []; // only its lock allows to remove it
    assertEquals(await listAll(host), ["home/", "work/", ...left]);
  }
});

Deno.test({
  name: `editFiles() publishes no file of another owner${IS_ROOT ? "" : " [needs root]"}`,
  ignore: !IS_ROOT,
  async fn() {
    await using host = await testHost({ files: { ".keys.txt.sopsmith-tmp": "" } });
    const path = host.path("keys.txt");
    await Deno.chown(temporaryPath(host, path), OTHER_USER, OTHER_USER);
    await editFiles(host, targetsOf(path), appending("one"));
    assertEquals((await Deno.stat(path)).uid, 0);
  },
});

async function startHolder(path: string): Promise<Deno.ChildProcess> {
  const holder = startWorker(["hold", path]);
  const reader = holder.stdout.getReader();
  const { value } = await reader.read();
  assertEquals(new TextDecoder().decode(value), "held\n");
  await reader.cancel();
  return holder;
}
