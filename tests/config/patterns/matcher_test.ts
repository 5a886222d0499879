import { RE2JS } from "re2js";
import fc from "../../support/property.ts";
import { IS_FULL } from "../../support/stress_program.ts";
import { pathsOf } from "../../support/paths.ts";
import { compileAutomaton } from "../../../lib/config/patterns/automaton.ts";
import { compilePattern, createRuleMatcher, sopsRelativePath } from "../../../lib/config/patterns/matcher.ts";
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

Deno.test("compilePattern() judges patterns and paths as Go does", async () => {
  assert(VECTORS.patterns.length > 200);
  for (const { pattern, error, match = [], noMatch = [] } of VECTORS.patterns) {
    if (error !== undefined) {
      assertUserError(await assertRejects(() => compilePattern(pattern)), "malformed", /^cannot read the pattern "/);
      continue;
    }
    const matches = await compilePattern(pattern);
    for (const path of match) assert(matches(path), `${pattern} should match ${JSON.stringify(path)}`);
    for (const path of noMatch) assert(!matches(path), `${pattern} should not match ${JSON.stringify(path)}`);
  }
});

Deno.test("compileAutomaton() understands most patterns of real files and agrees with RE2", () => {
  const pieces = ["a", "b", "/", "\\.", ".", "*", "+", "?", "^", "$", "[ab]", "[^/]", "[a-c]", "[b-a]", "\\", "-", "_"];
  const groups = ["(", "(", ")", ")", ")?", "(?:", "|", "|", "(a|b)", "(^|/)", "(b$|/)", "(.a)?", "(?:^a|b)*", "(|a)+"];
  const odd = [
    "]",
    "{",
    "}",
    "[/\\\\]",
    "[-a]",
    "[a-]",
    "\\/",
    "\\d",
    "é",
    "[a\\-c]",
    "(?i)",
    "[^\\w-]",
    "[]a]",
    "[[:x",
  ];
  const counts = [
    "{2}",
    "{0}",
    "{1,2}",
    "{2,}",
    "{02}",
    "{,2}",
    "{2,1}",
    "*?",
    "??",
    "{2}?",
    "(a{3}){2}",
    "\\z",
    "\\A",
  ];
  const pattern = fc.array(fc.constantFrom(...pieces, ...groups, ...odd, ...counts), { maxLength: 9 })
    .map((parts) => parts.join(""));
  const character = fc.constantFrom(..."aaabbc/.-_\\]{}é\n", "\u{1f511}");
  const path = fc.array(character, { maxLength: 8 }).map((parts) => parts.join(""));
  let understood = 0;
  let grouped = 0;
  fc.assert(
    fc.property(pattern, fc.array(path, { minLength: 4, maxLength: 4 }), (regex, paths) => {
      const matches = compileAutomaton(regex);
      if (matches === undefined) return;
      understood++;
      if (regex.includes("(")) grouped++;
      const engine = RE2JS.compile(regex);
      for (const candidate of paths) assertEquals(matches(candidate), engine.test(candidate));
    }),
    { numRuns: IS_FULL ? 100_000 : 5_000 },
  );
  assert(understood > 100 && grouped > 50);
});

Deno.test("compileAutomaton() agrees with Go on every pattern that it understands", () => {
  let understood = 0;
  for (const { pattern, error, match = [], noMatch = [] } of VECTORS.patterns) {
    const matches = compileAutomaton(pattern);
    if (matches === undefined) continue;
    understood++;
    assertEquals(error, undefined, `${pattern} is no pattern for Go`);
    for (const path of match) assert(matches(path), `${pattern} should match ${JSON.stringify(path)}`);
    for (const path of noMatch) assert(!matches(path), `${pattern} should not match ${JSON.stringify(path)}`);
  }
  assert(understood > 110);
});

Deno.test("compileAutomaton() reads characters as Go does: whole ones, and a line break only where it may stand", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["^.$", "\u{1f511}", true],
    ["^..$", "\u{1f511}", false],
    ["^[^a]$", "\u{1f511}", true],
    ["^[^a]$", "\n", true],
    ["^.$", "\n", false],
    ["^a$", "a\n", false],
    ["^b", "a\nb", false],
    ["$^", "", true],
    ["$^", "a", false],
  ];
  for (const [pattern, path, expected] of cases) {
    assertEquals(compileAutomaton(pattern)?.(path), expected, `${pattern} ${JSON.stringify(path)}`);
  }
});

Deno.test("compileAutomaton() leaves what it does not understand to RE2", () => {
  const refused = ["(a", "a)", "a**", "*", "[", "\\", "a{2,1}", "a{1001}", "(a{32}){32}", "(?=a)", "\\1", "[b-a]"];
  const others = ["(?i)a", "[[:alpha:]]", "a{65}", "a{02}", "a{", "a{,2}", "\\b", "\\pL", "\\x61", "\\Qa.\\E"];
  for (const regex of [...refused, ...others, `${"(".repeat(51)}${")".repeat(51)}`]) {
    assertEquals(compileAutomaton(regex), undefined, regex);
  }
});

Deno.test("compileAutomaton() forgets what it remembers when that grows, and answers as before", () => {
  const regex = "(a|b)*a(a|b){12}$";
  const matches = compileAutomaton(regex);
  const engine = RE2JS.compile(regex);
  let bits = 1;
  for (let count = 0; count < 1000; count++) {
    const text = (bits = (bits * 1103515245 + 12345) % 2147483648).toString(2).replaceAll("0", "a").replaceAll(
      "1",
      "b",
    );
    assertEquals(matches?.(text), engine.test(text), text);
  }
});

Deno.test("compilePattern() takes linear time for hostile patterns and paths", async () => {
  const path = "a".repeat(3_000);
  const start = performance.now();
  const wide = "(a|a|a|a|a|a|a|a)(a|a|a|a|a|a|a|a)b";
  const optional = "a?a*".repeat(20);
  const hostile = ["(a+)+$b", "(a|a)*b", "(.*)(.*)(.*)x", "a*a*a*a*a*a*a*b", ".*.*.*.*.*.*.*b", "(a?){50}a{50}b"];
  for (const regex of [...hostile, wide, `${optional}b`, `(${optional}|${optional})(${optional})?b`]) {
    assert(!(await compilePattern(regex))(path), regex);
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
