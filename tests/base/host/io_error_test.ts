import { InternalError, UserError } from "../../../lib/base/error.ts";
import { describeIoError, ioErrorCode } from "../../../lib/base/host/io_error.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";

function withCode(code: string): Error {
  return Object.assign(new Error("raw text of the system"), { code });
}

Deno.test("ioErrorCode() knows the errors of Deno, with a code or by name", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertEquals(ioErrorCode(await assertRejects(() => Deno.stat(`${folder}/x`))), "ENOENT");
    assertEquals(ioErrorCode(await assertRejects(() => Deno.mkdir(folder))), "EEXIST");
    assertEquals(ioErrorCode(await assertRejects(() => Deno.remove("/"))), "EBUSY");
  } finally {
    await Deno.remove(folder);
  }
  assertEquals(ioErrorCode(new Deno.errors.NotFound("x")), "ENOENT");
  assertEquals(ioErrorCode(new Deno.errors.AlreadyExists("x")), "EEXIST");
  assertEquals(ioErrorCode(new Deno.errors.PermissionDenied("x")), "EACCES");
  assertEquals(ioErrorCode(new Deno.errors.NotCapable("x")), "NotCapable");
});

Deno.test("ioErrorCode() reads the number of errors that Deno gives without a code", () => {
  assertEquals(ioErrorCode(new Error("File too large (os error 27): writefile '/a'")), "EFBIG");
  assertEquals(ioErrorCode(new Error("Disk quota exceeded (os error 122)")), "EDQUOT");
  assertEquals(ioErrorCode(new Error("Disc quota exceeded (os error 69)")), "EDQUOT");
  assertEquals(ioErrorCode(new Error("Exec format error (os error 8)")), "ENOEXEC");
  assertEquals(ioErrorCode(new Error("Bad EXE format for %1. (os error 193)")), "ENOEXEC");
  assertEquals(ioErrorCode(new Error("Whatever (os error 999)")), "error 999");
});

Deno.test("ioErrorCode() finds none in what is no OS error", () => {
  for (const error of [new Error("x"), new TypeError("x"), "ENOENT", { code: "ENOENT" }, undefined]) {
    assertEquals(ioErrorCode(error), undefined);
  }
  assertEquals(ioErrorCode(Object.assign(new Error("x"), { code: 5 })), undefined);
});

const DESCRIBED: readonly [code: string, kind: "io" | "denied" | "not-found", state: RegExp, hints: number][] = [
  ["EACCES", "denied", /permission denied$/, 1],
  ["EPERM", "denied", /operation not permitted$/, 1],
  ["EROFS", "denied", /the file system is read-only$/, 1],
  ["ENOSPC", "io", /no space left on the device$/, 1],
  ["EDQUOT", "io", /the disk quota is used up$/, 1],
  ["EFBIG", "io", /the file size limit is reached$/, 1],
  ["EISDIR", "io", /it is a folder, expected a file$/, 1],
  ["ENOTDIR", "io", /a part of the path is a file, expected a folder$/, 1],
  ["ELOOP", "io", /its symlinks form a loop$/, 1],
  ["ENAMETOOLONG", "io", /the name is too long$/, 1],
  ["EMFILE", "io", /too many open files$/, 1],
  ["EIO", "io", /the device reports an input\/output error$/, 1],
  ["ENOENT", "not-found", /no such file or folder$/, 1],
  ["ENOEXEC", "io", /it is no program of this system$/, 1],
  ["EWHATEVER", "io", /the system answers EWHATEVER$/, 0],
];

for (const [code, kind, state, hints] of DESCRIBED) {
  Deno.test(`describeIoError() says what ${code} means, and keeps the raw text to itself`, () => {
    const cause = withCode(code);
    const error = assertUserError(describeIoError("write", "/a/b", cause), kind, state);
    assert(error.message.startsWith('cannot write "/a/b": '));
    assert(!error.message.includes("raw text"));
    assertEquals([error.hints.length, error.location], [hints, { path: "/a/b" }]);
    assert(error.cause === cause);
  });
}

/** What Deno's refusals say, and what is made of them. */
const REFUSALS: readonly [message: string, state: RegExp, hint: RegExp][] = [
  [
    'Requires write access to "/a/b", run again with the --allow-write flag',
    /^cannot read "\/a\/b": Deno was not given --allow-write$/,
    /^start sopsmith with --no-remote --no-npm --allow-read --allow-write --allow-env --allow-run$/,
  ],
  [
    'Requires all access to "/proc/x", run again with the --allow-all flag',
    /: Deno keeps programs from devices and from \/proc$/,
    /^name a regular file, or pipe the content in$/,
  ],
  ["worded in another way", /: Deno was not given the permission$/, /--allow-read/],
];

for (const [message, state, hint] of REFUSALS) {
  Deno.test(`describeIoError() names what Deno asks for: ${message}`, () => {
    const cause = new Deno.errors.NotCapable(message);
    const error = assertUserError(describeIoError("read", "/a/b", cause), "denied", state);
    assertEquals(error.hints.map((text) => hint.test(text)), [true]);
    assert(error.cause === cause);
  });
}

Deno.test("describeIoError() returns what is described already, or no OS error, as it is", () => {
  for (const error of [new UserError("usage", "x"), new InternalError("x"), new TypeError("x"), "text"]) {
    assert(describeIoError("write", "/a", error) === error);
  }
});
