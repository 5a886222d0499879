import { findBundledPackages, formatLicenses } from "../../../scripts/bundle/licenses.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

/** A cache folder with packages that bring a licence, declare one, or do neither. */
function cacheFiles(): Record<string, string> {
  const cache = "cache/npm/registry.example";
  return {
    [`${cache}/with-text/1.0.0/LICENSE.md`]: "The Text\n",
    [`${cache}/with-text/1.0.0/NOTICE`]: "The Notice\n",
    [`${cache}/with-text/1.0.0/src/index.js`]: "",
    [`${cache}/@scope/declares/2.0.1/package.json`]: '{ "license": "MIT", "author": "An Author <author@example.org>" }',
    [`${cache}/unknown/3.0.0/package.json`]: '{ "license": "SEE LICENSE IN README" }',
  };
}

const MAP = JSON.stringify({
  sources: [
    "../work/lib/base/error.ts",
    "../work/cache/npm/registry.example/with-text/1.0.0/src/index.js",
    "../work/cache/npm/registry.example/with-text/1.0.0/src/other.js",
    "../work/cache/npm/registry.example/@scope/declares/2.0.1/index.js",
  ],
});

Deno.test("findBundledPackages() names each package of a source map once, in order", async () => {
  await using host = await testHost();
  const packages = findBundledPackages(MAP, `${host.root}/dist`);
  assertEquals(packages.map(({ name, version }) => `${name} ${version}`), ["@scope/declares 2.0.1", "with-text 1.0.0"]);
  assertEquals(packages[1]?.folder, `${host.root}/work/cache/npm/registry.example/with-text/1.0.0`);
});

Deno.test("formatLicenses() has the text of a package, else that of the licence it declares", async () => {
  await using host = await testHost({ files: cacheFiles() });
  const text = await formatLicenses(findBundledPackages(MAP, `${host.root}/dist`));
  assert(text.includes("with-text 1.0.0\n===============\n\nThe Text\n\nThe Notice\n"), text);
  assert(
    text.includes("MIT (declared by the package, which brings no text)\nCopyright An Author\n\nPermission is"),
    text,
  );
});

Deno.test("formatLicenses() refuses a package without a known licence", async () => {
  await using host = await testHost({ files: cacheFiles() });
  const folder = host.path("cache/npm/registry.example/unknown/3.0.0");
  const unknown = { name: "unknown", version: "3.0.0", folder };
  await assertRejects(() => formatLicenses([unknown]), /^.*unknown 3\.0\.0 has no licence file/);
});
