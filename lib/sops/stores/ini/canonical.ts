/**
 * INI as SOPS itself writes it: keys padded to the longest of their section, an empty line between sections.
 *
 * SOPS keeps one comment of several in a row; here all of them stay. Pure. Spec: sops-engine §4.6.
 *
 * @module
 */
import { UserError } from "../../../base/error.ts";
import { flatten } from "../../metadata/flat.ts";
import type { Document, Entry, Mapping } from "../../tree/tree.ts";
import { formatFlatScalar } from "../flat_value.ts";
import { formatCommentLines } from "./comment.ts";
import { DEFAULT_SECTION, METADATA_SECTION } from "./parse.ts";
import { checkSectionName, formatIniKey, formatIniValue } from "./syntax.ts";

/** @throws {UserError} `usage` or `unsupported` for what INI cannot hold */
export function formatCanonicalIni(documents: readonly Document[], block: Mapping | undefined): string {
  const [document, second] = documents;
  if (second !== undefined) {
    throw new UserError("unsupported", `cannot write INI: ${documents.length} documents, expected one`, {
      hints: ["keep the file as YAML"],
    });
  }
  const sections = (document?.root.items ?? []).filter((item) => item.kind === "entry");
  const texts = sections.map((section, i) => formatSection(section, i === 0));
  if (block !== undefined) texts.push(`[${METADATA_SECTION}]\n${formatIniKeys(metadataSection(block))}`);
  let result = "";
  for (const [i, text] of texts.entries()) {
    const isHeadless = i === 0 && sections[0]?.key === DEFAULT_SECTION && !hasKeys(sections[0]);
    result += text + (isHeadless || i === texts.length - 1 ? "" : "\n");
  }
  return result;
}

/** @returns the keys of a section with their comments, one a line */
export function formatIniKeys(section: Mapping): string {
  const [, content] = splitSection(section);
  const width = Math.max(0, ...content.map(({ key }) => byteLength(key)));
  return content.map(({ key, value, comments }) => {
    const lines = comments.flatMap((text) => formatCommentLines(text, { isTrimmed: true }));
    return [...lines, `${key}${" ".repeat(width - byteLength(key))} = ${value}`].map((line) => `${line}\n`).join("");
  }).join("");
}

/** @returns the error for what is no section with keys */
export function refuseNesting(): UserError {
  return new UserError("usage", "cannot write INI: it holds sections with keys, and no lists or deeper mappings", {
    hints: ["keep the file as YAML or JSON"],
  });
}

function formatSection({ key, value }: Entry, isFirst: boolean): string {
  if (value.kind !== "mapping") throw refuseNesting();
  if (key === METADATA_SECTION) {
    throw new UserError("usage", `cannot write INI: a section ${METADATA_SECTION}, a name that SOPS keeps for itself`, {
      hints: ["rename the section"],
    });
  }
  const [comments] = splitSection(value);
  const lines = comments.flatMap((text) => formatCommentLines(text, { isTrimmed: false }));
  const hasHeader = !isFirst || key !== DEFAULT_SECTION;
  if (hasHeader) checkSectionName(key);
  return [...lines, ...(hasHeader ? [`[${key}]`] : [])].map((line) => `${line}\n`).join("") + formatIniKeys(value);
}

interface FormattedKey {
  readonly key: string;
  value: string;
  comments: string[];
}

/** @returns the comments of the section, and its keys with theirs; a key that stands twice has its last value */
function splitSection({ items }: Mapping): [string[], FormattedKey[]] {
  const own: string[] = [];
  const keys = new Map<string, FormattedKey>();
  let last: FormattedKey | undefined;
  for (const item of items) {
    if (item.kind === "comment") {
      (last?.comments ?? own).push(item.text);
      continue;
    }
    if (item.value.kind !== "leaf") throw refuseNesting();
    const value = formatIniValue(formatFlatScalar(item.value.value));
    last = keys.get(item.key) ?? { key: formatIniKey(item.key), value, comments: [] };
    last.value = value;
    keys.set(item.key, last);
  }
  return [own, [...keys.values()]];
}

/** @returns the block as the section that holds it */
export function metadataSection(block: Mapping): Mapping {
  return {
    kind: "mapping",
    items: flatten(block).map(({ name, leaf }) => ({
      kind: "entry",
      key: name,
      value: { kind: "leaf", value: (leaf.value as string).replaceAll("\n", "\\n") },
    })),
  };
}

function hasKeys({ value }: Entry): boolean {
  return value.kind === "mapping" && value.items.some((item) => item.kind === "entry");
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
