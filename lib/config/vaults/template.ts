/**
 * The path template of a vault's files: parsed once, rendered for a stack and a component.
 *
 * Text outside of `{{ … }}` stands as it is, but for the white space that trim marks (`{{- `, ` -}}`) remove. Runs
 * nothing and reads no file; environment variables come from the caller. Pure. Spec: vaults §1.
 *
 * @module
 */
import type { Location } from "../../base/error.ts";
import { type Expression, type FieldName, type FunctionName, parseAction } from "./template_expression.ts";

/** What a template may ask for. */
export interface TemplateData {
  readonly stack: string;
  readonly component: string;
  /** @returns the environment variable, undefined when it is not set (`env` then yields empty text, as in sprig) */
  env(name: string): string | undefined;
}

/** A parsed template: literal text and expressions in order. */
export type FileTemplate = readonly (string | Expression)[];

/**
 * Parses a template such as `secrets/{{ .atmos_stack | lower }}.enc.yaml`.
 *
 * @param source the template text
 * @param location where it is written, for messages
 * @throws {UserError} `malformed` for broken syntax, `unsupported` for a function or field that is not known
 */
export function parseFileTemplate(source: string, location?: Location): FileTemplate {
  const parts: (string | Expression)[] = [];
  let trimNext = false;
  let offset = 0;
  for (;;) {
    const open = source.indexOf("{{", offset);
    const trimHere = open !== -1 && /^-\s/.test(source.slice(open + 2, open + 4));
    let text = source.slice(offset, open === -1 ? source.length : open);
    if (trimNext) text = text.replace(/^[ \t\r\n]+/, "");
    if (trimHere) text = text.replace(/[ \t\r\n]+$/, "");
    if (text !== "") parts.push(text);
    if (open === -1) return parts;
    const action = parseAction(source, open + (trimHere ? 4 : 2), location);
    parts.push(action.expression);
    trimNext = action.trimAfter;
    offset = action.end;
  }
}

/** @returns the path of the file for one stack and component */
export function renderFileTemplate(template: FileTemplate, data: TemplateData): string {
  return template.map((part) => typeof part === "string" ? part : evaluate(part, data)).join("");
}

/** @returns what the path depends on */
export function listFields(template: FileTemplate): ReadonlySet<FieldName> {
  return new Set(template.flatMap(fieldsOf));
}

function fieldsOf(part: string | Expression): FieldName[] {
  if (typeof part === "string" || part.type === "text") return [];
  return part.type === "field" ? [part.field] : part.args.flatMap(fieldsOf);
}

function evaluate(expression: Expression, data: TemplateData): string {
  switch (expression.type) {
    case "text":
      return expression.text;
    case "field":
      return expression.field === ".atmos_stack" ? data.stack : data.component;
    case "call":
      return apply(expression.name, expression.args.map((arg) => evaluate(arg, data)), data);
  }
}

/** Applies a function; the parser has checked the number of arguments. */
function apply(name: FunctionName, args: readonly string[], data: TemplateData): string {
  const [first = "", second = "", third = ""] = args;
  switch (name) {
    case "lower":
      return first.toLowerCase();
    case "upper":
      return first.toUpperCase();
    case "trimPrefix":
      return second.startsWith(first) ? second.slice(first.length) : second;
    case "trimSuffix":
      return second.endsWith(first) ? second.slice(0, second.length - first.length) : second;
    case "replace":
      return third.replaceAll(first, () => second);
    case "default":
      return second === "" ? first : second;
    case "env":
      return data.env(first) ?? "";
  }
}
