/** AES-256-GCM in batches, against the library of others and known answers. */
import { gcm } from "@noble/ciphers/aes.js";
import { GcmBatch, GcmKey } from "../../../lib/sops/engine/gcm.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";
import { vectorTest } from "../../support/vectors.ts";

/** One value for a batch. */
interface Message {
  readonly text: Uint8Array;
  readonly nonce: Uint8Array;
  readonly associated: Uint8Array;
  readonly tag?: Uint8Array;
}

function batchOf(messages: readonly Message[]): GcmBatch {
  const batch = new GcmBatch();
  for (const { text, nonce, associated, tag } of messages) {
    const places = [batch.data.length, batch.nonces.length, batch.associated.length] as const;
    batch.data.addBytes(text, 0, text.length);
    batch.nonces.addBytes(nonce, 0, nonce.length);
    batch.associated.addBytes(associated, 0, associated.length);
    if (tag !== undefined) batch.tags.addBytes(tag, 0, tag.length);
    batch.add(...places);
  }
  return batch;
}

/** The data of each value with its tag behind it, as libraries write it. */
function resultsOf(batch: GcmBatch): Uint8Array[] {
  return Array.from({ length: batch.count }, (_, i) => {
    const data = batch.data.bytes.slice(batch.dataStart(i), batch.dataEnd(i));
    return new Uint8Array([...data, ...batch.tags.bytes.slice(i * 16, i * 16 + 16)]);
  });
}

const bytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("GcmKey.open() decrypts the vector of SOPS's own tests", async () => {
  const key = await GcmKey.create(new Uint8Array(32).fill(0x66)); // test key
  const decode = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const batch = batchOf([{
    text: decode("oYyi"),
    nonce: decode("MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o="),
    associated: utf8("bar:"),
    tag: decode("t5z2Z023Up0kxwCgw1gNxg=="),
  }]);
  assertEquals(await key.open(batch), []);
  assertEquals(new TextDecoder().decode(batch.data.view()), "foo");
});

Deno.test("GcmKey seals many values as few, and the library agrees", async () => {
  const secret = bytes(32); // test key
  const key = await GcmKey.create(secret);
  const messages = Array.from({ length: 1200 }, (_, i): Message => ({
    text: bytes(i % 50),
    nonce: bytes(i % 7 === 0 ? 12 : 32),
    associated: bytes(i % 23),
  }));
  const expected = messages.map(({ text, nonce, associated }) => gcm(secret, nonce, associated).encrypt(text));
  const [many, few] = [batchOf(messages), batchOf(messages.slice(0, 100))];
  await Promise.all([key.seal(many), key.seal(few)]);
  assertEquals(resultsOf(many), expected);
  assertEquals(resultsOf(few), expected.slice(0, 100));
});

Deno.test("property: GcmKey agrees with the library, and opens nothing that was changed", async () => {
  const secret = bytes(32); // test key
  const key = await GcmKey.create(secret);
  const array = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
    fc.uint8Array({ minLength, maxLength });
  const message = fc.record({ text: array(0, 70), nonce: array(8, 70), associated: array(0, 70) });
  await fc.assert(
    fc.asyncProperty(message, fc.nat(), async (message, place) => {
      const sealed = batchOf([message]);
      await key.seal(sealed);
      assertEquals(resultsOf(sealed)[0], gcm(secret, message.nonce, message.associated).encrypt(message.text));
      const changed = place % (sealed.data.length + 16);
      if (changed < sealed.data.length) sealed.data.bytes[changed]! ^= 1;
      else sealed.tags.bytes[changed - sealed.data.length]! ^= 0x80;
      assertEquals(await key.open(sealed), [0]);
      if (changed < sealed.data.length) sealed.data.bytes[changed]! ^= 1;
      else sealed.tags.bytes[changed - sealed.data.length]! ^= 0x80;
      assertEquals(await key.open(sealed), []);
      assertEquals(sealed.data.view(), message.text as Uint8Array<ArrayBuffer>);
    }),
  );
});

vectorTest("GcmKey.open() gives the known answers", "wycheproof/aes_gcm_test.json", async (content) => {
  const { testGroups } = content as {
    testGroups: {
      keySize: number;
      tagSize: number;
      ivSize: number;
      tests: Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag" | "result" | "comment", string>[];
    }[];
  };
  const lengths = new Set<number>();
  let count = 0;
  let counterEnds = 0;
  for (const { keySize, tagSize, ivSize, tests } of testGroups) {
    if (keySize !== 256 || tagSize !== 128 || ivSize === 0) continue;
    lengths.add(ivSize);
    for (const { key, iv, aad, msg, ct, tag, result, comment } of tests) {
      const gcmKey = await GcmKey.create(unhex(key));
      const message = { text: unhex(ct), nonce: unhex(iv), associated: unhex(aad), tag: unhex(tag) };
      const batch = batchOf([message]);
      const isOpen = (await gcmKey.open(batch)).length === 0;
      assertEquals([comment, isOpen], [comment, result === "valid"]);
      if (isOpen) assertEquals(batch.data.view(), unhex(msg) as Uint8Array<ArrayBuffer>);
      count++;
      if (!isOpen || !comment.includes("J0")) continue;
      counterEnds++; // a counter that starts near its end, in the other form of the key stream as well
      const many = batchOf(Array.from({ length: 1000 }, () => message));
      assertEquals([comment, await gcmKey.open(many)], [comment, []]);
    }
  }
  assert(count > 80 && lengths.has(256) && lengths.has(96), "nonces of 32 and of 12 bytes are among them");
  assert(counterEnds > 0, "the counter wraps around in some");
});

function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
