import { equalBytes } from "../../../lib/base/bytes.ts";
import { findRealPath, formatSize, readCapped } from "../../../lib/base/files/read_files.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { osError, testHost } from "../../support/test_host.ts";

Deno.test("readCapped() reads a whole file, up to the cap", async () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
  await using host = await testHost({ files: { "a": bytes, "empty": "" } });
  assertEquals(await readCapped(host, host.path("a"), { maxBytes: 100_000 }), bytes);
  assertEquals(await readCapped(host, host.path("a"), { maxBytes: 1_000_000 }), bytes);
  assertEquals(await readCapped(host, host.path("empty"), { maxBytes: 0 }), new Uint8Array());
  assertEquals(await readCapped(host, host.path("missing"), { maxBytes: 1 }), undefined);
  const error = assertThrows(() => readCapped(host, host.path("a"), { maxBytes: 99_999 }));
  const { location } = assertUserError(error, "malformed", /^cannot read ".*a": larger than 99999 bytes/);
  assertEquals(location, { path: host.path("a") });
});

Deno.test("readCapped() says why a file cannot be read", async () => {
  await using host = await testHost({
    beforeFileOperation(operation) {
      if (operation === "read") throw osError("EACCES");
    },
  });
  assertUserError(assertThrows(() => readCapped(host, host.path("a"), { maxBytes: 1 })), "denied", /permission/);
  await using other = await testHost();
  const error = assertThrows(() => readCapped(other, other.cwd, { maxBytes: 1 }));
  assertUserError(error, "io", /it is a folder, expected a file$/);
});

Deno.test("equalBytes() compares content, and absent content only with itself", () => {
  const of = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
  assert(equalBytes(of(1, 2), of(1, 2)));
  assert(equalBytes(of(), of()));
  assert(equalBytes(undefined, undefined));
  assert(!equalBytes(of(1, 2), of(1, 3)));
  assert(!equalBytes(of(1), of(1, 0)));
  assert(!equalBytes(undefined, of()));
  assert(!equalBytes(of(), undefined));
});

Deno.test("formatSize() uses the largest unit that divides", () => {
  const sizes: [number, string][] = [
    [0, "0 bytes"],
    [1000, "1000 bytes"],
    [1024, "1 KiB"],
    [1536, "1536 bytes"],
    [16 * 1024 ** 2, "16 MiB"],
    [2 * 1024 ** 4, "2048 GiB"],
  ];
  for (const [bytes, text] of sizes) assertEquals(formatSize(bytes), text);
});

Deno.test("findRealPath() follows symlinks, and finds nothing that is not there", async () => {
  await using host = await testHost({ files: { "a": "x" } });
  await Deno.symlink(host.path("a"), host.path("link"));
  assertEquals(await findRealPath(host, host.path("link")), await Deno.realPath(host.path("a")));
  assertEquals(await findRealPath(host, host.path("missing")), undefined);
});
