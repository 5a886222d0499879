/**
 * Joins the chunks of a split bundle to one file in which a chunk runs when it is first asked for.
 *
 * The bundler's own single file holds the functions of every module side by side: each start makes them all, whatever
 * command is run. Here every chunk stands in a function of its own, which costs nothing until it is called. Text in, text
 * out; refuses chunks that import each other in a circle, and what it does not know. It takes for granted that no chunk
 * assigns to an exported variable once it has run, as imports are read once. Numbers:
 * `docs/decisions/009-compiled-with-the-file.md`.
 *
 * @module
 */

/** One file of a split bundle, taken apart. */
export interface Chunk {
  /** The file's name. */
  readonly name: string;
  /** What it imports when it starts, in order. */
  readonly imports: readonly { readonly from: string; readonly names: readonly Renamed[] }[];
  /** The text between imports and exports. */
  readonly body: string;
  /** Where the body starts in the file, in UTF-16 code units. */
  readonly bodyOffset: number;
  readonly exports: readonly Renamed[];
  /** Notices that the bundler collects at the end of a file. */
  readonly notices: string;
}

/** `from as to`. */
interface Renamed {
  readonly from: string;
  readonly to: string;
}

/** What the functions are called that the file brings. No name of the bundler's has two `$`. */
const NAMES = { chunks: "$$c", done: "$$d", require: "$$r" };

const IMPORT = /import(?:\{([^}]*)\}from)?"\.\/([\w.-]+)";/y;
const EXPORTS = /export\{([^}]*)\};?\s*$/;
const NOTICES = /\n(?:\/\*[\s\S]*?\*\/\s*)+$/;
const DYNAMIC_IMPORT = /\bimport\("\.\/([\w.-]+)"\)/g;

/** @throws Error when the file is not written as the bundler writes chunks */
export function parseChunk(name: string, source: string): Chunk {
  const imports: { from: string; names: Renamed[] }[] = [];
  let bodyOffset = 0;
  IMPORT.lastIndex = 0;
  for (let found = IMPORT.exec(source); found !== null; found = IMPORT.exec(source)) {
    imports.push({ from: found[2] ?? "", names: parseNames(found[1] ?? "") });
    bodyOffset = IMPORT.lastIndex;
  }
  const notices = NOTICES.exec(source)?.[0] ?? "";
  const code = source.slice(0, source.length - notices.length);
  const end = EXPORTS.exec(code);
  const body = code.slice(bodyOffset, end?.index);
  if (/\bimport\.meta\b(?!\.main)|(?:^|[;}])(?:import[\s"{*]|export[\s{*])/.test(body)) {
    throw new Error(`${name} holds an import or export that is not understood`);
  }
  return { name, imports, body, bodyOffset, exports: parseNames(end?.[1] ?? ""), notices };
}

function parseNames(list: string): Renamed[] {
  return list.split(",").filter((part) => part !== "").map((part) => {
    const [from = "", to = from] = part.trim().split(" as ");
    return { from, to };
  });
}

/**
 * The text does not depend on the names of the chunks, in which the bundler puts hashes of paths: they get numbers in the
 * order in which they are asked for.
 *
 * @param chunks with bodies as they are to stand in the file
 * @param main the name of the one that is run at once
 * @param wanted names of the chunks that shall be compiled with the file
 * @throws Error for a missing chunk and for chunks that import each other in a circle
 */
export function joinChunks(chunks: readonly Chunk[], main: string, wanted: ReadonlySet<string>): string {
  const ordered = orderChunks(new Map(chunks.map((chunk) => [chunk.name, chunk])), main);
  const numbers = new Map(ordered.map(({ name }, number) => [name, number]));
  const texts = ordered.map((chunk) => {
    const start = formatImports(chunk, numbers) + formatBody(chunk, numbers);
    if (chunk.name === main) return start;
    const text = `()=>{${start};return{${formatExports(chunk)}}}`;
    return wanted.has(chunk.name) ? `(${text})` : text;
  });
  const mainNumber = numbers.get(main) ?? 0;
  const others = texts.with(mainNumber, "");
  const program = `var ${NAMES.done}=[],${NAMES.require}=(n=>${NAMES.done}[n]??=${NAMES.chunks}[n]()),` +
    `${NAMES.chunks}=[${others.join(",\n")}];\n${texts[mainNumber]};`;
  const exported = ordered[mainNumber]?.exports.map(({ from, to }) => `${from} as ${to}`).join(",");
  return `${program}export{${exported}};${ordered.map(({ notices }) => notices).join("")}`;
}

/** @returns the chunks that can be asked for, each behind those that it imports when it starts */
function orderChunks(chunks: ReadonlyMap<string, Chunk>, main: string): Chunk[] {
  const ordered: Chunk[] = [];
  const seen = new Set<string>();
  const wanted = [main];
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) throw new Error(`chunks import each other: ${[...path, name].join(" → ")}`);
    if (seen.has(name)) return;
    const chunk = chunks.get(name);
    if (chunk === undefined) throw new Error(`there is no chunk "${name}"`);
    for (const { from } of chunk.imports) visit(from, [...path, name]);
    seen.add(name);
    ordered.push(chunk);
    for (const [, from = ""] of chunk.body.matchAll(DYNAMIC_IMPORT)) wanted.push(from);
  };
  for (const name of wanted) visit(name, []);
  return ordered;
}

function formatImports({ imports }: Chunk, numbers: ReadonlyMap<string, number>): string {
  return imports.map(({ from, names }) => {
    const call = `${NAMES.require}(${numbers.get(from)});`;
    const list = names.map((name) => name.from === name.to ? name.to : `${name.from}:${name.to}`);
    return list.length === 0 ? call : `const{${list.join(",")}}=${call}`;
  }).join("");
}

function formatBody({ name, body }: Chunk, numbers: ReadonlyMap<string, number>): string {
  if (Object.values(NAMES).some((taken) => body.includes(taken))) throw new Error(`a name of ${name} is taken`);
  return body.replace(
    DYNAMIC_IMPORT,
    (_, from) => `Promise.resolve().then(()=>${NAMES.require}(${numbers.get(from)}))`,
  );
}

function formatExports({ exports }: Chunk): string {
  return exports.map(({ from, to }) => from === to ? to : `${to}:${from}`).join(",");
}
