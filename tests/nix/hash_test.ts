import {
  encodeNixBase32,
  findHash,
  formatHashBase16,
  formatHashBase32,
  hashSha256,
  type NixHash,
} from "../../lib/nix/hash.ts";
import { assertEquals } from "../support/assert.ts";
import fc from "../support/property.ts";

const ABC_BASE32 = "1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s";
const ABC_BASE16 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const ABC_BASE64 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";

Deno.test("hashSha256() and the two forms are those that nix hash prints", async () => {
  const hash = await hashSha256("abc");
  assertEquals(formatHashBase32(hash), `sha256:${ABC_BASE32}`);
  assertEquals(formatHashBase16(hash), `sha256:${ABC_BASE16}`);
});

Deno.test("findHash() reads every form that Nix writes", () => {
  const forms = [
    `:${ABC_BASE16}`,
    `:${ABC_BASE16.toUpperCase()}`,
    `:${ABC_BASE32}`,
    `:${ABC_BASE64}`,
    `-${ABC_BASE64}`,
  ];
  for (const form of forms) assertEquals(findHash(`sha256${form}`)?.bytes.toHex(), ABC_BASE16);
  assertEquals(
    findHash("sha1:kpcd173cq987hw957sx6m0868wv3x6d9")?.bytes.toHex(),
    "a9993e364706816aba3e25717850c26c9cd0d89d",
  );
  assertEquals(findHash("md5:3jgzhjhz9zjvbb0kyj7jc500ch")?.bytes.toHex(), "900150983cd24fb0d6963f7d28e17f72");
});

Deno.test("findHash() finds none in anything else", () => {
  const texts = [
    "",
    ABC_BASE32,
    `sha256:`,
    `sha256-`,
    `sha-256:${ABC_BASE32}`,
    `SHA256:${ABC_BASE32}`,
    `sha512:${ABC_BASE32}`,
    `sha256:${ABC_BASE32.slice(1)}`,
    `sha256:${ABC_BASE32}0`,
    `sha256:e${ABC_BASE32.slice(1)}`,
    `sha256:z${ABC_BASE32.slice(1)}`, // the first digit holds one bit only
    `sha256:${ABC_BASE16.slice(1)}g`,
    `sha256-${ABC_BASE64.slice(1)}`,
    `sha256-${ABC_BASE64.slice(0, -2)}1=`, // bits that count for nothing
    `sha256-${ABC_BASE16}`,
    `sha256:${ABC_BASE32}\n`,
    ` sha256:${ABC_BASE32}`,
    `blake3:${ABC_BASE32}`,
    `toString:${ABC_BASE32}`,
  ];
  for (const text of texts) assertEquals(findHash(text), undefined, text);
});

Deno.test("findHash() reads back what the formats write, and accepts base 32 in one spelling only", () => {
  const lengths = { md5: 16, sha1: 20, sha256: 32, sha512: 64 } as const;
  const hashes = fc.constantFrom("md5", "sha1", "sha256", "sha512").chain((algorithm) =>
    fc.uint8Array({ minLength: lengths[algorithm], maxLength: lengths[algorithm] }).map((bytes): NixHash => ({
      algorithm,
      bytes: new Uint8Array(bytes),
    }))
  );
  fc.assert(fc.property(hashes, (hash) => {
    for (const text of [formatHashBase16(hash), formatHashBase32(hash), `${hash.algorithm}-${hash.bytes.toBase64()}`]) {
      assertEquals(findHash(text)?.bytes.toHex(), hash.bytes.toHex());
    }
  }));
  fc.assert(fc.property(fc.stringMatching(/^[0-9a-z]{26}$/), (digits) => {
    const hash = findHash(`md5:${digits}`);
    if (hash !== undefined) assertEquals(encodeNixBase32(hash.bytes), digits);
  }));
});
