/** Patterns as atmos writes them. */
import { compileGlob, listGlob } from "../../../lib/config/atmos/glob.ts";
import { assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

const TABLE: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] = [
  ["/a/**/*.yaml", ["/a/x.yaml", "/a/b/x.yaml", "/a/b/c/x.yaml"], ["/a/x.yml", "/b/x.yaml"]],
  ["/a/deploy/**/*", ["/a/deploy/x", "/a/deploy/x/y"], ["/a/x", "/a/deployed/x"]],
  ["/a/*.yaml", ["/a/x.yaml", "/a/.yaml"], ["/a/b/x.yaml"]],
  ["/a/{b,c}/x-[0-9]?.yaml", ["/a/b/x-1a.yaml", "/a/c/x-22.yaml"], ["/a/d/x-1a.yaml", "/a/b/x-aa.yaml"]],
  ["/a/[!x]*", ["/a/b"], ["/a/x"]],
  ["/a/**", ["/a/x", "/a/x/y"], ["/b"]],
  ["/s/**/_defaults.yaml", ["/s/_defaults.yaml", "/s/a/b/_defaults.yaml"], ["/s/x_defaults.yaml"]],
  ["/a+(b)/$x.yaml", ["/a+(b)/$x.yaml"], ["/aab/x.yaml"]],
  ["/a/[", ["/a/["], ["/a/x"]],
];

for (const [pattern, matching, others] of TABLE) {
  Deno.test(`compileGlob() reads ${pattern}`, () => {
    const matches = compileGlob(pattern);
    assertEquals(matching.filter((path) => !matches(path)), []);
    assertEquals(others.filter(matches), []);
  });
}

Deno.test("listGlob() finds files below folders and links, and no folders", async () => {
  const files = Object.fromEntries(["s/a.yaml", "s/b/c.yaml", "s/b/d.txt", "t/e.yaml"].map((name) => [name, ""]));
  await using host = await testHost({ files });
  await Deno.symlink(host.path("t"), host.path("s/linked"));
  await Deno.symlink(host.path("s"), host.path("s/circle"));
  const list = (pattern: string): string[] =>
    listGlob(host, host.path(pattern)).map((path) => host.paths.relative(host.cwd, path));
  assertEquals(list("s/*.yaml"), ["s/a.yaml"]);
  assertEquals(list("s/b/**/*"), ["s/b/c.yaml", "s/b/d.txt"]);
  assertEquals(list("s/linked/*.yaml"), ["s/linked/e.yaml"]);
  assertEquals(list("s/a.yaml"), ["s/a.yaml"]);
  assertEquals(list("s/b"), []);
  assertEquals(list("nowhere/*"), []);
  assertEquals(list("s/**/*.yaml"), ["s/a.yaml", "s/b/c.yaml"]);
});
