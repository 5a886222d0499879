/**
 * One `{{ … }}` of a path template: its words, and the expression that they form. Pure. Spec: vaults §1.
 *
 * The grammar is the part of Go's template language that paths need: pipeline = command ("|" command)*, command =
 * function operand* or operand, operand = field, text literal or "(" pipeline ")". Refuses everything else by name.
 *
 * @module
 */
import { type Location, UserError } from "../../base/error.ts";
import { suggest } from "../../base/show/suggest.ts";

/** The functions that a template may call, each with the number of its arguments (a piped value is the last one). */
export const TEMPLATE_FUNCTIONS = {
  lower: 1,
  upper: 1,
  trimPrefix: 2,
  trimSuffix: 2,
  replace: 3,
  default: 2,
  env: 1,
  eq: 2,
  ne: 2,
  not: 1,
  and: 2,
  or: 2,
} as const;

/** A key of {@link TEMPLATE_FUNCTIONS}. */
export type FunctionName = keyof typeof TEMPLATE_FUNCTIONS;

/** The fields that the path of a vault's files may use. */
export const PATH_FIELDS: readonly string[] = [".atmos_stack", ".atmos_component"];

/** The value of an action. A pipe is already resolved: its left side is the last argument of the right side. */
export type Expression =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "field"; readonly field: string }
  | { readonly type: "call"; readonly name: FunctionName; readonly args: readonly Expression[] };

/** What stands between `{{` and `}}`. */
export interface Action {
  /** Empty text for a comment. */
  readonly expression: Expression;
  /** Whether `-}}` removes the white space that follows. */
  readonly trimAfter: boolean;
  /** Offset behind `}}`. */
  readonly end: number;
}

/** How a template is read. */
export interface TemplateContext {
  /** Where it is written. */
  readonly location?: Location | undefined;
  /** The fields that it may use; absent: any. */
  readonly fields?: readonly string[];
}

/** Deepest nesting of parentheses. Own limit, so that hostile input cannot exhaust the stack. */
const MAX_DEPTH = 32;

/**
 * @param source the whole template
 * @param start offset behind `{{`, or behind `{{-` and the white space that belongs to it
 * @param context where the template is written, for messages, and which fields it may use
 * @throws {UserError} `malformed` for broken syntax, `unsupported` for a function or field that is not known
 */
export function parseAction(source: string, start: number, context: TemplateContext): Action {
  const comment = COMMENT.exec(source.slice(start));
  if (comment !== null) {
    return { expression: { type: "text", text: "" }, trimAfter: comment[1] === "-", end: start + comment[0].length };
  }
  return new ActionParser(source, start, context).parse();
}

const COMMENT = /^\/\*.*?\*\/(?:\s(-))?\}\}/s;

/** A word, sign or literal of an action. */
interface Token {
  readonly type: "word" | "field" | "text" | "number" | "sign" | "end" | "unknown";
  /** As written. */
  readonly text: string;
  /** Offset behind the token. */
  readonly end: number;
}

/** How each type of token is written, in the order in which they are tried, white space before them included. */
const TOKENS: readonly (readonly [Token["type"], RegExp])[] = [
  ["end", /\s+(-\}\})|\s*(\}\})/y],
  ["word", /\s*([\p{L}_][\p{L}\p{N}_]*)/uy],
  ["field", /\s*(\.[\p{L}\p{N}_.]*)/uy],
  ["text", /\s*("(?:[^"\\\n]|\\.)*"|`[^`]*`)/y],
  ["number", /\s*([+-]?\d[\w.]*)/y],
  ["sign", /\s*([|()])/y],
  ["unknown", /\s*(.?)/suy],
];

/** Reads one action by recursive descent. */
class ActionParser {
  readonly #source: string;
  readonly #location: Location | undefined;
  #token: Token;
  #depth = 0;

  readonly #fields: readonly string[] | undefined;

  constructor(source: string, start: number, { location, fields }: TemplateContext) {
    this.#source = source;
    this.#location = location;
    this.#fields = fields;
    this.#token = this.#readToken(start);
  }

  parse(): Action {
    if (this.#isAtEnd()) throw this.#malformed("an empty expression");
    const expression = this.#pipeline();
    if (!this.#isAtEnd()) throw this.#unexpected();
    return { expression, trimAfter: this.#token.text.startsWith("-"), end: this.#token.end };
  }

  #pipeline(): Expression {
    if (++this.#depth > MAX_DEPTH) throw this.#malformed("parentheses nested too deeply");
    let value = this.#command(undefined);
    while (this.#accept("|")) value = this.#command(value);
    this.#depth--;
    return value;
  }

  /** @param piped the value left of the pipe, which becomes the last argument */
  #command(piped: Expression | undefined): Expression {
    if (this.#token.type === "word") return this.#call(piped);
    if (piped !== undefined) throw this.#malformed(`"${this.#token.text}" after a pipe, expected a function`);
    return this.#operand();
  }

  #call(piped: Expression | undefined): Expression {
    const name = this.#functionName();
    this.#advance();
    const args: Expression[] = [];
    while (this.#token.type === "field" || this.#token.type === "text" || this.#token.text === "(") {
      args.push(this.#operand());
    }
    if (piped !== undefined) args.push(piped);
    const expected = TEMPLATE_FUNCTIONS[name];
    if (args.length !== expected) {
      throw this.#malformed(`function "${name}" with ${args.length} arguments, expected ${expected}`);
    }
    return { type: "call", name, args };
  }

  #operand(): Expression {
    const { type, text } = this.#token;
    if (type === "field") {
      const field = this.#fieldName();
      this.#advance();
      return { type: "field", field };
    }
    if (type === "text") {
      this.#advance();
      return { type: "text", text: text.startsWith("`") ? text.slice(1, -1) : this.#unquote(text) };
    }
    if (!this.#accept("(")) throw this.#unexpected();
    const value = this.#pipeline();
    if (!this.#accept(")")) throw this.#malformed("a parenthesis that is not closed");
    return value;
  }

  #functionName(): FunctionName {
    const { text } = this.#token;
    if (Object.hasOwn(TEMPLATE_FUNCTIONS, text)) return text as FunctionName;
    throw this.#unsupported(`function "${text}"`, text, Object.keys(TEMPLATE_FUNCTIONS));
  }

  #fieldName(): string {
    const { text } = this.#token;
    if (this.#fields === undefined || this.#fields.includes(text)) return text;
    throw this.#unsupported(`field "${text}"`, text, this.#fields);
  }

  #isAtEnd(): boolean {
    return this.#token.type === "end";
  }

  #accept(sign: string): boolean {
    const accepted = this.#token.type === "sign" && this.#token.text === sign;
    if (accepted) this.#advance();
    return accepted;
  }

  #advance(): void {
    this.#token = this.#readToken(this.#token.end);
  }

  #readToken(offset: number): Token {
    for (const [type, pattern] of TOKENS) {
      pattern.lastIndex = offset;
      const match = pattern.exec(this.#source);
      if (match !== null) return { type, text: match[1] ?? match[2] ?? "", end: pattern.lastIndex };
    }
    return { type: "unknown", text: "", end: this.#source.length };
  }

  /** A string in double quotes; only the escapes that Go and JSON share. */
  #unquote(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      throw this.#malformed(`the string ${quoted} with an escape that is not known`);
    }
  }

  #unexpected(): UserError {
    const { type, text } = this.#token;
    if (text === "") return this.#malformed('"{{" without "}}"');
    return this.#malformed(type === "end" ? 'an expression that ends too early at "}}"' : `an unexpected "${text}"`);
  }

  #malformed(problem: string): UserError {
    return new UserError("malformed", `cannot read the template ${this.#place()}: ${problem}`, this.#options([]));
  }

  #unsupported(what: string, word: string, known: readonly string[]): UserError {
    const near = suggest(word, known);
    return new UserError(
      "unsupported",
      `cannot use the template ${this.#place()}: sopsmith does not have the ${what}`,
      this.#options([near === undefined ? `use only ${known.join(", ")}` : `write ${near}`]),
    );
  }

  #place(): string {
    const { path, line } = this.#location ?? {};
    return `"${this.#source}"${line === undefined ? "" : ` in line ${line} of "${path}"`}`;
  }

  #options(hints: readonly string[]): { hints: readonly string[]; location?: Location } {
    return this.#location === undefined ? { hints } : { hints, location: this.#location };
  }
}
