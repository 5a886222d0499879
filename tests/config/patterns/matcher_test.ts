import fc from "fast-check";
import { RE2JS } from "re2js";
import { pathsOf } from "../../support/paths.ts";
import { compilePathRegex, createRuleMatcher, sopsRelativePath } from "../../../lib/config/patterns/matcher.ts";
import { parseSimplePattern } from "../../../lib/config/patterns/simple_pattern.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals, assertRejects, assertThrows, assertUserError } from "../../support/assert.ts";

/** What Go says to a pattern: the error, or which paths it matches. */
interface Vector {
  readonly pattern: string;
  readonly error?: string;
  readonly match?: readonly string[];
  readonly noMatch?: readonly string[];
}

const VECTORS: { patterns: readonly Vector[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../../vectors/config/path_match.json", import.meta.url)),
);

/** Go lets two groups have one name; RE2JS does not. Nobody names groups in a path pattern. */
const KNOWN_DIFFERENCES: ReadonlySet<string> = new Set(["(?P<n>x)(?P<n>y)"]);

Deno.test("compilePathRegex() judges patterns and paths as Go does", async () => {
  assert(VECTORS.patterns.length > 200);
  for (const { pattern, error, match = [], noMatch = [] } of VECTORS.patterns) {
    if (KNOWN_DIFFERENCES.has(pattern)) continue;
    if (error !== undefined) {
      assertUserError(await assertRejects(() => compilePathRegex(pattern)), "malformed", /^cannot read the pattern "/);
      continue;
    }
    const regex = await compilePathRegex(pattern);
    for (const path of match) assert(regex.test(path), `${pattern} should match ${JSON.stringify(path)}`);
    for (const path of noMatch) assert(!regex.test(path), `${pattern} should not match ${JSON.stringify(path)}`);
  }
});

Deno.test("parseSimplePattern() understands most patterns of real files and agrees with RE2", () => {
  const pieces = ["a", "b", "/", "\\.", ".", "*", "+", "?", "^", "$", "[ab]", "[^/]", "[a-c]", "[b-a]", "\\", "-", "_"];
  const groups = ["(", "(", ")", ")", ")?", "(?:", "|", "|", "(a|b)", "(^|/)", "(b$|/)", "(.a)?"];
  const odd = ["]", "{", "}", "[/\\\\]", "[-a]", "[a-]", "\\/", "\\d", "é", "[a\\-c]", "(?i)"];
  const pattern = fc.array(fc.constantFrom(...pieces, ...groups, ...odd), { maxLength: 9 })
    .map((parts) => parts.join(""));
  const character = fc.constantFrom(..."aaabbc/.-_\\]{}é\n", "\u{1f511}");
  const path = fc.array(character, { maxLength: 8 }).map((parts) => parts.join(""));
  let understood = 0;
  let grouped = 0;
  fc.assert(
    fc.property(pattern, fc.array(path, { minLength: 4, maxLength: 4 }), (regex, paths) => {
      const simple = parseSimplePattern(regex);
      if (simple === undefined) return;
      understood++;
      if (regex.includes("(")) grouped++;
      const engine = RE2JS.compile(regex);
      for (const candidate of paths) assertEquals(simple.test(candidate), engine.test(candidate));
    }),
    { numRuns: 5_000 },
  );
  assert(understood > 100 && grouped > 50);
});

Deno.test("parseSimplePattern() agrees with Go on every pattern that it understands", () => {
  let understood = 0;
  for (const { pattern, error, match = [], noMatch = [] } of VECTORS.patterns) {
    const simple = parseSimplePattern(pattern);
    if (simple === undefined) continue;
    understood++;
    assertEquals(error, undefined, `${pattern} is no pattern for Go`);
    for (const path of match) assert(simple.test(path), `${pattern} should match ${JSON.stringify(path)}`);
    for (const path of noMatch) assert(!simple.test(path), `${pattern} should not match ${JSON.stringify(path)}`);
  }
  assert(understood > 70);
});

Deno.test("parseSimplePattern() reads characters as Go does: whole ones, and a line break only where it may stand", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["^.$", "\u{1f511}", true],
    ["^..$", "\u{1f511}", false],
    ["^[^a]$", "\u{1f511}", true],
    ["^[^a]$", "\n", true],
    ["^.$", "\n", false],
    ["^a$", "a\n", false],
    ["^b", "a\nb", false],
  ];
  for (const [pattern, path, expected] of cases) {
    assertEquals(parseSimplePattern(pattern)?.test(path), expected, `${pattern} ${JSON.stringify(path)}`);
  }
});

Deno.test("parseSimplePattern() leaves what it does not understand to RE2", () => {
  const others = ["(a", "a)", "((a))", "(a)*", "(a)+", "(a)??", "a(^b)", "(a$)b", "^^a", "a$$", "(?i)a", "(?P<n>a)"];
  const tooMany = "(a|b)".repeat(7);
  for (
    const regex of ["a{2}", "a*?", "a**", "\\d", "é", "[[:alpha:]]", "a$b", "a^b", "*", "[", "\\", tooMany, ...others]
  ) {
    assertEquals(parseSimplePattern(regex), undefined, regex);
  }
});

Deno.test("compilePathRegex() takes linear time for hostile patterns and paths", async () => {
  const path = "a".repeat(3_000);
  const start = performance.now();
  const wide = "(a|a|a|a|a|a|a|a)(a|a|a|a|a|a|a|a)b";
  const optional = "a?a*".repeat(20);
  const hostile = ["(a+)+$b", "(a|a)*b", "(.*)(.*)(.*)x", "a*a*a*a*a*a*a*b", ".*.*.*.*.*.*.*b", "(a?){50}a{50}b"];
  for (const regex of [...hostile, wide, `${optional}b`, `(${optional}|${optional})(${optional})?b`]) {
    assert(!(await compilePathRegex(regex)).test(path), regex);
  }
  assert(performance.now() - start < 5_000);
});

const RULES = "creation_rules:\n  - path_regex: ^a/\n  - path_regex: b\n  - pgp: X\n  - path_regex: '('\n";

Deno.test("findWinner() takes the first match; an empty pattern matches all; later patterns are not compiled", async () => {
  const matcher = await createRuleMatcher(parseSopsConfig(RULES, "/r/.sops.yaml"));
  assertEquals(["a/b", "ab", "zz", ""].map((path) => matcher.findWinner(path)?.index), [0, 1, 2, 2]);
});

Deno.test("findWinner() finds none, and refuses a bad pattern on the way", async () => {
  const source = "creation_rules:\n  - path_regex: a\n  - path_regex: '(b'\n";
  const matcher = await createRuleMatcher(parseSopsConfig(source, "/r/.sops.yaml"));
  assertEquals(matcher.findWinner("a")?.index, 0);
  const error = assertUserError(assertThrows(() => matcher.findWinner("c")), "malformed", /path_regex of rule 2 /);
  assertEquals(error.location, { path: "/r/.sops.yaml", line: 3, column: 17 });
  const empty = await createRuleMatcher(parseSopsConfig("creation_rules: []", "/r/.sops.yaml"));
  assertEquals(empty.findWinner("c"), undefined);
});

Deno.test("explain() tells every rule up to the winner", async () => {
  const matcher = await createRuleMatcher(parseSopsConfig(RULES, "/r/.sops.yaml"));
  const outcomes = matcher.explain("b").map(({ rule, matches }) => [rule.index, matches]);
  assertEquals(outcomes, [[0, false], [1, true]]);
});

Deno.test("sopsRelativePath() strips the folder of the config once", () => {
  const posix = pathsOf("linux");
  const strip = (config: string, file: string): string => sopsRelativePath(posix, config, file);
  assertEquals(strip("/r/.sops.yaml", "/r/a/b.yaml"), "a/b.yaml");
  assertEquals(strip("/r/.sops.yaml", "/r/r/b.yaml"), "r/b.yaml");
  assertEquals(strip("/r/.sops.yaml", "/rr/b.yaml"), "/rr/b.yaml");
  assertEquals(strip("/.sops.yaml", "/a/b.yaml"), "/a/b.yaml");
});

Deno.test("sopsRelativePath() keeps the backslashes of Windows", () => {
  assertEquals(sopsRelativePath(pathsOf("windows"), "C:\\r\\.sops.yaml", "C:\\r\\a\\b.yaml"), "a\\b.yaml");
});
