import fc from "../../support/property.ts";
import { matchesPath } from "../../support/rule_match.ts";
import {
  formatPathRegex,
  formatWildcards,
  isSamePathRegex,
  quoteMeta,
  WILDCARD,
} from "../../../lib/config/patterns/path_regex.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const LINUX = { os: "linux", anchored: false } as const;

/** Template to pattern, as the reference implementation writes it. */
const REFERENCE = [
  ["secrets/{{ .atmos_stack }}.enc.yaml", String.raw`secrets/.*\.enc\.yaml$`],
  ["{{ .atmos_stack }}/{{ .atmos_component }}.yaml", String.raw`.*/.*\.yaml$`],
  ["{{a}}{{b}}", ".*.*$"],
  ["a/{{ .x }", String.raw`a/\{\{ \.x \}$`],
  ["a/}}", String.raw`a/\}\}$`],
  ["", "$"],
] as const;

Deno.test("formatPathRegex() writes what atmos writes", () => {
  for (const [template, pattern] of REFERENCE) assertEquals(formatPathRegex(template, LINUX), pattern);
});

Deno.test("formatPathRegex() drops a leading ./", () => {
  assertEquals(formatPathRegex("./a.yaml", LINUX), String.raw`a\.yaml$`);
  assertEquals(formatPathRegex(".//./a", LINUX), "a$");
  assertEquals(formatPathRegex("../a", LINUX), String.raw`\.\./a$`);
});

Deno.test("formatPathRegex() anchors and widens separators when asked", () => {
  assertEquals(formatPathRegex("a/b", { os: "linux", anchored: true }), "^a/b$");
  assertEquals(formatPathRegex("a/b", { os: "windows", anchored: true }), String.raw`^a[/\\]b$`);
  assertEquals(formatPathRegex("a/b", { os: "darwin", anchored: false }), "a/b$");
});

Deno.test("formatPathRegex() matches backslash paths on Windows", () => {
  const pattern = formatPathRegex("secrets/{{ .s }}.enc.yaml", { os: "windows", anchored: true });
  assert(matchesPath(pattern, "secrets\\dev.enc.yaml"));
  assert(matchesPath(pattern, "secrets/dev.enc.yaml"));
  assert(!matchesPath(pattern, "other\\secrets\\dev.enc.yaml"));
});

Deno.test("formatWildcards() takes the white space that trim marks remove, and whole strings", () => {
  assertEquals(formatWildcards("a {{- .x -}} b"), `a${WILDCARD}b`);
  assertEquals(formatWildcards("a {{-.x}} b"), `a ${WILDCARD} b`);
  assertEquals(formatWildcards('a{{ replace "}}" `}}` .x }}b'), `a${WILDCARD}b`);
});

Deno.test("formatWildcards() reads an endless open expression in little time", () => {
  const template = '{{ "'.repeat(2000);
  const start = performance.now();
  assertEquals(formatWildcards(template), template);
  assert(performance.now() - start < 2000, "took too long");
});

Deno.test("quoteMeta() escapes exactly what Go escapes", () => {
  const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(i + 32));
  const escaped = ascii.filter((character) => quoteMeta(character) !== character).join("");
  // Printed by Go's regexp.QuoteMeta for the same characters.
  assertEquals(escaped, "$()*+.?[\\]^{|}");
  assertEquals(quoteMeta("é\n-/"), "é\n-/");
});

Deno.test("quoteMeta() makes RE2 read any text literally", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (text) => {
    return matchesPath(`^${quoteMeta(text)}$`, text);
  }));
});

Deno.test("isSamePathRegex() ignores the anchor, a leading ./ and how separators are written", () => {
  const same = ["secrets/.*$", "^secrets/.*$", "./secrets/.*$", String.raw`^secrets[/\\].*$`];
  for (const a of same) for (const b of same) assert(isSamePathRegex(a, b), `${a} ${b}`);
  for (const other of ["^^secrets/.*$", "/secrets/.*$", "secrets/.*", "^./secrets/.*$"]) {
    assert(!isSamePathRegex("secrets/.*$", other), other);
  }
});
