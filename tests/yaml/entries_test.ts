import { isSeq, visit } from "yaml";
import { commentBehind, commentColumn, entriesOf, type Entry, entryOf, placeOf } from "../../lib/yaml/entries.ts";
import { parseYaml, type YamlDocument } from "../../lib/yaml/parse.ts";
import type { Collection } from "../../lib/yaml/entries.ts";
import { assert, assertEquals } from "../support/assert.ts";
import fc from "../support/property.ts";

function parse(source: string): YamlDocument {
  return parseYaml(source, "/x.yaml");
}

function rootEntries(document: YamlDocument): readonly Entry[] {
  return entriesOf(document, document.root.contents as Collection);
}

/** What stands before, in and behind an entry, each as text. */
function parts(document: YamlDocument): string[][] {
  const { source } = document;
  return rootEntries(document).map(({ start, headEnd, end, commaEnd }) => [
    source.slice(start, headEnd),
    source.slice(headEnd, end),
    source.slice(end, commaEnd ?? end),
  ]);
}

Deno.test("entriesOf() tells dash, gap and value of each item", () => {
  const document = parse("-   a # b\n- &x !!str c\n-\n- {d}\n# e\n");
  assertEquals(parts(document), [["-", "   a", ""], ["-", " &x !!str c", ""], ["-", "", ""], ["-", " {d}", ""]]);
  assertEquals(rootEntries(document).map(({ gap }) => gap), ["   ", " ", " ", " "]);
});

Deno.test("entriesOf() tells key, colon and value of each pair", () => {
  const document = parse('a : 1\n&k "b": *k\nc:\n  - d\ne: |\n  f: g\n\n\n');
  assertEquals(parts(document), [["a :", " 1", ""], ['&k "b":', " *k", ""], ["c:", "\n  - d", ""], [
    "e:",
    " |\n  f: g",
    "",
  ]]);
});

Deno.test("entriesOf() tells the commas in brackets, not those in comments", () => {
  const document = parse("[ a # x, y\n , b: 1, {c, d}, ]");
  assertEquals(parts(document), [["", "a", " # x, y\n ,"], ["", "b: 1", ","], ["", "{c, d}", ","]]);
  assert(rootEntries(document).every(({ isInBrackets, dash }) => isInBrackets && dash === undefined));
});

Deno.test("placeOf() tells an anchor from its namesakes in comments and other names", () => {
  const source = "- &alice # once &alice2\n  a: 1\n- &a &a: 2\n";
  const document = parse(source.replace("&a &a: 2", "&alice2 b"));
  const spans = (document.root.contents as Collection).items.map((item) => placeOf(document, item as never));
  assertEquals(spans.map(({ anchor }) => document.source.slice(anchor!.start, anchor!.end)), ["&alice", "&alice2"]);
  assertEquals(spans.map(({ start }) => start), [2, 33]);
});

Deno.test("placeOf() counts anchor and tag of the root, in any order", () => {
  for (const source of ["--- &r !!map # c\na: 1\n", "--- !!map &r\na: 1\n"]) {
    const document = parse(source);
    const { start, end, anchor } = placeOf(document, document.root.contents as never);
    assertEquals([start, end], [4, source.length - 1]);
    assertEquals(source.slice(anchor!.start, anchor!.end), "&r");
  }
});

Deno.test("entryOf() leads from a node to what it stands in, up to the root", () => {
  const document = parse("a:\n- [b, c]\n");
  const list = rootEntries(document)[0]!.value as Collection;
  const inner = list.items[0] as Collection;
  assertEquals(entryOf(document, inner.items[1] as never).index, 1);
  assertEquals(entryOf(document, inner).owner, list);
  assertEquals(entryOf(document, document.root.contents as never).owner, undefined);
});

Deno.test("commentBehind() finds only a comment right behind the place", () => {
  const at = (source: string): number | undefined => commentBehind(parse(source), 1);
  assertEquals(["a # b", "a\t#b", "a#b", "a b # c", "a\n# b", "a"].map(at), [
    2,
    2,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(commentBehind(parse("[a, # b\n c]"), 2), 4);
});

Deno.test("commentColumn() passes over what only looks like a comment", () => {
  const document = parse("\ufeff# a\n  # b\nc: | # d\n  # e\nf: 'g\n  # h'\n");
  assertEquals([1, 2, 3, 4, 5, 6, 7].map((line) => commentColumn(document, line)), [0, 2, ...Array(5)]);
});

Deno.test("entries of any document cover their nodes in the order of the text", () => {
  const scalar = fc.constantFrom("a", "'b'", '"c"', "~", "&x d");
  const { node } = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie("node"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
      fc.array(tie("node"), { maxLength: 3 }).map((items) =>
        `{${items.map((item, at) => `k${at}: ${item}`).join(", ")}}`
      ),
    ),
  }));
  fc.assert(fc.property(fc.array(node, { minLength: 1, maxLength: 4 }), (items) => {
    const document = parse(items.map((item) => `- ${item} # ${item.slice(0, 2)}\n`).join(""));
    visit(document.root, {
      Collection(_, collection) {
        const entries = entriesOf(document, collection as Collection);
        assertEquals(entries.length, collection.items.length);
        entries.forEach(({ start, end, headEnd, commaEnd }, at) => {
          const next = entries[at + 1]?.start ?? document.source.length;
          assert(start <= headEnd && headEnd <= end && end <= next);
          if (isSeq(collection) && collection.flow && entries[at + 1]) {
            assertEquals(document.source[commaEnd! - 1], ",");
          }
        });
      },
    });
  }));
});
