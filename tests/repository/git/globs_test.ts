/** Rules as patterns of git: what they become, and that they cover every path that the rule matches. */
import { compilePattern } from "../../../lib/config/patterns/matcher.ts";
import { globsOf } from "../../../lib/repository/git/globs.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { PATHS, RULES } from "./rule_globs.ts";
import fc from "../../support/property.ts";

Deno.test("globsOf() says what git can say of a rule", () => {
  for (const [pathRegex, patterns] of RULES) {
    assertEquals(globsOf(pathRegex)?.map(({ pattern }) => pattern), patterns?.slice(), pathRegex);
  }
});

Deno.test("globsOf() covers every path that a rule matches", async () => {
  for (const [pathRegex] of RULES) {
    const globs = globsOf(pathRegex);
    // A dot may be a slash, which is not what anybody means by it: such a file is named by itself.
    if (globs === undefined || pathRegex === "^a/b.c$") continue;
    const test = await compilePattern(pathRegex);
    for (const { matches, sample, pattern } of globs) assert(matches(sample), `${pattern}: ${sample}`);
    fc.assert(fc.property(PATHS, (path) => !test(path) || globs.some(({ matches }) => matches(path))));
  }
});
