import { UserError } from "../../../lib/base/error.ts";
import { jsonStore } from "../../../lib/sops/stores/json/json.ts";
import type { Leaf } from "../../../lib/sops/tree/tree.ts";
import { applySplices } from "../../../lib/yaml/edit/splice.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import {
  anyMapping,
  applied,
  BLOCK,
  entry,
  leaf,
  list,
  mapping,
  OTHER_BLOCK,
  plainDocuments,
  plainOf,
  readVector,
  RUNS,
  scalarsOf,
} from "./trees.ts";
import fc from "../../support/property.ts";

const parse = (source: string) => jsonStore.parse(source, "x.json");
const canonical = (source: string, indent?: number) =>
  jsonStore.formatCanonical(parse(source).documents, parse(source).block, indent === undefined ? {} : { indent });

Deno.test("jsonStore reads keys in order, twice, and numbers by their type", () => {
  const { documents, block, warnings } = parse('{"2": 1, "1": 1.0, "a": -0, "a": 1e3, "b": [true, null, "x"], "": {}}');
  assertEquals(plainDocuments(documents), [{
    mapping: [
      ["2", 1n],
      ["1", 1],
      ["a", 0n],
      ["a", 1000],
      ["b", { list: [true, null, "x"] }],
      ["", { mapping: [] }],
    ],
  }]);
  assertEquals(block, undefined);
  assertEquals(warnings?.map(({ lineNumber }) => lineNumber), [1]);
});

Deno.test("jsonStore keeps whole numbers of 64 bits exact and warns of longer ones", () => {
  const { documents, warnings } = parse('{\n"a": 9223372036854775807,\n"b": 12345678901234567890}');
  assertEquals(plainOf(documents[0]!.root), { mapping: [["a", 2n ** 63n - 1n], ["b", 12345678901234567890]] });
  assertEquals(warnings?.map(({ lineNumber }) => lineNumber), [3]);
});

Deno.test("jsonStore decodes escapes, and lone surrogates to U+FFFD", () => {
  const { documents } = parse(String.raw`{"a\"\\\/\b\f\n\r\t": "\u00e9\ud83d\ude00\ud800x\\"}`);
  assertEquals(plainOf(documents[0]!.root), { mapping: [['a"\\/\b\f\n\r\t', "é😀\ufffdx\\"]] });
});

Deno.test("jsonStore refuses what is no JSON object, with its place and without content", () => {
  const cases: [source: string, line: number, column: number][] = [
    ["", 1, 1],
    ["\ufeff{}", 1, 1],
    ["[1]", 1, 1],
    ['"secret"', 1, 1],
    ['{"secret"', 1, 10],
    ['{"secret":', 1, 11],
    ['{"secret": 1', 1, 13],
    ['{"secret": 1,}', 1, 14],
    ['{"a": 1\n "secret": 2}', 2, 2],
    ["{'secret': 1}", 1, 2],
    ['{"a": "secret', 1, 7],
    ['{"a": "secret\n"}', 1, 14],
    ['{"a": "\\x"}', 1, 8],
    ['{"a": "\\u12"}', 1, 8],
    ['{"a": 01}', 1, 8],
    ['{"a": secret}', 1, 7],
    ['{"a": nul}', 1, 7],
    ['{"a": 1e400}', 1, 7],
    ['{"a": [1,]}', 1, 10],
    ['{"a": [1 2]}', 1, 10],
    ['{"a": [', 1, 8],
    ['{"sops": 1}', 1, 2],
    ['{"sops": {}, "sops": {}}', 1, 14],
    [`{"a": ${"[".repeat(2000)}`, 1, 1006],
  ];
  for (const [source, line, column] of cases) {
    const error = assertUserError(assertThrows(() => parse(source)), "malformed");
    assertEquals(error.location, { path: "x.json", line, column }, source.slice(0, 40));
    assert(!`${error.message}${error.hints}${error.details}`.includes("secret"), source);
  }
});

Deno.test("jsonStore refuses text behind the first object, which would stay in clear", () => {
  const error = assertUserError(
    assertThrows(() => parse('{"a": 1}\n{"b": "secret"}')),
    "unsupported",
    /behind the end/,
  );
  assert(error.hints.length > 0 && !error.message.includes("secret"));
  assertEquals(parse('{"sops": {}}\n{}').warnings?.map(({ lineNumber }) => lineNumber), [2]); // too late to refuse
});

Deno.test("jsonStore writes the vectors of the real engine back to the byte", () => {
  for (const name of ["types.json", "scalars.json", "scalar-keys.json", "nested-multiline.json", "groups-2of3.json"]) {
    for (const folder of ["enc", "dec"]) {
      const source = readVector(`${folder}/${name}`);
      assertEquals(canonical(source), source, `${folder}/${name}`);
    }
  }
  for (const folder of ["enc", "dec"]) {
    assertEquals(canonical(readVector(`${folder}/indent2.json`), 2), readVector(`${folder}/indent2.json`));
  }
  assertEquals(canonical(readVector("plain/types.json")), readVector("dec/types.json"));
});

Deno.test("jsonStore formats with the indentation that is asked for", () => {
  assertEquals(canonical('{"a":[1],"b":{}}', 0), '{\n"a": [\n1\n],\n"b": {}\n}\n');
  assertEquals(canonical("{}", 3), "{}\n");
  assertUserError(assertThrows(() => canonical("{}", -2)), "usage");
});

Deno.test("jsonStore refuses floats that JSON cannot hold, and several documents", () => {
  const infinite = [{ root: mapping(entry("a", leaf(Infinity))) }];
  assertUserError(assertThrows(() => jsonStore.formatCanonical(infinite, undefined, {})), "unsupported");
  const two = [{ root: mapping() }, { root: mapping() }];
  assertUserError(assertThrows(() => jsonStore.formatCanonical(two, undefined, {})), "unsupported");
});

Deno.test("jsonStore prints values as sops does", () => {
  const printed = [
    leaf("a\nb"),
    leaf(1n),
    leaf(1.5),
    leaf(null),
    list(leaf("<")),
    mapping(),
    mapping(entry("k", leaf(true))),
  ];
  assertEquals(printed.map((node) => jsonStore.formatValue(node, {})), [
    "a\nb",
    "1",
    "1.5",
    "null",
    '[\n\t"\\u003c"\n]',
    "{}\n",
    '{\n\t"k": true\n}\n',
  ]);
});

Deno.test("jsonStore changes a value where it stands", () => {
  const source = '{ "a" : 1 ,\r\n\t"b":"x"}  ';
  const text = applied(jsonStore, source, (file) => {
    const [a, b] = scalarsOf(file.documents);
    return jsonStore.changeValues(file, new Map([[a!, "ENC[1]"], [b!, null]]));
  });
  assertEquals(text, '{ "a" : "ENC[1]" ,\r\n\t"b":null}  ');
});

const LAYOUTS: Readonly<Record<string, [plain: string, encrypted: string]>> = {
  "tabs": ['{\n\t"a": 1\n}\n', '{\n\t"a": 1,\n\t"sops": {\n\t\t"version": "3"\n\t}\n}\n'],
  "two spaces and CRLF": ['{\r\n  "a": 1\r\n}', '{\r\n  "a": 1,\r\n  "sops": {\r\n    "version": "3"\r\n  }\r\n}'],
  "one line": ['{"a":1}', '{"a":1,"sops":{"version":"3"}}'],
  "one line with spaces": ['{"a": 1}\n', '{"a": 1, "sops": {"version": "3"}}\n'],
  "nothing in it": ["{}\n", '{\n\t"sops": {\n\t\t"version": "3"\n\t}\n}\n'],
  "two in a line": ['{"a": 1,  "b": 2}', '{"a": 1,  "b": 2,  "sops": {"version": "3"}}'],
};

for (const [name, [plain, encrypted]] of Object.entries(LAYOUTS)) {
  Deno.test(`jsonStore adds the metadata to a file in its layout and takes it away again: ${name}`, () => {
    const block = mapping(entry("version", leaf("3")));
    assertEquals(applied(jsonStore, plain, (file) => jsonStore.changeMetadata(file, block)), encrypted);
    assertEquals(applied(jsonStore, encrypted, (file) => jsonStore.changeMetadata(file, undefined)), plain);
  });
}

Deno.test("jsonStore changes only the fields of the metadata that differ", () => {
  const source = applied(jsonStore, '{\n  "a": 1\n}\n', (file) => jsonStore.changeMetadata(file, BLOCK));
  const text = applied(jsonStore, source, (file) => jsonStore.changeMetadata(file, OTHER_BLOCK));
  assertEquals(plainOf(parse(text).block!), plainOf(OTHER_BLOCK));
  const kept = source.split("\n").filter((line) => !/lastmodified|threshold|^ {6}\}$/.test(line));
  assertEquals(kept.filter((line) => !text.split("\n").includes(line)), []);
  assertEquals(jsonStore.changeMetadata(parse(text), OTHER_BLOCK), []);
});

Deno.test("jsonStore changes the structure in the style of its neighbours", () => {
  const source = '{\n  "l": [1, 2],\n  "m": {\n    "x": {}\n  },\n  "sops": {}\n}';
  const change = (
    body: (root: ReturnType<typeof parse>["documents"][0]["root"]) => Parameters<typeof jsonStore.changeStructure>[1],
  ) => applied(jsonStore, source, (file) => jsonStore.changeStructure(file, body(file.documents[0]!.root)));
  const value = (root: { items: readonly unknown[] }, index: number) => (root.items[index] as { value: never }).value;
  assertEquals(
    change((root) => ({ action: "append", container: root, added: [{ key: "n", value: list(leaf("x")) }] })),
    source.replace('\n  },\n  "sops"', '\n  },\n  "n": [\n    "x"\n  ],\n  "sops"'),
  );
  assertEquals(
    change((root) => ({
      action: "append",
      container: value(root, 0),
      added: [{ value: mapping(entry("k", leaf(1n))) }],
    })),
    source.replace("2]", '2, {"k": 1}]'),
  );
  assertEquals(
    change((root) => ({ action: "remove", container: value(root, 0), index: 0 })),
    source.replace("1, ", ""),
  );
  assertEquals(
    change((root) => ({ action: "remove", container: value(root, 0), index: 1 })),
    source.replace(", 2", ""),
  );
  assertEquals(
    change((root) => ({ action: "remove", container: root, index: 0 })),
    source.replace('"l": [1, 2],\n  ', ""),
  );
  assertEquals(
    change((root) => ({
      action: "append",
      container: value(value(root, 1), 0),
      added: [{ key: "k", value: leaf("v") }],
    })),
    source.replace("{}", '{\n      "k": "v"\n    }'),
  );
  assertEquals(
    change((root) => ({ action: "replace", node: value(root, 1), value: list() })),
    source.replace('{\n    "x": {}\n  }', "[]"),
  );
});

Deno.test("jsonStore appends before metadata that stands alone", () => {
  const source = '{"sops": {}}';
  const text = applied(
    jsonStore,
    source,
    (file) =>
      jsonStore.changeStructure(file, {
        action: "append",
        container: file.documents[0]!.root,
        added: [{ key: "a", value: leaf(1n) }],
      }),
  );
  assertEquals(text, '{"a": 1, "sops": {}}');
});

Deno.test("jsonStore reads back what it writes", () => {
  fc.assert(
    fc.property(anyMapping, fc.constantFrom(undefined, 0, 2), (root, indent) => {
      const text = jsonStore.formatCanonical([{ root }], undefined, indent === undefined ? {} : { indent });
      assertEquals(plainDocuments(parse(text).documents), plainDocuments([{ root }]));
      assertEquals(canonical(text, indent), text);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("jsonStore changes any value of any file and leaves the rest as it is", () => {
  fc.assert(
    fc.property(anyMapping, fc.constantFrom(2, 0), fc.nat(), fc.string(), (root, indent, index, value) => {
      const source = jsonStore.formatCanonical([{ root }], undefined, { indent });
      const file = parse(source);
      const leaves = scalarsOf(file.documents) as Leaf[];
      if (leaves.length === 0) return;
      const chosen = leaves[index % leaves.length]!;
      const [splice] = jsonStore.changeValues(file, new Map([[chosen, value]]));
      const text = applySplices(source, [splice!]);
      const after = scalarsOf(parse(text).documents) as Leaf[];
      assertEquals(after.map((node) => node.value), leaves.map((node) => node === chosen ? value : node.value));
      assert(text.startsWith(source.slice(0, splice!.start)) && text.endsWith(source.slice(splice!.end)));
    }),
    { numRuns: RUNS },
  );
});

Deno.test("jsonStore reads no half of a file", () => {
  const source = readVector("plain/types.json");
  for (let length = 0; length < source.trimEnd().length; length++) {
    assert(assertThrows(() => parse(source.slice(0, length))) instanceof UserError);
  }
});
