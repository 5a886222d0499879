import { MAX_DEPTH, parseYaml } from "../../lib/yaml/parse.ts";
import { isAlias, isMap, isScalar, isSeq } from "yaml";
import { assert, assertEquals, assertThrows, assertUserError } from "../support/assert.ts";

/**
 * What SOPS 3.13.2 refuses where it reads, and what its YAML reader takes for something else than ours, with the place
 * and the words of the refusal.
 */
const REFUSED: readonly (readonly [name: string, source: string, place: string, problem: RegExp])[] = [
  ["a list item among keys", "rules:\n  - path_regex: x\n    - age1\n", "3:5", /a list item where a key was expected$/],
  ["a list under a finished mapping", "a: 1\n- b\n", "2:1", /a list item where a key was expected$/],
  ["a key deeper than its neighbours", "a: 1\n b: 2\n", "1:4", /inside the value of another key/],
  ["a key less deep than its neighbours", "a:\n  b: 1\n c: 2\n", "3:2", /not indented like its neighbours$/],
  ["a tab as indentation", "a:\n\t- b\n", "2:1", /a tab used as indentation/],
  ["a tab on a blank line", "a:\n  - b\n\t\n  - c\n", "3:1", /a tab used as indentation/],
  ["a tab behind spaces on a blank line", "a: 'b'\r\n  \t\r\nc: d\n", "2:3", /a tab used as indentation/],
  ["a tab before a comment", "a:\n  b: c # d\n  \t# e\n", "3:3", /a tab used as indentation/],
  ["a tab at the end of the file", "a: b\n\t", "2:1", /a tab used as indentation/],
  ["a tab behind a dash", "a:\n-\tb\n", "2:2", /a tab behind the `-`/],
  ["two values on one line", "a: b: c\n", "1:4", /inside the value of another key/],
  ["a line without a key", "a: 1\nb\n", "2:1", /text without a `: `/],
  ["an open single quote", "a: 'x\n", "1:6", /a quote that is not closed/],
  ["an open double quote", 'a: "x\n', "1:6", /a quote that is not closed/],
  ["an open list", "a: [b\n", "1:6", /a bracket that is not closed/],
  ["an open mapping", "a: {b: c\n", "1:9", /a bracket that is not closed/],
  ["a stray bracket", "a: ]\n", "1:4", /a closing bracket without an opening one$/],
  ["a stray comma", "a: [b, , c]\n", "1:8", /a comma with nothing before it$/],
  ["text behind quotes", "a: 'b' c\n", "1:8", /text behind the end of a value$/],
  ["a regex in double quotes", 'a: "\\.x"\n', "1:5", /an unknown escape sequence/],
  ["an unquoted @", "a: @b\n", "1:4", /needs quotes$/],
  ["an unquoted `", "a: `b`\n", "1:4", /needs quotes$/],
  ["an unquoted %", "a: %b\n", "1:4", /needs quotes$/],
  ["a version that is too new", "%YAML 2.0\n---\na: b\n", "1:1", /another version than 1\.1/],
  ["version 1.2", "# c\n%YAML 1.2\n---\na: b\n", "2:1", /another version than 1\.1, at which SOPS stops$/],
  ["version 1.2 behind a mark", "\ufeff%YAML\t1.2 # c\r\n---\na: b\n", "1:1", /another version than 1\.1/],
  ["a foreign directive", "%FOO bar\n---\na: b\n", "1:1", /directive that SOPS does not read$/],
  ["a duplicate key", "a: 1\nb: 2\na: 3\n", "3:1", /the key "a" stands here a second time$/],
  ["a duplicate key in other quotes", "a: 1\n'a': 3\n", "2:1", /a second time$/],
  ["a duplicate merge", "x: &x {}\na:\n  <<: *x\n  <<: *x\n", "4:3", /a second time$/],
  ["a duplicate key inside a list", "- - {a: 1, a: 2}\n", "1:12", /a second time$/],
  ["an undefined alias", "a: *b\nb: &b 1\n", "1:4", /no anchor "&b" is defined before this alias$/],
  ["an alias inside itself", "a: &a\n  - *a\n", "2:5", /inside the value that it stands for$/],
  ["an anchor with a dot", "a: &b.c 1\n", "1:4", /an anchor name/],
  ["two anchors", "a: &b &c 1\n", "1:7", /a second anchor/],
  ["an anchor without a name", "a: & b\n", "1:4", /without a name$/],
  ["an anchored alias", "a: &b 1\nc: &d *b\n", "2:7", /an alias with an anchor/],
  ["a value that does not fit its tag", "a: !!int b\n", "1:4", /does not fit its tag$/],
  ["a question mark in brackets", "a: [b?c]\n", "1:6", /a `\?` in text without quotes/],
  ["a colon at the start of text in brackets", "a: [:b]\n", "1:5", /a `:` /],
  [
    "a tab behind the question mark of a key",
    "? a\n: b\n?\tc\n: d\n",
    "3:2",
    /a tab behind the `\?` of a key on lines/,
  ],
  ["a tab behind the colon of such a key", "? a\r:\tb\r", "2:2", /a tab behind the `:` of a key on lines/],
  ["an empty key", "a:\n  - : b\n", "2:5", /a `:` without a key$/],
  ["a key over two lines", "{a\n b: c}\n", "1:2", /does not end on its line$/],
  ["a value without a space", "{a:[b]}\n", "1:3", /without a space behind it$/],
  ["a line that ends the only list, which SOPS would stop reading at", "- a\nb: c\n", "2:1", /belongs to no key/],
  ["text after a mapping", "a: 'b'\nc'\n", "2:1", /text/],
  ["a control character", "a: \x07\n", "1:4", /a control character$/],
  ["a NUL", "a: \0\n", "1:4", /a control character$/],
  [
    "a Unicode line break in a comment",
    "# a\u2028b: c\n",
    "1:4",
    /which SOPS takes as a line break and other readers do not$/,
  ],
];

for (const [name, source, place, problem] of REFUSED) {
  Deno.test(`parseYaml() refuses ${name}`, () => {
    const error = assertUserError(assertThrows(() => parseYaml(source, "x/.sops.yaml")), "malformed", problem);
    assertEquals(`${error.location?.line}:${error.location?.column}`, place);
    const [line, column] = place.split(":");
    assert(error.message.startsWith(`cannot read "x/.sops.yaml": line ${line}, column ${column}: `), error.message);
    assertEquals(error.details.at(-1)?.indexOf("^"), `${line} │ `.length + Number(column) - 1);
  });
}

Deno.test("parseYaml() refuses deep nesting without running out of stack", () => {
  for (
    const source of ["[".repeat(1_000_000), "- ".repeat(1_000_000), "{a: ".repeat(500_000), "a:\n" + deepBlock(200)]
  ) {
    const error = assertUserError(assertThrows(() => parseYaml(source, "x")), "malformed", /more than 100 levels/);
    assert(error.details.every((line) => line.length < 200));
  }
});

Deno.test("parseYaml() reads the deepest nesting it allows", () => {
  const depth = MAX_DEPTH - 1;
  assert(isSeq(parseYaml("[".repeat(depth) + "]".repeat(depth), "x").root.contents));
});

Deno.test("parseYaml() refuses aliases that expand to too much", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 40; i++) lines.push(`a${i}: &a${i} [${Array(10).fill(`*a${i - 1}`).join(", ")}]`);
  assertUserError(assertThrows(() => parseYaml(lines.join("\n"), "x")), "malformed", /stand for too many values/);
});

Deno.test("parseYaml() reads one list that 10,000 places share", () => {
  const source = "a: &a [x, y, z]\nb:\n" + "  - *a\n".repeat(10_000);
  assertEquals(parseYaml(source, "x").aliases.size, 10_000);
});

Deno.test("parseYaml() keeps offsets of the text with byte order mark and CR LF", () => {
  const source = "\ufeff# é\r\na: 1\r\nb: *n\r\n".replace("1", "&n 1");
  const document = parseYaml(source, "x");
  assertEquals(document.source, source);
  assertEquals(document.lineStarts, [0, 6, 15, 22]);
  const { contents } = document.root;
  assert(isMap(contents));
  const [first, second] = contents.items;
  assert(isScalar(first?.value) && isAlias(second?.value));
  assertEquals(source.slice(first.value.range![0], first.value.range![1]), "1");
  assertEquals(source.slice(second.value.range![0], second.value.range![1]), "*n");
});

Deno.test("parseYaml() reads the first document only and counts the others", () => {
  const document = parseYaml("a: 1\n---\nb: [\n---\nc: 1\n", "x");
  assertEquals(document.documentCount, 3);
  assertEquals(document.secondDocumentOffset, 5);
  assert(isMap(document.root.contents));
  assertEquals(document.root.contents.items.length, 1);
});

Deno.test("parseYaml() leaves what SOPS never reads alone", () => {
  const document = parseYaml("a: 1\n...\n? b\n---\n-\tc: [\n d\ne: *f\n", "x");
  assert(document.documentCount > 1);
});

Deno.test("parseYaml() reads tabs behind text and inside brackets", () => {
  const source = 'a: b \t# c\n#\td\nf: [\n  \tg,\n  \t\n  h\n ]\ni: "\tj"\n';
  assertEquals(parseYaml(source, "x").root.toJS(), { a: "b", f: ["g", "h"], i: "\tj" });
});

Deno.test("parseYaml() finds no content in an empty file", () => {
  for (const source of ["", "\ufeff", "\n\n", "# only a comment\n"]) {
    const document = parseYaml(source, "x");
    assertEquals([document.root.contents, document.documentCount], [null, 0]);
  }
});

Deno.test("parseYaml() shortens long lines around the caret", () => {
  const source = `a: "${"k".repeat(5_000)}" x${"k".repeat(5_000)}\n`;
  const error = assertUserError(assertThrows(() => parseYaml(source, "x")), "malformed");
  assert(error.details.every((line) => line.length < 120), error.details.join("\n"));
  const [line, caret] = error.details;
  assertEquals(line?.[caret?.indexOf("^") ?? 0], "x");
});

Deno.test("parseYaml() never shows a line with a private key", () => {
  const key = `AGE-SECRET-KEY-1${"TEST".repeat(14)}`;
  for (const source of [`a: ${key}: b\n`, `a: ${key}\nb: ]\n`]) {
    const error = assertUserError(assertThrows(() => parseYaml(source, "x")), "malformed");
    assert(!JSON.stringify([error.message, error.details, error.hints]).includes("TEST"));
  }
});

Deno.test("parseYaml() takes time linear in the number of rules", () => {
  const time = (count: number): number => {
    const source = "rules:\n" + `  - {a: x, b: [y, z]}\n`.repeat(count);
    const start = performance.now();
    parseYaml(source, "x");
    return performance.now() - start;
  };
  time(500);
  const small = Math.min(time(1_000), time(1_000), time(1_000));
  assert(Math.min(time(8_000), time(8_000)) < 40 * small, "8 times the rules took more than 40 times the time");
});

function deepBlock(depth: number): string {
  return Array.from({ length: depth }, (_, level) => `${"  ".repeat(level + 1)}a:\n`).join("");
}
