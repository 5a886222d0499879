/**
 * What `!include FILE [.path]` stands for: a YAML or JSON file of this machine, or one value of it. Nothing is fetched, and
 * no query is run. I/O through the host. Spec: vaults §2.
 *
 * @module
 */
import { isMap } from "yaml";
import type { Host } from "../../base/host/host.ts";
import { isNullNode, mapEntries, type ResolvedNode, resolveNode } from "../../yaml/resolve.ts";
import { findEntry } from "../upward.ts";
import type { ConfigReader } from "./files.ts";
import { isRemote } from "./import_path.ts";
import type { ConfigFile, Included, Includer } from "./layers.ts";

/** Where included files are looked for. */
export interface IncludeOptions {
  readonly host: Host;
  readonly reader: ConfigReader;
  /** Absolute. */
  readonly basePath: string;
}

/** A word, in quotes or up to the next white space, and what follows it. */
const PATH_AND_QUERY = /^\s*(?:"([^"]*)"|'([^']*)'|(\S+))\s*(.*)$/s;

/** The steps of a plain path: `.a.b-c`, `."x y"`, `.a["b"]`. */
const STEP = /\.?\["([^"]+)"\]|\."([^"]+)"|\.([\p{L}_][\p{L}\p{N}_-]*)/uy;

/** @returns who answers `!include` */
export function createIncluder(options: IncludeOptions): Includer {
  return (from, argument): Included => {
    const [, double, single, bare, rest = ""] = PATH_AND_QUERY.exec(argument) ?? [];
    const path = double ?? single ?? bare ?? "";
    if (path === "") return { problem: "names no file" };
    if (isRemote(path)) return { problem: "is on another machine: sopsmith does not use the network" };
    if (!/\.(?:ya?ml|json)$/.test(path)) return { problem: "is read of YAML and JSON files only" };
    const query = rest.trim().replace(/^(["'])(.*)\1$/s, "$2");
    const found = findIncluded(options, from, path);
    if (found === undefined) return { problem: `names a file that is not there: "${path}"` };
    const file = options.reader.read(found);
    return selectNode(file, query);
  };
}

function findIncluded({ host, basePath }: IncludeOptions, from: ConfigFile, path: string): string | undefined {
  const { paths, cwd } = host;
  const own = paths.dirname(from.path);
  const folders = /^\.\.?(?:[/\\]|$)/.test(path) ? [own] : [cwd, basePath, own];
  return folders.map((folder) => paths.resolve(folder, path)).find((file) => findEntry(host, file)?.kind === "file");
}

function selectNode(file: ConfigFile, query: string): Included {
  const { document } = file;
  let node = resolveNode(document, (document.root.contents ?? undefined) as ResolvedNode | undefined);
  if (query === "" || query === ".") return { file, node };
  STEP.lastIndex = 0;
  while (STEP.lastIndex < query.length) {
    const step = STEP.exec(query);
    if (step === null) return { problem: `asks for more than a path: "${query}"` };
    const name = step[1] ?? step[2] ?? step[3];
    const entry = isMap(node) ? mapEntries(document, node).find((each) => each.name === name) : undefined;
    node = resolveNode(document, entry?.value);
  }
  return { file, node: isNullNode(node) ? undefined : node };
}
