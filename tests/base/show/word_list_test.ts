import { formatList } from "../../../lib/base/show/word_list.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("formatList() puts the conjunction before the last word, and names each once", () => {
  assertEquals(formatList([]), "");
  assertEquals(formatList(["a"]), "a");
  assertEquals(formatList(["a", "a"]), "a");
  assertEquals(formatList(["a", "b", "a"]), "a and b");
  assertEquals(formatList(["a", "b", "c"], "or"), "a, b or c");
});
