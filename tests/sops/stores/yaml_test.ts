import {
  type Comment,
  CommentText,
  type Document,
  type Leaf,
  type Node,
  type Scalar,
} from "../../../lib/sops/tree/tree.ts";
import { changeTree, compareDocuments, replaceValues } from "../../../lib/sops/tree/replace.ts";
import type { StructureChange } from "../../../lib/sops/tree/change.ts";
import { yamlStore } from "../../../lib/sops/stores/yaml.ts";
import { applySplices } from "../../../lib/yaml/edit/splice.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import fc from "../../support/property.ts";
import { Choices, makeDocument } from "../../support/yaml_documents.ts";
import { outline } from "../../support/yaml_outline.ts";
import { hardText } from "./trees.ts";

const VECTORS = new URL("../../vectors/sops/", import.meta.url);
const RUNS = Deno.env.get("SOPSMITH_STRESS") === "full" ? 10_000 : 400;

/** Every leaf and comment of a file, in the order of the tree. */
function itemsOf(documents: readonly Document[]): (Leaf | Comment)[] {
  const items: (Leaf | Comment)[] = [];
  const visit = (node: Node): void => {
    if (node.kind === "leaf") return void items.push(node);
    for (const item of node.items) {
      if (item.kind === "comment") items.push(item);
      else visit(item.kind === "entry" ? item.value : item);
    }
  };
  for (const { root } of documents) visit(root);
  return items;
}

/** A stand-in for encryption: every value and comment becomes a text of the same form. */
function sealedTexts(documents: readonly Document[]): Map<Leaf | Comment, Scalar> {
  const changes = new Map<Leaf | Comment, Scalar>();
  for (const [i, item] of itemsOf(documents).entries()) {
    if (item.kind === "comment" || (item.value !== null && item.value !== "")) changes.set(item, `ENC[${i}: #]`);
  }
  return changes;
}

function sealText(text: string): string {
  const file = yamlStore.parse(text, "x");
  const changes = sealedTexts(file.documents);
  return applySplices(text, yamlStore.changeValues(file, changes)).replace(/ENC\[\d+: #\]/g, "E");
}

/** The table of sops-engine §9, a case a row: the text, and what is left of it when all is encrypted to `E`. */
const KEPT: Readonly<Record<string, readonly [text: string, sealed: string]>> = {
  "blank lines, indentation and comments": [
    "a: 1 # x\n\n\nb:\n     c: y\n  # z\n",
    "a: 'E' #E\n\n\nb:\n     c: 'E'\n  #E\n",
  ],
  "document marks and directives": ["%YAML 1.1\n--- # x\na: 1\n...\n", "%YAML 1.1\n--- #E\na: 'E'\n...\n"],
  "a byte order mark and the line ends of Windows": ["\ufeffa: 1\r\nb: x\r\n", "\ufeffa: 'E'\r\nb: 'E'\r\n"],
  "tabs between tokens": ["a:\tx\t# y\n", "a:\t'E'\t#E\n"],
  "explicit keys and values on the next line": ["? a\n: x\nb:\n  y\n", "? a\n: 'E'\nb:\n  'E'\n"],
  "brackets": ["a: [1, x]\nb: {c: y,\n  d: z}\n", 'a: ["E", "E"]\nb: {c: "E",\n  d: "E"}\n'],
  "JSON": ['{"a": "x", "b": [1]}\n', '{"a": "E", "b": ["E"]}\n'],
  "block scalars become one line": [
    "a: |\n  x\n  y\n\nb: >-\n  z\nc: |+\n  w\n\n\nd: 1\n",
    "a: 'E'\n\nb: 'E'\nc: 'E'\nd: 'E'\n",
  ],
  "scalars over several lines become one line": ["a: x\n  y\nb: 'z\n  w'\n", "a: 'E'\nb: 'E'\n"],
  "comments in lists": ["a:\n  - x # c\n  # d\n  - y\n", "a:\n  - 'E' #E\n  #E\n  - 'E'\n"],
  "a comment behind a block header": ["a: | # c\n  x\nb: > # d\n  y\n", "a: 'E' #E\nb: 'E' #E\n"],
  "comments that go-yaml drops": ["a: [\n  x, # c\n  # d\n  y # e\n]\n", 'a: [\n  "E", #E\n  #E\n  "E" #E\n]\n'],
  "aliases are written out": [
    "a: &x 1\nb: *x # c\nd: &y\n  k: v\ne: *y\nf:\n  - *y\n",
    "a: &x 'E'\nb: 'E' #E\nd: &y\n  k: 'E'\ne:\n  k: 'E'\nf:\n  - k: 'E'\n",
  ],
  "an alias above a comment is written out in brackets": [
    "a: &x\n  - y # c\nb:\n  - *x\n  # d\n",
    "a: &x\n  - 'E' #E\nb:\n  - [\"E\"]\n  #E\n",
  ],
  "a merge is written out": [
    "a: &x {k: v}\nb:\n  <<: *x\n  l: w\n",
    "a: &x {k: \"E\"}\nb:\n  <<:\n    k: 'E'\n  l: 'E'\n",
  ],
  "an alias as a key": ["a: &x k\nb:\n  *x : v\n", "a: &x 'E'\nb:\n  k : 'E'\n"],
  "tags of others stay": [
    "a: !x y\nb: !l [z]\nc: !!str 1\nd: ! 5\n",
    "a: !x 'E'\nb: !l [\"E\"]\nc: !!str 'E'\nd: ! 'E'\n",
  ],
  "tags that say a type go": [
    "a: !!int 5\nb: &q !!float 1\nc: !!bool &r true\nd: !!binary aGk=\n",
    "a: 'E'\nb: &q 'E'\nc: &r 'E'\nd: 'E'\n",
  ],
  "null and the empty text": ["a:\nb: ~\nc: ''\nd: []\n", "a:\nb: ~\nc: ''\nd: []\n"],
  "duplicate keys in a later document": ["a: 1\n---\nb: 1\nb: 2\n", "a: 'E'\n---\nb: 'E'\nb: 'E'\n"],
};

for (const [name, [text, sealed]] of Object.entries(KEPT)) {
  Deno.test(`changeValues() keeps the layout: ${name}`, () => assertEquals(sealText(text), sealed));
}

Deno.test("changeValues() leaves an alias that stands for the right values", () => {
  const text = "a: &x 1\nb: *x\n";
  const file = yamlStore.parse(text, "x");
  const [first, copy] = itemsOf(file.documents);
  const splices = yamlStore.changeValues(file, new Map([[first as Leaf, "s"], [copy as Leaf, "s"]]));
  assertEquals(applySplices(text, splices), "a: &x s\nb: *x\n");
  const other = yamlStore.changeValues(file, new Map([[copy as Leaf, "s"]]));
  assertEquals(applySplices(text, other), "a: &x 1\nb: s\n");
});

/** What a value of the text `a: x # c` is written as. */
const WRITTEN: readonly (readonly [value: Scalar, text: string])[] = [
  ["plain", "a: plain # c\n"],
  ["yes", 'a: "yes" # c\n'],
  ["12", 'a: "12" # c\n'],
  ["a: b", "a: 'a: b' # c\n"],
  ["l1\nl2\n", "a: | # c\n    l1\n    l2\n"],
  ["l1\n\n", "a: |+ # c\n    l1\n\n"],
  [" l1\nl2", "a: |4- # c\n     l1\n    l2\n"],
  ["\tl1\nl2", 'a: "\\tl1\\nl2" # c\n'],
  ["\n", 'a: "\\n" # c\n'],
  ["\u{1f600}", 'a: "\\U0001F600" # c\n'],
  [12n, "a: 12 # c\n"],
  [1, "a: 1.0 # c\n"],
  [-0, "a: -0.0 # c\n"],
  [1e21, "a: 1e+21 # c\n"],
  [Infinity, "a: .inf # c\n"],
  [true, "a: true # c\n"],
  [null, "a: null # c\n"],
  [new Uint8Array([0xff]), 'a: !!binary "/w==" # c\n'],
];

for (const [value, text] of WRITTEN) {
  Deno.test(`changeValues() writes ${typeof value === "bigint" ? value : JSON.stringify(value)} so that it reads back`, () => {
    const source = "a: x # c\n";
    const file = yamlStore.parse(source, "x");
    const leaf = itemsOf(file.documents).find(({ kind }) => kind === "leaf") as Leaf;
    const written = applySplices(source, yamlStore.changeValues(file, new Map([[leaf, value]])));
    assertEquals(written, text);
    const again = yamlStore.parse(written, "x");
    const expected = replaceValues(file.documents, new Map([[leaf, value]]));
    assertEquals(outline(again.documents, { hasComments: true }), outline(expected, { hasComments: true }));
  });
}

Deno.test("changeValues() writes any text so that it reads back, wherever it stands", () => {
  const source = `a: x
b:
  - x

  - - x # c
c: |
  x

d: [x, {e: x}]
# c
f: >- # c
 x
g: !!str x # c
h: "x"

i:
    j: x
    'k': x`;
  for (const text of [`${source}\n`, source, source.replaceAll("\n", "\r\n"), `${source} # c\n---\nl: x\n`]) {
    const file = yamlStore.parse(text, "x");
    const leaves = itemsOf(file.documents).filter((item) => item.kind === "leaf");
    fc.assert(
      fc.property(fc.array(hardText, { minLength: leaves.length, maxLength: leaves.length }), (texts) => {
        const changes = new Map(leaves.map((leaf, i) => [leaf, texts[i]!]));
        const written = applySplices(text, yamlStore.changeValues(file, changes));
        const { documents } = yamlStore.parse(written, "x");
        assertEquals(compareDocuments(documents, file.documents, changes), "none", written);
      }),
      { numRuns: RUNS },
    );
  }
});

Deno.test("changeValues() makes comment lines of the items that SOPS wrote for comments", () => {
  const source = "a:\n    - ENC1\n    - x\n    - ENC2\nb:\n- ENC3\n- y\n";
  const file = yamlStore.parse(source, "x");
  const changes = new Map<Leaf | Comment, Scalar | CommentText>();
  for (const item of itemsOf(file.documents)) {
    if (item.kind === "leaf" && String(item.value).startsWith("ENC")) {
      changes.set(item, new CommentText(` ${item.value}`));
    }
  }
  assertEquals(
    applySplices(source, yamlStore.changeValues(file, changes)),
    "a:\n    # ENC1\n    - x\n    # ENC2\nb:\n# ENC3\n- y\n",
  );
});

Deno.test("changeValues() changes values and comments, and nothing else, in random documents", () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const text = makeDocument(new Choices(seed), { hasComments: true });
    const file = yamlStore.parse(text, "x");
    const sealed = sealedTexts(file.documents);
    const sealedSource = applySplices(text, yamlStore.changeValues(file, sealed));
    const sealedFile = yamlStore.parse(sealedSource, "x");
    assertEquals(compareDocuments(sealedFile.documents, file.documents, sealed), "none", text);
    const back = new Map<Leaf | Comment, Scalar>();
    const before = itemsOf(file.documents);
    itemsOf(sealedFile.documents).forEach((item, i) => {
      const old = before[i]!;
      if (sealed.has(old)) back.set(item, old.kind === "comment" ? old.text : old.value);
    });
    const opened = applySplices(sealedSource, yamlStore.changeValues(sealedFile, back));
    assertEquals(compareDocuments(yamlStore.parse(opened, "x").documents, file.documents, new Map()), "none", text);
  }
});

const BLOCK: Node & { kind: "mapping" } = {
  kind: "mapping",
  items: [
    {
      kind: "entry",
      key: "age",
      value: {
        kind: "list",
        items: [{
          kind: "mapping",
          items: [entry("enc", "-----BEGIN\nxyz\n-----END\n"), entry("recipient", "age1x")],
        }],
      },
    },
    entry("lastmodified", "2026-01-02T03:04:05Z"),
    entry("mac", "ENC[m]"),
    entry("version", "3.13.2"),
  ],
};

function entry(key: string, value: Scalar): { kind: "entry"; key: string; value: Leaf } {
  return { kind: "entry", key, value: { kind: "leaf", value } };
}

const BLOCK_LINES = `sops:
    age:
        - enc: |
            -----BEGIN
            xyz
            -----END
          recipient: age1x
    lastmodified: "2026-01-02T03:04:05Z"
    mac: ENC[m]
    version: 3.13.2
`;

/** Text without and with the metadata block. */
const WITH_BLOCK: Readonly<Record<string, readonly [text: string, withBlock: string]>> = {
  "at the end": ["a: 1\n# c\n", `a: 1\n# c\n${BLOCK_LINES}`],
  "behind blank lines": ["a: 1\n\n\n", `a: 1\n\n\n${BLOCK_LINES}`],
  "before the end of the document": ["a: 1\n...\n", `a: 1\n${BLOCK_LINES}...\n`],
  "in every document": ["a: 1\n---\nb: 2\n---\n", `a: 1\n${BLOCK_LINES}---\nb: 2\n${BLOCK_LINES}---\n${BLOCK_LINES}`],
  "with the line ends of the file": ["a: 1\r\n", `a: 1\r\n${BLOCK_LINES.replaceAll("\n", "\r\n")}`],
  "in the column of the keys": ["  a: 1\n", `  a: 1\n${BLOCK_LINES.replace(/^/gm, "  ").slice(0, -2)}`],
  "in a document without keys": ["---\n", `---\n${BLOCK_LINES}`],
  "inside braces": [
    '{"a": 1}\n',
    '{"a": 1, "sops": {"age": [{"enc": "-----BEGIN\\nxyz\\n-----END\\n", "recipient": "age1x"}], "lastmodified": "2026-01-02T03:04:05Z", "mac": "ENC[m]", "version": "3.13.2"}}\n'
      .replace(/"(age|enc|recipient|lastmodified|mac|version)":/g, '"$1":'),
  ],
  "before a block scalar that a line break would change": ["a: 1\nb: |\n  x", `a: 1\n${BLOCK_LINES}b: |\n  x`],
  "before a block scalar of blanks that a line break would change": [
    "a: 1\nb: |+\n  ",
    `a: 1\n${BLOCK_LINES}b: |+\n  `,
  ],
};

for (const [name, [text, withBlock]] of Object.entries(WITH_BLOCK)) {
  Deno.test(`changeMetadata() puts the block ${name}, and takes it away again`, () => {
    const file = yamlStore.parse(text, "x");
    const written = applySplices(text, yamlStore.changeMetadata(file, BLOCK));
    assertEquals(written, withBlock);
    const again = yamlStore.parse(written, "x");
    assert(again.block !== undefined);
    assertEquals(compareDocuments(again.documents, file.documents, new Map()), "none");
    assertEquals(applySplices(written, yamlStore.changeMetadata(again, undefined)), text);
    assertEquals(yamlStore.changeMetadata(again, BLOCK), []);
  });
}

Deno.test("changeMetadata() ends the last line where the file does not", () => {
  assertEquals(
    applySplices("a: 1", yamlStore.changeMetadata(yamlStore.parse("a: 1", "x"), BLOCK)),
    `a: 1\n${BLOCK_LINES}`,
  );
});

Deno.test("changeMetadata() changes the fields that change, and keeps the text of the others", () => {
  const text =
    `sops:\n  # mine\n  mac:   'old'\n  lastmodified: "2020-01-01T00:00:00Z" # c\n  age:\n  - recipient: age1x\n    enc: "-----BEGIN\\nxyz\\n-----END\\n"\n  version: 3.13.2\n  other: [kept]\na: 1\n`;
  const file = yamlStore.parse(text, "x");
  const wanted = {
    ...BLOCK,
    items: [
      ...BLOCK.items,
      { kind: "entry", key: "other", value: { kind: "list", items: [{ kind: "leaf", value: "kept" }] } } as const,
    ],
  };
  assertEquals(
    applySplices(text, yamlStore.changeMetadata(file, wanted)),
    text.replace("'old'", "ENC[m]").replace("2020-01-01T00:00:00Z", "2026-01-02T03:04:05Z"),
  );
});

Deno.test("changeMetadata() adds and removes recipients by their own lines", () => {
  const text = `a: 1\n${BLOCK_LINES}`;
  const file = yamlStore.parse(text, "x");
  const [age, ...others] = BLOCK.items;
  assert(age?.kind === "entry" && age.value.kind === "list");
  const second: Node = { kind: "mapping", items: [entry("enc", "E2\n"), entry("recipient", "age1y")] };
  const both: Node & { kind: "mapping" } = {
    kind: "mapping",
    items: [{ ...age, value: { kind: "list", items: [...age.value.items, second] } }, ...others],
  };
  const added = applySplices(text, yamlStore.changeMetadata(file, both));
  const line = "          recipient: age1x\n";
  assertEquals(added, text.replace(line, `${line}        - enc: |\n            E2\n          recipient: age1y\n`));
  assertEquals(applySplices(added, yamlStore.changeMetadata(yamlStore.parse(added, "x"), BLOCK)), text);
});

for (
  const [name, text] of Object.entries({
    "a scalar": "a: 1\nsops: 1\n",
    "only in a later document": "a: 1\n---\nb: 2\nsops:\n  c: 3\n",
    "two of them": "sops: {}\na: 1\n---\nsops: {}\nsops: {}\n",
  })
) {
  Deno.test(`parse() refuses a key sops that is ${name}`, () => {
    assertUserError(assertThrows(() => yamlStore.parse(text, "x")), "malformed");
  });
}

/** Text, change of the value at a path, and the text with it. */
const CHANGED: Readonly<Record<string, readonly [text: string, change: Change, changed: string]>> = {
  "an entry behind the last": [
    "a:\n  b: 1 # c\nd: 2\n",
    { in: ["a"], key: "e", value: "x" },
    "a:\n  b: 1 # c\n  e: x\nd: 2\n",
  ],
  "an entry on top": ["a: 1\n", { in: [], key: "b", value: "x" }, "a: 1\nb: x\n"],
  "an entry before the metadata": [
    `a: 1\n${BLOCK_LINES}`,
    { in: [], key: "b", value: "x" },
    `a: 1\nb: x\n${BLOCK_LINES}`,
  ],
  "an item with the author's dash": ["a:\n-   x\n", { in: ["a"], value: "w" }, "a:\n-   x\n-   w\n"],
  "an entry in braces": ["a: {b: 1}\n", { in: ["a"], key: "c", value: "x" }, 'a: {b: 1, "c": "x"}\n'],
  "an item in brackets over lines": ["a: [\n  1,\n  2\n]\n", { in: ["a"], value: 3n }, "a: [\n  1,\n  2,\n  3\n]\n"],
  "an entry in empty braces": ["a: {}\n", { in: ["a"], key: "b", value: "x" }, "a:\n    b: x\n"],
  "an item in empty brackets": ["a:\n  b: []\n", { in: ["a", "b"], value: "x" }, "a:\n  b:\n    - x\n"],
  "an entry in a text that has a line without an end": ["a: 1", { in: [], key: "b", value: "x" }, "a: 1\nb: x"],
  "another scalar": ["a: 1 # c\n", { at: ["a"], value: "x" }, "a: x # c\n"],
  "a value where there was none": ["a:\nb: 1\n", { at: ["a"], value: "x" }, "a: x\nb: 1\n"],
  "a mapping for a scalar": ["a: 1 # c\n", { at: ["a"], value: { b: "x" } }, "a: # c\n    b: x\n"],
  "a scalar for a mapping": ["a:\n  b: 1\n  c: 2\nd: 3\n", { at: ["a"], value: "x" }, "a: x\nd: 3\n"],
  "a mapping for an item": [
    "a:\n  - 1\n  - 2\n",
    { at: ["a", 0], value: { b: "x", c: "w" } },
    "a:\n  - b: x\n    c: w\n  - 2\n",
  ],
  "a value below an alias": ["a: &x\n  b: 1\nc: *x\n", { at: ["c", "b"], value: "w" }, "a: &x\n  b: 1\nc:\n  b: w\n"],
  "a value with an anchor": ["a: &x\n  b: 1\nc: *x\n", { at: ["a"], value: "w" }, "a: w\nc:\n  b: 1\n"],
  "an entry less": ["a: 1\nb: 2 # c\nd: 3\n", { without: ["b"] }, "a: 1\n# c\nd: 3\n"],
  "a block less": ["a:\n  b: 1\n\n  c: 2\nd: 3\n", { without: ["a"] }, "d: 3\n"],
  "the first entry of an item less": ["a:\n  - b: 1\n    c: 2\n", { without: ["a", 0, "b"] }, "a:\n  - c: 2\n"],
  "the only entry less": ["a:\n  b: 1\nc: 2\n", { without: ["a", "b"] }, "a:\n  {}\nc: 2\n"],
  "an item less": ["a:\n  - 1\n  - 2\n", { without: ["a", 0] }, "a:\n  - 2\n"],
  "an item in brackets less": ["a: [1, 2, 3]\n", { without: ["a", 1] }, "a: [1, 3]\n"],
  "the last item in brackets less": ["a: [1, 2]\n", { without: ["a", 1] }, "a: [1]\n"],
};

type NewValue = Scalar | { readonly [key: string]: Scalar };
type Change =
  | { readonly in: readonly string[]; readonly key?: string; readonly value: NewValue }
  | { readonly at: readonly (string | number)[]; readonly value: NewValue }
  | { readonly without: readonly (string | number)[] };

function nodeAt(root: Node, path: readonly (string | number)[]): Node {
  return path.reduce<Node>((node, step) => {
    assert(node.kind !== "leaf");
    if (node.kind === "list") return node.items.filter((item) => item.kind !== "comment")[Number(step)]!;
    const found = node.items.find((item) => item.kind === "entry" && item.key === step);
    assert(found?.kind === "entry");
    return found.value;
  }, root);
}

function newNode(value: NewValue): Node {
  if (value === null || typeof value !== "object" || value instanceof Uint8Array || "text" in value) {
    return { kind: "leaf", value: value as Scalar };
  }
  return { kind: "mapping", items: Object.entries(value).map(([key, inner]) => entry(key, inner)) };
}

function structureChange(root: Node, change: Change): StructureChange {
  if ("in" in change) {
    const container = nodeAt(root, change.in);
    assert(container.kind !== "leaf");
    const key = change.key === undefined ? {} : { key: change.key };
    return { action: "append", container, added: [{ value: newNode(change.value), ...key }] };
  }
  if ("at" in change) return { action: "replace", node: nodeAt(root, change.at), value: newNode(change.value) };
  const container = nodeAt(root, change.without.slice(0, -1));
  assert(container.kind !== "leaf");
  const target = nodeAt(root, change.without);
  const index = (container.items as readonly (Node | { kind: string; value?: Node })[])
    .findIndex((item) => item === target || ("value" in item && item.kind === "entry" && item.value === target));
  return { action: "remove", container, index };
}

for (const [name, [text, change, changed]] of Object.entries(CHANGED)) {
  Deno.test(`changeStructure() writes ${name}`, () => {
    const file = yamlStore.parse(text, "x");
    const wanted = structureChange(file.documents[0]!.root, change);
    const written = applySplices(text, yamlStore.changeStructure(file, wanted));
    assertEquals(written, changed);
    const again = yamlStore.parse(written, "x");
    assert(compareDocuments(again.documents, changeTree(file.documents, [wanted]), new Map()) !== "values", written);
  });
}

Deno.test("changeStructure() makes random changes in random documents, and nothing else", () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const choices = new Choices(seed);
    const text = makeDocument(choices, { hasComments: choices.once(2) });
    const file = yamlStore.parse(text, "x");
    const change = randomChange(file.documents[0]!.root, choices);
    if (change === undefined) continue;
    const written = applySplices(text, yamlStore.changeStructure(file, change));
    const again = yamlStore.parse(written, "x");
    const difference = compareDocuments(again.documents, changeTree(file.documents, [change]), new Map());
    assert(difference !== "values", `${change.action}\n${text}\n→\n${written}`);
  }
});

function randomChange(root: Node, choices: Choices): StructureChange | undefined {
  const containers: (Node & { kind: "mapping" | "list" })[] = [];
  const nodes: Node[] = [];
  const visit = (node: Node): void => {
    if (node !== root) nodes.push(node);
    if (node.kind === "leaf") return;
    containers.push(node);
    for (const item of node.items) if (item.kind !== "comment") visit(item.kind === "entry" ? item.value : item);
  };
  visit(root);
  const values: readonly Node[] = [
    { kind: "leaf", value: "new text" },
    { kind: "leaf", value: "l1\n  l2\n" },
    { kind: "leaf", value: 5n },
    { kind: "mapping", items: [entry("n1", "x"), entry("n2", "a: b")] },
    { kind: "list", items: [{ kind: "leaf", value: "y" }, { kind: "mapping", items: [entry("n3", "z")] }] },
    { kind: "list", items: [] },
  ];
  const value = choices.pick(values);
  const container = choices.pick(containers);
  switch (choices.below(3)) {
    case 0:
      return container.kind === "list"
        ? { action: "append", container, added: [{ value }] }
        : { action: "append", container, added: [{ key: "new key", value }] };
    case 1:
      return nodes.length === 0 ? undefined : { action: "replace", node: choices.pick(nodes), value };
    default: {
      const indexes = [...container.items.keys()].filter((i) => container.items[i]!.kind !== "comment");
      return indexes.length === 0 ? undefined : { action: "remove", container, index: choices.pick(indexes) };
    }
  }
}

for (const { name } of Deno.readDirSync(new URL("enc/", VECTORS))) {
  if (!name.endsWith(".yaml")) continue;
  Deno.test(`parse() reads ${name} of SOPS, and its block goes and comes back`, () => {
    const text = Deno.readTextFileSync(new URL(`enc/${name}`, VECTORS));
    const file = yamlStore.parse(text, name);
    assert(file.block !== undefined);
    const keys = file.block.items.flatMap((item) => item.kind === "entry" ? [item.key] : []);
    assert(keys.includes("mac") && keys.includes("lastmodified"));
    const plain = applySplices(text, yamlStore.changeMetadata(file, undefined));
    const plainFile = yamlStore.parse(plain, name);
    assertEquals(compareDocuments(plainFile.documents, file.documents, new Map()), "none");
    const again = applySplices(plain, yamlStore.changeMetadata(plainFile, file.block));
    if (name === "indent2.yaml") {
      assertEquals(applySplices(again, yamlStore.changeMetadata(yamlStore.parse(again, name), undefined)), plain);
    } else assertEquals(again, text);
  });
}
