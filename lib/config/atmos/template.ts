/**
 * Templates as atmos writes them, of a path or a name: parsed once, rendered for a stack and a component.
 *
 * Text outside of `{{ … }}` stands as it is, but for the white space that trim marks (`{{- `, ` -}}`) remove. Runs
 * nothing and reads no file; environment variables come from the caller. Pure. Spec: vaults §1.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { type Expression, type FunctionName, parseAction, type TemplateContext } from "./template_expression.ts";

/** What a template may ask for. */
export interface TemplateData {
  /** @returns the value of a field such as `.atmos_stack` */
  field(name: string): string;
  /** @returns the environment variable, undefined when it is not set (`env` then yields empty text, as in sprig) */
  env(name: string): string | undefined;
}

/** `{{ if … }}…{{ else }}…{{ end }}`. */
export interface Condition {
  readonly type: "if";
  readonly test: Expression;
  readonly then: Template;
  readonly otherwise: Template;
}

/** A parsed template: literal text, expressions and conditions in order. */
export type Template = readonly (string | Expression | Condition)[];

/**
 * Parses a template such as `secrets/{{ .atmos_stack | lower }}.enc.yaml`. Conditions are read where any field is: a path
 * that has some could not be told from its pattern.
 *
 * @param source the template text
 * @param context where it is written, for messages, and which fields it may use
 * @throws {UserError} `malformed` for broken syntax, `unsupported` for a function or field that is not known
 */
export function parseTemplate(source: string, context: TemplateContext = {}): Template {
  return new TemplateParser(source, context).parse();
}

/** The words that make a condition. */
const KEYWORD = /\s*(else\s+if|if|else|end)(?=\s|\}\})/y;

/** What a run of parts ended with; undefined: the template did. */
type Ending = "else" | "else if" | "end" | undefined;

class TemplateParser {
  readonly #source: string;
  readonly #context: TemplateContext;
  #offset = 0;
  #trimNext = false;

  constructor(source: string, context: TemplateContext) {
    this.#source = source;
    this.#context = context;
  }

  parse(): Template {
    const { parts, ending } = this.#parts();
    if (ending !== undefined) throw this.#malformed(`"${ending}" without "if"`);
    return parts;
  }

  #parts(): { readonly parts: Template; readonly ending: Ending } {
    const parts: (string | Expression | Condition)[] = [];
    for (;;) {
      const start = this.#text(parts);
      if (start === undefined) return { parts, ending: undefined };
      KEYWORD.lastIndex = start;
      const keyword = this.#context.fields === undefined ? KEYWORD.exec(this.#source) : null;
      const word = keyword?.[1]?.replace(/\s+/, " ");
      if (keyword === null || word === undefined) parts.push(this.#action(start));
      else if (word === "if") parts.push(this.#condition(KEYWORD.lastIndex));
      else {
        if (word === "else if") this.#offset = KEYWORD.lastIndex;
        else this.#close(KEYWORD.lastIndex);
        return { parts, ending: word as Ending };
      }
    }
  }

  /** @returns where the next action starts, behind its `{{`; undefined: there is none */
  #text(parts: (string | Expression | Condition)[]): number | undefined {
    const open = this.#source.indexOf("{{", this.#offset);
    const trimHere = open !== -1 && /^-\s/.test(this.#source.slice(open + 2, open + 4));
    let text = this.#source.slice(this.#offset, open === -1 ? this.#source.length : open);
    if (this.#trimNext) text = text.replace(/^[ \t\r\n]+/, "");
    if (trimHere) text = text.replace(/[ \t\r\n]+$/, "");
    if (text !== "") parts.push(text);
    return open === -1 ? undefined : open + (trimHere ? 4 : 2);
  }

  #action(start: number): Expression {
    const action = parseAction(this.#source, start, this.#context);
    this.#trimNext = action.trimAfter;
    this.#offset = action.end;
    return action.expression;
  }

  /** @param start behind `if` */
  #condition(start: number): Condition {
    const test = this.#action(start);
    const { parts: then, ending } = this.#parts();
    if (ending === undefined) throw this.#malformed('"if" without "end"');
    if (ending === "else if") return { type: "if", test, then, otherwise: [this.#condition(this.#offset)] };
    if (ending === "end") return { type: "if", test, then, otherwise: [] };
    const rest = this.#parts();
    if (rest.ending !== "end") throw this.#malformed('"else" without "end"');
    return { type: "if", test, then, otherwise: rest.parts };
  }

  /** @param start behind a keyword that takes nothing */
  #close(start: number): void {
    const closing = /^\s*(-?)\}\}/.exec(this.#source.slice(start));
    if (closing === null) throw this.#malformed('a keyword without "}}"');
    this.#trimNext = closing[1] === "-";
    this.#offset = start + closing[0].length;
  }

  #malformed(problem: string): UserError {
    const { location } = this.#context;
    return new UserError("malformed", `cannot read the template "${this.#source}": ${problem}`, {
      ...(location === undefined ? {} : { location }),
    });
  }
}

/** @returns the text for one stack and component */
export function renderTemplate(template: Template, data: TemplateData): string {
  return template.map((part) => {
    if (typeof part === "string") return part;
    if (part.type !== "if") return evaluate(part, data);
    return renderTemplate(isTrue(part.test, data) ? part.then : part.otherwise, data);
  }).join("");
}

/** @returns what the path depends on */
export function listFields(template: Template): ReadonlySet<string> {
  return new Set(template.flatMap(fieldsOf));
}

function fieldsOf(part: string | Expression | Condition): string[] {
  if (typeof part === "string" || part.type === "text") return [];
  if (part.type === "if") return [part.test, ...part.then, ...part.otherwise].flatMap(fieldsOf);
  return part.type === "field" ? [part.field] : part.args.flatMap(fieldsOf);
}

/** The functions whose result is true or false, and no text. */
const PREDICATES: ReadonlySet<FunctionName> = new Set(["eq", "ne", "not"]);

/** What may be a number or a boolean, which are false in other cases than texts. */
const NO_TEXT = /^(?:true|false|[-+.\d].*)$/i;

/** Empty text is false, as in Go. */
function isTrue(expression: Expression, data: TemplateData): boolean {
  if (expression.type === "call" && (expression.name === "and" || expression.name === "or")) {
    const [first, second] = expression.args as [Expression, Expression];
    if (expression.name === "or") return isTrue(first, data) || isTrue(second, data);
    return isTrue(first, data) && isTrue(second, data);
  }
  const text = evaluate(expression, data);
  if (expression.type === "field" && NO_TEXT.test(text)) {
    throw new UserError("unsupported", `whether the field "${expression.field}" is true depends on its type`);
  }
  return expression.type === "call" && PREDICATES.has(expression.name) ? text === "true" : text !== "";
}

function evaluate(expression: Expression, data: TemplateData): string {
  switch (expression.type) {
    case "text":
      return expression.text;
    case "field":
      return data.field(expression.field);
    case "call":
      return call(expression.name, expression.args, data);
  }
}

function call(name: FunctionName, args: readonly Expression[], data: TemplateData): string {
  const [first, second] = args as [Expression, Expression];
  if (name === "not") return String(!isTrue(first, data));
  if (name === "and") return evaluate(isTrue(first, data) ? second : first, data);
  if (name === "or") return evaluate(isTrue(first, data) ? first : second, data);
  return apply(name, args.map((arg) => evaluate(arg, data)), data);
}

/** Applies a function; the parser has checked the number of arguments. */
function apply(name: Exclude<FunctionName, "not" | "and" | "or">, args: readonly string[], data: TemplateData): string {
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
    case "eq":
      return String(first === second);
    case "ne":
      return String(first !== second);
    case "env":
      return data.env(first) ?? "";
  }
}
