/**
 * How a text is written as a YAML value: plain where it can be, in quotes where it would be read as something else. Pure.
 *
 * @module
 */
import type { Scalar } from "yaml";

/** How a text stands on its line. */
export type Quoting = "plain" | "single" | "double";

/** Texts that some YAML reader takes for something else than text. */
const OTHER_TYPE =
  /^(?:~|null|true|false|yes|no|on|off|y|n|<<|=|---|\.\.\.|[-+]?\.(?:inf|nan)|[-+]?[.\d][\d._:+a-fox-]*)$/i;
/** A start that YAML reads as an indicator. */
const INDICATOR = /^[-?:,[\]{}#&*!|>'"%@`\s]/;
// deno-lint-ignore no-control-regex -- these need an escape sequence
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]/;

/**
 * Writes a text as a YAML value.
 *
 * @param quoting as the neighbours do; quotes are added where a plain text would be read as something else
 * @param flow whether it stands inside brackets
 */
export function formatText(text: string, quoting: Quoting, flow: boolean): string {
  if (quoting === "double" || CONTROL.test(text)) return JSON.stringify(text);
  return quoting === "plain" && isPlain(text, flow) ? text : `'${text.replaceAll("'", "''")}'`;
}

/** @returns whether a text can stand without quotes */
function isPlain(text: string, flow: boolean): boolean {
  return text !== "" && !INDICATOR.test(text) && !OTHER_TYPE.test(text) && isPlainInside(text, flow);
}

/** @returns whether a text can stand without quotes behind the start of a plain value */
export function isPlainInside(text: string, flow: boolean): boolean {
  return !/: |\s#|:$|\s$/.test(text) && !(flow && /[,[\]{}?]/.test(text));
}

/** @returns how a scalar is quoted; `plain` for folded and literal ones */
export function quotingOf(scalar: Scalar): Quoting {
  if (scalar.type === "QUOTE_DOUBLE") return "double";
  return scalar.type === "QUOTE_SINGLE" ? "single" : "plain";
}
