/**
 * A YAML file as its store reads it: the scanned documents, the metadata block taken out of each. Pure.
 * Spec: sops-engine §3.9, §4.2.
 *
 * @module
 */
import { malformed } from "../../../yaml/scan/cursor.ts";
import { type YamlAlias, type YamlDocumentNode, type YamlEntry, YamlMapping } from "../../../yaml/scan/nodes.ts";
import { scanYaml } from "../../../yaml/scan/scan.ts";

/** The key on top of every document that holds the metadata. */
export const METADATA_KEY = "sops";

/** One document of a YAML file. */
export interface YamlFileDocument extends YamlDocumentNode {
  /** The entry `sops`, which is no longer among the items of `root`. */
  readonly metadata: YamlEntry | undefined;
}

/** A YAML file. */
export interface YamlFile {
  readonly format: "yaml";
  /** The whole text, byte order mark included. */
  readonly source: string;
  readonly documents: readonly YamlFileDocument[];
  readonly aliases: readonly YamlAlias[];
  /** The value of `sops` in the first document. */
  readonly block: YamlMapping | undefined;
}

/**
 * Parses a YAML file.
 *
 * @param source the whole text, byte order mark included
 * @param path for messages
 * @throws {UserError} `malformed` for what SOPS would not read, with line and column and without content
 */
export function parseYamlFile(source: string, path: string): YamlFile {
  const { documents, aliases } = scanYaml(source, path);
  const split = documents.map((document) => ({ ...document, metadata: takeMetadata(document, source, path) }));
  const [first, ...others] = split;
  const stray = first?.metadata === undefined ? others.find(({ metadata }) => metadata !== undefined) : undefined;
  if (stray?.metadata !== undefined) {
    const problem = "a key `sops` in a document behind one that has none, where SOPS keeps its metadata";
    throw malformed({ source, path }, stray.metadata.start, problem);
  }
  const block = first?.metadata?.value;
  return { format: "yaml", source, documents: split, aliases, block: block instanceof YamlMapping ? block : undefined };
}

/** Takes the entry `sops` out of a document. */
function takeMetadata({ root }: YamlDocumentNode, source: string, path: string): YamlEntry | undefined {
  let found: YamlEntry | undefined;
  for (let i = root.items.length - 1; i >= 0; i--) {
    const item = root.items[i]!;
    if (item.kind === "comment" || item.key !== METADATA_KEY) continue;
    if (found !== undefined) {
      throw malformed({ source, path }, found.start, "a second key `sops`, where SOPS keeps its metadata");
    }
    if (!(item.value instanceof YamlMapping)) {
      throw malformed({ source, path }, item.start, "a key `sops` that is no mapping, where SOPS keeps its metadata");
    }
    found = item;
    root.items.splice(i, 1);
  }
  return found;
}
