/** The metadata block of YAML files: the fast reader says what the library says, or nothing. */
import { type BlockMetadata, decodeBlock } from "../../../lib/sops/metadata/fields.ts";
import { parseBlock, scanBlock } from "../../../lib/sops/metadata/yaml.ts";
import type { Mapping } from "../../../lib/sops/tree/tree.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

const VECTORS = new URL("../../vectors/sops/enc/", import.meta.url);

/** The block of every YAML vector, which stands last. */
const BLOCKS: readonly string[] = Array.from(Deno.readDirSync(VECTORS))
  .filter(({ name }) => name.endsWith(".yaml"))
  .map(({ name }) => Deno.readTextFileSync(new URL(name, VECTORS)))
  .flatMap((text) => /^sops:[^]*?(?=^---|(?![^]))/m.exec(text)?.[0] ?? []);

/** @returns what a block says, places aside */
function fieldsOf(block: Mapping | undefined): unknown {
  const decoded: BlockMetadata | string | undefined = block && decodeBlock(block, "yaml");
  if (typeof decoded !== "object") return undefined;
  return { ...decoded, groups: decoded.groups.map(({ keys }) => keys.map(({ entry: _, ...key }) => key)) };
}

Deno.test("scanBlock() reads the block of every vector, as the library does", () => {
  assert(BLOCKS.length > 15, `only ${BLOCKS.length} blocks`);
  for (const block of BLOCKS) {
    const scanned = fieldsOf(scanBlock(block));
    assert(scanned !== undefined, "read");
    assertEquals(scanned, fieldsOf(parseBlock(block)));
  }
});

/** What a person, a merge or another program may leave in a block. */
const PIECES = [
  "",
  " ",
  "\n",
  "  ",
  "\t",
  "#",
  ": ",
  "- ",
  "'",
  '"',
  "~",
  "null",
  "0x1",
  "2",
  "007",
  "1e3",
  "!!str ",
  "&a ",
];
const MORE_PIECES = [
  "*a",
  "|",
  ">-",
  "[]",
  "{}",
  "[a, b]",
  "---\n",
  "<<: ",
  "2026-01-01",
  "yes",
  "sops:",
  "é",
  "\u0000",
];

/** A comment right behind the header of a block: SOPS reads it, the library does not. */
const COMMENT_AT_HEADER = /[|>][-+\d]*#/;

Deno.test("scanBlock() reads a comment right behind the header of a block, as SOPS does", () => {
  const block = BLOCKS.find((text) => text.includes("enc: |\n"))!;
  assertEquals(fieldsOf(scanBlock(block.replace("enc: |\n", "enc: |#\n"))), fieldsOf(scanBlock(block)));
});

Deno.test("scanBlock() never reads something else than the library in a changed block", () => {
  let read = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...BLOCKS),
      fc.array(
        fc.record({
          at: fc.noBias(fc.nat(9999)),
          cut: fc.nat(12),
          piece: fc.constantFrom(...PIECES, ...MORE_PIECES),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      (block, changes) => {
        let text = block;
        for (const { at, cut, piece } of changes) {
          const start = 5 + Math.floor(at / 10_000 * (text.length - 5));
          text = text.slice(0, start) + piece + text.slice(start + cut);
        }
        const scanned = scanBlock(text);
        if (scanned === undefined || COMMENT_AT_HEADER.test(text)) return;
        read++;
        assertEquals(fieldsOf(scanned), fieldsOf(parseBlock(text)));
      },
    ),
    { numRuns: 2000 },
  );
  assert(read > 500, `only ${read} changed blocks were read, so little was compared`);
});

Deno.test("scanBlock() leaves to the library what is not text in the spelling of SOPS", () => {
  const block = (line: string): string => `sops:\n  mac: x\n  ${line}\n`;
  for (
    const line of [
      "version: 3.10",
      "a: null",
      "a: 0x10",
      "a: &b c",
      "<<: x",
    ]
  ) {
    const scanned = scanBlock(block(line));
    if (line === "a: &b c") assert(scanned !== undefined, "an anchor says nothing about the value");
    else assertEquals(scanned, undefined, line);
  }
  assert(scanBlock(block("shamir_threshold: 2")) !== undefined, "a number as SOPS writes it");
});
