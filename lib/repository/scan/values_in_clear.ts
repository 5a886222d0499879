/**
 * What stands in clear in a file where its selector encrypts: values and comments, told by the text alone. Pure.
 * Spec: sops-engine §3.2, §3.3.
 *
 * @module
 */
import { ENCODED_START } from "../../sops/engine/encoded_value.ts";
import { isEmptyScalar } from "../../sops/engine/open.ts";
import type { Selector } from "../../sops/engine/selectors.ts";
import { walkDocuments } from "../../sops/engine/walk.ts";
import type { StoreFile } from "../../sops/stores/store.ts";
import type { Node, Range, Scalar } from "../../sops/tree/tree.ts";
import { findLineStarts, lineNumberAt, type SourceText } from "../../yaml/position.ts";

/** A value in clear. */
export interface ValueInClear {
  /** The keys that lead to it, with colons between them. */
  readonly name: string;
  readonly value: Scalar;
  /** Undefined for what has no place of its own, such as the copy that an alias makes. */
  readonly lineNumber: number | undefined;
}

/** A comment in clear. */
export interface CommentInClear {
  /** Without its sign. */
  readonly text: string;
  readonly lineNumber: number | undefined;
}

/** What {@link findInClear} found, in the order of the text. */
export interface FoundInClear {
  readonly values: readonly ValueInClear[];
  readonly comments: readonly CommentInClear[];
}

/** @returns what the selector encrypts and is not encrypted; SOPS leaves empty values and comments as they are */
export function findInClear(
  { documents, source }: Pick<StoreFile, "documents" | "source">,
  selector: Selector,
): FoundInClear {
  const values: ValueInClear[] = [];
  const comments: CommentInClear[] = [];
  let text: SourceText | undefined;
  const lineOf = (range: Range | undefined): number | undefined => {
    if (range === undefined) return undefined;
    text ??= { path: "", source, lineStarts: findLineStarts(source) };
    return lineNumberAt(text, range.start);
  };
  walkDocuments(documents, selector, {
    visitLeaf({ value, range }, path, isSelected) {
      if (!isSelected || isEmptyScalar(value) || typeof value === "string" && value.startsWith(ENCODED_START)) return;
      const name = new TextDecoder().decode(path.view()).slice(0, -1);
      values.push({ name, value, lineNumber: lineOf(range) });
    },
    visitComment({ text: comment, range }, _path, isSelected) {
      if (!isSelected || comment === "" || comment.startsWith(ENCODED_START)) return;
      comments.push({ text: comment, lineNumber: lineOf(range) });
    },
  });
  return { values, comments };
}

/** @returns whether a value of a file that is no binary one is an encrypted value as a whole */
export function holdsEncryptedLeaf({ documents, format }: StoreFile): boolean {
  const isEncrypted = (node: Node): boolean =>
    node.kind === "leaf"
      ? typeof node.value === "string" && /^ENC\[AES256_GCM,data:[^\n]*,type:[a-z]+\]$/.test(node.value)
      : node.items.some((item) => item.kind !== "comment" && isEncrypted(item.kind === "entry" ? item.value : item));
  return format !== "binary" && documents.some(({ root }) => isEncrypted(root));
}
