/**
 * The names that people give to keys in `.sops.yaml`: anchors and comments. Pure. Spec: sops-config §2.
 *
 * @module
 */
import { isAlias, isCollection, isMap, isScalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { YamlDocument } from "../../yaml/parse.ts";
import { scalarText, type WrittenNode } from "../../yaml/resolve.ts";
import {
  findEndOfLineComment,
  lineEnd,
  lineNumberAt,
  lineStart,
  lineText,
  type SourceText,
} from "../../yaml/position.ts";
import type { NamedKey, Range } from "./sops_config.ts";

/** The longest comment that counts as a name, in UTF-16 code units. */
const MAX_NAME_LENGTH = 60;

/** One more entry that a comment above several may head: an item, a key with an anchored value, a text in brackets. */
const NAMED_ENTRY = /^\s*(?:-\s|[^\s#]+:\s+&|[^\s#,\]}:]+,?\s*$)/;

/**
 * Finds the name of a key by the place where it is written.
 *
 * @param node the item or value that holds this key and no other
 * @param siblings how many items the key's list has; 1 for a key that is no list item
 * @returns the anchor, else the comment at the end of the line, else the comment line directly above; undefined when
 * there is none, or when the comment stands for more than this key
 */
export function findKeyName(document: YamlDocument, node: WrittenNode, siblings: number): string | undefined {
  if (isAlias(node)) return node.source;
  if (node.anchor !== undefined) return node.anchor;
  const comment = findNameComment(document, node);
  if (comment === undefined) return undefined;
  const lineNumber = lineNumberAt(document, node.range[0]);
  const isAbove = comment.start < node.range[0];
  if (isAbove && siblings > 1 && headsSeveral(document, lineNumber)) return undefined;
  return document.source.slice(comment.start, comment.end);
}

/**
 * Finds the comment that may name a key without an anchor.
 *
 * @returns where the name in it stands: at the end of the key's line, else on the line directly above
 */
export function findNameComment(document: YamlDocument, node: WrittenNode): Range | undefined {
  const behind = findCommentBehind(document, node);
  if (behind !== undefined) return nameIn(document, behind, lineNumberAt(document, behind));
  const lineNumber = lineNumberAt(document, node.range[0]);
  const before = document.source.slice(lineStart(document, lineNumber), node.range[0]);
  // The comment above `- age: …` is about the rule.
  if (/^\s*-\s+\S/.test(before)) return undefined;
  if (lineNumber === 1 || isComment(document, lineNumber - 2)) return undefined;
  return nameIn(document, lineStart(document, lineNumber - 1), lineNumber - 1);
}

/** @returns where the comment on the node's line starts: behind its end, of a folded or literal text behind its mark */
function findCommentBehind(document: YamlDocument, node: WrittenNode): number | undefined {
  const [start, end] = node.range;
  if (!isScalar(node) || !node.type?.startsWith("BLOCK_")) return findEndOfLineComment(document, end);
  const mark = /^[|>][-+0-9]*/.exec(document.source.slice(start, end))?.[0] ?? "";
  return findEndOfLineComment(document, start + mark.length);
}

/**
 * @param lineNumber of an item of a list, or of a key with its definition
 * @returns whether a comment above that line is about several: the next line is one more of the same list or mapping,
 * without a comment of its own
 */
export function headsSeveral(text: SourceText, lineNumber: number): boolean {
  const [line, next] = [lineText(text, lineNumber), lineText(text, lineNumber + 1)];
  const indent = (line: string): number => line.length - line.trimStart().length;
  return indent(line) === indent(next) && NAMED_ENTRY.test(next) && !/\s#/.test(next);
}

function isComment(document: YamlDocument, lineNumber: number): boolean {
  return lineNumber > 0 && /^\s*#/.test(lineText(document, lineNumber));
}

/** @returns the name in the rest of a line; undefined when that is no comment, a sentence, several names or a key */
function nameIn(document: YamlDocument, offset: number, lineNumber: number): Range | undefined {
  const line = document.source.slice(offset, lineEnd(document, lineNumber));
  const comment = /^(\ufeff?\s*#+\s*)(.*?)\s*$/.exec(line);
  if (comment === null || !isNameComment(comment[2]!)) return undefined;
  const start = offset + comment[1]!.length;
  return { start, end: start + comment[2]!.length };
}

/** @returns whether a comment with this text is taken for a name: no sentence, no list of names, no key, not too long */
export function isNameComment(text: string): boolean {
  if (text === "" || text.length > MAX_NAME_LENGTH) return false;
  return !/[,;&]|\sand\s|\.$|:$|^-\s|^\*|age1[0-9a-z]{20}/.test(text);
}

/** What a key of any of SOPS's types looks like. */
const KEY_TEXT =
  /^(?:age1[0-9a-z]{8,}|ssh-(?:ed25519|rsa)\s+\S+|(?:[0-9A-Fa-f]{4}\s*){4,}|arn:aws|projects\/|https?:\/\/)/;

/** @returns the keys that anchors name, in the order of the file */
export function findNamedKeys(document: YamlDocument): readonly NamedKey[] {
  const keys: NamedKey[] = [];
  function visit(node: unknown, parent: YAMLSeq.Parsed | YAMLMap.Parsed | undefined, trail: readonly string[]): void {
    if (isScalar(node)) {
      const scalar = node as NamedKey["node"];
      const text = scalarText(scalar).trim();
      if (scalar.anchor === undefined || scalar.anchor.endsWith(":") || !KEY_TEXT.test(text)) return;
      const [start, end] = scalar.range;
      const lineNumber = lineNumberAt(document, start);
      keys.push({ name: scalar.anchor, text, range: { start, end }, lineNumber, node: scalar, parent, trail });
    } else if (isCollection(node)) {
      const collection = node as YAMLSeq.Parsed | YAMLMap.Parsed;
      const inner = collection.anchor === undefined ? trail : [...trail, collection.anchor.replace(/:$/, "")];
      if (isMap(collection)) {
        for (const pair of collection.items) {
          visit(pair.value, collection, isScalar(pair.key) ? [...inner, scalarText(pair.key)] : inner);
        }
      } else for (const item of collection.items) visit(item, collection, inner);
    }
  }
  visit(document.root.contents, undefined, []);
  return keys;
}
