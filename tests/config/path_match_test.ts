import fc from "fast-check";
import { RE2JS } from "re2js";
import { pathsOf } from "../support/paths.ts";
import {
  compilePathRegex,
  explainRules,
  findWinningRule,
  matchesPath,
  sopsRelativePath,
} from "../../lib/config/path_match.ts";
import { parseSimplePattern } from "../../lib/config/simple_pattern.ts";
import { readSopsConfig } from "../../lib/config/sops_config_read.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../support/assert.ts";

/** What Go says to a pattern: the error, or which paths it matches. */
interface Vector {
  readonly pattern: string;
  readonly error?: string;
  readonly match?: readonly string[];
  readonly noMatch?: readonly string[];
}

const VECTORS: { patterns: readonly Vector[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../vectors/config/path_match.json", import.meta.url)),
);

/** Go lets two groups have one name; RE2JS does not. Nobody names groups in a path pattern. */
const KNOWN_DIFFERENCES: ReadonlySet<string> = new Set(["(?P<n>x)(?P<n>y)"]);

Deno.test("compilePathRegex() judges patterns and paths as Go does", () => {
  assert(VECTORS.patterns.length > 200);
  for (const { pattern, error, match = [], noMatch = [] } of VECTORS.patterns) {
    if (KNOWN_DIFFERENCES.has(pattern)) continue;
    if (error !== undefined) {
      assertUserError(assertThrows(() => compilePathRegex(pattern)), "malformed", /^cannot read the pattern "/);
      continue;
    }
    const regex = compilePathRegex(pattern);
    for (const path of match) assert(regex.test(path), `${pattern} should match ${JSON.stringify(path)}`);
    for (const path of noMatch) assert(!regex.test(path), `${pattern} should not match ${JSON.stringify(path)}`);
  }
});

Deno.test("parseSimplePattern() understands most patterns of real files and agrees with RE2", () => {
  const pieces = ["a", "b", "/", "\\.", ".", "*", "+", "?", "^", "$", "[ab]", "[^/]", "[a-c]", "[b-a]", "\\", "-", "_"];
  const odd = ["]", "{", "}", "[/\\\\]", "[-a]", "[a-]", "(", "|", "\\/", "\\d", "é", "[a\\-c]"];
  const pattern = fc.array(fc.constantFrom(...pieces, ...odd), { maxLength: 8 }).map((parts) => parts.join(""));
  const path = fc.array(fc.constantFrom(..."abc/.-_\\]{}é"), { maxLength: 8 }).map((parts) => parts.join(""));
  let understood = 0;
  fc.assert(
    fc.property(pattern, fc.array(path, { minLength: 3, maxLength: 3 }), (regex, paths) => {
      const simple = parseSimplePattern(regex);
      if (simple === undefined) return;
      understood++;
      const engine = RE2JS.compile(regex);
      for (const candidate of paths) assertEquals(simple.test(candidate), engine.test(candidate));
    }),
    { numRuns: 3_000 },
  );
  assert(understood > 100);
});

Deno.test("parseSimplePattern() leaves what it does not understand to RE2", () => {
  for (const regex of ["(a)", "a|b", "a{2}", "a*?", "a**", "\\d", "é", "[[:alpha:]]", "a$b", "a^b", "*", "[", "\\"]) {
    assertEquals(parseSimplePattern(regex), undefined);
  }
});

Deno.test("compilePathRegex() takes linear time for hostile patterns and paths", () => {
  const path = "a".repeat(3_000);
  const start = performance.now();
  for (const regex of ["(a+)+$b", "(a|a)*b", "(.*)(.*)(.*)x", "a*a*a*a*a*a*a*b", ".*.*.*.*.*.*.*b", "(a?){50}a{50}b"]) {
    assert(!matchesPath(regex, path));
  }
  assert(performance.now() - start < 5_000);
});

const RULES = "creation_rules:\n  - path_regex: ^a/\n  - path_regex: b\n  - pgp: X\n  - path_regex: '('\n";

Deno.test("findWinningRule() takes the first match; an empty pattern matches all; later patterns are not compiled", () => {
  const config = readSopsConfig(RULES, "/r/.sops.yaml");
  assertEquals(["a/b", "ab", "zz", ""].map((path) => findWinningRule(config, path)?.index), [0, 1, 2, 2]);
});

Deno.test("findWinningRule() finds none, and refuses a bad pattern on the way", () => {
  const config = readSopsConfig("creation_rules:\n  - path_regex: a\n  - path_regex: '(b'\n", "/r/.sops.yaml");
  assertEquals(findWinningRule(config, "a")?.index, 0);
  const error = assertUserError(assertThrows(() => findWinningRule(config, "c")), "malformed", /path_regex of rule 2 /);
  assertEquals(error.location, { path: "/r/.sops.yaml", line: 3, column: 17 });
  assertEquals(findWinningRule(readSopsConfig("creation_rules: []", "/r/.sops.yaml"), "c"), undefined);
});

Deno.test("explainRules() tells every rule up to the winner", () => {
  const config = readSopsConfig(RULES, "/r/.sops.yaml");
  const outcomes = explainRules(config, "b").map(({ rule, matches }) => [rule.index, matches]);
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
