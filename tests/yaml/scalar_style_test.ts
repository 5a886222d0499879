import {
  chooseTextStyle,
  formatDoubleQuoted,
  formatLiteralHeader,
  formatLiteralLines,
  formatText,
  isPlainAscii,
  isSimpleKey,
  type TextPlace,
} from "../../lib/yaml/scalar_style.ts";
import { assert, assertEquals } from "../support/assert.ts";
import fc from "../support/property.ts";

const VECTORS = new URL("../vectors/sops/", import.meta.url);
const TOP: TextPlace = { parentColumn: 0, contentColumn: 4, indent: 4 };

/** The pairs of a JSON object of texts and whole numbers, in the order of the text. */
function entriesOf(json: string): [string, string][] {
  const entries: [string, string][] = [];
  for (const [, key, value] of json.matchAll(/("(?:[^"\\]|\\.)*"): ("(?:[^"\\]|\\.)*"|\d+)/g)) {
    entries.push([JSON.parse(key!), String(JSON.parse(value!))]);
  }
  return entries;
}

function formatEntry(key: string, value: string): string {
  const head = formatText(key, TOP);
  const end = head.endsWith("\n") ? "" : "\n";
  return isSimpleKey(key) ? `${head}: ${value}` : `? ${head}${end}: ${value}`;
}

for (const [name, count] of [["scalars", 217], ["scalar-keys", 216]] as const) {
  Deno.test(`formatText() writes the texts of ${name} as the real engine does`, () => {
    const entries = entriesOf(Deno.readTextFileSync(new URL(`plain/${name}.json`, VECTORS)));
    assertEquals(entries.length, count);
    const yaml = entries.map(([key, value]) => {
      const text = formatEntry(key, name === "scalars" ? formatText(value, TOP) : value);
      return text.endsWith("\n") ? text : `${text}\n`;
    }).join("");
    const expected = Deno.readTextFileSync(new URL(`dec/${name}-as-yaml.json`, VECTORS));
    for (const [i, line] of yaml.split("\n").entries()) assertEquals(line, expected.split("\n")[i]!);
    assertEquals(yaml, expected);
  });
}

Deno.test("chooseTextStyle() takes a plain text for plain, and its neighbours not", () => {
  for (const text of ["a", "a b", "a  b", "ENC[AES256_GCM,data:x=,iv:y=]", "http://x/#y", "<", "a:b", "yess", "oFF"]) {
    assertEquals(chooseTextStyle(text), "plain", text);
  }
  for (const text of ["a: b", "a #b", "a:", "a ", "a  #b", "- a", "%a"]) {
    assertEquals(chooseTextStyle(text), "single", text);
  }
  for (const text of ["yes", "NULL", "12", "a\tb", "", "\ufeff", "a\u0085"]) {
    assertEquals(chooseTextStyle(text), "double", text);
  }
  assertEquals(chooseTextStyle("a\nb"), "literal");
});

Deno.test("formatText() uses double quotes where go-yaml writes a block that it cannot read", () => {
  assertEquals(formatText("\ta\nb", TOP), '"\\ta\\nb"');
  assertEquals(formatText(" a\nb", { parentColumn: 4, contentColumn: 6, indent: 4 }), '" a\\nb"');
  assertEquals(formatText(" a\nb", { parentColumn: 4, contentColumn: 6, indent: 2 }), "|2-\n       a\n      b");
});

Deno.test("formatText() indents behind the line breaks of Unicode", () => {
  assertEquals(formatText("a\u2028b\u2029", TOP), "'a\u2028    b\u2029'");
  assertEquals(formatText("a\u2028\nb", TOP), "|-\n    a\u2028\n    b");
});

Deno.test("formatDoubleQuoted() escapes as go-yaml does", () => {
  assertEquals(formatDoubleQuoted('a"\\\u0001\u00ad\u2028😀\ufeff'), '"a\\"\\\\\\x01\u00ad\\L\\U0001F600\\uFEFF"');
});

Deno.test("formatLiteralHeader() keeps the line breaks at the end", () => {
  const headers = ["a", "a\n", "a\n\n", "\n", " a"].map((text) =>
    formatLiteralHeader(text, text === " a" ? 2 : undefined)
  );
  assertEquals(headers, ["|-", "|", "|+", "|+", "|2-"]);
  assertEquals(formatLiteralLines("a\n\n b\n", 2), "  a\n\n   b\n");
});

Deno.test("isSimpleKey() counts bytes", () => {
  assert(isSimpleKey("a".repeat(128)));
  assert(!isSimpleKey("a".repeat(129)));
  assert(isSimpleKey("é".repeat(64)));
  assert(!isSimpleKey("é".repeat(65)));
  assert(!isSimpleKey("a\u0085b"));
});

Deno.test("property: isPlainAscii() takes no text for plain that go-yaml writes otherwise, and knows most", () => {
  const unit = fc.constantFrom(..." :#-a1Z'\"\\$(/_[{&*!|>%@`~\n\u00e9,?.=");
  let known = 0;
  fc.assert(fc.property(fc.string({ unit, maxLength: 12 }), fc.boolean(), (rest, isWord) => {
    const text = isWord ? `word ${rest}` : rest;
    const bytes = new TextEncoder().encode(`xx${text}x`);
    const isPlain = isPlainAscii(bytes, 2, bytes.length - 1);
    if (isPlain) known++;
    assertEquals(isPlain && chooseTextStyle(text) !== "plain", false, JSON.stringify(text));
  }));
  assert(known > 0, "some are known");
  for (const text of ["a value of some letters", "http://example.org:80/#x", "ENC[AES256_GCM,data:x]"]) {
    assertEquals(isPlainAscii(new TextEncoder().encode(text), 0, text.length), true, text);
  }
});
