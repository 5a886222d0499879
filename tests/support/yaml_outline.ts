/**
 * Trees as lines of text, to compare them and to show where they differ.
 *
 * @module
 */
import type { Comment, Document, Entry, Node, Scalar } from "../../lib/sops/tree/tree.ts";
import { Timestamp } from "../../lib/sops/tree/tree.ts";

/** What {@link outline} shows. */
export interface OutlineOptions {
  readonly hasComments: boolean;
}

/** @returns each entry, item and comment on a line, indented by its depth */
export function outline(documents: readonly Document[], options: OutlineOptions): string {
  return documents.map(({ root }) => lines(root, "", options)).join("---\n");
}

function lines(item: Node | Entry | Comment, pad: string, options: OutlineOptions): string {
  switch (item.kind) {
    case "leaf":
      return `${pad}${describeScalar(item.value)}\n`;
    case "comment":
      return options.hasComments ? `${pad}#${item.isInline ? "<" : ""}${item.text}\n` : "";
    case "entry":
      return `${pad}${JSON.stringify(item.key)}:\n${lines(item.value, `${pad}  `, options)}`;
    default:
      return `${pad}${item.kind}\n${
        (item.items as readonly (Node | Entry | Comment)[]).map((inner) => lines(inner, `${pad}  `, options)).join("")
      }`;
  }
}

function describeScalar(value: Scalar): string {
  if (value instanceof Timestamp) return `time ${value.text}`;
  if (value instanceof Uint8Array) return `bytes ${value.join(" ")}`;
  if (typeof value === "string") return JSON.stringify(value);
  return `${typeof value} ${Object.is(value, -0) ? "-0" : value}`;
}

/** @returns for each comment the keys of the containers that it stands in, joined with `/` */
export function commentPlaces(documents: readonly Document[]): Map<string, string> {
  const places = new Map<string, string>();
  const visit = (node: Node, path: string): void => {
    if (node.kind === "leaf") return;
    for (const item of node.items) {
      if (item.kind === "comment") places.set(item.text, path);
      else if (item.kind === "entry") visit(item.value, `${path}/${item.key}`);
      else visit(item, path);
    }
  };
  for (const [i, { root }] of documents.entries()) visit(root, String(i));
  return places;
}
