import { rewriteLegacyForm } from "../../../lib/commands/file/legacy.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

const SURROUNDINGS = {
  valueFlags: new Set(["--age", "--extract", "--config", "--filename-override"]),
  exists: (path: string): boolean => path === "here",
};

const TABLE: readonly [typed: readonly string[], expected: readonly string[] | undefined][] = [
  [["-d", "a.yaml"], ["decrypt", "a.yaml"]],
  [["--decrypt", "-i", "a.yaml"], ["decrypt", "-i", "a.yaml"]],
  [["-i", "-d", "a.yaml"], ["decrypt", "-i", "a.yaml"]],
  [["-e", "--age", "age1x", "a.yaml"], ["encrypt", "--age", "age1x", "a.yaml"]],
  [["-r", "-i", "a.yaml"], ["rotate", "-i", "a.yaml"]],
  [["-d", "--extract", `["a"]["b"]`, "a.yaml"], ["decrypt", "--extract", `["a"]["b"]`, "a.yaml"]],
  [["--set", `["a"]["b"] "x y"`, "a.yaml"], ["set", "a.yaml", `["a"]["b"]`, `"x y"`]],
  [["--set", `["a"][0] {"b": 1}`, "a.yaml"], ["set", "a.yaml", `["a"][0]`, `{"b": 1}`]],
  [["--set", `["a"]  [1]`, "a.yaml"], ["set", "a.yaml", `["a"]`, "[1]"]],
  [[`--set=["a"] 1`, "--ignore-mac", "a.yaml"], ["set", "--ignore-mac", "a.yaml", `["a"]`, "1"]],
  [["--filename-override", "a.yaml", "--set", `["a"] 1`, "a.yaml"], [
    "set",
    "--filename-override",
    "a.yaml",
    "a.yaml",
    `["a"]`,
    "1",
  ]],
  [["a.yaml"], ["edit", "a.yaml"]],
  [["secrets/new"], ["edit", "secrets/new"]],
  [["--age", "age1x", "new.yaml"], ["edit", "--age", "age1x", "new.yaml"]],
  [["here"], ["edit", "here"]],
  [["--", "here"], ["edit", "--", "here"]],
  [["statsu"], undefined],
  [["--verbose"], undefined],
  [["--config", "a.yaml"], undefined],
];

for (const [typed, expected] of TABLE) {
  Deno.test(`rewriteLegacyForm() reads ${typed.join(" ")}`, () => {
    assertEquals(rewriteLegacyForm(typed, SURROUNDINGS), expected);
  });
}

Deno.test("rewriteLegacyForm() refuses two actions, and --set without a value", () => {
  assertThrows(() => rewriteLegacyForm(["-d", "-e", "a.yaml"], SURROUNDINGS), /decrypt and encrypt contradict/);
  assertThrows(() => rewriteLegacyForm(["-d", "--set", `["a"] 1`, "a.yaml"], SURROUNDINGS), /contradict/);
  assertThrows(() => rewriteLegacyForm(["--set", `["a"]`, "a.yaml"], SURROUNDINGS), /a path and a value/);
  assertThrows(() => rewriteLegacyForm(["--set", `["a"] 1`], SURROUNDINGS), /FILE is missing/);
});
