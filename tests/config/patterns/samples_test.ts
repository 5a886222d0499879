import { samplePaths } from "../../../lib/config/patterns/samples.ts";
import { parsePatternTree } from "../../../lib/config/patterns/tree.ts";
import { compileRe2 } from "../../../lib/config/patterns/re2.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const SAMPLES: readonly (readonly [pattern: string, samples: readonly string[]])[] = [
  [String.raw`^secrets/.*\.enc\.yaml$`, ["secrets/x.enc.yaml"]],
  [String.raw`secrets/[^/]+\.(yaml|json)$`, ["secrets/x.yaml", "secrets/x.json"]],
  [String.raw`\.ya?ml$`, [".yaml", ".yml"]],
  ["(prod|dev)?/db", ["/db", "prod/db", "dev/db"]],
  ["[0-9]{3}", ["000"]],
  ["", []],
];

for (const [pattern, samples] of SAMPLES) {
  Deno.test(`samplePaths() of ${JSON.stringify(pattern)}`, () => {
    const paths = samplePaths(parsePatternTree(pattern)!);
    assertEquals(paths, [...samples]);
    for (const path of paths) assert(compileRe2(pattern).test(path));
  });
}

Deno.test("samplePaths() ends with patterns of many ways", () => {
  assert(samplePaths(parsePatternTree("(a|b|c|d)".repeat(20))!).length <= 32);
});
