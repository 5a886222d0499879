/** What `lib/base/files/edit_files.ts` writes when all goes well, and who waits for whom. */
import { editFiles, type EditTarget, planEdit } from "../../../lib/base/files/edit_files.ts";
import { InternalError } from "../../../lib/base/error.ts";
import type { FileSystem } from "../../../lib/base/host/host.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";
import { IS_ROOT } from "../../support/stress_user.ts";
import { appending, changeNothing, listAll, modeOf, OTHER_USER, startWorker, targetsOf } from "./edit_helpers.ts";

Deno.test("editFiles() makes missing files 0600 and missing folders 0700", async () => {
  await using host = await testHost();
  const [keys, config] = [host.path("~/.config/sops/age/keys.txt"), host.path(".sops.yaml")];
  assertEquals(await editFiles(host, targetsOf(keys, config), appending("one")), "one");
  assertEquals(await host.readText("~/.config/sops/age/keys.txt"), "one\n");
  assertEquals(await host.readText(".sops.yaml"), "one\n");
  assertEquals([await modeOf(keys), await modeOf(config)], [0o600, 0o600]);
  for (const folder of [".config", ".config/sops", ".config/sops/age"]) {
    assertEquals(await modeOf(host.path(`~/${folder}`)), 0o700, folder);
  }
  assertEquals(await listAll(host), [
    "home/",
    "home/.config/",
    "home/.config/sops/",
    "home/.config/sops/age/",
    "home/.config/sops/age/keys.txt",
    "work/",
    "work/.sops.yaml",
  ]);
});

for (const umask of ["000", "022", "077"]) {
  Deno.test(`editFiles() makes files 0600 and folders 0700 under umask ${umask}`, async () => {
    await using host = await testHost({ files: { "open.yaml": "" } });
    await Deno.chmod(host.path("open.yaml"), 0o664);
    const worker = startWorker(["append", "one", host.path("a/b/keys.txt"), host.path("open.yaml")], umask);
    await worker.stdin.close();
    assertEquals((await worker.output()).code, 0);
    assertEquals(await modeOf(host.path("a")), 0o700);
    assertEquals(await modeOf(host.path("a/b")), 0o700);
    assertEquals(await modeOf(host.path("a/b/keys.txt")), 0o600);
    assertEquals(await modeOf(host.path("open.yaml")), 0o664);
    assertEquals(await listAll(host), [
      "home/",
      "work/",
      "work/a/",
      "work/a/b/",
      "work/a/b/keys.txt",
      "work/open.yaml",
    ]);
  });
}

/** What a umask leaves of a mode that lets everybody read; what the owner may do is never taken away. */
for (const [umask, mode] of [["000", 0o644], ["027", 0o640], ["077", 0o600], ["777", 0o600]] as const) {
  Deno.test(`editFiles() makes a file for everybody 0${mode.toString(8)} under umask ${umask}`, async () => {
    await using host = await testHost({ files: { "open.yaml": "" } });
    await Deno.chmod(host.path("open.yaml"), 0o664);
    const worker = startWorker(["publish", "one", host.path("new.yaml"), host.path("open.yaml")], umask);
    await worker.stdin.close();
    assertEquals((await worker.output()).code, 0);
    assertEquals([await modeOf(host.path("new.yaml")), await modeOf(host.path("open.yaml"))], [mode, 0o664]);
    assertEquals(await listAll(host), ["home/", "work/", "work/new.yaml", "work/open.yaml"]);
  });
}

Deno.test("editFiles() keeps the mode of a file, unless the change asks for another", async () => {
  await using host = await testHost({ files: { "a": "", "b": "" } });
  const [a, b] = [host.path("a"), host.path("b")];
  await Deno.chmod(a, 0o644);
  await Deno.chmod(b, 0o664);
  await editFiles(host, targetsOf(a, b), async (snapshots) => {
    const plan = await appending("one")(snapshots);
    return { ...plan, changes: plan.changes.map((change) => change.path === b ? { ...change, mode: 0o600 } : change) };
  });
  assertEquals([await modeOf(a), await modeOf(b)], [0o644, 0o600]);
});

Deno.test({
  name: `editFiles() keeps the owner and group of a file${IS_ROOT ? "" : " [needs root]"}`,
  ignore: !IS_ROOT,
  async fn() {
    await using host = await testHost({ files: { "a": "zero\n" } });
    const path = host.path("a");
    await Deno.chown(path, OTHER_USER, OTHER_USER + 1);
    await Deno.chmod(path, 0o640);
    await editFiles(host, targetsOf(path), appending("one"));
    const { uid, gid } = await Deno.stat(path);
    assertEquals([uid, gid, await modeOf(path)], [OTHER_USER, OTHER_USER + 1, 0o640]);
    assertEquals(await host.readText("a"), "zero\none\n");
  },
});

Deno.test("editFiles() fails when it cannot keep the owner, with nothing written", async () => {
  await using host = await testHost({
    files: { "a": "zero\n" },
    beforeFileOperation(operation) {
      if (operation === "changeOwner") throw new Deno.errors.PermissionDenied("not yours");
    },
  });
  const path = host.path("a");
  const foreign = { ...host, files: { ...host.files, lstat: withOwner(host.files.lstat, OTHER_USER, 0) } };
  const error = await assertRejects(() => editFiles(foreign, targetsOf(path), appending("one")));
  assertUserError(error, "denied", /^cannot write a line to "/);
  assertEquals(await host.readText("a"), "zero\n");
  assertEquals(await listAll(host), ["home/", "work/", "work/a"]);
});

Deno.test("editFiles() gives up the group only where the group may do nothing", async () => {
  await using host = await testHost({
    files: { "a": "" },
    beforeFileOperation(operation) {
      if (operation === "changeOwner") throw new Deno.errors.PermissionDenied("not yours");
    },
  });
  const path = host.path("a");
  const own = (await Deno.stat(path)).uid ?? 0;
  const foreign = { ...host, files: { ...host.files, lstat: withOwner(host.files.lstat, own, OTHER_USER) } };
  await Deno.chmod(path, 0o600);
  await editFiles(foreign, targetsOf(path), appending("one"));
  assertEquals(await host.readText("a"), "one\n");
  await Deno.chmod(path, 0o640);
  assertUserError(await assertRejects(() => editFiles(foreign, targetsOf(path), appending("two"))), "denied");
  assertEquals(await host.readText("a"), "one\n");
});

Deno.test("editFiles() changes nothing but what the planner says, byte for byte", async () => {
  const bytes = Uint8Array.from({ length: 4096 }, (_, i) => i & 0xff);
  await using host = await testHost({ files: { "a": bytes } });
  await editFiles(host, targetsOf(host.path("a")), (snapshots) => {
    assertEquals(snapshots[0]?.content, bytes);
    return Promise.resolve({
      changes: [{ path: host.path("a"), after: bytes.toReversed(), reason: "bytes" }],
      outcome: undefined,
    });
  });
  assertEquals(await Deno.readFile(host.path("a")), bytes.toReversed());
});

Deno.test("editFiles() returns an outcome that is undefined after one attempt", async () => {
  await using host = await testHost();
  let planned = 0;
  const outcome = await editFiles(host, targetsOf(host.path("a")), (snapshots) => {
    planned++;
    return Promise.resolve({
      changes: snapshots.map(({ target }) => ({ path: target.path, after: new Uint8Array(), reason: "x" })),
      outcome: undefined,
    });
  });
  assertEquals([outcome, planned], [undefined, 1]);
  assertEquals(await host.readText("a"), "");
});

Deno.test("editFiles() plans nothing, locks nothing and makes nothing when there is nothing to change", async () => {
  const operations = new Set<string>();
  await using host = await testHost({
    files: { "a": "zero\n" },
    beforeFileOperation: (operation) => void operations.add(operation),
  });
  const targets = targetsOf(host.path("a"), host.path("missing/folder/b"));
  assertEquals(await editFiles(host, targets, changeNothing), "nothing");
  for (const operation of ["create", "open", "lock", "replaceContent", "rename", "makeDirectory", "remove"]) {
    assert(!operations.has(operation), operation);
  }
});

Deno.test("editFiles() makes no folder for a target that does not change", async () => {
  await using host = await testHost();
  const [a, b] = [host.path("a"), host.path("folder/b")];
  await editFiles(host, targetsOf(a, b), appending("one", [a]));
  assertEquals(await listAll(host), ["home/", "work/", "work/a"]);
});

Deno.test("planEdit() reads and plans, and writes nothing", async () => {
  await using host = await testHost({ files: { "a": "zero\n" } });
  const plan = await planEdit(host, targetsOf(host.path("a"), host.path("folder/b")), appending("one"));
  assertEquals(plan.changes.map(({ path }) => path), [host.path("a"), host.path("folder/b")]);
  assertEquals(await listAll(host), ["home/", "work/", "work/a"]);
  assertEquals(await host.readText("a"), "zero\n");
});

Deno.test("editFiles() calls a change of a file that is no target a mistake of its own", async () => {
  await using host = await testHost();
  const planner = appending("one");
  const error = await assertRejects(() =>
    editFiles(host, targetsOf(host.path("a")), async (snapshots) => ({
      ...(await planner(snapshots)),
      changes: [{ path: host.path("b"), after: new Uint8Array(), reason: "x" }],
    }))
  );
  assert(error instanceof InternalError);
  assertEquals(await listAll(host), ["home/", "work/"]);
});

Deno.test("editFiles() loses no line of 50 edits of two files at the same time, named in either order", async () => {
  await using host = await testHost();
  const [a, b] = [host.path("~/keys.txt"), host.path(".sops.yaml")];
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`);
  await Promise.all(lines.map((line, i) => {
    const targets: EditTarget[] = targetsOf(...(i % 2 === 0 ? [a, b] : [b, a]));
    return editFiles(host, targets, appending(line));
  }));
  for (const name of ["~/keys.txt", ".sops.yaml"]) {
    assertEquals((await host.readText(name)).split("\n").slice(0, -1).sort(), lines.toSorted());
  }
  assertEquals(await listAll(host), ["home/", "home/keys.txt", "work/", "work/.sops.yaml"]);
});

function withOwner(stat: FileSystem["stat"], uid: number, gid: number): FileSystem["stat"] {
  return (path) => {
    const info = stat(path);
    return info === undefined ? undefined : { ...info, uid, gid };
  };
}
