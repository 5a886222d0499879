import { InternalError } from "../../../lib/base/error.ts";
import { applySplices, isPureInsertion } from "../../../lib/yaml/edit/splice.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";
import fc from "../../support/property.ts";

Deno.test("applySplices() replaces, inserts and removes in one go, in any order of the list", () => {
  const splices = [{ start: 4, end: 5, text: "" }, { start: 0, end: 0, text: ">" }, { start: 1, end: 3, text: "BC" }];
  assertEquals(applySplices("abcde", splices), ">aBCd");
});

Deno.test("applySplices() keeps the order of insertions at one place", () => {
  assertEquals(applySplices("ab", [{ start: 1, end: 1, text: "1" }, { start: 1, end: 1, text: "2" }]), "a12b");
});

Deno.test("applySplices() refuses overlapping splices and places outside the text", () => {
  const wrong = [
    [{ start: 0, end: 2, text: "" }, { start: 1, end: 3, text: "" }],
    [{ start: 2, end: 9, text: "" }],
    [{ start: 2, end: 1, text: "" }],
    [{ start: -1, end: 1, text: "" }],
  ];
  for (const splices of wrong) assert(assertThrows(() => applySplices("abc", splices)) instanceof InternalError);
});

Deno.test("isPureInsertion() tells whether every character survives", () => {
  assert(isPureInsertion([{ start: 1, end: 1, text: "x" }]));
  assert(!isPureInsertion([{ start: 1, end: 1, text: "x" }, { start: 2, end: 3, text: "c" }]));
});

Deno.test("applySplices() leaves everything outside the splices as it was", () => {
  fc.assert(fc.property(fc.string(), fc.array(fc.tuple(fc.nat(), fc.string())), (source, inserts) => {
    const splices = inserts.map(([at, text]) => {
      const start = at % (source.length + 1);
      return { start, end: start, text };
    });
    const result = applySplices(source, splices);
    assertEquals(result.length, source.length + splices.reduce((sum, { text }) => sum + text.length, 0));
    let at = 0;
    for (const char of source.split("")) at = result.indexOf(char, at) + 1;
    assert(at > 0 || source === "");
  }));
});
