/**
 * The path rules against `node:path`, which states them for both families of systems.
 *
 * @module
 */
import fc from "fast-check";
import nodePath from "node:path";
import { type PathRules, UNIX_PATHS, WINDOWS_PATHS } from "../../lib/base/path_rules.ts";
import { assertEquals } from "../support/assert.ts";

const segment = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "B", "b", "..", ".", "", "a b", "x.y", "...") },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z0-9 ._$%\u00e4-]{1,8}$/) },
);

const FAMILIES: readonly {
  name: string;
  rules: PathRules;
  node: typeof nodePath.posix;
  roots: string[];
  separators: string[];
}[] = [
  { name: "Unix", rules: UNIX_PATHS, node: nodePath.posix, roots: ["/"], separators: ["/", "//"] },
  {
    name: "Windows",
    rules: WINDOWS_PATHS,
    node: nodePath.win32,
    roots: ["C:\\", "c:/", "D:\\", "\\\\server\\share\\", "//server/share/"],
    separators: ["\\", "/", "\\\\"],
  },
];

for (const { name, rules, node, roots, separators } of FAMILIES) {
  const relativePath = fc.array(fc.tuple(segment, fc.constantFrom(...separators)), { maxLength: 6 })
    .map((parts) => parts.map(([text, separator], i) => i === parts.length - 1 ? text : text + separator).join(""))
    .filter((path) => !node.isAbsolute(path));
  const absolutePath = fc.tuple(fc.constantFrom(...roots), relativePath).map(([root, path]) => root + path);
  const anyPath = fc.oneof(relativePath, absolutePath);
  const normalizedPath = (paths: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    paths.map((path) => {
      const normalized = node.normalize(path);
      const withoutEnd = normalized.replace(/[\\/]$/, "");
      return node.isAbsolute(normalized) && node.dirname(normalized) === normalized ? normalized : withoutEnd;
    });
  const check = (arbitrary: fc.Arbitrary<string>, compare: (path: string) => void): void =>
    fc.assert(fc.property(arbitrary, compare), { numRuns: 1000 });

  Deno.test(`${name} paths: isAbsolute() equals node:path`, () => {
    check(anyPath, (path) => assertEquals(rules.isAbsolute(path), node.isAbsolute(path)));
  });

  Deno.test(`${name} paths: normalize() equals node:path`, () => {
    check(anyPath, (path) => assertEquals(rules.normalize(path), node.normalize(path)));
  });

  Deno.test(`${name} paths: join() equals node:path`, () => {
    const pair = fc.tuple(anyPath, relativePath);
    fc.assert(fc.property(pair, (parts) => assertEquals(rules.join(...parts), node.join(...parts))), { numRuns: 1000 });
  });

  Deno.test(`${name} paths: dirname() and basename() equal node:path for normalized paths`, () => {
    check(normalizedPath(anyPath).filter((path) => path !== "."), (path) => {
      assertEquals(rules.dirname(path), node.dirname(path));
      assertEquals(rules.basename(path), rules.dirname(path) === path ? "" : node.basename(path));
    });
  });

  Deno.test(`${name} paths: relative() equals node:path for normalized absolute paths`, () => {
    const path = normalizedPath(absolutePath);
    fc.assert(
      fc.property(fc.tuple(path, path), ([from, to]) => {
        assertEquals(rules.relative(from, to), node.relative(from, to));
      }),
      { numRuns: 1000 },
    );
  });
}
