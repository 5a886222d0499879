import type { Host } from "../../../lib/base/host/host.ts";
import { type PrivateFolder, withPrivateFolder, writePrivateFile } from "../../../lib/base/host/private_folder.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { IS_ROOT } from "../../support/stress_user.ts";
import { osError, type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";

const NAME = /^sopsmith-private-[0-9a-f]{16}$/;

/** Path of the file that is locked. */
const LOCK = /[\\/]\.sopsmith-private-[0-9a-f]{16}$/;

/** A host whose private folders lie in `home/tmp`. */
async function privateHost(options: TestHostOptions = {}): Promise<TestHost> {
  const env: Record<string, string | undefined> = {};
  const host = await testHost({ ...options, files: { "~/tmp/other": "", ...options.files }, env });
  env["TMPDIR"] = env["TEMP"] = host.path("~/tmp"); // the second one is read on Windows
  return Object.assign(host, { env: (name: string) => env[name] ?? options.env?.[name] });
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("withPrivateFolder() makes a folder that nobody else can enter, and removes it with all that is in it", async () => {
  await using host = await privateHost();
  const made = await withPrivateFolder(host, async (folder) => {
    assertEquals(((await Deno.stat(folder.path)).mode ?? 0) & 0o777, 0o700);
    await Deno.mkdir(`${folder.path}/deep`);
    await Deno.writeTextFile(`${folder.path}/deep/.swp`, "plain");
    await Deno.symlink(host.path("~/tmp/other"), `${folder.path}/link`);
    return folder;
  });
  assertEquals(host.paths.dirname(made.path), host.path("~/tmp"));
  assert(NAME.test(host.paths.basename(made.path)), made.path);
  assertEquals(namesIn(host.path("~/tmp")), ["other"]);
});

Deno.test("withPrivateFolder() takes another name where one is taken", async () => {
  await using host = await privateHost();
  const again = { ...host, randomBytes: (count: number) => new Uint8Array(count).fill(bytes.shift() ?? 3) };
  const bytes = [1, 1, 2];
  const names = await withPrivateFolder(
    again,
    (one) =>
      withPrivateFolder(again, (other) => Promise.resolve([one, other].map(({ path }) => host.paths.basename(path)))),
  );
  assertEquals(names, ["sopsmith-private-0101010101010101", "sopsmith-private-0202020202020202"]);
});

Deno.test("withPrivateFolder() leaves every name to the files of a person", async () => {
  await using host = await privateHost();
  await withPrivateFolder(host, async ({ path }) => {
    const [lock = "", ...others] = namesIn(path);
    assertEquals([lock, others], [`.${host.paths.basename(path)}`, []]);
    await writePrivateFile(host, host.paths.join(path, ".sopsmith-lock"), new Uint8Array());
  });
});

Deno.test("withPrivateFolder() removes the folder behind a body that fails, and at a signal", async () => {
  await using host = await privateHost();
  await assertRejects(() => withPrivateFolder(host, () => Promise.reject(new Error("of the body"))), /of the body/);
  assertEquals(namesIn(host.path("~/tmp")), ["other"]);
  const running = withPrivateFolder(host, () => new Promise(() => {}));
  assertEquals(namesIn(host.path("~/tmp")).length, 2);
  host.raise("SIGTERM");
  assertEquals(namesIn(host.path("~/tmp")), ["other"]);
  assertUserError(await assertRejects(() => running), "cancelled");
});

Deno.test("withPrivateFolder() takes the folder of the session where there is one", async () => {
  await using host = await privateHost({ os: "linux" });
  await Deno.mkdir(host.path("~/run"), { mode: 0o700 });
  const env = (name: string): string | undefined => name === "XDG_RUNTIME_DIR" ? host.path("~/run") : host.env(name);
  const { path } = await withPrivateFolder({ ...host, env }, (folder) => Promise.resolve(folder));
  assertEquals(host.paths.dirname(path), host.path("~/run"));
});

Deno.test("withPrivateFolder() says of a folder under /run that it lies in memory when it is on a device of its own", async () => {
  await using host = await privateHost({ os: "linux" });
  const session = host.path("~/run");
  await Deno.mkdir(session, { mode: 0o700 });
  const env = (name: string): string | undefined => name === "XDG_RUNTIME_DIR" ? "/run/user/0" : host.env(name);
  const there = (path: string): string => path.replace("/run/user/0", session);
  const onDevice = (device: string): Host => ({
    ...host,
    env,
    files: {
      ...host.files,
      realPath: (path) => path,
      list: (path) => path.startsWith("/run") ? [] : host.files.list(path),
      stat(path) {
        const info = host.files.stat(there(path));
        return path.startsWith("/run/user/0") && info !== undefined ? { ...info, identity: `${device}:1` } : info;
      },
      lstat: (path) => host.files.lstat(there(path)),
      makeDirectory: (path, mode) => host.files.makeDirectory(there(path), mode),
      create: (path, mode) => host.files.create(there(path), mode),
      removeTree: (path) => host.files.removeTree(there(path)),
    },
  });
  const root = host.files.stat("/")?.identity?.split(":")[0] ?? "";
  const places: PrivateFolder[] = [];
  for (const device of ["99", root]) {
    await withPrivateFolder(onDevice(device), (folder) => Promise.resolve(void places.push(folder)));
  }
  assertEquals(places.map(({ isInMemory }) => isInMemory), [true, false]);
  assertEquals(namesIn(session), []);
});

Deno.test("withPrivateFolder() never lies in the work tree", async () => {
  await using host = await privateHost();
  const inside: Host = { ...host, env: (name) => name === "TMPDIR" ? host.cwd : undefined };
  const { path } = await withPrivateFolder(inside, (folder) => Promise.resolve(folder), { outside: host.cwd });
  assert(!path.startsWith(host.root), path);
  const error = await assertRejects(() => withPrivateFolder(host, () => Promise.resolve(), { outside: "/" }));
  const { hints } = assertUserError(error, "denied", /^cannot make a private folder for plaintext$/);
  assertEquals(hints, ["set TMPDIR to a folder of your own, outside the repository, and run the command again"]);
});

Deno.test("withPrivateFolder() does not take a folder whose entries others can exchange", async () => {
  await using host = await privateHost();
  await Deno.chmod(host.path("~/tmp"), 0o777);
  const { path } = await withPrivateFolder(host, (folder) => Promise.resolve(folder));
  assert(!path.startsWith(host.root), path);
  await Deno.chmod(host.path("~/tmp"), 0o1777);
  const sticky = await withPrivateFolder(host, (folder) => Promise.resolve(folder));
  assertEquals(host.paths.dirname(sticky.path), host.path("~/tmp"));
});

Deno.test({
  name: `withPrivateFolder() does not take a folder of somebody else${IS_ROOT ? "" : " [needs root]"}`,
  ignore: !IS_ROOT,
  async fn() {
    await using host = await privateHost();
    await Deno.chown(host.path("~/tmp"), 54_321, 54_321);
    const { path } = await withPrivateFolder(host, (folder) => Promise.resolve(folder));
    assert(!path.startsWith(host.root), path);
    assertEquals(namesIn(host.path("~/tmp")), ["other"]);
  },
});

Deno.test("withPrivateFolder() removes what killed runs have left, and nothing that is in use or not its own", async () => {
  await using host = await privateHost({
    files: {
      "~/tmp/sopsmith-private-0000000000000001/.sopsmith-private-0000000000000001": "",
      "~/tmp/sopsmith-private-0000000000000001/plain": "plain",
      "~/tmp/sopsmith-private-0000000000000002/no-lock": "not made by us",
      "~/tmp/sopsmith-private-file": "",
    },
  });
  const temp = host.path("~/tmp");
  await Deno.mkdir(`${temp}/sopsmith-private-0000000000000003`);
  await Deno.symlink(`${temp}/other`, `${temp}/sopsmith-private-0000000000000004`);
  await withPrivateFolder(host, async (outer) => {
    await withPrivateFolder(host, (inner) => {
      assert(namesIn(temp).includes(host.paths.basename(outer.path)), "the lock of another run is respected");
      return Promise.resolve(inner);
    });
  });
  assertEquals(namesIn(temp), [
    "other",
    "sopsmith-private-0000000000000002",
    "sopsmith-private-0000000000000004",
    "sopsmith-private-file",
  ]);
});

Deno.test("withPrivateFolder() makes another folder when a run takes the first one for a left-over", async () => {
  for (const strike of ["create", "lstat"] as const) {
    let isFirst = true;
    await using host = await privateHost({
      beforeFileOperation(operation, path) {
        if (!isFirst || operation !== strike || !LOCK.test(path)) return;
        isFirst = false;
        Deno.removeSync(host.paths.dirname(path), { recursive: true });
      },
    });
    const { path } = await withPrivateFolder(host, (folder) => Promise.resolve(folder));
    assertEquals([isFirst, host.paths.dirname(path)], [false, host.path("~/tmp")]);
  }
});

Deno.test("withPrivateFolder() says where plaintext is left when it cannot be removed", async () => {
  await using host = await privateHost({
    beforeFileOperation(operation) {
      if (operation === "removeTree") throw osError("EROFS");
    },
  });
  const error = await assertRejects(() => withPrivateFolder(host, () => Promise.resolve()));
  const { location } = assertUserError(error, "io", /^cannot remove ".*", which holds plaintext$/);
  assertEquals(host.paths.dirname(location?.path ?? ""), host.path("~/tmp"));
});
