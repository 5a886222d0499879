import { formatLintDocs, LINT_DOCS_PATH } from "../../../scripts/lint_docs.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("docs/lint.md is what scripts/lint_docs.ts writes", async () => {
  const path = new URL(`../../../${LINT_DOCS_PATH}`, import.meta.url);
  assertEquals(await Deno.readTextFile(path), formatLintDocs(), "run: deno run -P scripts/lint_docs.ts");
});
