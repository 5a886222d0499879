/**
 * Templates as atmos writes them, of a path or a name: parsed once, rendered for a stack and a component.
 *
 * Text outside of `{{ … }}` stands as it is, but for the white space that trim marks (`{{- `, ` -}}`) remove. Runs
 * nothing and reads no file; environment variables come from the caller. Pure. Spec: vaults §1.
 *
 * @module
 */
import { type Expression, type FunctionName, parseAction, type TemplateContext } from "./template_expression.ts";

/** What a template may ask for. */
export interface TemplateData {
  /** @returns the value of a field such as `.atmos_stack` */
  field(name: string): string;
  /** @returns the environment variable, undefined when it is not set (`env` then yields empty text, as in sprig) */
  env(name: string): string | undefined;
}

/** A parsed template: literal text and expressions in order. */
export type Template = readonly (string | Expression)[];

/**
 * Parses a template such as `secrets/{{ .atmos_stack | lower }}.enc.yaml`.
 *
 * @param source the template text
 * @param context where it is written, for messages, and which fields it may use
 * @throws {UserError} `malformed` for broken syntax, `unsupported` for a function or field that is not known
 */
export function parseTemplate(source: string, context: TemplateContext = {}): Template {
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
    const action = parseAction(source, open + (trimHere ? 4 : 2), context);
    parts.push(action.expression);
    trimNext = action.trimAfter;
    offset = action.end;
  }
}

/** @returns the text for one stack and component */
export function renderTemplate(template: Template, data: TemplateData): string {
  return template.map((part) => typeof part === "string" ? part : evaluate(part, data)).join("");
}

/** @returns what the path depends on */
export function listFields(template: Template): ReadonlySet<string> {
  return new Set(template.flatMap(fieldsOf));
}

function fieldsOf(part: string | Expression): string[] {
  if (typeof part === "string" || part.type === "text") return [];
  return part.type === "field" ? [part.field] : part.args.flatMap(fieldsOf);
}

function evaluate(expression: Expression, data: TemplateData): string {
  switch (expression.type) {
    case "text":
      return expression.text;
    case "field":
      return data.field(expression.field);
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
