/** Random documents merged, in every format with keys: against a merge of plain tables, and from both sides. */
import { loadStore } from "../../../lib/sops/choose_store.ts";
import { MARKERS, mergeTexts, type PlainText } from "../../../lib/sops/merge/texts.ts";
import { holdSameValues } from "../../../lib/sops/merge/values.ts";
import { storeOfName } from "../../../lib/sops/metadata/store_name.ts";
import type { Store } from "../../../lib/sops/stores/store.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

/** A document as a table: section and key to value, in the order of the text. */
type Table = ReadonlyMap<string, string>;

const KEYS = ["a", "b", "c", "d", "e"].flatMap((key) => [`one ${key}`, `two ${key}`]);
const FIXED = new Map([["one keep", "x"], ["two keep", "x"]]);
const VALUE = fc.constantFrom("1x", "2x", "with: colon", "# no comment", "a longer text with 'quotes'", "", "0x1g");

/** Some keys with values; `undefined` takes one away. */
const CHANGES = fc.array(fc.tuple(fc.constantFrom(...KEYS), fc.option(VALUE, { nil: undefined })), { maxLength: 5 });

function apply(table: Table, changes: readonly (readonly [string, string | undefined])[]): Table {
  const changed = new Map(table);
  for (const [key, value] of changes) {
    if (value === undefined) changed.delete(key);
    else changed.set(key, value);
  }
  return changed;
}

/** @returns undefined where both have changed a value */
function mergeTables(base: Table, ours: Table, theirs: Table): Table | undefined {
  const merged = new Map<string, string>();
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const [old, own, other] = [base.get(key), ours.get(key), theirs.get(key)];
    if (own !== other && own !== old && other !== old) return undefined;
    const value = own === old ? other : own;
    if (value !== undefined) merged.set(key, value);
  }
  for (const key of base.keys()) {
    const [own, other] = [ours.get(key), theirs.get(key)];
    if (own === undefined && other !== undefined && other !== base.get(key)) return undefined;
    if (other === undefined && own !== undefined && own !== base.get(key)) return undefined;
  }
  return merged;
}

/** The formats, and how a table is written in each. */
const FORMATS: Readonly<Record<string, (table: Table) => string>> = {
  "a.yaml": (table) =>
    sections(
      table,
      (name, lines) => `# of ${name}\n${name}:\n${lines.join("")}`,
      (key, value) => `  ${key}: ${JSON.stringify(value)}\n`,
    ),
  "a.json": (table) =>
    `{\n${
      ["one", "two"].map((name) =>
        `  "${name}": {\n${
          entriesOf(table, name).map(([key, value]) => `    "${key}": ${JSON.stringify(value)}`).join(",\n")
        }\n  }`
      ).join(",\n")
    }\n}\n`,
  "a.ini": (table) =>
    sections(
      table,
      (name, lines) => `[${name}]\n${lines.join("")}\n`,
      (key, value) => `${key} = ${value.replace("#", "")}\n`,
    ),
  "a.env": (table) => sections(table, (_, lines) => lines.join(""), (key, value, name) => `${name}_${key}=${value}\n`),
};

function entriesOf(table: Table, section: string): [string, string][] {
  return [...table].flatMap(([path, value]) => {
    const [name, key = ""] = path.split(" ");
    return name === section ? [[key, value]] : [];
  });
}

function sections(
  table: Table,
  section: (name: string, lines: string[]) => string,
  line: (key: string, value: string, section: string) => string,
): string {
  return ["one", "two"].map((name) =>
    section(name, entriesOf(table, name).map(([key, value]) => line(key, value, name)))
  )
    .join("");
}

function read(store: Store, text: string): PlainText {
  return { text, documents: store.parse(text, "a").documents };
}

/** The text with one side of every conflict. */
function pick(text: string, side: "ours" | "theirs"): string {
  let at: "both" | "ours" | "theirs" = "both";
  return text.split("\n").filter((line) => {
    if (line === MARKERS.ours) at = "ours";
    else if (line === MARKERS.between && at === "ours") at = "theirs";
    else if (line === MARKERS.theirs) at = "both";
    else return at === "both" || at === side;
    return false;
  }).join("\n");
}

for (const [path, write] of Object.entries(FORMATS)) {
  Deno.test(`mergeTexts() merges random documents as tables are merged (${path})`, async () => {
    const store = await loadStore(storeOfName(path));
    fc.assert(fc.property(CHANGES, CHANGES, CHANGES, (first, ourChanges, theirChanges) => {
      const base = apply(FIXED, first);
      const [ours, theirs] = [apply(base, ourChanges), apply(base, theirChanges)];
      const texts = {
        base: read(store, write(base)),
        ours: read(store, write(ours)),
        theirs: read(store, write(theirs)),
      };
      const merged = mergeTexts(texts, { store, path });
      const swapped = mergeTexts({ ...texts, ours: texts.theirs, theirs: texts.ours }, { store, path });
      assertEquals(merged.conflicts.length === 0, swapped.conflicts.length === 0, "from either side");
      const expected = mergeTables(base, ours, theirs);
      if (expected === undefined) {
        assert(merged.conflicts.length > 0, "what both have changed is a conflict");
        for (const side of ["ours", "theirs"] as const) store.parse(pick(merged.text, side), path);
        return;
      }
      assertEquals(merged.conflicts, []);
      assert(holdSameValues(read(store, merged.text).documents, read(store, write(expected)).documents), merged.text);
      assertEquals(mergeTexts({ ...texts, ours: texts.base }, { store, path }).text, texts.theirs.text);
    }));
  });
}
