/**
 * JSON as Go's `encoding/json` writes it, with the indentation that is asked for. Comments have no place in it. Pure.
 * Spec: sops-engine §4.1.
 *
 * @module
 */
import { UserError } from "../../../base/error.ts";
import { type Entry, type Node, type Scalar, Timestamp } from "../../tree/tree.ts";

/** How a value is laid out. */
export interface JsonLayout {
  /** One level of indentation; undefined: everything on one line. */
  readonly unit: string | undefined;
  /** The indentation of the line that the value starts on. */
  readonly base: string;
  readonly lineBreak: string;
  /** Between key and value: `: `. */
  readonly colon: string;
  /** Between items on one line: `, `. */
  readonly comma: string;
  /** Whether `<`, `>` and `&` are escaped, as Go does. */
  readonly isHtmlSafe: boolean;
}

/** What SOPS writes with a tab for each level. */
export const CANONICAL_LAYOUT: JsonLayout = {
  unit: "\t",
  base: "",
  lineBreak: "\n",
  colon: ": ",
  comma: ",",
  isHtmlSafe: true,
};

/**
 * Formats a value without a line break at its end.
 *
 * @throws {UserError} `unsupported` for a float that JSON cannot hold
 */
export function formatJson(node: Node, layout: JsonLayout): string {
  const parts: string[] = [];
  write(node, layout.base);
  return parts.join("");

  function write(value: Node, indentation: string): void {
    if (value.kind === "leaf") return void parts.push(formatJsonScalar(value.value, layout.isHtmlSafe));
    const [open, close] = value.kind === "mapping" ? "{}" : "[]";
    const { unit, lineBreak } = layout;
    const inner = unit === undefined ? "" : lineBreak + indentation + unit;
    let isFirst = true;
    parts.push(open!);
    for (const item of value.items as readonly (Entry | Node | { kind: "comment" })[]) {
      if (item.kind === "comment") continue;
      if (!isFirst) parts.push(unit === undefined ? layout.comma : ",");
      parts.push(inner);
      isFirst = false;
      if (item.kind === "entry") {
        parts.push(formatJsonString(item.key, layout.isHtmlSafe), layout.colon);
        write(item.value, indentation + (unit ?? ""));
      } else {
        write(item, indentation + (unit ?? ""));
      }
    }
    if (!isFirst && unit !== undefined) parts.push(lineBreak, indentation);
    parts.push(close!);
  }
}

/** Formats one scalar. */
export function formatJsonScalar(value: Scalar, isHtmlSafe: boolean): string {
  switch (typeof value) {
    case "string":
      return formatJsonString(value, isHtmlSafe);
    case "number":
      if (!Number.isFinite(value)) {
        throw new UserError(
          "unsupported",
          "cannot write JSON: an infinite number or none (.inf, .nan), which JSON cannot hold",
          {
            hints: ["keep the file as YAML, or put the number in quotes"],
          },
        );
      }
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
    case "boolean":
      return String(value);
    default:
      if (value === null) return "null";
      if (value instanceof Timestamp) return formatJsonString(value.text, isHtmlSafe);
      return formatJsonString(new TextDecoder("utf-8", { ignoreBOM: true }).decode(value), isHtmlSafe);
  }
}

/** What `JSON.stringify` leaves as it is and Go does not. */
const HTML = /[<>&\u2028\u2029]/;

/** @returns a text in double quotes */
export function formatJsonString(text: string, isHtmlSafe: boolean): string {
  const quoted = JSON.stringify(text.isWellFormed() ? text : text.toWellFormed());
  if (!isHtmlSafe || !HTML.test(quoted)) return quoted;
  return quoted.replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
