import { paintLines, removeMarks, styled } from "../../../lib/base/show/style.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("paintLines() colours a part, and ends it", () => {
  assertEquals(paintLines([`a ${styled("b", "loss")} c`]), ["a \x1b[1;33mb\x1b[0m c"]);
});

Deno.test("paintLines() lets a style end with its line and begin again in the next", () => {
  assertEquals(paintLines(styled("one\ntwo", "name").split("\n")), ["\x1b[1mone\x1b[0m", "\x1b[1mtwo\x1b[0m"]);
});

Deno.test("removeMarks() leaves the text; an empty one has no marks", () => {
  assertEquals(removeMarks(`a ${styled("b", "dim")}`), "a b");
  assertEquals(styled("", "good"), "");
  assertEquals(removeMarks(styled(styled("x", "bad"), "name")), "x");
});
