/** What `lib/base/files/edit_files.ts` accepts as a target, and what it refuses. */
import { editFiles } from "../../../lib/base/files/edit_files.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/test_host.ts";
import { appending, changeNothing, listAll, modeOf, targetsOf } from "./edit_helpers.ts";

Deno.test("editFiles() keeps a symlink and edits the real file, in its own folder", async () => {
  await using host = await testHost({ files: { "~/dotfiles/sops/keys.txt": "zero\n" } });
  await Deno.mkdir(host.path("~/.config"));
  await Deno.symlink("../dotfiles/sops", host.path("~/.config/sops"));
  await Deno.symlink("keys.txt", host.path("~/dotfiles/sops/link1"));
  await Deno.symlink("link1", host.path("~/dotfiles/sops/link2"));
  await Deno.chmod(host.path("~/dotfiles/sops/keys.txt"), 0o600);
  await editFiles(host, targetsOf(host.path("~/.config/sops/link2")), appending("one"));
  assertEquals(await host.readText("~/dotfiles/sops/keys.txt"), "zero\none\n");
  assertEquals(await Deno.readLink(host.path("~/dotfiles/sops/link2")), "link1");
  assertEquals(await Deno.readLink(host.path("~/.config/sops")), "../dotfiles/sops");
  assertEquals(await listAll(host), [
    "home/",
    "home/.config/",
    "home/.config/sops",
    "home/dotfiles/",
    "home/dotfiles/sops/",
    "home/dotfiles/sops/keys.txt",
    "home/dotfiles/sops/link1",
    "home/dotfiles/sops/link2",
    "work/",
  ]);
});

Deno.test("editFiles() makes a new file in the folder that a symlink leads to", async () => {
  await using host = await testHost();
  await Deno.mkdir(host.path("real"));
  await Deno.symlink("real", host.path("link"));
  await editFiles(host, targetsOf(host.path("link/deeper/keys.txt")), appending("one"));
  assertEquals(await host.readText("real/deeper/keys.txt"), "one\n");
  assert((await Deno.lstat(host.path("link"))).isSymlink);
});

Deno.test("editFiles() refuses a symlink to a file that does not exist", async () => {
  await using host = await testHost();
  await Deno.symlink("missing", host.path("keys.txt"));
  const error = await assertRejects(() => editFiles(host, targetsOf(host.path("keys.txt")), appending("one")));
  const { location } = assertUserError(
    error,
    "refused",
    /^cannot use ".*keys\.txt": it is a symlink to something that/,
  );
  assertEquals(location, { path: host.path("keys.txt") });
  assertEquals(await listAll(host), ["home/", "work/", "work/keys.txt"]);
});

Deno.test("editFiles() refuses a folder that is a symlink to nothing, and names it", async () => {
  await using host = await testHost();
  await Deno.symlink("missing", host.path("sops"));
  const error = await assertRejects(() => editFiles(host, targetsOf(host.path("sops/age/keys.txt")), appending("one")));
  assertUserError(error, "refused", /^cannot use ".*\/work\/sops": it is a symlink to something that/);
});

Deno.test("editFiles() refuses symlinks that form a loop", async () => {
  await using host = await testHost();
  await Deno.symlink("b", host.path("a"));
  await Deno.symlink("a", host.path("b"));
  for (const name of ["a", "a/keys.txt"]) {
    const error = await assertRejects(() => editFiles(host, targetsOf(host.path(name)), appending("one")));
    assertUserError(error, "io", /^cannot read ".*": its symlinks form a loop$/);
  }
});

/** How one file gets a second name. */
const SECOND_NAMES: Readonly<Record<string, (host: TestHost) => Promise<void>>> = {
  "by itself": () => Promise.resolve(),
  "through a symlink": (host) => Deno.symlink("a", host.path("b")),
  "through a hard link": (host) => Deno.link(host.path("a"), host.path("b")),
};

for (const [how, link] of Object.entries(SECOND_NAMES)) {
  Deno.test(`editFiles() refuses two targets that are one file ${how}`, async () => {
    await using host = await testHost({ files: { "a": "zero\n" } });
    await link(host);
    const targets = targetsOf(host.path("a"), host.path(how === "by itself" ? "a" : "b"));
    const error = await assertRejects(() => editFiles(host, targets, appending("one")));
    assertUserError(error, "refused", /it is the same file as ".*\/a", expected two files$/);
    assertEquals(await host.readText("a"), "zero\n");
  });
}

/** Two names, which some systems take for one: APFS and NTFS for letters of either case, APFS for either normal form. */
const NAMES: readonly (readonly [name: string, other: string])[] = [["keys.txt", "KEYS.txt"], ["Ä.txt", "A\u0308.txt"]];

for (const [name, other] of NAMES) {
  Deno.test(`editFiles() takes ${name} and ${other} for one file where the system does`, async () => {
    await using host = await testHost({ files: { [name]: "zero\n" } });
    const isOne = await Deno.stat(host.path(other)).then(() => true, () => false);
    const editing = editFiles(host, targetsOf(host.path(name), host.path(other)), appending("one"));
    if (isOne) assertUserError(await assertRejects(() => editing), "refused", /it is the same file as /);
    else assertEquals([await editing, await host.readText(other)], ["one", "one\n"]);
    assertEquals(await host.readText(name), isOne ? "zero\n" : "zero\none\n");
  });
}

Deno.test("editFiles() refuses a folder as target", async () => {
  await using host = await testHost();
  await Deno.mkdir(host.path(".sops.yaml"));
  const error = await assertRejects(() => editFiles(host, targetsOf(host.path(".sops.yaml")), appending("one")));
  assertUserError(error, "io", /^cannot use ".*\.sops\.yaml": it is a folder, expected a file$/);
});

Deno.test("editFiles() refuses a path below a file", async () => {
  await using host = await testHost({ files: { "a": "" } });
  const error = await assertRejects(() => editFiles(host, targetsOf(host.path("a/keys.txt")), appending("one")));
  assertUserError(error, "io", /^cannot read ".*": a part of the path is a file, expected a folder$/);
});

Deno.test({
  name: "editFiles() refuses a pipe and a device without reading them",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using host = await testHost();
    const fifo = host.path("fifo");
    const made = await new Deno.Command("mkfifo", { args: [fifo] }).output();
    assert(made.success);
    for (const path of [fifo, "/dev/null"]) {
      const error = await assertRejects(() => editFiles(host, targetsOf(path), appending("one")));
      assertUserError(error, "io", /^cannot use ".*": it is a device or pipe, expected a file$/);
    }
  },
});

Deno.test("editFiles() refuses a path that Deno guards", async () => {
  await using host = await testHost();
  const error = await assertRejects(() => editFiles(host, targetsOf("/dev/stdin"), appending("one")));
  assertUserError(error, "denied", /^cannot read "\/dev\/stdin": Deno keeps programs from devices/);
});

Deno.test("editFiles() refuses a read-only file, also as root", async () => {
  await using host = await testHost({ files: { "a": "zero\n", "b": "zero\n" } });
  const [a, b] = [host.path("a"), host.path("b")];
  await Deno.chmod(b, 0o444);
  const error = await assertRejects(() =>
    editFiles(host, targetsOf(a, b, host.path("new/folder/c")), appending("one"))
  );
  assertUserError(error, "denied", /^cannot write ".*b": it is read-only, expected write permission$/);
  assertEquals([await host.readText("a"), await host.readText("b")], ["zero\n", "zero\n"]);
  assertEquals(await modeOf(b), 0o444);
  assertEquals(await listAll(host), ["home/", "work/", "work/a", "work/b"]);
});

Deno.test("editFiles() reads a read-only file that does not change", async () => {
  await using host = await testHost({ files: { "a": "zero\n", "b": "zero\n" } });
  const [a, b] = [host.path("a"), host.path("b")];
  await Deno.chmod(b, 0o400);
  await editFiles(host, targetsOf(a, b), appending("one", [a]));
  assertEquals([await host.readText("a"), await host.readText("b")], ["zero\none\n", "zero\n"]);
});

Deno.test("editFiles() reads up to the size cap and refuses one byte more", async () => {
  await using host = await testHost({ files: { "a": "12345678", "b": "123456789" } });
  const capped = (name: string) => targetsOf(host.path(name)).map((target) => ({ ...target, maxBytes: 8 }));
  assertEquals(await editFiles(host, capped("a"), changeNothing), "nothing");
  const error = await assertRejects(() => editFiles(host, capped("b"), changeNothing));
  assertUserError(error, "malformed", /^cannot read ".*b": larger than 8 bytes, expected at most that$/);
});

Deno.test("editFiles() refuses a sparse file of 100 GB in no time", async () => {
  await using host = await testHost({ files: { "a": "" } });
  await Deno.truncate(host.path("a"), 100e9);
  const error = await assertRejects(() => editFiles(host, targetsOf(host.path("a")), changeNothing));
  assertUserError(error, "malformed", /larger than 1 MiB/);
});
