import { pathsOf } from "../../support/paths.ts";
import { assertEquals } from "../../support/assert.ts";

const UNIX = pathsOf("linux");
const WINDOWS = pathsOf("windows");

Deno.test("pathsOf() gives macOS the rules of Unix", () => {
  assertEquals([pathsOf("darwin").separator, UNIX.separator, WINDOWS.separator], ["/", "/", "\\"]);
});

Deno.test("resolve() joins relative paths, keeps absolute ones, and leaves no separator at the end", () => {
  assertEquals(UNIX.resolve("/a", "b/../c/"), "/a/c");
  assertEquals(UNIX.resolve("/a", "/b/"), "/b");
  assertEquals(UNIX.resolve("/a", ""), "/a");
  assertEquals(UNIX.resolve("/a", "."), "/a");
  assertEquals(UNIX.resolve("/a", "../../.."), "/");
  assertEquals(UNIX.resolve("/", "x"), "/x");
  assertEquals(UNIX.resolve("/a", "b\\c"), "/a/b\\c");
});

Deno.test("resolve() follows the rules of Windows", () => {
  assertEquals(WINDOWS.resolve("C:\\a", "b/c\\"), "C:\\a\\b\\c");
  assertEquals(WINDOWS.resolve("C:\\a", "D:/x"), "D:\\x");
  assertEquals(WINDOWS.resolve("C:\\a", "..\\.."), "C:\\");
  assertEquals(WINDOWS.resolve("C:\\a", "\\\\server\\share\\x\\"), "\\\\server\\share\\x");
});

Deno.test("contains() compares whole path parts", () => {
  assertEquals(UNIX.contains("/a/b", "/a/b"), true);
  assertEquals(UNIX.contains("/a/b", "/a/b/c"), true);
  assertEquals(UNIX.contains("/a/b", "/a/bc"), false);
  assertEquals(UNIX.contains("/a/b", "/a"), false);
  assertEquals(UNIX.contains("/", "/a"), true);
  assertEquals(WINDOWS.contains("C:\\", "C:\\a"), true);
  assertEquals(WINDOWS.contains("C:\\a", "C:\\ab"), false);
});
