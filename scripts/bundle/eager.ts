/**
 * Marks the functions of a bundle that short commands run, so that V8 compiles them with the file.
 *
 * V8 compiles a function when it is first called, unless it stands in parentheses: then it is compiled at once. Deno keeps
 * what is compiled at once in its code cache, so the next start need not compile it. Which functions that pays for is
 * found out by running the bundle and reading its coverage. Nothing changes but parentheses, that a function declaration
 * at the top becomes a variable at the very start of the file, and that a method becomes a property that holds a function.
 * Left as they are: async arrows, constructors, accessors, static and private methods, methods that use `super`.
 * Numbers: `docs/decisions/009-compiled-with-the-file.md`.
 *
 * @module
 */

/** A function of a script as V8 reports it: a half-open range in UTF-16 code units. */
export interface CoveredFunction {
  readonly start: number;
  readonly end: number;
  readonly hasRun: boolean;
}

/** A piece of text (empty: a place) that other text is put in for. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly side: "open" | "close";
}

/** What stands before a function that is an expression. */
const BEFORE_EXPRESSION = /(?:[=(,:?[!&|>]|\b(?:return|await|default))\s*$/;

/** What stands before a declaration: the end of a statement, or nothing. */
const BEFORE_DECLARATION = /(?:[;}\n]|^)\s*$/;

/** As many characters before a function as tell what it is. */
const LOOK_BEHIND = 12;

const FUNCTION = /^(?:async )?function\b/;
const DECLARATION = /^((?:async )?function\*?)\s*([\w$]+)/;

/** No method starts like this. */
const ARROW = /^(?:\(|[\w$]+=>)/;

/** A method with a plain name, up to its parameters; `async(` starts an arrow. */
const METHOD = /^(async\b ?)?(\*?)(?!async\()([A-Za-z_$][\w$]*)(?=\()/;

/** What stands before the first method of a class; before the others a `}` or `;` does. */
const CLASS_HEAD = /\bclass\b[^{}]*\{$/;

/** As many characters before a method as a class's head has at most. */
const CLASS_LOOK_BEHIND = 200;

/** What the function is called that defines a method as a class does: not enumerable. No name of the bundler's has two `$`. */
const DEFINE_NAME = "$$m";

const DEFINE =
  `${DEFINE_NAME}=(function(c,n,f){Object.defineProperty(c.prototype,n,{value:f,writable:!0,configurable:!0})})`;

/**
 * Marks every function that has run and can be marked.
 *
 * @param source a minified module
 * @param functions all its functions, in any order; of one that is reported several times, one run is enough
 */
export function markEager(source: string, functions: readonly CoveredFunction[]): string {
  if (source.includes(DEFINE_NAME)) throw new Error(`the name "${DEFINE_NAME}" is taken`);
  const replacements: Replacement[] = [];
  const moved: CoveredFunction[] = [];
  for (const { found, isTop } of findFunctions(source.length, functions)) {
    if (!found.hasRun) continue;
    const text = source.slice(found.start, found.end);
    const before = source.slice(Math.max(0, found.start - LOOK_BEHIND), found.start);
    const isFunction = FUNCTION.test(text);
    if (isFunction ? BEFORE_EXPRESSION.test(before) : ARROW.test(text)) {
      replacements.push(...wrap(found, 0, "(", ")"));
    } else if (isFunction && isTop && BEFORE_DECLARATION.test(before)) {
      moved.push(found);
    } else if (!isFunction) {
      replacements.push(...asProperty(source, found));
    }
  }
  replacements.sort((a, b) => a.start - b.start || (a.side === b.side ? 0 : a.side === "close" ? -1 : 1));
  return moveToFront(source, replacements, moved);
}

/** @param headLength how much at the start `open` stands for */
function wrap({ start, end }: CoveredFunction, headLength: number, open: string, close: string): Replacement[] {
  return [
    { start, end: start + headLength, text: open, side: "open" },
    { start: end, end, text: close, side: "close" },
  ];
}

/** Writes a method of an object or class as a property; nothing for what is not such a method, or cannot be written so. */
function asProperty(source: string, found: CoveredFunction): Replacement[] {
  const text = source.slice(found.start, found.end);
  const [head, isAsync, star, name] = METHOD.exec(text) ?? [];
  if (head === undefined || name === "constructor" || /\bsuper\b/.test(text)) return [];
  const keyword = `(${isAsync === undefined ? "" : "async "}function${star}`;
  const before = source.slice(Math.max(0, found.start - CLASS_LOOK_BEHIND), found.start);
  if (/[};]$/.test(before) || CLASS_HEAD.test(before)) {
    return wrap(found, head.length, `static{${DEFINE_NAME}(this,"${name}",${keyword}`, "))}");
  }
  return /[{,]$/.test(before) ? wrap(found, head.length, `${name}:${keyword}`, ")") : [];
}

/** @returns each function once, by its start, and whether it stands in no other one; the module itself is left out */
function findFunctions(
  length: number,
  functions: readonly CoveredFunction[],
): { readonly found: CoveredFunction; readonly isTop: boolean }[] {
  const distinct = new Map<string, CoveredFunction>();
  for (const found of functions) {
    const range = `${found.start}-${found.end}`;
    if (found.start === 0 && found.end === length) continue;
    if (found.hasRun || !distinct.has(range)) distinct.set(range, found);
  }
  let end = 0;
  return [...distinct.values()].sort((a, b) => a.start - b.start || b.end - a.end).map((found) => {
    const isTop = found.start >= end;
    end = Math.max(end, found.end);
    return { found, isTop };
  });
}

/** Does the replacements, and makes variables at the start of the declarations. */
function moveToFront(source: string, replacements: readonly Replacement[], moved: readonly CoveredFunction[]): string {
  let next = 0;
  const renderTo = (start: number, end: number): string => {
    let text = "";
    let at = start;
    for (let found = replacements[next]; found !== undefined && found.start <= end; found = replacements[++next]) {
      if (found.start === end && found.side === "open") break;
      text += source.slice(at, found.start) + found.text;
      at = found.end;
    }
    return text + source.slice(at, end);
  };
  const variables = new Map<string, string>();
  let rest = "";
  let at = 0;
  for (const { start, end } of moved) {
    rest += renderTo(at, start);
    const text = renderTo(start, end);
    const [head = "", keyword, name = ""] = DECLARATION.exec(text) ?? [];
    if (name === "" || variables.has(name)) throw new Error(`cannot move the function "${name}": not one declaration`);
    variables.set(name, `${name}=(${keyword}${text.slice(head.length)})`);
    at = end;
  }
  rest += renderTo(at, source.length);
  const first = [
    ...(replacements.some(({ text }) => text.includes(DEFINE_NAME)) ? [DEFINE] : []),
    ...variables.values(),
  ];
  return first.length === 0 ? rest : `var ${first.join(",")};${rest}`;
}

/** One script of a coverage report of Deno. */
interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
  }[];
}

/**
 * Reads what `deno run --coverage=FOLDER` has written.
 *
 * @param fileName of the script
 */
export async function readCoverage(folder: string, fileName: string): Promise<CoveredFunction[]> {
  const functions: CoveredFunction[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const script: ScriptCoverage = JSON.parse(await Deno.readTextFile(`${folder}/${entry.name}`));
    if (!script.url.endsWith(`/${fileName}`)) continue;
    for (const { ranges: [whole] } of script.functions) {
      if (whole !== undefined) {
        functions.push({ start: whole.startOffset, end: whole.endOffset, hasRun: whole.count > 0 });
      }
    }
  }
  return functions;
}
