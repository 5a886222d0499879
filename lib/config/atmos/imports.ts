/**
 * One configuration file with the files that it brings along, in the order in which atmos lays them over each other: the
 * file itself over its imports, later imports over earlier ones, all of them over `.atmos.d`. I/O through the host.
 * Spec: vaults §2.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { formatPath } from "../../base/show/report.ts";
import { findEntry } from "../upward.ts";
import type { ConfigReader } from "./files.ts";
import { listGlob } from "./glob.ts";
import { isRemote, resolveImportBase } from "./import_path.ts";
import { type ConfigFile, type ConfigMap, keyLocation, mergeConfigFiles } from "./layers.ts";
import type { ConfigNotice } from "./value.ts";

/** What the imports of a file depend on. */
export interface ImportOptions {
  readonly host: Host;
  readonly reader: ConfigReader;
  /** Undefined outside of a git work tree. */
  readonly gitRoot: string | undefined;
  /** Takes what is not read, and could hold a vault. */
  skip(notice: ConfigNotice): void;
  /** Takes what is worth knowing. */
  note(notice: ConfigNotice): void;
}

/** Folders whose files belong to every configuration beside them, lowest first. */
export const DEFAULT_FOLDERS = ["atmos.d", ".atmos.d"] as const;

/** How many imports may lead to each other, as in atmos. */
const MAX_IMPORT_DEPTH = 10;

/**
 * @param path absolute
 * @param folders that may hold a folder of {@link DEFAULT_FOLDERS}, highest first
 * @returns the file and what it brings along, highest first
 * @throws {UserError} what reading files throws
 */
export function readWithImports(path: string, folders: readonly string[], options: ImportOptions): ConfigFile[] {
  const { host, reader } = options;
  const main = reader.read(path);
  const defaults = folders.flatMap((folder) => readDefaultFolders(folder, options));
  const merged = mergeConfigFiles([main, ...defaults]);
  const base = findImportBase(merged, host.paths.dirname(path), options);
  return [main, ...readImports(merged, base, options, 1).reverse(), ...defaults];
}

/** @returns the files of `.atmos.d` and `atmos.d` in a folder, highest first */
export function readDefaultFolders(folder: string, { host, reader }: ImportOptions): ConfigFile[] {
  const found = DEFAULT_FOLDERS.flatMap((name) => listConfigFiles(host, host.paths.join(folder, name)));
  return found.reverse().map((path) => reader.read(path));
}

/**
 * @param path of a file, of a folder, or a pattern; absolute
 * @returns files, lowest first: those nearer to the top before those below, else by name; `x.yaml` hides `x.yml`
 */
export function listConfigFiles(host: Host, path: string): string[] {
  const kind = findEntry(host, path)?.kind;
  if (kind === "file") return [path];
  const hasEnding = /\.[^./\\]*$/.test(host.paths.basename(path));
  const stem = kind === "directory" ? host.paths.join(path, "**", "*") : path;
  const patterns = hasEnding && kind !== "directory" ? [path] : [`${stem}.yaml`, `${stem}.yml`];
  const found = patterns.flatMap((pattern) => listGlob(host, pattern));
  const visible = found.filter((file) => !file.endsWith(".yml") || !found.includes(`${file.slice(0, -4)}.yaml`));
  const depth = (file: string): number => file.split(/[/\\]/).length;
  return visible.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}

/** @param folder of the file that has the imports */
function findImportBase(merged: ConfigMap | undefined, folder: string, { host, gitRoot }: ImportOptions): string {
  const variable = host.env("ATMOS_BASE_PATH")?.trim();
  if (variable) return resolveImportBase(host, variable, { folder: host.cwd, gitRoot });
  const value = merged?.find("base_path");
  if (value?.type === "function" && value.name === "!cwd") return host.paths.resolve(host.cwd, value.argument);
  if (value?.type === "function" && value.name === "!repo-root") return gitRoot ?? folder;
  return resolveImportBase(host, value?.type === "scalar" ? value.text : "", { folder, gitRoot });
}

/** @returns what `import` of a file stands for, lowest first */
function readImports(
  merged: ConfigMap | undefined,
  base: string,
  options: ImportOptions,
  depth: number,
): ConfigFile[] {
  const { host, reader, skip, note } = options;
  const imports = merged?.find("import");
  if (imports === undefined) return [];
  const location = keyLocation(imports.place);
  const paths = imports.type === "list" ? imports.texts : imports.type === "scalar" ? imports.text.split(",") : [];
  if (imports.type === "function" || imports.type === "map") {
    skip({ message: "the imports are no list of paths, and are skipped", location });
  }
  return paths.map((path) => path.trim()).filter((path) => path !== "").flatMap((path) => {
    if (isRemote(path)) {
      skip({ message: `the import of "${path}" is skipped: sopsmith does not use the network`, location });
      return [];
    }
    if (depth > MAX_IMPORT_DEPTH) {
      skip({ message: `the import of "${path}" is skipped: more than ${MAX_IMPORT_DEPTH} imports in a row`, location });
      return [];
    }
    const files = listConfigFiles(host, host.paths.resolve(base, path));
    if (files.length === 0) note({ message: `the import of "${path}" matches no file`, location });
    return files.flatMap((file) => {
      const read = reader.read(file);
      const own = mergeConfigFiles([read]);
      const ownBase = own?.find("base_path") === undefined
        ? base
        : findImportBase(own, host.paths.dirname(file), options);
      return [read, ...readImports(own, ownBase, options, depth + 1)];
    });
  });
}

/** @returns the names of files for people: the main ones, and how many they bring along */
export function formatSource(host: Host, main: readonly string[], count: number): string {
  const names = main.map((path) => formatPath(host, path)).join(", ");
  const others = count - main.length;
  if (others === 0) return names;
  const files = others === 1 ? "file" : "files";
  return main.length === 0 ? `${others} ${files} below .atmos.d` : `${names} and ${others} more ${files}`;
}
