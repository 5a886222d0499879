/** Numbers and long lists in words. */
import { cutLines, formatCount, formatSome } from "../../../lib/base/show/counts.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("formatCount() knows none, one and many", () => {
  assertEquals([0, 1, 2].map((count) => formatCount(count, "file")), ["no file", "1 file", "2 files"]);
  assertEquals(formatCount(2, "identity", "identities"), "2 identities");
});

Deno.test("formatSome() names the first few and counts the others", () => {
  assertEquals(formatSome(["a", "b"], 2), "a and b");
  assertEquals(formatSome(["a", "b", "c", "d"], 2), "a, b and 2 more");
  assertEquals(formatSome(["a", "b"], 1), "a and 1 more");
});

Deno.test("cutLines() keeps a short list and cuts a long one", () => {
  assertEquals(cutLines(["a", "b"], 2), ["a", "b"]);
  assertEquals(cutLines(["a", "b", "c"], 2), ["a", "b", "… 1 more"]);
});
