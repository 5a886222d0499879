import {
  type ConfigFile,
  type ConfigMap,
  type ConfigValue,
  keyLocation,
  mergeConfigFiles,
} from "../../../lib/config/atmos/layers.ts";
import { parseYaml } from "../../../lib/yaml/parse.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";

/** Files are named `/0.yaml`, `/1.yaml`, …, the first the highest. */
function merge(...sources: string[]): ConfigMap | undefined {
  return mergeConfigFiles(sources.map((source, i): ConfigFile => {
    return { path: `/${i}.yaml`, document: parseYaml(source, `${i}.yaml`) };
  }));
}

/** @returns the merged values as plain data, functions as `!name argument` */
function plain(value: ConfigValue | undefined): unknown {
  if (value === undefined) return null;
  switch (value.type) {
    case "map":
      return Object.fromEntries(value.names.map((name) => [name, plain(value.find(name))]));
    case "list":
      return value.texts;
    case "scalar":
      return value.text;
    case "function":
      return `${value.name} ${value.argument}`.trim();
  }
}

const TABLE: readonly (readonly [name: string, sources: readonly string[], merged: unknown])[] = [
  ["maps key by key", ["a: {x: 1}\nc: 3\n", "a: {y: 2}\nb: 4\n"], { a: { x: "1", y: "2" }, c: "3", b: "4" }],
  ["nothing but the highest of scalars and lists", ["a: 1\nl: [x]\n", "a: 2\nl: [y, z]\n"], { a: "1", l: ["x"] }],
  ["a scalar over a map and a map over a scalar", ["a: 1\nb: {x: 1}\n", "a: {x: 1}\nb: 1\n"], {
    a: "1",
    b: { x: "1" },
  }],
  ["maps only down to what is no map", ["a: {x: 1}\n", "a: no\n", "a: {y: 1}\n"], { a: { x: "1" } }],
  ["null over a scalar and a list", ["a: null\nb: ~\n", "a: 1\nb: [x]\n"], { a: null, b: null }],
  ["null without a say in maps", ["a:\n", "a: {x: 1}\n"], { a: { x: "1" } }],
  ["a function like a scalar", ["a: !env X\n", "a: {x: 1}\n"], { a: "!env X" }],
  ["a function without text", ["a: !repo-root\nb: !include {x: 1}\n"], { a: "!repo-root", b: "!include" }],
  ["aliases and merge keys", ["d: &d {x: 1, y: 2}\na: {<<: *d, y: 3}\nb: *d\n", "a: {z: 4}\n"], {
    d: { x: "1", y: "2" },
    a: { y: "3", x: "1", z: "4" },
    b: { x: "1", y: "2" },
  }],
  [
    "no prototype",
    ["__proto__: {x: 1}\nconstructor: 1\n"],
    JSON.parse('{"__proto__": {"x": "1"}, "constructor": "1"}'),
  ],
  ["nothing of empty files", ["", "# nothing\n", "null\n", "a: 1\n"], { a: "1" }],
];

for (const [name, sources, merged] of TABLE) {
  Deno.test(`mergeConfigFiles() merges ${name}`, () => assertEquals(plain(merge(...sources)), merged));
}

Deno.test("mergeConfigFiles() has nothing where no file has anything", () => {
  assertEquals(merge(), undefined);
  assertEquals(merge("", "~\n"), undefined);
});

Deno.test("mergeConfigFiles() refuses a file that is no mapping", () => {
  assertUserError(
    assertThrows(() => merge("- a\n")),
    "malformed",
    /^cannot read "0.yaml": line 1, column 1: no mapping/,
  );
});

Deno.test("keyLocation() remembers the file and line of every value", () => {
  const root = merge("a:\n  x: 1\n", "a:\n  y: 2\nb: 3\n");
  const a = root?.find("a") as ConfigMap;
  assertEquals(keyLocation(a.place), { path: "/0.yaml", line: 1, column: 1 });
  assertEquals(keyLocation(a.find("x")!.place), { path: "/0.yaml", line: 2, column: 3 });
  assertEquals(keyLocation(a.find("y")!.place), { path: "/1.yaml", line: 2, column: 3 });
  assertEquals(keyLocation(a.placeOf("y")), { path: "/1.yaml", line: 2, column: 3 });
  assertEquals(keyLocation(a.placeOf("nowhere")), { path: "/0.yaml", line: 1, column: 1 });
});
