import { layOutTable, tableOf } from "../../../lib/base/show/table.ts";
import { removeMarks } from "../../../lib/base/show/style.ts";
import { assertEquals } from "../../support/assert.ts";

const ROWS = [
  ["rule 1", "secrets/services/[^/]+\\.(yaml|json|env|ini)$", "isabel, minerva, skadi"],
  ["rule 2", "secrets/[^/]+\\.yaml$", "isabel"],
];

Deno.test("layOutTable() puts the cells below each other, as wide as they are", () => {
  assertEquals(layOutTable(tableOf(ROWS), Infinity), [
    "rule 1  secrets/services/[^/]+\\.(yaml|json|env|ini)$  isabel, minerva, skadi",
    "rule 2  secrets/[^/]+\\.yaml$                          isabel",
  ]);
});

Deno.test("layOutTable() wraps the last column", () => {
  assertEquals(layOutTable(tableOf(ROWS), 74), [
    "rule 1  secrets/services/[^/]+\\.(yaml|json|env|ini)$  isabel, minerva,",
    "                                                      skadi",
    "rule 2  secrets/[^/]+\\.yaml$                          isabel",
  ]);
});

Deno.test("layOutTable() cuts the column that yields first in its middle", () => {
  assertEquals(layOutTable(tableOf(ROWS, { yields: [1] }), 50), [
    "rule 1  secrets/se…env|ini)$  isabel, minerva,",
    "                              skadi",
    "rule 2  secrets/[^/]+\\.yaml$  isabel",
  ]);
});

Deno.test("layOutTable() puts the last cell below its row where nothing else helps", () => {
  assertEquals(layOutTable(tableOf([["a".repeat(30), "one two three"]], { indent: "  " }), 40), [
    `  ${"a".repeat(30)}`,
    "      one two three",
  ]);
});

Deno.test("layOutTable() counts columns of the terminal, and no marks of styles", () => {
  const lines = layOutTable(tableOf([["鍵", "x"], ["key", "y"]], { styles: ["name"] }), Infinity);
  assertEquals(lines.map(removeMarks), ["鍵   x", "key  y"]);
});

Deno.test("layOutTable() leaves no blanks behind an empty last cell", () => {
  assertEquals(layOutTable(tableOf([["long", ""], ["a", "b"]]), Infinity), ["long", "a     b"]);
});
