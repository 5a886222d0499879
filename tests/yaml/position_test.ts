import {
  findLineStarts,
  lineEnd,
  lineNumberAt,
  lineText,
  positionAt,
  type SourceText,
} from "../../lib/yaml/position.ts";
import { assertEquals } from "../support/assert.ts";

function textOf(source: string): SourceText {
  return { path: "x", source, lineStarts: findLineStarts(source) };
}

Deno.test("positionAt() counts lines and columns from 1, without the byte order mark", () => {
  const text = textOf("\ufeffab\r\nc\n");
  assertEquals([0, 1, 2, 3, 5, 6, 7].map((offset) => positionAt(text, offset)), [
    { lineNumber: 1, column: 1 },
    { lineNumber: 1, column: 1 },
    { lineNumber: 1, column: 2 },
    { lineNumber: 1, column: 3 },
    { lineNumber: 2, column: 1 },
    { lineNumber: 2, column: 2 },
    { lineNumber: 3, column: 1 },
  ]);
});

Deno.test("lineNumberAt() agrees with counting line breaks", () => {
  const text = textOf("a\n\nbc\r\n\n\nd");
  for (let offset = 0; offset <= text.source.length; offset++) {
    assertEquals(lineNumberAt(text, offset), text.source.slice(0, offset).split("\n").length);
  }
});

Deno.test("lineText() gives lines without their breaks", () => {
  const text = textOf("\ufeffa\r\n\nb");
  assertEquals([0, 1, 2, 3, 4].map((line) => lineText(text, line)), ["", "a", "", "b", ""]);
  assertEquals(lineEnd(text, 1), 2);
});
