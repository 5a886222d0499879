import { wrapText } from "../../../lib/base/show/wrap.ts";
import { displayWidth } from "../../../lib/base/show/width.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

Deno.test("wrapText() leaves alone what fits, to the column", () => {
  assertEquals(wrapText("  a  line   that fits", { columns: 21 }), ["  a  line   that fits"]);
});

Deno.test("wrapText() breaks between words, and indents what follows by two columns more than the text", () => {
  assertEquals(wrapText("  one two three four", { columns: 11 }), ["  one two", "    three", "    four"]);
});

Deno.test("wrapText() puts what follows below the start of the text behind a head", () => {
  const lines = wrapText("one two three", { columns: 14, start: "error: ", indent: "       " });
  assertEquals(lines, ["error: one two", "       three"]);
});

Deno.test("wrapText() never breaks a word, nor a command, and keeps the first behind its head", () => {
  assertEquals(wrapText("aaaaaaaaaaaa b", { columns: 5 }), ["aaaaaaaaaaaa", "  b"]);
  assertEquals(wrapText("sopsmith edit secrets/first.yaml", { columns: 20, start: "next: " }), [
    "next: sopsmith edit secrets/first.yaml",
  ]);
  assertEquals(wrapText("make one with: sopsmith keygen prod", { columns: 24, start: "hint: ", indent: "      " }), [
    "hint: make one with:",
    "      sopsmith keygen prod",
  ]);
});

Deno.test("wrapText() moves a remark below as a whole where it fits there", () => {
  assertEquals(wrapText("public half in .sops.yaml   (safe to commit)", { columns: 40 }), [
    "public half in .sops.yaml",
    "  (safe to commit)",
  ]);
});

Deno.test("wrapText() counts columns, not characters", () => {
  assertEquals(wrapText("鍵鍵鍵 鍵鍵鍵", { columns: 12 }), ["鍵鍵鍵", "  鍵鍵鍵"]);
  assertEquals(wrapText("e\u0301e\u0301 e\u0301", { columns: 4 }), ["e\u0301e\u0301 e\u0301"]);
});

Deno.test("wrapText() loses no word, and makes no line wider than it has to be", () => {
  const word = fc.stringMatching(/^[a-z鍵]{1,12}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), fc.integer({ min: 14, max: 80 }), (words, columns) => {
      const lines = wrapText(words.join(" "), { columns });
      assertEquals(lines.join(" ").split(/ +/), words);
      assert(lines.every((line) => displayWidth(line) <= columns || !line.trim().includes(" ")));
    }),
  );
});
