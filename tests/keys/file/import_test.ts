import { Secret } from "../../../lib/base/secret.ts";
import { generateIdentity } from "../../../lib/keys/age/identity.ts";
import { decodeKeysText } from "../../../lib/keys/file/encoding.ts";
import { type KeysFile, parseKeysFile } from "../../../lib/keys/file/keys_file.ts";
import { planImport, prepareIdentity, readImportedIdentities } from "../../../lib/keys/file/import.ts";
import { findEntryName, readCommentedEntries } from "../../../lib/keys/file/lines.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { TEST_PLUGIN, TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";
import fc from "../../support/property.ts";

const A = TEST_X25519.identity;
const B = TEST_X25519_OTHER.identity;

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function parse(text: string): KeysFile {
  return parseKeysFile(encode(text), "/keys.txt");
}

function utf16(text: string, order: "le" | "be"): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), order === "le");
  return bytes;
}

const ENCODINGS: Readonly<Record<string, readonly [bytes: Uint8Array, encoding: string]>> = {
  "UTF-8": [encode(`# ä\n${A}\n`), "utf-8"],
  "UTF-8 with a byte order mark": [encode(`\ufeff# ä\n${A}\n`), "utf-8-bom"],
  "joined files with byte order marks": [encode(`\ufeff\ufeff# ä\n\ufeff${A}\n`), "utf-8-bom"],
  "UTF-16 LE": [utf16(`\ufeff# ä\n${A}\n`, "le"), "utf-16"],
  "UTF-16 BE": [utf16(`\ufeff# ä\n${A}\n`, "be"), "utf-16"],
  "UTF-16 LE without a mark": [utf16(`# ä\n${A}\n`, "le"), "utf-16"],
  "UTF-16 BE without a mark": [utf16(`# ä\n${A}\n`, "be"), "utf-16"],
};

for (const [name, [bytes, encoding]] of Object.entries(ENCODINGS)) {
  Deno.test(`decodeKeysText() reads ${name}`, () => {
    const decoded = decodeKeysText(bytes);
    assertEquals(new TextDecoder().decode(decoded.bytes), `# ä\n${A}\n`);
    assertEquals(decoded.encoding as string, encoding);
  });
}

Deno.test("decodeKeysText() leaves a byte order mark inside a line, and other bytes, alone", () => {
  for (const bytes of [encode(`# a\ufeffb\n`), Uint8Array.of(0xff), Uint8Array.of(), Uint8Array.of(0x41, 0xff, 0x0a)]) {
    assertEquals(decodeKeysText(bytes), { bytes, encoding: "utf-8" });
  }
});

Deno.test("decodeKeysText() twice equals once", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    fc.pre(!/\0/.test(new TextDecoder().decode(bytes)));
    const once = decodeKeysText(bytes).bytes;
    fc.pre(!(once[0] === 0xff && once[1] === 0xfe) && !(once[0] === 0xfe && once[1] === 0xff));
    assertEquals(decodeKeysText(once).bytes, once);
  }));
});

const NAMES: Readonly<Record<string, readonly [text: string, name: string | undefined]>> = {
  "nothing": [A, undefined],
  "a name": [`# name: laptop\n${A}`, "laptop"],
  "two names": [`# name: old\n# name: new\n${A}`, "new"],
  "a name below a comment": [`# a comment\n# name: laptop\n# created: 2026-01-02T03:04:05Z\n${A}`, "laptop"],
  "a vault": [`# a comment\n# vault: prod, config: /x\n${A}`, "prod"],
  "a comment of a person": [`# my key\n# created: 2026-01-02T03:04:05Z\n# public key: age1x\n${A}`, "my key"],
  "what age-keygen writes": [`# created: 2026-01-02T03:04:05Z\n# public key: age1x\n${A}`, undefined],
  "a comment that is not directly above": [`# my key\n\n${A}`, undefined],
  "CRLF": [`# my key\r\n${A}\r\n`, "my key"],
  "an empty comment": [`#\n${A}`, undefined],
};

for (const [what, [text, name]] of Object.entries(NAMES)) {
  Deno.test(`findEntryName() knows ${what}`, () => {
    const [commented] = readCommentedEntries(parse(text));
    assert(commented !== undefined);
    assertEquals(findEntryName(commented), name);
  });
}

async function importText(target: string | undefined, source: string, name?: string): Promise<string> {
  const wanted = await readImportedIdentities(parse(source), name);
  return new TextDecoder().decode(planImport(target === undefined ? undefined : parse(target), wanted).after);
}

Deno.test("planImport() keeps comments and notes the recipient", async () => {
  assertEquals(
    await importText(`${B}\r\n`, `# head\n\n# my key\n${A}\n`),
    `${B}\r\n# my key\r\n# public key: ${TEST_X25519.recipient}\r\n${A}\r\n`,
  );
});

Deno.test("planImport() leaves a right claim as it is, and puts the truth below a wrong one", async () => {
  const right = `# public key: ${TEST_X25519.recipient}\n${A}\n`;
  assertEquals(await importText(undefined, right), right);
  const wrong = `# public key: ${TEST_X25519_OTHER.recipient}\n`;
  assertEquals(await importText(undefined, `${wrong}${A}\n`), wrong + right);
});

Deno.test("planImport() notes a name that counts before the old one", async () => {
  const after = await importText(undefined, `# name: old\n${A}\n`, "new");
  const [commented] = readCommentedEntries(parse(after));
  assertEquals(commented && findEntryName(commented), "new");
});

Deno.test("planImport() takes plugin identities", async () => {
  const source = `# public key: ${TEST_PLUGIN.recipient}\n${TEST_PLUGIN.identity}\n${TEST_PLUGIN.identity}\n`;
  assertEquals(await importText(undefined, source), source);
});

Deno.test("planImport() changes nothing when everything is there", async () => {
  const target = `${B}\n# x\n${A}`;
  const wanted = await readImportedIdentities(parse(`# other\n${A}\n${B}\n`));
  const { after, added, present } = planImport(parse(target), wanted);
  assertEquals(new TextDecoder().decode(after), target);
  assertEquals([added.length, present.length], [0, 2]);
});

Deno.test("planImport() refuses a keys file that SOPS would drop", async () => {
  const wanted = await readImportedIdentities(parse(A));
  assertUserError(assertThrows(() => planImport(parse("hunter2\n"), wanted)), "malformed");
});

Deno.test("prepareIdentity() notes comments, name and recipient", async () => {
  const prepared = await prepareIdentity(new Secret(A), ["# from a test"], "laptop");
  assertEquals(prepared.comments, ["# from a test", "# name: laptop", `# public key: ${TEST_X25519.recipient}`]);
  assertEquals([prepared.recipient, prepared.name], [TEST_X25519.recipient, "laptop"]);
});

Deno.test("planImport() puts what is new after what was there, whatever both hold", async () => {
  const identity = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((seed) =>
    generateIdentity("x25519", () => seed)
  );
  const comment = fc.string({ unit: "grapheme" }).map((text) => `#${text.replace(/[\r\n]/g, " ")}`);
  const block = fc.tuple(fc.array(comment, { maxLength: 3 }), identity, fc.constantFrom("\n", "\r\n", "\n\n"));
  const keysText = fc.array(block, { maxLength: 4 }).map((blocks) =>
    blocks.map(([comments, secret, end]) => [...comments, secret.revealText()].join("\n") + end).join("")
  );
  await fc.assert(
    fc.asyncProperty(keysText, keysText, async (target, source) => {
      const before = parse(target);
      const { after, added } = planImport(before, await readImportedIdentities(parse(source)));
      const read = parseKeysFile(after, "/keys.txt");
      assertEquals(read.problems, []);
      assertEquals(after.subarray(0, before.bytes.length), before.bytes);
      assertEquals(read.entries.length, before.entries.length + added.length);
    }),
    { numRuns: 50 },
  );
});

Deno.test("a file of any bytes is read, or has problems", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom("", A, `${A}\n`), (bytes, text) => {
    const file = parseKeysFile(decodeKeysText(Uint8Array.from([...encode(text), ...bytes])).bytes, "/keys.txt");
    assertEquals(readCommentedEntries(file).length, file.entries.length);
  }));
});
