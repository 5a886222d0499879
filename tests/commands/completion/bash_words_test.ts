import { assert, assertEquals } from "../../support/assert.ts";
import { formatBashWord, parseBashWord } from "../../../lib/commands/completion/bash_words.ts";
import fc from "../../support/property.ts";

Deno.test("parseBashWord() takes quotes and backslashes off", () => {
  const cases: readonly (readonly [raw: string, text: string, open?: "'" | '"'])[] = [
    ["plain", "plain"],
    ["my\\ vault", "my vault"],
    [`"my vault"`, "my vault"],
    [`"my va`, "my va", '"'],
    [`'it"s`, `it"s`, "'"],
    [`'a\\b'`, "a\\b"],
    [`"a\\b\\"c"`, `a\\b"c`],
    [`a"b"'c'd`, "abcd"],
    [`--config="x y`, "--config=x y", '"'],
    ["ends\\", "ends"],
    ["$(touch x)", "$(touch x)"],
    ["", ""],
  ];
  for (const [raw, text, openQuote] of cases) assertEquals(parseBashWord(raw), { text, openQuote }, raw);
});

Deno.test("formatBashWord() writes what parseBashWord() reads, in every state of quotes", () => {
  fc.assert(fc.property(fc.string(), fc.constantFrom("", "'", '"'), (text, quote) => {
    const openQuote = quote === "" ? undefined : quote as "'" | '"';
    const { text: read, openQuote: left } = parseBashWord(`${quote}${formatBashWord(text, openQuote)}${quote}`);
    assertEquals(read, text);
    assert(left === undefined);
  }));
});
