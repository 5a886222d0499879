import { isMap, isScalar, isSeq } from "yaml";
import { parseYaml } from "../../lib/yaml/parse.ts";
import { mapEntries, resolveNode, scalarText, scalarType, writtenEntries } from "../../lib/yaml/resolve.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../support/assert.ts";

/** The keys and scalar values of the mapping under `it`, merges followed. */
function merged(source: string): string[] {
  const document = parseYaml(source, "x");
  const root = document.root.contents;
  assert(isMap(root));
  const entry = writtenEntries(document, root).find(({ name }) => name === "it");
  const map = resolveNode(document, entry?.value);
  assert(isMap(map));
  return mapEntries(document, map).map(({ name, value }) => {
    const node = resolveNode(document, value);
    return `${name}=${isScalar(node) ? scalarText(node) : "?"}`;
  });
}

Deno.test("mapEntries() lets written keys win over merged ones", () => {
  assertEquals(merged("b: &b {a: 1, c: 2}\nit: {<<: *b, a: 3}\n"), ["a=3", "c=2"]);
});

Deno.test("mapEntries() lets the first of several merged mappings win", () => {
  assertEquals(merged("b: &b {a: 1}\nc: &c {a: 2, d: 3}\nit:\n  <<: [*b, *c]\n"), ["a=1", "d=3"]);
});

Deno.test("mapEntries() follows merges of merges and mappings in place", () => {
  assertEquals(merged("b: &b {a: 1}\nc: &c {<<: *b, d: 3}\nit: {<<: *c}\n"), ["d=3", "a=1"]);
  assertEquals(merged("it: {<<: {a: 1}, b: 2}\n"), ["b=2", "a=1"]);
});

Deno.test("mapEntries() takes a quoted << for a key like any other", () => {
  assertEquals(merged("it: {'<<': 1}\n"), ["<<=1"]);
});

Deno.test("mapEntries() leaves out a null key", () => {
  assertEquals(merged("it: {~: 1, a: 2}\n"), ["a=2"]);
});

Deno.test("mapEntries() refuses a merge of something else, and a key that is a list", () => {
  for (const source of ["it: {<<: 1}\n", "b: &b [1]\nit: {<<: *b}\n", "it: {<<: [1]}\n"]) {
    assertUserError(assertThrows(() => merged(source)), "malformed", /a value of `<<`/);
  }
  assertUserError(assertThrows(() => merged("it: {[a]: 1}\n")), "malformed", /as a key, expected text$/);
});

Deno.test("resolveNode() takes the last definition before the alias", () => {
  const document = parseYaml("- &a 1\n- *a\n- &a 2\n- *a\n", "x");
  const root = document.root.contents;
  assert(isSeq(root));
  const texts = root.items.map((item) => {
    const node = resolveNode(document, item as Parameters<typeof resolveNode>[1]);
    return isScalar(node) ? scalarText(node) : undefined;
  });
  assertEquals(texts, ["1", "1", "2", "2"]);
});

Deno.test("scalarType() takes scalars for what go-yaml takes them", () => {
  const types: Record<string, string> = {
    "": "null",
    "~": "null",
    null: "null",
    NULL: "null",
    true: "boolean",
    False: "boolean",
    yes: "string",
    on: "string",
    "1": "integer",
    "-1": "integer",
    "1_000": "integer",
    "0x1f": "integer",
    "0o17": "integer",
    "017": "integer",
    "0b11": "integer",
    "1.5": "float",
    ".5": "float",
    "1e3": "float",
    ".inf": "float",
    "-.INF": "float",
    ".nan": "float",
    "2026-11-21": "timestamp",
    "2026-11-21T10:00:00Z": "timestamp",
    "'1'": "string",
    '"true"': "string",
    "1a": "string",
    "!!str 1": "string",
    "1:30": "string",
    "-": "string",
    "09": "float",
  };
  for (const [source, expected] of Object.entries(types)) {
    const document = parseYaml(source === "-" ? "a: '-'" : `a: ${source}`, "x");
    assert(isMap(document.root.contents));
    const node = document.root.contents.items[0]?.value;
    assertEquals(`${source} ${scalarType(node as Parameters<typeof scalarType>[0])}`, `${source} ${expected}`);
  }
});
