/** One answer for files that say the same, and never for files that do not. */
import { type BlockMetadata, findBlockMetadata, findMetadata } from "../../../lib/sops/metadata/metadata.ts";
import { MetadataReader } from "../../../lib/sops/metadata/shape.ts";
import { MetadataPool, type ScannedMetadata } from "../../../lib/repository/scan/scanned_metadata.ts";
import { ROOT } from "../../../scripts/process.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

const RUNS = Deno.env.get("SOPSMITH_STRESS") === "full" ? 20_000 : 1_000;

const FOLDER = `${ROOT}/tests/vectors/sops/enc`;
const FILES = [
  "simple.yaml",
  "two-recipients.yaml",
  "ssh-rsa.yaml",
  "groups-2of3.yaml",
  "multidoc.yaml",
  "anchors.yaml",
  "types.json",
  "basic.env",
  "basic.ini",
].map((name) => ({ name, text: Deno.readTextFileSync(`${FOLDER}/${name}`) }));

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What a pool says that has seen nothing. */
function findAlone(text: string, name: string): ScannedMetadata | undefined {
  const metadata = findMetadata(encode(text), name);
  return metadata && new MetadataPool().share(metadata);
}

function withoutPlaces(metadata: BlockMetadata | undefined): unknown {
  const groups = metadata?.groups.map(({ keys }) => keys.map(({ type, text, enc }) => ({ type, text, enc })));
  return { ...metadata, groups };
}

Deno.test("MetadataPool.find() gives one object to files that differ in their ciphertexts and their time", () => {
  const { name, text } = FILES[0]!;
  const pool = new MetadataPool();
  const first = pool.find(encode(text), name)?.metadata;
  const other = text.replace(/lastmodified: "\d{4}/, 'lastmodified: "1999').replace(/(\n +-----BEGIN.*\n +)\w/, "$1x")
    .replace(/(mac: ENC\[AES256_GCM,data:)./, "$1x");
  assert(other !== text && first !== undefined);
  assert(pool.find(encode(other), name)?.metadata === first);
  assertEquals(pool.find(encode(text.replace(/lastmodified: "\d{4}-\d\d/, 'lastmodified: "1999-13')), name), undefined);
});

Deno.test("property: MetadataPool.find() and MetadataReader.find() say of a file that was changed anywhere what they say of it alone", () => {
  const pools = new Map(FILES.map(({ name, text }) => {
    const pool = new MetadataPool();
    pool.find(encode(text), name);
    return [name, pool];
  }));
  const readers = new Map(FILES.map(({ name, text }) => {
    const reader = new MetadataReader();
    reader.find(encode(text), name);
    return [name, reader];
  }));
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.constantFrom(0, 0, 1, 2, 5, 40),
    added: fc.constantFrom(
      "",
      " ",
      "\n",
      "A",
      "=",
      "#",
      ":",
      ": ",
      '"',
      "'",
      "[",
      "{",
      "&a ",
      "*a",
      "- ",
      "|",
      "\t",
      "\r",
    ),
  });
  let found = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...FILES),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      ({ name, text }, changes) => {
        let changed = text;
        for (const { at, removed, added } of changes) {
          const start = Math.floor(at * changed.length);
          changed = changed.slice(0, start) + added + changed.slice(start + removed);
        }
        const expected = findAlone(changed, name);
        if (expected !== undefined) found++;
        assertEquals(pools.get(name)!.find(encode(changed), name)?.metadata, expected);
        const block = findBlockMetadata(encode(changed), name);
        assertEquals(withoutPlaces(readers.get(name)!.find(encode(changed), name)?.readBlock()), withoutPlaces(block));
      },
    ),
    { numRuns: RUNS },
  );
  assert(found > RUNS / 10, `only ${found} files were encrypted still`);
});
