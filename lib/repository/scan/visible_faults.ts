/**
 * What is wrong with the values of an encrypted file, told by its text alone: values and comments in clear where its
 * selector encrypts, and encrypted values that are damaged. Pure. Spec: sops-engine §3.2, §3.3, §3.5.
 *
 * @module
 */
import { ENCODED_START, findEncodedType } from "../../sops/engine/encoded_value.ts";
import { isEmptyScalar } from "../../sops/engine/open.ts";
import type { Selector } from "../../sops/engine/selectors.ts";
import { walkDocuments } from "../../sops/engine/walk.ts";
import type { StoreFile } from "../../sops/stores/store.ts";
import type { Node, Range, Scalar } from "../../sops/tree/tree.ts";
import { findLineStarts, lineNumberAt, type SourceText } from "../../yaml/position.ts";

/** A value, and where it stands. */
export interface PlacedValue {
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

/** What {@link findVisibleFaults} found, in the order of the text. */
export interface VisibleFaults {
  /** Values in clear that the selector encrypts; SOPS leaves empty ones as they are. */
  readonly values: readonly PlacedValue[];
  /** Comments in clear that the selector encrypts. */
  readonly comments: readonly CommentInClear[];
  /** Encrypted values that lack a part, or have a damaged one. */
  readonly damaged: readonly PlacedValue[];
}

/** @returns what is wrong with a file for its own selector, or would be for another one */
export function findVisibleFaults(
  { documents, source }: Pick<StoreFile, "documents" | "source">,
  selector: Selector,
): VisibleFaults {
  const values: PlacedValue[] = [];
  const damaged: PlacedValue[] = [];
  const comments: CommentInClear[] = [];
  let text: SourceText | undefined;
  const lineOf = (range: Range | undefined): number | undefined => {
    if (range === undefined) return undefined;
    text ??= { path: "", source, lineStarts: findLineStarts(source) };
    return lineNumberAt(text, range.start);
  };
  walkDocuments(documents, selector, {
    visitLeaf({ value, range }, path, isSelected, isInList) {
      if (!isSelected || isEmptyScalar(value)) return;
      const isEncoded = typeof value === "string" && value.startsWith(ENCODED_START);
      if (isEncoded && isWhole(value, isInList)) return;
      const name = new TextDecoder().decode(path.view()).slice(0, -1);
      (isEncoded ? damaged : values).push({ name, value, lineNumber: lineOf(range) });
    },
    visitComment({ text: comment, range }, _path, isSelected) {
      if (!isSelected || comment === "" || comment.startsWith(ENCODED_START)) return;
      comments.push({ text: comment, lineNumber: lineOf(range) });
    },
  });
  return { values, comments, damaged };
}

/** How many values are encrypted, and how many of them another selector would leave in clear. */
export interface LeftInClear {
  readonly encrypted: number;
  readonly left: number;
}

/** @returns what would become of an encrypted file that is encrypted anew with another selector */
export function countLeftInClear({ documents }: Pick<StoreFile, "documents">, selector: Selector): LeftInClear {
  let [encrypted, left] = [0, 0];
  walkDocuments(documents, selector, {
    visitLeaf({ value }, _path, isSelected) {
      if (typeof value !== "string" || !value.startsWith(ENCODED_START)) return;
      encrypted++;
      if (!isSelected) left++;
    },
    visitComment() {}, // encrypted where the values beside are
  });
  return { encrypted, left };
}

/** An encrypted comment stands as a value in lists only. */
function isWhole(value: string, isInList: boolean): boolean {
  const type = findEncodedType(value);
  return type !== undefined && (isInList || type !== "comment");
}

/** @returns whether a value of a file that is no binary one is an encrypted value as a whole */
export function holdsEncryptedLeaf({ documents, format }: StoreFile): boolean {
  const isEncrypted = (node: Node): boolean =>
    node.kind === "leaf"
      ? typeof node.value === "string" && /^ENC\[AES256_GCM,data:[^\n]*,type:[a-z]+\]$/.test(node.value)
      : node.items.some((item) => item.kind !== "comment" && isEncrypted(item.kind === "entry" ? item.value : item));
  return format !== "binary" && documents.some(({ root }) => isEncrypted(root));
}
