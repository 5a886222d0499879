/** What `lib/base/files/edit_files.ts` does when something goes wrong, or changes, at any of its steps. */
import { editFiles } from "../../../lib/base/files/edit_files.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { type FileHook, type FileOperation, osError, type TestHost, testHost } from "../../support/test_host.ts";
import { appending, assertMode, listAll, LOCK_SUFFIX, modeOf, targetsOf } from "./edit_helpers.ts";

/** Two targets, `a` before `b` in the order of paths and of the plan, and a hook that can be set later. */
async function twoFiles(): Promise<{ host: TestHost; a: string; b: string; hook: { current: FileHook } }> {
  const hook: { current: FileHook } = { current: () => {} };
  const host = await testHost({
    files: { "a": "zero\n", "b": "zero\n" },
    beforeFileOperation: (operation, path) => hook.current(operation, path),
  });
  return { host, a: host.path("a"), b: host.path("b"), hook };
}

/** @returns a hook that does `strike` at the n-th such operation on the path, once */
function at(operation: FileOperation, path: string, strike: () => void, n = 1): FileHook {
  let count = 0;
  return (current, currentPath) => {
    if (current === operation && currentPath === path && ++count === n) strike();
  };
}

function failing(code: Parameters<typeof osError>[0]): () => never {
  return () => {
    throw osError(code);
  };
}

const ONLY_TARGETS = ["home/", "work/", "work/a", "work/b"];

/** Each fault before the first rename leaves both files as they were. */
const EARLY_FAULTS: readonly {
  operation: FileOperation;
  of: (path: string) => string;
  code: Parameters<typeof osError>[0];
  kind: "io" | "denied";
}[] = [
  { operation: "replaceContent", of: temporary, code: "ENOSPC", kind: "io" },
  { operation: "replaceContent", of: temporary, code: "EDQUOT", kind: "io" },
  { operation: "create", of: temporary, code: "EACCES", kind: "denied" },
  { operation: "create", of: temporary, code: "EROFS", kind: "denied" },
  { operation: "create", of: temporary, code: "ENOSPC", kind: "io" },
  { operation: "lock", of: locked, code: "EIO", kind: "io" },
  { operation: "open", of: (path) => path, code: "EACCES", kind: "denied" },
  { operation: "read", of: (path) => path, code: "EIO", kind: "io" },
  { operation: "read", of: (path) => path, code: "EACCES", kind: "denied" },
];

for (const { operation, of, code, kind } of EARLY_FAULTS) {
  for (const name of ["a", "b"]) {
    Deno.test(`editFiles() changes nothing after ${code} at ${operation} of file ${name}`, async () => {
      const { host, hook } = await twoFiles();
      await using _ = host;
      hook.current = at(operation, of(host.path(name)), failing(code));
      const error = await assertRejects(() =>
        editFiles(host, targetsOf(host.path("a"), host.path("b")), appending("one"))
      );
      const { details, message, location } = assertUserError(error, kind);
      assertEquals(details, []);
      assert(message.includes(`"${host.path(name)}"`), message);
      assertEquals(location?.path, host.path(name));
      assertEquals([await host.readText("a"), await host.readText("b")], ["zero\n", "zero\n"]);
      const left = operation === "lock" && host.os === "windows" ? [`work/.${name}${LOCK_SUFFIX}`] : []; // see lock_test.ts
      assertEquals(await listAll(host), ["home/", "work/", ...left, "work/a", "work/b"]);
    });
  }
}

Deno.test("editFiles() changes nothing after EACCES at the first rename", async () => {
  const { host, a, b, hook } = await twoFiles();
  await using _ = host;
  hook.current = at("rename", a, failing("EACCES"));
  const error = await assertRejects(() => editFiles(host, targetsOf(a, b), appending("one")));
  assertEquals(assertUserError(error, "denied", /^cannot write a line to ".*a": permission denied$/).details, []);
  assertEquals([await host.readText("a"), await host.readText("b")], ["zero\n", "zero\n"]);
  assertEquals(await listAll(host), ONLY_TARGETS);
});

/** What is said about a file that has been written before something failed. */
function kept(path: string): string[] {
  return [`"${path}" has been written and stays as it is`, "the same command, run again, finishes the job"];
}

Deno.test("editFiles() says what was written when the second rename fails, and the next edit finishes", async () => {
  const { host, a, b, hook } = await twoFiles();
  await using _ = host;
  hook.current = at("rename", b, failing("EROFS"));
  const error = await assertRejects(() => editFiles(host, targetsOf(a, b), appending("one")));
  const { details, hints } = assertUserError(error, "denied", /^cannot write a line to ".*b": the file system/);
  assertEquals(details, kept(a));
  assertEquals(hints, ["make the file system writable, or use a file elsewhere"]);
  assertEquals([await host.readText("a"), await host.readText("b")], ["zero\none\n", "zero\n"]);
  assertEquals(await listAll(host), ONLY_TARGETS);
});

Deno.test("editFiles() says that a file was written when syncing its folder fails", async () => {
  const { host, a, b, hook } = await twoFiles();
  await using _ = host;
  hook.current = at("syncDirectory", host.cwd, failing("EIO"));
  const error = await assertRejects(() => editFiles(host, targetsOf(a, b), appending("one")));
  assertEquals(assertUserError(error, "io").details, kept(a));
});

for (const name of ["a", "b"]) {
  for (const operation of ["lock", "replaceContent", "rename"] as const) {
    Deno.test(`editFiles() keeps what another program writes into file ${name} before ${operation}`, async () => {
      const { host, a, b, hook } = await twoFiles();
      await using _ = host;
      const path = host.path(name);
      const place = { lock: locked, replaceContent: temporary, rename: (path: string) => path }[operation](path);
      hook.current = at(operation, place, () => Deno.writeTextFileSync(path, "theirs\n", { append: true }));
      await editFiles(host, targetsOf(a, b), appending("one"));
      const text = await host.readText(name);
      assert(text.includes("zero\n") && text.includes("theirs\n") && text.endsWith("one\n"), text);
      assertEquals(await listAll(host), ONLY_TARGETS);
    });
  }
}

Deno.test("editFiles() plans the second file again from what it wrote into the first", async () => {
  const { host, a, b, hook } = await twoFiles();
  await using _ = host;
  hook.current = at("rename", b, () => Deno.writeTextFileSync(b, "theirs\n"));
  const seen: string[] = [];
  await editFiles(host, targetsOf(a, b), (snapshots) => {
    seen.push(snapshots.map(({ content }) => new TextDecoder().decode(content)).join("+"));
    const missing = snapshots.filter(({ content }) => !new TextDecoder().decode(content).includes("one"))
      .map(({ target }) => target.path);
    return appending("one", missing)(snapshots);
  });
  assertEquals(seen, ["zero\n+zero\n", "zero\none\n+theirs\n"]);
  assertEquals([await host.readText("a"), await host.readText("b")], ["zero\none\n", "theirs\none\n"]);
});

Deno.test("editFiles() says what was written when the plan of a second attempt is refused", async () => {
  const { host, a, b, hook } = await twoFiles();
  await using _ = host;
  hook.current = at("rename", b, () => {
    Deno.removeSync(b);
    Deno.mkdirSync(b);
  });
  const error = await assertRejects(() => editFiles(host, targetsOf(a, b), appending("one")));
  const { details } = assertUserError(error, "io", /^cannot use ".*b": it is a folder, expected a file$/);
  assertEquals(details, kept(a));
});

Deno.test("editFiles() does not replace a file that became a folder meanwhile", async () => {
  const { host, a, b, hook } = await twoFiles();
  await using _ = host;
  hook.current = at("rename", a, () => {
    Deno.removeSync(a);
    Deno.mkdirSync(a);
  });
  const error = await assertRejects(() => editFiles(host, targetsOf(a, b), appending("one")));
  assertEquals(assertUserError(error, "io", /folder/).details, []);
  assertEquals(await listAll(host), ["home/", "work/", "work/a/", "work/b"]);
});

Deno.test("editFiles() follows a file that became a symlink meanwhile", async () => {
  const { host, a, b, hook } = await twoFiles();
  await using _ = host;
  await host.writeText("real", "zero\n");
  hook.current = at("rename", a, () => {
    Deno.removeSync(a);
    Deno.symlinkSync("real", a);
  });
  await editFiles(host, targetsOf(a, b), appending("one", [a]));
  assert((await Deno.lstat(a)).isSymlink);
  assertEquals(await host.readText("real"), "zero\none\n");
  assertEquals(await listAll(host), [...ONLY_TARGETS, "work/real"]);
});

Deno.test("editFiles() keeps a mode that was narrowed meanwhile", async () => {
  const { host, a, hook } = await twoFiles();
  await using _ = host;
  await Deno.chmod(a, 0o644);
  hook.current = at("replaceContent", temporary(a), () => Deno.chmodSync(a, 0o600));
  await editFiles(host, targetsOf(a), appending("one"));
  assertEquals(await modeOf(a), 0o600);
});

Deno.test("editFiles() refuses a file that became read-only while it waited for the lock", async () => {
  const { host, a, hook } = await twoFiles();
  await using _ = host;
  hook.current = at("lock", locked(a), () => Deno.chmodSync(a, 0o444));
  const error = await assertRejects(() => editFiles(host, targetsOf(a), appending("one")));
  assertUserError(error, "denied", /read-only|not permitted/);
  assertEquals(await listAll(host), ONLY_TARGETS);
});

Deno.test("editFiles() makes a file that was removed meanwhile anew from what is there then", async () => {
  const { host, a, hook } = await twoFiles();
  await using _ = host;
  hook.current = at("rename", a, () => Deno.removeSync(a));
  await editFiles(host, targetsOf(a), appending("one"));
  assertEquals(await host.readText("a"), "one\n");
});

Deno.test("editFiles() looks again at a file that vanishes and comes back between two looks at it", async () => {
  const { host, a, hook } = await twoFiles();
  await using _ = host;
  const [vanish, comeBack] = [
    at("realPath", a, () => Deno.removeSync(a)),
    at("lstat", a, () => Deno.writeTextFileSync(a, "theirs\n"), 2),
  ];
  hook.current = (operation, path) => {
    vanish(operation, path);
    comeBack(operation, path);
  };
  await editFiles(host, targetsOf(a), appending("one"));
  assertEquals(await host.readText("a"), "theirs\none\n");
});

Deno.test("editFiles() keeps the mode of a file that comes between two looks at it", async () => {
  const { host, a, hook } = await twoFiles();
  await using _ = host;
  await Deno.remove(a);
  hook.current = at("lstat", a, () => {
    Deno.writeTextFileSync(a, "theirs\n");
    Deno.chmodSync(a, 0o640);
  }, 2);
  await editFiles(host, targetsOf(a), appending("one"));
  assertEquals([await host.readText("a"), await modeOf(a)], ["theirs\none\n", 0o640]);
});

Deno.test("editFiles() starts over when its temporary file was taken away", async () => {
  const { host, a, b, hook } = await twoFiles();
  await using _ = host;
  hook.current = at("read", a, () => Deno.removeSync(temporary(a)), 3);
  await editFiles(host, targetsOf(a, b), appending("one"));
  assertEquals([await host.readText("a"), await host.readText("b")], ["zero\none\n", "zero\none\n"]);
});

Deno.test("editFiles() gives up on a file that another program keeps changing, and loses nothing of it", async () => {
  const { host, a, hook } = await twoFiles();
  await using _ = host;
  let count = 0;
  hook.current = (operation, path) => {
    if (operation === "rename" && path === a) Deno.writeTextFileSync(a, `theirs ${++count}\n`, { append: true });
  };
  const error = await assertRejects(() => editFiles(host, targetsOf(a), appending("one")));
  assertUserError(error, "io", /^cannot write ".*a": another program keeps changing it$/);
  assertEquals((await host.readText("a")).split("\n").length, count + 2);
  assertEquals(await listAll(host), ONLY_TARGETS);
});

Deno.test("editFiles() passes errors of the planner on, with nothing written", async () => {
  const { host, a } = await twoFiles();
  await using _ = host;
  await assertRejects(
    () => editFiles(host, targetsOf(a), () => Promise.reject(new Error("of the planner"))),
    /planner/,
  );
  assertEquals(await listAll(host), ONLY_TARGETS);
});

Deno.test("editFiles() reports the first failure when cleaning up fails too", async () => {
  const { host, a, hook } = await twoFiles();
  await using _ = host;
  hook.current = (operation) => {
    if (operation === "rename" || operation === "remove") throw osError("EROFS");
  };
  const error = await assertRejects(() => editFiles(host, targetsOf(a), appending("one")));
  assertUserError(error, "denied", /^cannot write a line to ".*a": the file system is read-only$/);
  await assertMode(temporary(a), 0o600);
});

function temporary(path: string): string {
  return path.replace(/[^\\/]*$/, ".$&.sopsmith-tmp");
}

function locked(path: string): string {
  return path.replace(/[^\\/]*$/, `.$&${LOCK_SUFFIX}`);
}
