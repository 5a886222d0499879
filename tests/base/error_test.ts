import { ERROR_KINDS, InternalError, UserError } from "../../lib/base/error.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("UserError carries kind, message, and only the options that are given", () => {
  const bare = new UserError("usage", "no such vault");
  assertEquals([bare.kind, bare.message, bare.name], ["usage", "no such vault", "UserError"]);
  assertEquals([bare.hints, bare.details], [[], []]);
  assert(!("location" in bare) || bare.location === undefined);
  assert(!("cause" in bare));
  const cause = new Error("underneath");
  const full = new UserError("io", "x", { hints: ["h"], details: ["d"], location: { path: "/a", line: 1 }, cause });
  assertEquals([full.hints, full.details, full.location], [["h"], ["d"], { path: "/a", line: 1 }]);
  assert(full.cause === cause);
});

Deno.test("UserError is an Error and InternalError is no UserError", () => {
  assert(new UserError("io", "x") instanceof Error);
  assert(!(new InternalError("x") instanceof UserError));
  assertEquals(new InternalError("x").name, "InternalError");
});

Deno.test("ERROR_KINDS holds no kind twice", () => {
  assertEquals(new Set(ERROR_KINDS).size, ERROR_KINDS.length);
});

Deno.test("UserError.withDetails() keeps everything, and adds details", () => {
  const cause = new Error("underneath");
  const error = new UserError("io", "cannot", { hints: ["a"], details: ["b"], location: { path: "/c" }, cause });
  const { kind, message, hints, details, location, cause: kept } = error.withDetails(["d"]);
  assertEquals([kind, message, hints, details, location, kept], [
    "io",
    "cannot",
    ["a"],
    ["b", "d"],
    { path: "/c" },
    cause,
  ]);
  assertEquals(error.withDetails([], ["e"]).hints, ["e"]);
  assertEquals(new UserError("io", "cannot").withDetails(["d"]).location, undefined);
});
