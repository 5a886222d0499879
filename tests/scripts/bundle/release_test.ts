import { TARGETS } from "../../../scripts/bundle/compile.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const workflow = await Deno.readTextFile(new URL("../../../.github/workflows/release.yml", import.meta.url));

Deno.test("the release tries every executable, and the bundle", () => {
  const tried = [...workflow.matchAll(/- \{ os: \S+, file: (\S+) \}/g)].map(([, file]) => file);
  assertEquals(tried.toSorted(), [...Object.values(TARGETS), "sopsmith.js"].toSorted());
});

Deno.test("the release has files only: a folder has no checksum and cannot be published", () => {
  assert(/rm -r dist\/parts && cd dist && sha256sum/.test(workflow));
});
