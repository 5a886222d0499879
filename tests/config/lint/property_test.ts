import { UserError } from "../../../lib/base/error.ts";
import { lintSopsConfig } from "../../../lib/config/lint/lint.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";
import { IS_FULL } from "../../support/stress_program.ts";
import { generatedConfig } from "../edit/sources.ts";

/** What the strict reader says. */
function refusalOf(source: string): UserError | undefined {
  try {
    parseSopsConfig(source, "/r/.sops.yaml");
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/** What somebody's finger or merge puts into a file. */
const slip = fc.constantFrom(
  "",
  "x",
  " ",
  ":",
  "-",
  "[",
  "]",
  "{",
  "}",
  "*",
  "&",
  "'",
  '"',
  "#",
  ",",
  "\n",
  "\n  ",
  "*nobody",
  "2",
);

Deno.test("lintSopsConfig() finds an error wherever SOPS refuses a file, and never stops at one itself", async () => {
  await fc.assert(
    fc.asyncProperty(generatedConfig, fc.nat(), fc.nat(6), slip, async ({ source }, at, length, text) => {
      const start = at % (source.length + 1);
      const broken = source.slice(0, start) + text + source.slice(start + length);
      const refusal = refusalOf(broken);
      let result: Awaited<ReturnType<typeof lintSopsConfig>>;
      try {
        result = await lintSopsConfig(broken, "/r/.sops.yaml", { place: "found", files: ["a/b.yaml"] });
      } catch (error) {
        assert(error instanceof UserError && refusal !== undefined, String(error));
        assertEquals(error.kind, "malformed");
        return;
      }
      assertEquals(result.isReadable, refusal === undefined);
      if (refusal !== undefined) assert(result.findings.some(({ severity }) => severity === "error"), refusal.message);
      const places = result.findings.map(({ offset }) => offset);
      assertEquals(places, places.toSorted((a, b) => a - b));
    }),
    { numRuns: IS_FULL ? 10_000 : 300 },
  );
});
