import { isMap, isScalar, isSeq, type Node as LibraryNode, parseAllDocuments } from "yaml";
import { resolvePlainScalar } from "../../../lib/yaml/plain_scalar.ts";
import { STYLE, YamlLeaf, type YamlMapping, type YamlNode } from "../../../lib/yaml/scan/nodes.ts";
import { scanYaml } from "../../../lib/yaml/scan/scan.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { Choices, DIALECTS, makeDocument, mutate } from "../../support/yaml_documents.ts";
import { outline } from "../../support/yaml_outline.ts";

const RUNS = Deno.env.get("SOPSMITH_STRESS") === "full" ? 20_000 : 500;

/** Text and the outline of its tree. */
const READ: Readonly<Record<string, readonly [text: string, tree: string]>> = {
  "nested blocks": ["a:\n  b: 1\n  c:\n  - x\n  -   y: z\n      w: v\n", 'a{b{int 1}c["x" {y{"z"}w{"v"}}]}'],
  "a list in the column of its key": ["a:\n- 1\nb: 2\n", "a[int 1]b{int 2}"],
  "values that are not there": ["a:\nb:\n  -\n  - x\nc: ~\n", 'a{null}b[null "x"]c{null}'],
  "lists in lists": ["a:\n- - 1\n  - 2\n-\n  - 3\n", "a[[int 1 int 2] [int 3]]"],
  "quotes": ["a: 'it''s'\nb: \"\\x41\\t\\u00e9\\\"\"\n'c d': \"e\"\n", 'a{"it\'s"}b{"A\\té\\""}c d{"e"}'],
  "folded lines": ["a: x\n  y\n\n  z\nb: 'q\n\n  r'\nc: \"s \\\n  t\"\n", 'a{"x y\\nz"}b{"q\\nr"}c{"s t"}'],
  "literal blocks": ["a: |\n  x\n   y\n\nb: |-\n  z\n\nc: |+\n  w\n\n", 'a{"x\\n y\\n"}b{"z"}c{"w\\n\\n"}'],
  "folded blocks": ["a: >\n  x\n  y\n\n  z\n   w\n  v\n", 'a{"x y\\nz\\n w\\nv\\n"}'],
  "an indentation indicator": ["a: |2\n   x\n  y\n", 'a{" x\\ny\\n"}'],
  "brackets": ["a: {b: 1, c, 'd': [x, y: z]}\ne: [1,\n 2,]\n", 'a{b{int 1}c{null}d["x" {y{"z"}}]}e[int 1 int 2]'],
  "JSON": ['{"a": [1, "x"], "b":{"c":null}}', 'a[int 1 "x"]b{c{null}}'],
  "explicit keys": ["? a\n: 1\n? b\n", "a{int 1}b{null}"],
  "anchors and aliases": [
    "a: &x {k: v}\nb: *x\nc: [*x]\n&n d: &m e\nf: *n\n",
    'a{k{"v"}}b{k{"v"}}c[{k{"v"}}]d{"e"}f{"d"}',
  ],
  "a later anchor of the same name": ["a: &x 1\nb: *x\nc: &x 2\nd: *x\n", "a{int 1}b{int 1}c{int 2}d{int 2}"],
  "merge keys stay keys": ["a: &x {k: v}\nb:\n  <<: *x\n", 'a{k{"v"}}b{<<{k{"v"}}}'],
  "tags": [
    "a: !!str 1\nb: !!int '2'\nc: !x 3\nd: ! 4\ne: !!binary aGk=\nf: !!map {}\n",
    'a{"1"}b{int 2}c{"3"}d{int 4}e{"hi"}f{}',
  ],
  "tabs between tokens": ["a:\t1\nb: [\t2\t]\n", "a{int 1}b[int 2]"],
  "a byte order mark": ["\ufeffa: 1\n", "a{int 1}"],
  "line ends of Windows": ["a: |\r\n  x\r\n  y\r\nb:\r\n- 1\r\n", 'a{"x\\ny\\n"}b[int 1]'],
  "line breaks of YAML 1.1": ["a: x\u2028b: y\u0085c: 1\n", 'a{"x"}b{"y"}c{int 1}'],
  "text that looks like syntax": [
    "a: b:c\nd: e#f\ng: -1x\nh: ?x\ni: http://x/#y\n",
    'a{"b:c"}d{"e#f"}g{"-1x"}h{"?x"}i{"http://x/#y"}',
  ],
  "no document content": ["---\n", ""],
  "null on top": ["null\n", ""],
  "directives": ["%YAML 1.1\n%TAG !e! tag:e.org,2000:\n---\na: !e!x 1\n", 'a{"1"}'],
  "documents": ["a: 1\n...\n---\nb: 2\n---\nc: 3\n", "a{int 1}|b{int 2}|c{int 3}"],
  "a duplicate in a later document": ["a: 1\n---\nb: 1\nb: 2\n", "a{int 1}|b{int 1}b{int 2}"],
  "dates and numbers": [
    "a: 2024-01-02\nb: 0777\nc: 1.5\nd: 08\n",
    "a{time 2024-01-02T00:00:00Z}b{int 511}c{float 1.5}d{float 8}",
  ],
};

for (const [name, [text, tree]] of Object.entries(READ)) {
  Deno.test(`scanYaml() reads ${name}`, () => {
    assertEquals(scanYaml(text, "x").documents.map(({ root }) => short(root).replace(/^\{|\}$/g, "")).join("|"), tree);
  });
}

function short(node: YamlNode): string {
  if (node.kind === "leaf") {
    const { value } = node;
    if (typeof value === "bigint") return `int ${value}`;
    if (typeof value === "number") return `float ${value}`;
    if (typeof value === "string") return JSON.stringify(value);
    return value !== null && typeof value === "object" && "text" in value ? `time ${value.text}` : String(value);
  }
  const inner = (node.items as readonly { kind: string }[]).filter(({ kind }) => kind !== "comment");
  if (node.kind === "list") return `[${(inner as YamlNode[]).map(short).join(" ")}]`;
  const entries = (inner as unknown as { key: string; value: YamlNode }[]).map(({ key, value }) =>
    key + (value.kind === "leaf" ? `{${short(value)}}` : short(value))
  );
  return `{${entries.join("")}}`;
}

const REFUSED: Readonly<Record<string, string>> = {
  "no document": "",
  "only a comment": "# c\n",
  "a list on top": "- a\n",
  "a scalar on top": "a\n",
  "a duplicate key": "a: 1\nb: 2\na: 3\n",
  "a duplicate among many": `${Array.from({ length: 20 }, (_, i) => `k${i}: 1\n`).join("")}"k3": 2\n`,
  "a key that is no text": "1: a\n",
  "a null key": "~: a\n",
  "a mapping as a key": "{a: b}: c\n",
  "a tab as indentation": "a:\n\tb: 1\n",
  "a tab on a blank line": "a: 'x'\n\t\nb: 1\n",
  "a deeper line": "a: 1\n  b: 2\n",
  "a value that ended": "a: 'x' y\n",
  "two values on a line": "a: b: c\n",
  "a list item among keys": "a: 1\n- b\n",
  "a key among list items": "a:\n  - b\n  c: 1\n",
  "an open quote": "a: 'x\n",
  "an open bracket": "a: [1,\n",
  "a wrong closing bracket": "a: [1}\n",
  "an empty item in brackets": "a: [1,,2]\n",
  "an undefined alias": "a: *x\n",
  "an alias in its own value": "a: &x [*x]\n",
  "an anchor of an earlier document": "a: &x 1\n---\nb: *x\n",
  "an unknown escape": 'a: "\\q"\n',
  "a half character": 'a: "\\ud83d\\ude00"\n',
  "a control character": "a: \x01\n",
  "YAML 1.2": "%YAML 1.2\n---\na: 1\n",
  "a directive without a document": "%YAML 1.1\na: 1\n",
  "content behind the end": "a: 1\n...\nb: 2\n",
  "a tag that does not fit": 'a: !!bool "yes"\n',
  "a merge of a scalar": "a:\n  <<: 1\n",
  "a merge of a list behind an alias": "x: &x [{a: 1}]\na:\n  <<: *x\n",
  "a number that SOPS cannot hold": "a: 9223372036854775808\n",
  "deep nesting": `a: ${"[".repeat(1000)}${"]".repeat(1000)}\n`,
  "too much behind aliases": `a0: &a0 [${"x, ".repeat(50)}x]\n${
    Array.from({ length: 6 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(20)}x]\n`).join("")
  }`,
};

for (const [name, text] of Object.entries(REFUSED)) {
  Deno.test(`scanYaml() refuses ${name}, and says where without saying what`, () => {
    const error = assertUserError(assertThrows(() => scanYaml(text, "f.yaml")), "malformed", /line \d+, column \d+: /);
    assertEquals(error.details.length, 0);
  });
}

Deno.test("scanYaml() reads random documents as the yaml package does", () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const text = makeDocument(new Choices(seed), { hasComments: true });
    const { documents } = scanYaml(text, "x");
    const expected = parseAllDocuments(text, { schema: "failsafe", version: "1.1" });
    assert(Array.isArray(expected));
    expected.forEach(({ contents }, i) => compareWithLibrary(documents[i]!.root, contents as LibraryNode, text));
  }
});

/** The library of the other YAML reader knows no types here: those of unquoted text come from the resolver. */
function compareWithLibrary(node: YamlNode, other: LibraryNode, text: string): void {
  if (node.kind === "list") {
    assert(isSeq(other), text);
    const items = node.items.filter((item) => item.kind !== "comment") as YamlNode[];
    assertEquals(items.length, other.items.length, text);
    items.forEach((item, i) => compareWithLibrary(item, other.items[i] as LibraryNode, text));
  } else if (node.kind === "mapping") {
    assert(isMap(other), text);
    const entries = (node as YamlMapping).items.filter((item) => item.kind === "entry");
    assertEquals(
      entries.map(({ key }) => key),
      other.items.map(({ key }) => String((key as { value: unknown }).value)),
      text,
    );
    entries.forEach(({ value }, i) => compareWithLibrary(value, other.items[i]!.value as LibraryNode, text));
  } else {
    assert(other === null || isScalar(other), text);
    const written = other === null ? "" : String(other.value ?? "");
    const isTyped = (other === null || other.type === "PLAIN") && other?.tag !== "tag:yaml.org,2002:str";
    const expected = isTyped ? resolvePlainScalar(written) : written;
    assertEquals(JSON.stringify(node.value, big), JSON.stringify(expected, big), text);
  }
}

function big(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `int ${value}` : value;
}

Deno.test("scanYaml() gives every scalar the place from which it is read again", () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const choices = new Choices(seed);
    const text = choices.once(2) ? makeDocument(choices, { hasComments: true }) : choices.pick(DIALECTS);
    const visit = (node: YamlNode): void => {
      if (node instanceof YamlLeaf) checkPlace(text, node);
      else if (node.kind !== "leaf") {
        for (const item of node.items) {
          if (item.kind === "comment") {
            if ("start" in item) assertEquals(text.slice(item.start, item.end), `#${item.text}`);
          } else visit(item.kind === "entry" ? item.value : item);
        }
      }
    };
    if (text.startsWith("-")) continue;
    for (const { root } of scanYaml(text, "x").documents) visit(root);
  }
});

function checkPlace(text: string, leaf: YamlLeaf): void {
  const { start, end, style, properties, indent } = leaf;
  if (style === STYLE.absent) return assertEquals(start, end);
  const piece = text.slice(start, end);
  if (style === STYLE.plain) assert(!/^[ \t\n]|[ \t\n]$/.test(piece), JSON.stringify(piece));
  if (properties?.tag !== undefined) return;
  const pad = " ".repeat(Math.max(0, indent));
  const again = scanYaml(`${pad}k: ${piece}\n`, "x").documents[0]!.root.items.at(-1)!;
  assert(again.kind === "entry" && again.value.kind === "leaf", piece);
  assertEquals(JSON.stringify(again.value.value, big), JSON.stringify(leaf.value, big), piece);
}

Deno.test("scanYaml() reads or refuses whatever it is given, and reads it the same with LF and CR LF", () => {
  for (let seed = 1; seed <= RUNS * 4; seed++) {
    const choices = new Choices(seed);
    const text = mutate(choices.pick(DIALECTS), choices);
    const tree = findOutline(text);
    if (tree === undefined || /[\r\u0085\u2028\u2029]/.test(text)) continue;
    assertEquals(findOutline(text.replaceAll("\n", "\r\n")), tree, JSON.stringify(text));
  }
});

function findOutline(text: string): string | undefined {
  try {
    return outline(scanYaml(text, "x").documents, { hasComments: true });
  } catch (error) {
    assertUserError(error, "malformed");
    return undefined;
  }
}

Deno.test("scanYaml() takes time in proportion to the text", () => {
  const text = (count: number): string =>
    Array.from({ length: count }, (_, i) => `key${i}: value number ${i}\n`).join("");
  const time = (source: string): number => {
    const start = performance.now();
    scanYaml(source, "x");
    return performance.now() - start;
  };
  time(text(1000));
  const small = Math.min(...[1, 2, 3].map(() => time(text(2_000))));
  assert(time(text(40_000)) < Math.max(small, 2) * 200, "40,000 keys take more than ten times their share");
});
