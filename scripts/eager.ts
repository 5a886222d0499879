/**
 * Marks the functions of a bundle that short commands run, so that V8 compiles them with the file.
 *
 * V8 compiles a function when it is first called, unless it stands in parentheses: then it is compiled at once. Deno keeps
 * what is compiled at once in its code cache, so the next start need not compile it. Which functions that pays for is
 * found out by running the bundle and reading its coverage. Nothing changes but parentheses, and that a function
 * declaration at the top becomes a variable at the very start of the file. Methods and async arrows cannot be marked.
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

/** A piece of text to be put in. */
interface Insertion {
  readonly offset: number;
  readonly text: "(" | ")";
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

/**
 * Marks every function that has run and can be marked.
 *
 * @param source a minified module
 * @param functions all its functions, in any order; of one that is reported several times, one run is enough
 */
export function markEager(source: string, functions: readonly CoveredFunction[]): string {
  const insertions: Insertion[] = [];
  const moved: CoveredFunction[] = [];
  for (const { found, isTop } of findFunctions(source.length, functions)) {
    if (!found.hasRun) continue;
    const text = source.slice(found.start, found.end);
    const before = source.slice(Math.max(0, found.start - LOOK_BEHIND), found.start);
    const isFunction = FUNCTION.test(text);
    if (isFunction ? BEFORE_EXPRESSION.test(before) : ARROW.test(text)) {
      insertions.push({ offset: found.start, text: "(" }, { offset: found.end, text: ")" });
    } else if (isFunction && isTop && BEFORE_DECLARATION.test(before)) {
      moved.push(found);
    }
  }
  insertions.sort((a, b) => a.offset - b.offset || (a.text === b.text ? 0 : a.text === ")" ? -1 : 1));
  return moveToFront(source, insertions, moved);
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

/** Puts the insertions in, and makes variables at the start of the declarations. */
function moveToFront(source: string, insertions: readonly Insertion[], moved: readonly CoveredFunction[]): string {
  let next = 0;
  const renderTo = (start: number, end: number): string => {
    let text = "";
    let at = start;
    for (let insertion = insertions[next]; insertion !== undefined && insertion.offset <= end;) {
      if (insertion.offset === end && insertion.text === "(") break;
      text += source.slice(at, insertion.offset) + insertion.text;
      at = insertion.offset;
      insertion = insertions[++next];
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
  return variables.size === 0 ? rest : `var ${[...variables.values()].join(",")};${rest}`;
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
