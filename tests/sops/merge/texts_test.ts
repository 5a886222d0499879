/** Two changed versions of a text made one: what merges, what does not, and what the text then looks like. */
import { loadStore } from "../../../lib/sops/choose_store.ts";
import { storeOfName } from "../../../lib/sops/metadata/store_name.ts";
import { type MergedText, mergeTexts, type PlainText } from "../../../lib/sops/merge/texts.ts";
import { assertEquals } from "../../support/assert.ts";

async function merge(
  path: string,
  { base, ours, theirs }: { base: string | undefined; ours: string; theirs: string },
): Promise<MergedText> {
  const store = await loadStore(storeOfName(path));
  const read = (text: string): PlainText => ({
    text,
    documents: store.format === "binary" ? [] : store.parse(text, path).documents,
  });
  const old = base === undefined ? "absent" : base === "?" ? "unknown" : read(base);
  return mergeTexts({ base: old, ours: read(ours), theirs: read(theirs) }, { store, path });
}

/** Three versions, and the text that they come to. */
type MergedCase = [
  condition: string,
  path: string,
  base: string | undefined,
  ours: string,
  theirs: string,
  text: string,
];

/** Merges that are clean: what both sides did stands in the text. */
const CLEAN: readonly MergedCase[] = [
  ["values side by side", "a.yaml", "a: 1\nb: 2\n", "a: 9\nb: 2\n", "a: 1\nb: 8\n", "a: 9\nb: 8\n"],
  ["a key added on both sides at one place", "a.yaml", "a: 1\n", "a: 1\nb: 2\n", "a: 1\nc: 3\n", "a: 1\nb: 2\nc: 3\n"],
  [
    "the same key added with the same value",
    "a.yaml",
    "a: 1\n",
    "a: 1\nb: 2\n",
    "a: 1\nb: 2\nc: 3\n",
    "a: 1\nb: 2\nc: 3\n",
  ],
  [
    "comments of both",
    "a.yaml",
    "# x\na: 1\nb: 2\n",
    "# y\na: 1\nb: 2\n",
    "# x\na: 1\n# b\nb: 3\n",
    "# y\na: 1\n# b\nb: 3\n",
  ],
  ["a removed key", "a.yaml", "a: 1\nb: 2\nc: 3\n", "a: 1\nc: 3\n", "a: 1\nb: 2\nc: 4\n", "a: 1\nc: 4\n"],
  [
    "runs of lines that overlap with equal changes",
    "a.yaml",
    "a: 1\nb: 2\nc: 3\n",
    "a: 9\nb: 8\nc: 3\n",
    "a: 1\nb: 8\nc: 7\n",
    "a: 9\nb: 8\nc: 7\n",
  ],
  [
    "values of several lines",
    "a.yaml",
    "a: |\n  one\n  two\nb: 2\n",
    "a: |\n  one\n  three\nb: 2\n",
    "a: |\n  one\n  two\nb: 3\n",
    "a: |\n  one\n  three\nb: 3\n",
  ],
  [
    "one side indented anew",
    "a.yaml",
    "a:\n  b: 1\n  c: 2\n",
    "a:\n    b: 1\n    c: 2\n",
    "a:\n  b: 1\n  c: 3\n",
    "a:\n    b: 1\n    c: 3\n",
  ],
  [
    "line breaks of Windows on one side",
    "a.yaml",
    "a: 1\nb: 2\n",
    "a: 1\r\nb: 2\r\n",
    "a: 1\nb: 3\n",
    "a: 1\r\nb: 3\r\n",
  ],
  [
    "items of a list",
    "a.yaml",
    "a:\n- x\n- y\n- z\n",
    "a:\n- x2\n- y\n- z\n",
    "a:\n- x\n- y\n- z2\n",
    "a:\n- x2\n- y\n- z2\n",
  ],
  [
    "fields of one item of a list",
    "a.yaml",
    "a:\n- n: x\n  p: 1\n  q: 1\n",
    "a:\n- n: x\n  p: 2\n  q: 1\n",
    "a:\n- n: x\n  p: 1\n  q: 2\n",
    "a:\n- n: x\n  p: 2\n  q: 2\n",
  ],
  ["made on both sides", "a.yaml", undefined, "a: 1\nb: 2\n", "a: 1\nc: 3\n", "a: 1\nb: 2\nc: 3\n"],
  [
    "a last key added on both sides in JSON",
    "a.json",
    '{\n  "a": 1\n}\n',
    '{\n  "a": 1,\n  "b": 2\n}\n',
    '{\n  "a": 1,\n  "c": 3\n}\n',
    '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n',
  ],
  ["one line of JSON", "a.json", '{"a": 1, "b": 2}', '{"a": 9, "b": 2}', '{"a": 1, "b": 8}', '{"a": 9, "b": 8}'],
  ["dotenv", "a.env", "A=1\nB=2\n", "A=9\nB=2\nC=3\n", "A=1\nB=2\nD=4\n", "A=9\nB=2\nC=3\nD=4\n"],
  ["INI", "a.ini", "[x]\na = 1\nb = 2\n", "[x]\na = 9\nb = 2\n", "[x]\na = 1\nb = 8\n", "[x]\na = 9\nb = 8\n"],
  ["documents", "a.yaml", "a: 1\n---\nb: 2\n", "a: 9\n---\nb: 2\n", "a: 1\n---\nb: 8\n", "a: 9\n---\nb: 8\n"],
  ["lines of a text", "a.txt", "a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n", "A\nb\nc\nD\n"],
];

for (const [condition, path, base, ours, theirs, text] of CLEAN) {
  Deno.test(`mergeTexts() merges ${condition}`, async () => {
    assertEquals(await merge(path, { base, ours, theirs }), { text, conflicts: [] });
  });
}

/** What stands between the markers of a conflict. */
const marked = (ours: string, theirs: string): string => `<<<<<<< ours\n${ours}=======\n${theirs}>>>>>>> theirs\n`;

/** Merges that a person has to decide. */
const CONFLICTS: readonly [...MergedCase, conflicts: string[]][] = [
  ["the same value", "a.yaml", "a: 1\nb: 2\n", "a: 9\nb: 3\n", "a: 8\nb: 2\n", `${marked("a: 9\n", "a: 8\n")}b: 3\n`, [
    "a",
  ]],
  ["a key added twice", "a.yaml", "a: 1\n", "a: 1\nb: 2\n", "a: 1\nb: 3\n", `a: 1\n${marked("b: 2\n", "b: 3\n")}`, [
    "b",
  ]],
  [
    "a key added twice at different places",
    "a.yaml",
    "a: 1\nb: 2\n",
    "n: 1\na: 1\nb: 2\n",
    "a: 1\nb: 2\nn: 2\n",
    `${marked("n: 1\na: 1\nb: 2\n", "a: 1\nb: 2\nn: 2\n")}`,
    ["n"],
  ],
  [
    "removed here and changed there",
    "a.yaml",
    "a: 1\nb: 2\nc: 3\n",
    "a: 1\nc: 3\n",
    "a: 1\nb: 3\nc: 3\n",
    `a: 1\n${marked("", "b: 3\n")}c: 3\n`,
    ["b"],
  ],
  [
    "different lines of one value",
    "a.yaml",
    "a: |\n  1\n  2\n  3\n  4\nb: 1\n",
    "a: |\n  9\n  2\n  3\n  4\nb: 1\n",
    "a: |\n  1\n  2\n  3\n  8\nb: 1\n",
    `${marked("a: |\n  9\n  2\n  3\n  4\n", "a: |\n  1\n  2\n  3\n  8\n")}b: 1\n`,
    ["a"],
  ],
  [
    "a comment",
    "a.yaml",
    "# x\na: 1\n",
    "# y\na: 1\n",
    "# z\na: 1\n",
    `${marked("# y\n", "# z\n")}a: 1\n`,
    ["comments or layout"],
  ],
  [
    "items added to a list on both sides",
    "a.yaml",
    "a:\n- x\nb: 1\n",
    "a:\n- x\n- y\nb: 1\n",
    "a:\n- x\n- z\nb: 1\n",
    `a:\n- x\n${marked("- y\n", "- z\n")}b: 1\n`,
    ["a"],
  ],
  [
    "a base that nobody can read",
    "a.yaml",
    "?",
    "a: 1\nb: 2\n",
    "a: 1\nb: 3\n",
    `a: 1\n${marked("b: 2\n", "b: 3\n")}`,
    ["b"],
  ],
  [
    "a key that only one side has, without a base",
    "a.yaml",
    "?",
    "a: 1\nb: 2\n",
    "a: 1\n",
    `a: 1\n${marked("b: 2\n", "")}`,
    ["b"],
  ],
  ["lines side by side of a text", "a.txt", "a\nb\n", "A\nb\n", "a\nB\n", marked("A\nb\n", "a\nB\n"), ["the text"]],
  [
    "a value of JSON",
    "a.json",
    '{\n  "a": 1,\n  "b": 2\n}\n',
    '{\n  "a": 9,\n  "b": 2\n}\n',
    '{\n  "a": 8,\n  "b": 2\n}\n',
    `{\n${marked('  "a": 9,\n', '  "a": 8,\n')}  "b": 2\n}\n`,
    ["a"],
  ],
];

for (const [condition, path, base, ours, theirs, text, conflicts] of CONFLICTS) {
  Deno.test(`mergeTexts() leaves to a person: ${condition}`, async () => {
    assertEquals(await merge(path, { base, ours, theirs }), { text, conflicts });
  });
}
