/**
 * Random YAML documents in the dialects that people write: blocks, brackets, quotes, block scalars, comments everywhere.
 *
 * @module
 */

/** A source of random choices that a seed repeats. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** @returns a whole number below a limit */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1103515245) + 12345) & 0x7fffffff;
    return (this.#state >>> 8) % limit;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** @returns true once in so many times */
  once(inTimes: number): boolean {
    return this.below(inTimes) === 0;
  }
}

/** Scalars and brackets; `@` stands for the column of the block around them. */
const VALUES = [
  "1",
  "x",
  "'q''q'",
  '"d\\n e"',
  "~",
  "",
  "true",
  "a b c",
  "1.5",
  "|\n@  lit\n@  two\n",
  ">\n@  fold\n@  two\n\n@  x\n",
  "|+\n@  k\n\n",
  "&a v",
  "!!str 5",
  "[1, b]",
  "{k: v, l}",
  "[]",
  "{}",
  "http://x:8/#f",
  "|-\n@   y\n",
  "multi\n@  line",
  '"multi\n@  quoted"',
  "2024-01-02",
  "| # behind header\n@  t\n",
] as const;

/** What {@link makeDocument} may use. */
export interface DocumentOptions {
  readonly hasComments: boolean;
}

/** @returns a document with a mapping on top, whose keys and comments are numbered so that none is there twice */
export function makeDocument(choices: Choices, options: DocumentOptions): string {
  return new Writer(choices, options).block(0, 0);
}

class Writer {
  readonly #choices: Choices;
  readonly #options: DocumentOptions;
  #count = 0;

  constructor(choices: Choices, options: DocumentOptions) {
    this.#choices = choices;
    this.#options = options;
  }

  block(column: number, depth: number): string {
    const choices = this.#choices;
    const step = choices.pick([2, 2, 4, 3]);
    const isList = depth > 0 && choices.once(3);
    const pad = " ".repeat(column);
    let text = "";
    for (let left = 1 + choices.below(3); left > 0; left--) {
      text += this.#commentLines(column, step);
      const isNested = depth < 3 && choices.once(3);
      const head = pad + (isList ? "-" : `${this.#key()}:`);
      if (!isNested) text += this.#scalarLine(head, column);
      else if (isList && choices.once(2)) text += this.#compactItem(column, depth);
      else text += `${head}${this.#inline("mark", 5)}\n${this.block(column + step, depth + 1)}`;
    }
    return text;
  }

  #compactItem(column: number, depth: number): string {
    const inner = this.block(column + 2, depth + 1).replace(/^(?:\s*#.*\n|\s*\n)*/, "");
    return `${" ".repeat(column)}- ${inner.slice(column + 2)}`;
  }

  #key(): string {
    const name = `k${this.#count++}`;
    return this.#choices.pick([name, name, `"${name}"`, `'${name}'`, `${name} b`]);
  }

  #scalarLine(head: string, column: number): string {
    const value = this.#choices.pick(VALUES).replaceAll("@", " ".repeat(column));
    if (value.endsWith("\n")) return `${head} ${value}`;
    const comment = value === "[]" || value === "{}" ? "" : this.#inline("behind", 4);
    return `${head}${value === "" ? "" : ` ${value}`}${comment}\n`;
  }

  #inline(word: string, times: number): string {
    return this.#options.hasComments && this.#choices.once(times) ? ` # ${word} ${this.#count++}` : "";
  }

  #commentLines(column: number, step: number): string {
    const choices = this.#choices;
    let text = "";
    while (this.#options.hasComments && choices.once(4)) {
      const columns = [column, column, column, column + step, Math.max(0, column - 2), 0];
      text += `${" ".repeat(choices.pick(columns))}# line ${this.#count++}\n${choices.once(4) ? "\n" : ""}`;
    }
    return text + (choices.once(8) ? "\n" : "");
  }
}

/** Texts that hold one feature each, as a start for {@link mutate}. */
export const DIALECTS: readonly string[] = [
  "a: 1\nb:\n  c: x y\n  d: 'q'\nl:\n- 1\n- k: v\n  w: z\n",
  "a: {x: 1, y: [1, 2, {z: 3}], \"q\": 'r'}\nb: [a, b: c, 'd', \"e\"]\n",
  "x: &a\n  k: v\ny: *a\nz:\n  <<: *a\n  m: 1\n? ek\n: ev\n? other\n",
  "---\n# c\na: |\n  lit\n   two\n\nb: >-\n  f\n  g\nc: |2\n   x\n...\n---\nd: 1\n",
  '%YAML 1.1\n---\na: !!str 1\nb: !!int "5"\nc: ! 5\nd: !foo bar\ne: !!binary aGk=\nf: !<tag:yaml.org,2002:str> 7\n',
  "a: \"x\n  y\\\n  z\\u0041\"\nb: plain\n  multi\n  line\nc: 'it''s\n\n  ok'\n",
  "- a\n- b\n",
  '{"a": 1, "b": {"c": [true, null, "x"]}}\n',
  '{\n\t"a": 1,\n\t"b": [\n\t\t1,\n\t\t2\n\t]\n}\n',
  "a:\r\n  b: 1\r\n  c: |\r\n    x\r\n    y\r\n",
  "a:\t1\nb:  \t# c\n  c: 2\n",
  "l:\n  - - 1\n    - 2\n  -\n    k: v\n  - [a,\n     b]\n",
  "\ufeffa: 1\n",
  "a: 1 # x\n# y\nb: # z\n  - 1\n",
  "a: x\u2028b: y\nc: 1\n",
  "a: b:c\nd: e#f\ng: h #i\nk: -1\nm: ?x\nn: :y\n",
];

const PIECES = [
  ...[
    " ",
    "  ",
    "\n",
    "\t",
    ":",
    ": ",
    "-",
    "- ",
    "#",
    " #",
    "?",
    "? ",
    "&a ",
    "*a",
    "!",
    "!!str ",
    "!!int ",
    "|",
    ">",
  ],
  ...["'", '"', "[", "]", "{", "}", ",", "%", "@", "`", "\\", "---\n", "...\n", "x", "1", "\r", "\u0085", "\n\n", "~"],
  ...["<<", "null", ".", "0", "=", "\u00e9", "\n  ", "\n    "],
] as const;

/** @returns a text with one to three pieces put in or taken out */
export function mutate(text: string, choices: Choices): string {
  for (let left = 1 + choices.below(3); left > 0; left--) {
    const at = choices.below(text.length + 1);
    const cut = choices.once(3) ? choices.below(4) : 0;
    text = text.slice(0, at) + (choices.once(4) ? "" : choices.pick(PIECES)) + text.slice(at + cut);
  }
  return text;
}
