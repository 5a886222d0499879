/** Finding and reading the narinfo files of a binary cache. */
import { findNarInfoFiles, parseCacheEntry, readCacheEntry } from "../../lib/nix/binary_cache.ts";
import { MAX_NARINFO_BYTES } from "../../lib/nix/narinfo.ts";
import { narInfoOf } from "./test_keys.ts";
import { assertEquals, assertThrows, assertUserError } from "../support/assert.ts";
import { osError, testHost } from "../support/test_host.ts";

const NAME = "9yfk8g7dqlncksm208cb3g2b7rk1hbrd.narinfo";
const PLAIN = narInfoOf("plain");

Deno.test("findNarInfoFiles() lists what lies in the folder itself, sorted, each once", async () => {
  const files = { "b.narinfo": "", "a.narinfo": "", "nix-cache-info": "", "nar/x.narinfo": "", "c.narinfo.tmp": "" };
  await using host = await testHost({ files });
  await Deno.mkdir(host.path("d.narinfo"));
  const found = findNarInfoFiles(host, [host.path("b.narinfo"), host.cwd, host.path("a.narinfo")]);
  assertEquals(found, [host.path("b.narinfo"), host.path("a.narinfo")]);
});

Deno.test("findNarInfoFiles() takes 5,000 files in the order of names", async () => {
  await using host = await testHost();
  const names = Array.from({ length: 5000 }, (_, i) => `${String(i).padStart(5, "0")}.narinfo`);
  for (const name of names.toReversed()) Deno.writeTextFileSync(host.path(name), "");
  assertEquals(findNarInfoFiles(host, [host.cwd]), names.map((name) => host.path(name)));
});

Deno.test("findNarInfoFiles() refuses what is not there, empty, or something else", async () => {
  await using host = await testHost({ files: { README: "", "empty/nar/x": "" } });
  const find = (name: string): Error => assertThrows(() => findNarInfoFiles(host, [host.path(name)]));
  assertUserError(find("missing"), "not-found", /no such file or folder/);
  assertUserError(find("empty"), "not-found", /no \.narinfo file/);
  assertUserError(find("README"), "usage", /neither/);
});

Deno.test("findNarInfoFiles() says when a folder cannot be read", async () => {
  for (const operation of ["stat", "list"]) {
    await using host = await testHost({
      files: { [NAME]: PLAIN },
      beforeFileOperation(found) {
        if (found === operation) throw osError("EACCES");
      },
    });
    assertUserError(assertThrows(() => findNarInfoFiles(host, [host.cwd])), "denied");
  }
});

Deno.test("readCacheEntry() reads a file, whatever it is called unless its name promises a path", async () => {
  const other = `${"0".repeat(32)}.narinfo`;
  await using host = await testHost({ files: { [NAME]: PLAIN, "saved.narinfo": PLAIN, [other]: PLAIN } });
  assertEquals(readCacheEntry(host, host.path(NAME)).storePath.name, "plain");
  assertEquals(readCacheEntry(host, host.path("saved.narinfo")).storePath.name, "plain");
  const error = assertThrows(() => readCacheEntry(host, host.path(other)));
  assertUserError(error, "malformed", /begins with 9yfk8g7dqlncksm208cb3g2b7rk1hbrd/);
});

Deno.test("readCacheEntry() refuses what is gone, too large, or no narinfo", async () => {
  await using host = await testHost({ files: { "x.narinfo": "x\n", "large.narinfo": "" } });
  await Deno.truncate(host.path("large.narinfo"), MAX_NARINFO_BYTES + 1);
  const read = (name: string): Error => assertThrows(() => readCacheEntry(host, host.path(name)));
  assertUserError(read("gone.narinfo"), "not-found");
  assertUserError(read("large.narinfo"), "malformed", /larger than 1 MiB/);
  assertUserError(read("x.narinfo"), "malformed", /line 1/);
  assertUserError(assertThrows(() => parseCacheEntry(host, new Uint8Array(), "/x")), "malformed");
});
