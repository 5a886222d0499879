/**
 * Marks the functions of a bundle that short commands run, so that V8 compiles them with the file.
 *
 * V8 compiles a function when it is first called, unless it stands in parentheses: then it is compiled at once. Deno keeps
 * what is compiled at once in its code cache, so the next start need not compile it. Which functions that pays for is
 * found out by running the bundle and reading its coverage. The bundle's syntax tree says what each of them is; nothing
 * changes but parentheses, and that a declaration at the top becomes a variable at the very start of the file, which is
 * when declarations are made. Methods stay as they are, and async arrows, which V8 does not compile at once.
 * Numbers: `docs/decisions/009-compiled-with-the-file.md`.
 *
 * @module
 */
import { type FunctionDeclaration, type Node, parse } from "acorn";

/** A function of a script as V8 reports it: a half-open range in UTF-16 code units. */
export interface CoveredFunction {
  readonly start: number;
  readonly end: number;
  readonly hasRun: boolean;
}

/** What stands where in the marked text. */
interface Marks {
  /** Text to put in, by offset, in the order in which it is to stand there. */
  readonly inserts: { readonly offset: number; readonly text: string }[];
  /** Declarations at the top that move to the start. */
  readonly moved: FunctionDeclaration[];
}

/**
 * Marks every function that has run and can be marked.
 *
 * @param source a module
 * @param functions all its functions, in any order; of one that is reported several times, one run is enough
 */
export function markEager(source: string, functions: readonly CoveredFunction[]): string {
  const wanted = new Set(functions.filter(({ hasRun }) => hasRun).map(({ start, end }) => `${start}-${end}`));
  const program = parse(source, { ecmaVersion: "latest", sourceType: "module" });
  const marks: Marks = { inserts: [], moved: [] };
  const top = new Set<Node>(program.body);
  visit(program, (node, parent) => {
    if (!wanted.has(`${node.start}-${node.end}`)) return;
    if (node.type === "FunctionDeclaration" && top.has(node)) marks.moved.push(node as FunctionDeclaration);
    else if (isMarkable(node, parent)) {
      marks.inserts.push({ offset: node.start, text: "(" }, { offset: node.end, text: ")" });
    }
  });
  return writeMarks(source, marks);
}

function isMarkable(node: Node, parent: Node | undefined): boolean {
  if (node.type === "ArrowFunctionExpression") return !("async" in node && node.async === true);
  return node.type === "FunctionExpression" && parent?.type !== "MethodDefinition" &&
    !(parent?.type === "Property" && isMethod(parent));
}

function isMethod(property: Node): boolean {
  return "method" in property && (property.method === true || "kind" in property && property.kind !== "init");
}

/** Calls back for every node of the tree, outer ones first. */
function visit(node: Node, each: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  each(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === "string") visit(child, each, node);
    }
  }
}

function writeMarks(source: string, { inserts, moved }: Marks): string {
  const ordered = inserts.sort((a, b) => a.offset - b.offset);
  let next = 0;
  const render = (start: number, end: number): string => {
    let text = "";
    let at = start;
    for (let insert = ordered[next]; insert !== undefined && insert.offset < end; insert = ordered[++next]) {
      text += source.slice(at, insert.offset) + insert.text;
      at = insert.offset;
    }
    return text + source.slice(at, end);
  };
  let rest = "";
  let at = 0;
  const variables: string[] = [];
  for (const declaration of moved.sort((a, b) => a.start - b.start)) {
    const { id, start, end } = declaration;
    rest += render(at, start);
    const keyword = `${declaration.async ? "async " : ""}function${declaration.generator ? "*" : ""}`;
    variables.push(`${id.name}=(${keyword}${render(id.end, end)})`);
    at = end;
  }
  rest += render(at, source.length);
  return variables.length === 0 ? rest : `var ${variables.join(",")};${rest}`;
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
  for (const script of await readScripts(folder)) {
    if (!script.url.endsWith(`/${fileName}`)) continue;
    for (const { ranges: [whole] } of script.functions) {
      if (whole !== undefined) {
        functions.push({ start: whole.startOffset, end: whole.endOffset, hasRun: whole.count > 0 });
      }
    }
  }
  return functions;
}

/** @returns the names of the scripts that were loaded */
export async function listCovered(folder: string): Promise<string[]> {
  return (await readScripts(folder)).map(({ url }) => url.slice(url.lastIndexOf("/") + 1));
}

async function readScripts(folder: string): Promise<ScriptCoverage[]> {
  const scripts: ScriptCoverage[] = [];
  for await (const entry of Deno.readDir(folder)) {
    scripts.push(JSON.parse(await Deno.readTextFile(`${folder}/${entry.name}`)));
  }
  return scripts;
}
