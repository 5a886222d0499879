/**
 * Files that the same people read, put together by folder: one row for a folder in which all are alike, and in others one
 * for each kind that stands side by side. Pure.
 *
 * @module
 */
import type { Access, FileAccess } from "./readers.ts";

/** Files of one place that the same people read. */
export interface AccessRow {
  /** From the root, with `/`: of a single file its path, of a whole folder its path with a `/`; empty for everything. */
  readonly label: string;
  /** How many others there are in the folder besides the one that the label names; 0 for a file, or a whole folder. */
  readonly more: number;
  readonly files: readonly FileAccess[];
  readonly access: Access;
}

/** A folder, or a file in it. */
interface Entry {
  readonly label: string;
  readonly files: FileAccess[];
  readonly folders: Map<string, Entry>;
  readonly own: { readonly label: string; readonly file: FileAccess }[];
}

/** How files are put together. */
export interface Grouping {
  /** @returns the path from the root, with `/` */
  readonly labelOf: (path: string) => string;
  /** Whether the files are all that there are, so that one row may stand for everything. */
  readonly isAll: boolean;
}

/**
 * @param files in the order of their paths
 * @returns the rows in the order of their labels
 */
export function groupByFolder(files: readonly FileAccess[], { labelOf, isAll }: Grouping): AccessRow[] {
  const root = newEntry("");
  for (const file of files) {
    const label = labelOf(file.path);
    const parts = label.split("/");
    let entry = root;
    entry.files.push(file);
    for (let i = 0; i < parts.length - 1; i++) {
      const name = parts[i]!;
      const inner = entry.folders.get(name) ?? newEntry(`${parts.slice(0, i + 1).join("/")}/`);
      entry.folders.set(name, inner);
      entry = inner;
      entry.files.push(file);
    }
    entry.own.push({ label, file });
  }
  return rowsOf(root, isAll).sort((a, b) => a.label < b.label ? -1 : 1);
}

function newEntry(label: string): Entry {
  return { label, files: [], folders: new Map(), own: [] };
}

/** @param mayBeOne whether one row may stand for the folder */
function rowsOf(entry: Entry, mayBeOne: boolean): AccessRow[] {
  const [first] = entry.files;
  if (first === undefined) return [];
  const [only, ...others] = entry.folders.values();
  if (only !== undefined && others.length === 0 && entry.own.length === 0) return rowsOf(only, true);
  if (mayBeOne && isUniform(entry.files)) {
    return [{ label: whole(entry), more: 0, files: entry.files, access: first.access }];
  }
  const alike: { id: string; access: Access; labels: string[]; files: FileAccess[] }[] = [];
  const add = (label: string, files: readonly FileAccess[]): void => {
    const { access } = files[0]!;
    const id = idOf(access);
    let group = alike.find((candidate) => candidate.id === id);
    if (group === undefined) alike.push(group = { id, access, labels: [], files: [] });
    group.labels.push(label);
    group.files.push(...files);
  };
  const rows: AccessRow[] = [];
  for (const folder of entry.folders.values()) {
    if (isUniform(folder.files)) add(whole(folder), folder.files);
    else rows.push(...rowsOf(folder, true));
  }
  for (const { label, file } of entry.own) add(label, [file]);
  return [
    ...rows,
    ...alike.map(({ access, labels, files }) => {
      const [label = ""] = labels.sort();
      return { label, more: labels.length - 1, files, access };
    }),
  ];
}

/** A folder with one file in it, and nothing else, stands for the file. */
function whole(entry: Entry): string {
  if (entry.files.length > 1) return entry.label;
  let at = entry;
  while (at.own[0] === undefined) at = at.folders.values().next().value!;
  return at.own[0].label;
}

function isUniform(files: readonly FileAccess[]): boolean {
  const [first, ...rest] = files;
  const id = first === undefined ? "" : idOf(first.access);
  return rest.every(({ access }) => access === first?.access || idOf(access) === id);
}

const IDS = new WeakMap<Access, string>();

/** The same for all who say the same, also of two configs. */
function idOf(access: Access): string {
  const known = IDS.get(access);
  if (known !== undefined) return known;
  const readers = Array.from(access.readers, ([name, reading]) => [name, reading]).sort();
  const id = JSON.stringify([readers, access.neededGroups, access.groupCount]);
  IDS.set(access, id);
  return id;
}
