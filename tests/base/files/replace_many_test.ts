/** What `lib/base/files/replace_many.ts` writes, what it does when something goes wrong at any step, and when it is killed. */
import { UserError } from "../../../lib/base/error.ts";
import { lockFile } from "../../../lib/base/files/lock.ts";
import { type FileResult, replaceMany } from "../../../lib/base/files/replace_many.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { IS_ROOT } from "../../support/stress_user.ts";
import { type FileOperation, osError, type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";
import {
  appendingToEach,
  assertMode,
  listAll,
  LOCK_SUFFIX,
  modeOf,
  OTHER_USER,
  startWorker,
  targetsOf,
} from "./edit_helpers.ts";

const LINE = { plan: appendingToEach("one"), reason: "a line" };

/** A host with files of the one line `zero`. */
async function hostWithFiles(names: readonly string[], options: TestHostOptions = {}): Promise<TestHost> {
  return await testHost({ ...options, files: Object.fromEntries(names.map((name) => [name, "zero\n"])) });
}

async function replace(host: TestHost, ...names: readonly string[]): Promise<FileResult<string>[]> {
  return await replaceMany(host, targetsOf(...names.map((name) => host.path(name))), LINE);
}

function stateOf(result: FileResult<string> | undefined): string {
  return result?.state === "failed" ? `${result.error.kind}: ${result.error.message}` : `${result?.state}`;
}

/** Removes the folder of the test from a message. */
function short(host: TestHost, text: string): string {
  return text.replaceAll(host.paths.join(host.cwd, "x").slice(0, -1), "");
}

Deno.test("replaceMany() writes what its plan says, and answers in the order of the targets", async () => {
  const names = Array.from({ length: 150 }, (_, i) => `d${i % 7}/${i}`);
  await using host = await hostWithFiles(names);
  await host.writeText("d3/3", "one\n");
  await Deno.chmod(host.path("d4/4"), 0o640);
  let count = 0;
  const options = { ...LINE, onDone: () => void count++ };
  const results = await replaceMany(host, targetsOf(...names.map((name) => host.path(name)).reverse()), options);
  assertEquals(results.map(({ path }) => path), names.map((name) => host.path(name)).reverse());
  assertEquals(results.map(stateOf), names.map((name) => name === "d3/3" ? "unchanged" : "written").reverse());
  for (const name of names) assertEquals(await host.readText(name), name === "d3/3" ? "one\n" : "zero\none\n");
  await assertMode(host.path("d4/4"), 0o640);
  assertEquals(count, 150);
  assertEquals((await listAll(host)).filter((name) => name.includes("tmp")), []);
});

Deno.test("replaceMany() writes through symlinks, makes missing files, and refuses a file under two names", async () => {
  await using host = await hostWithFiles(["real"]);
  await Deno.symlink("real", host.path("link"));
  const results = await replace(host, "link", "real", "new/deep");
  assertEquals(results.map((result) => short(host, stateOf(result))), [
    "written",
    'refused: cannot use "real": it is the same file as "link"',
    "written",
  ]);
  assert((await Deno.lstat(host.path("link"))).isSymlink);
  assertEquals([await host.readText("real"), await host.readText("new/deep")], ["zero\none\n", "one\n"]);
  assertEquals([await modeOf(host.path("new")), await modeOf(host.path("new/deep"))], [0o700, 0o600]);
});

Deno.test({
  name: `replaceMany() keeps the owner and group of a file${IS_ROOT ? "" : " [needs root]"}`,
  ignore: !IS_ROOT,
  async fn() {
    await using host = await hostWithFiles(["a"]);
    await Deno.chown(host.path("a"), OTHER_USER, OTHER_USER + 1);
    assertEquals((await replace(host, "a")).map(stateOf), ["written"]);
    const { uid, gid } = await Deno.stat(host.path("a"));
    assertEquals([uid, gid], [OTHER_USER, OTHER_USER + 1]);
  },
});

/** A fault at one file is that file's failure, and leaves it as it was. */
const FAULTS: readonly [operation: FileOperation, name: string, message: string][] = [
  ["read", "b", 'cannot read "b": '],
  ["create", ".b.sopsmith-tmp", 'cannot write "b": '],
  ["lock", `.b${LOCK_SUFFIX}`, 'cannot lock "b": '],
  ["replaceContent", ".b.sopsmith-tmp", 'cannot write a line to "b": '],
  ["sync", ".b.sopsmith-tmp", 'cannot write a line to "b": '],
  ["rename", "b", 'cannot write a line to "b": '],
];

for (const [operation, name, message] of FAULTS) {
  Deno.test(`replaceMany() writes the other files after a fault at ${operation} of one`, async () => {
    await using host = await hostWithFiles(["a", "b", "c"], {
      beforeFileOperation(current, path) {
        if (current === operation && path.split(/[\\/]/).at(-1) === name) throw osError("EIO");
      },
    });
    const results = await replace(host, "a", "b", "c");
    assertEquals(results.map((result) => short(host, stateOf(result))), [
      "written",
      `io: ${message}the device reports an input/output error`,
      "written",
    ]);
    for (const name of ["a", "b", "c"]) {
      assertEquals(await host.readText(name), name === "b" ? "zero\n" : "zero\none\n");
    }
    const left = operation === "lock" && host.os === "windows" ? ["work/.b.sopsmith-lock"] : []; // see lock_test.ts
    assertEquals(await listAll(host), ["home/", "work/", ...left, "work/a", "work/b", "work/c"]);
  });
}

Deno.test("replaceMany() finds out whether the file of somebody else may be written", async () => {
  await using host = await hostWithFiles(["a", "b"], {
    beforeFileOperation(operation, path) {
      if (operation === "open" && /[\\/]b$/.test(path)) throw new Deno.errors.PermissionDenied("not yours");
    },
  });
  const lstat: typeof host.files.lstat = (path) => {
    const info = host.files.lstat(path);
    return info === undefined || !/[\/]b$/.test(path) ? info : { ...info, uid: OTHER_USER };
  };
  const results = await replaceMany(
    { ...host, files: { ...host.files, lstat } },
    targetsOf(host.path("a"), host.path("b")),
    LINE,
  );
  assertEquals(results.map((result) => short(host, stateOf(result))), [
    "written",
    'denied: cannot write "b": permission denied',
  ]);
  assertEquals(await listAll(host), ["home/", "work/", "work/a", "work/b"]);
});

Deno.test("replaceMany() leaves every file whole on a full disk", async () => {
  await using host = await hostWithFiles(["a", "b"], {
    beforeFileOperation(operation) {
      if (operation === "replaceContent") throw osError("ENOSPC");
    },
  });
  const results = await replace(host, "a", "b");
  assertEquals(results.map(({ state }) => state), ["failed", "failed"]);
  assertEquals([await host.readText("a"), await host.readText("b")], ["zero\n", "zero\n"]);
  assertEquals(await listAll(host), ["home/", "work/", "work/a", "work/b"]);
});

Deno.test("replaceMany() counts what lies in a folder that cannot be synced as failed, and says that it is written", async () => {
  await using host = await hostWithFiles(["in/a", "b"], {
    beforeFileOperation(operation, path) {
      if (operation === "syncDirectory" && /[\\/]in$/.test(path)) throw osError("EIO");
    },
  });
  const [a, b] = await replace(host, "in/a", "b");
  assertEquals(stateOf(b), "written");
  assert(a?.state === "failed", stateOf(a));
  assertEquals(a.error.details, [`"${host.path("in/a")}" has been written and stays as it is`]);
  assertEquals(await host.readText("in/a"), "zero\none\n");
});

Deno.test("replaceMany() syncs each folder once", async () => {
  const synced: string[] = [];
  const names = Array.from({ length: 130 }, (_, i) => `d${i % 2}/${i}`);
  await using host = await hostWithFiles(names, {
    beforeFileOperation: (operation, path) => void (operation === "syncDirectory" && synced.push(path)),
  });
  await replace(host, ...names);
  assertEquals(synced.sort(), [host.path("d0"), host.path("d1")]);
});

Deno.test("replaceMany() refuses a read-only file and a folder, and goes on", async () => {
  await using host = await hostWithFiles(["a", "b"]);
  await Deno.chmod(host.path("a"), 0o444);
  await Deno.mkdir(host.path("folder"));
  const results = await replace(host, "a", "folder", "b");
  assertEquals(results.map((result) => short(host, stateOf(result))), [
    'denied: cannot write "a": it is read-only, expected write permission',
    'io: cannot use "folder": it is a folder, expected a file',
    "written",
  ]);
});

Deno.test("replaceMany() refuses a symlink to nothing, and goes on", async () => {
  await using host = await hostWithFiles(["b"]);
  await Deno.symlink("missing", host.path("dangling"));
  assertEquals((await replace(host, "dangling", "b")).map((result) => short(host, stateOf(result))), [
    'refused: cannot use "dangling": it is a symlink to something that does not exist',
    "written",
  ]);
});

Deno.test("replaceMany() makes the planner's own error the file's failure, and stops for what is none, and when cancelled", async () => {
  await using host = await hostWithFiles(["a", "b", "c"]);
  const targets = targetsOf(...["a", "b", "c"].map((name) => host.path(name)));
  const failing = (error: Error): Parameters<typeof replaceMany<string>>[2] => ({
    ...LINE,
    plan: (snapshot) => /[\\/]b$/.test(snapshot.target.path) ? Promise.reject(error) : LINE.plan(snapshot),
  });
  const results = await replaceMany(host, targets, failing(new UserError("no-identity", "no key")));
  assertEquals(results.map(stateOf), ["written", "no-identity: no key", "written"]);
  for (const error of [new TypeError("a bug"), new UserError("cancelled", "interrupted")]) {
    assert(await assertRejects(() => replaceMany(host, targets, failing(error))) === error);
  }
  assertEquals(await listAll(host), ["home/", "work/", "work/a", "work/b", "work/c"]);
});

for (const operation of ["lock", "replaceContent", "sync", "rename"] as const) {
  Deno.test(`replaceMany() keeps what another program writes before ${operation}`, async () => {
    let isFirst = true;
    await using host = await hostWithFiles(["a", "b"], {
      beforeFileOperation(current, path) {
        if (!isFirst || current !== operation || !/[\\/]\.?a(\.sopsmith-\w+)?$/.test(path)) return;
        isFirst = false;
        Deno.writeTextFileSync(path.replace(/\.?a(\.sopsmith-\w+)?$/, "a"), "theirs\n", { append: true });
      },
    });
    assertEquals((await replace(host, "a", "b")).map(stateOf), ["written", "written"]);
    assertEquals([await host.readText("a"), await host.readText("b")], ["zero\ntheirs\none\n", "zero\none\n"]);
    assertEquals(await listAll(host), ["home/", "work/", "work/a", "work/b"]);
  });
}

Deno.test("replaceMany() keeps a mode that was narrowed meanwhile", async () => {
  let isFirst = true;
  await using host = await hostWithFiles(["a"], {
    beforeFileOperation(operation, path) {
      if (!isFirst || operation !== "sync") return;
      isFirst = false;
      Deno.chmodSync(path.replace(".a.sopsmith-tmp", "a"), 0o600);
    },
  });
  await Deno.chmod(host.path("a"), 0o644);
  assertEquals((await replace(host, "a")).map(stateOf), ["written"]);
  assertEquals(await modeOf(host.path("a")), 0o600);
});

Deno.test("replaceMany() gives up on a file that another program keeps changing, and loses nothing of it", async () => {
  let count = 0;
  await using host = await hostWithFiles(["a", "b"], {
    beforeFileOperation(operation, path) {
      if (operation === "rename" && /[\\/]a$/.test(path)) {
        Deno.writeTextFileSync(path, `${++count}\n`, { append: true });
      }
    },
  });
  const results = await replace(host, "a", "b");
  assertEquals(results.map((result) => short(host, stateOf(result))), [
    'io: cannot write "a": another program keeps changing it',
    "written",
  ]);
  assertEquals((await host.readText("a")).split("\n").length, count + 2);
  assertEquals(await listAll(host), ["home/", "work/", "work/a", "work/b"]);
});

Deno.test("replaceMany() waits for another run that is writing one of the files", async () => {
  await using host = await hostWithFiles(["a", "b"]);
  const lock = await lockFile(host, host.path("b"), 0o600);
  const running = replace(host, "a", "b");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(await host.readText("b"), "zero\n");
  lock.release();
  assertEquals((await running).map(stateOf), ["written", "written"]);
});

Deno.test("replaceMany() in many processes, in different orders, loses no line", async () => {
  const names = Array.from({ length: 80 }, (_, i) => `${i}`);
  await using host = await hostWithFiles(names);
  const lines = ["one", "two", "three", "four"];
  const workers = lines.map((line, i) => {
    const paths = names.map((name) => host.path(name));
    return startWorker(["many", line, ...(i % 2 === 0 ? paths : paths.reverse())]);
  });
  for (const worker of workers) {
    await worker.stdin.close();
    const { code, stdout } = await worker.output();
    assertEquals([code, new TextDecoder().decode(stdout)], [0, ""]);
  }
  for (const name of names) {
    assertEquals((await host.readText(name)).split("\n").sort(), ["", "zero", ...lines].sort());
  }
});

Deno.test("replaceMany() that is killed leaves every file old or new, and the next run finishes and cleans up", async () => {
  const names = Array.from({ length: 150 }, (_, i) => `${i}`);
  await using host = await hostWithFiles(names);
  const paths = names.map((name) => host.path(name));
  let hasHit = false;
  for (let i = 0; i < 8 || !hasHit && i < 40; i++) { // on a busy machine a kill can come too late
    const worker = startWorker(["many", `${i}`, ...paths]);
    await worker.stdin.close();
    let hasEnded = false;
    worker.status.then(() => hasEnded = true);
    while (!hasEnded && !hasLeftOver(host)) await new Promise((next) => setTimeout(next, 1));
    await new Promise((next) => setTimeout(next, i % 8));
    if (!hasEnded) worker.kill("SIGKILL");
    await worker.output();
    const found = await Promise.all(names.map((name) => host.readText(name)));
    const before = ["zero", ...Array.from({ length: i }, (_, n) => n)].join("\n");
    for (const text of found) assert(text === `${before}\n` || text === `${before}\n${i}\n`, text);
    hasHit ||= found.some((text) => text === `${before}\n`);
    await replaceMany(host, targetsOf(...paths), { ...LINE, plan: appendingToEach(`${i}`) });
    assert(!hasLeftOver(host));
  }
  assert(hasHit, "expected a kill that hits");
});

function hasLeftOver(host: TestHost): boolean {
  return [...Deno.readDirSync(host.cwd)].some(({ name }) => name.endsWith(".sopsmith-tmp"));
}
