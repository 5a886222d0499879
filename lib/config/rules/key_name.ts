/**
 * The names that people give to keys in `.sops.yaml`: anchors and comments. Pure. Spec: sops-config §2.
 *
 * @module
 */
import { isAlias, isCollection, isMap, isScalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { YamlDocument } from "../../yaml/parse.ts";
import { scalarText, type WrittenNode } from "../../yaml/resolve.ts";
import { headsSeveral } from "../../yaml/heads.ts";
import { commentBehind, commentColumn, commentOn, type Entry, entryOf } from "../../yaml/entries.ts";
import { lineEnd, lineNumberAt } from "../../yaml/position.ts";
import type { NamedKey, Range } from "./sops_config.ts";

/** The longest comment that counts as a name, in UTF-16 code units. */
const MAX_NAME_LENGTH = 60;

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
  const isAbove = comment.start < node.range[0];
  if (isAbove && siblings > 1 && headsSeveral(document, entryOf(document, node))) return undefined;
  return document.source.slice(comment.start, comment.end);
}

/**
 * Finds the comment that may name a key without an anchor.
 *
 * @returns where the name in it stands: at the end of the key's line, else on the line directly above
 */
export function findNameComment(document: YamlDocument, node: WrittenNode): Range | undefined {
  const behind = findCommentBehind(document, node);
  if (behind !== undefined) return nameIn(document, behind);
  const line = lineNumberAt(document, node.range[0]);
  // The comment above `- age: …` is about the rule, one of several lines about more than this key.
  if (isBehindDash(document, node, line) || commentColumn(document, line - 2) !== undefined) return undefined;
  return commentColumn(document, line - 1) === undefined ? undefined : nameIn(document, commentOn(document, line - 1)!);
}

/** @returns whether a dash stands on the line before the item or pair that a node is */
function isBehindDash(document: YamlDocument, node: WrittenNode, line: number): boolean {
  for (let { owner }: Pick<Entry, "owner"> = entryOf(document, node); owner !== undefined;) {
    const outer = entryOf(document, owner);
    if (outer.dash !== undefined && lineNumberAt(document, outer.dash) === line) return true;
    owner = outer.owner;
  }
  return false;
}

/** @returns where the comment on the node's line starts: behind its end, of a folded or literal text behind its mark */
function findCommentBehind(document: YamlDocument, node: WrittenNode): number | undefined {
  const [start, end] = node.range;
  if (!isScalar(node) || !node.type?.startsWith("BLOCK_")) return commentBehind(document, end);
  return commentOn(document, lineNumberAt(document, start));
}

/** @returns the name in a comment; undefined when that is a sentence, several names or a key */
function nameIn(document: YamlDocument, comment: number): Range | undefined {
  const text = document.source.slice(comment, lineEnd(document, lineNumberAt(document, comment)));
  const { mark, name } = /^(?<mark>#+\s*)(?<name>.*?)\s*$/.exec(text)!.groups as { mark: string; name: string };
  if (!isNameComment(name)) return undefined;
  const start = comment + mark.length;
  return { start, end: start + name.length };
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

/** @returns whether a key is defined inside the rules */
export function isInRules({ trail }: NamedKey): boolean {
  return trail[0] === "creation_rules" || trail[0] === "destination_rules";
}
