import { type AccessRow, groupByFolder } from "../../../lib/repository/access/folders.ts";
import type { Access, FileAccess } from "../../../lib/repository/access/readers.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

/** Readers by one letter each. */
function accessOf(names: string): Access {
  return { readers: new Map(Array.from(names, (name) => [name, "alone"])), neededGroups: 1, groupCount: 1 };
}

/** @returns the rows of files that are named with their readers: `{"a/b.yaml": "xy"}` */
function group(files: Readonly<Record<string, string>>, isAll = true): AccessRow[] {
  const known = Object.keys(files).sort().map((path): FileAccess => ({
    path,
    access: accessOf(files[path]!),
    isAsRuleSays: true,
  }));
  return groupByFolder(known, { labelOf: (path) => path, isAll });
}

/** @returns each row as `label +more readers` */
function show(rows: readonly AccessRow[]): string[] {
  return rows.map(({ label, more, access }) => `${label} +${more} ${[...access.readers.keys()].join("")}`);
}

Deno.test("groupByFolder() gives a folder one row where all of it is alike", () => {
  assertEquals(show(group({ "a/x": "p", "a/b/y": "p", "c": "p" })), [" +0 p"]);
  assertEquals(show(group({ "a/x": "p", "a/b/y": "p", "c": "q" })), ["a/ +0 p", "c +0 q"]);
});

Deno.test("groupByFolder() puts together what is alike side by side", () => {
  assertEquals(show(group({ "a/1": "p", "a/2": "p", "a/3": "q", "a/b/4": "p", "a/b/5": "p" })), [
    "a/1 +2 p",
    "a/3 +0 q",
  ]);
  assertEquals(show(group({ "a/1": "p", "b/1": "p", "b/2": "q" })), ["a/1 +0 p", "b/1 +0 p", "b/2 +0 q"]);
});

Deno.test("groupByFolder() lets one row stand for everything only where these are all files", () => {
  assertEquals(show(group({ "a/1": "p", "b/1": "p" })), [" +0 p"]);
  assertEquals(show(group({ "a/1": "p", "b/1": "p" }, false)), ["a/1 +1 p"]);
  assertEquals(show(group({ "a/b/1": "p", "a/b/2": "p" }, false)), ["a/b/ +0 p"]);
});

Deno.test("groupByFolder() calls a folder with one file by the file", () => {
  assertEquals(show(group({ "a/b/c/x": "p", "y": "q" })), ["a/b/c/x +0 p", "y +0 q"]);
  assertEquals(show(group({ "a/b/c/x": "p" })), ["a/b/c/x +0 p"]);
});

Deno.test("property: groupByFolder() has every file in exactly one row, with its readers", () => {
  const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 }).map((parts) =>
    `${parts.join("/")}.f`
  );
  fc.assert(fc.property(fc.dictionary(path, fc.constantFrom("p", "q", "pq"), { maxKeys: 20 }), (files) => {
    const rows = group(files);
    assertEquals(rows.flatMap((row) => row.files.map((file) => file.path)).sort(), Object.keys(files).sort());
    for (const row of rows) {
      for (const file of row.files) {
        assertEquals([...file.access.readers.keys()].join(""), [...row.access.readers.keys()].join(""));
      }
    }
    assert(
      new Set(rows.map(({ label, more }) => `${label} ${more}`)).size === rows.length,
      "no two rows are called alike",
    );
  }));
});
