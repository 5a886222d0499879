import { InternalError } from "../../lib/base/error.ts";
import { Secret } from "../../lib/base/secret.ts";
import {
  findSignature,
  formatPublicKey,
  generateSigningKey,
  isSignedBy,
  parsePublicKey,
  parseSigningKey,
  signWithKey,
} from "../../lib/nix/key.ts";
import { assert, assertEquals, assertRejects, assertThrows, assertUserError } from "../support/assert.ts";
import fc from "../support/property.ts";
import { seededRandom } from "../support/test_host.ts";
import { NIX_TEST_KEYS } from "./test_keys.ts";

const { a, b } = NIX_TEST_KEYS;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("parseSigningKey() reads the test keys that nix made", async () => {
  for (const pair of [a, b]) {
    for (const end of ["", "\n", "\r\n", " \n\n"]) {
      const key = await parseSigningKey(encode(pair.secret + end), "test");
      assertEquals(key.secret.revealText(), pair.secret);
      assertEquals(formatPublicKey(key.publicKey), pair.public);
    }
  }
});

Deno.test("generateSigningKey() makes what parseSigningKey() reads", async () => {
  const made = await generateSigningKey("cache-1", seededRandom(7));
  const read = await parseSigningKey(encode(made.secret.revealText()), "test");
  assertEquals(read.publicKey, made.publicKey);
  assert(read.secret.equals(made.secret));
  assertEquals(made.secret.revealText().length, "cache-1:".length + 88);
});

Deno.test("generateSigningKey() refuses a name that was not checked and a random source that gives too little", async () => {
  const unchecked = await assertRejects(() => generateSigningKey("a:b", seededRandom(1)));
  const short = await assertRejects(() => generateSigningKey("a-1", (length) => new Uint8Array(length - 1)));
  for (const error of [unchecked, short]) assert(error instanceof InternalError);
});

Deno.test("parseSigningKey() refuses what is no signing key and shows none of it", async () => {
  const digits = a.secret.slice("test-a-1:".length);
  const mixed = Uint8Array.fromBase64(digits);
  mixed.set(parsePublicKey(b.public, "test").bytes, 32);
  const texts: readonly (readonly [text: string, found: RegExp])[] = [
    ["", /it is empty/],
    [digits, /no colon/],
    [`:${digits}`, /name before the colon is empty/],
    [`test a-1:${digits}`, /white space/],
    [`test-a-1:${digits}x`, /not one piece of Base64/],
    [`test-a-1:${digits.slice(0, 40)}`, /holds 30 bytes, expected 64/],
    [a.public, /it is a public key/],
    [`test-a-1:${mixed.toBase64()}`, /halves do not belong together/],
    ["AGE-SECRET-KEY-1", /an age identity/],
    [`\ufeff${a.secret}`, /byte order mark/],
    [a.secret.split("").join("\0"), /not UTF-8/],
  ];
  for (const [text, found] of texts) {
    const error = assertUserError(await assertRejects(() => parseSigningKey(encode(text), "k")), "malformed", found);
    for (let i = 0; i + 8 <= digits.length; i++) {
      assert(![error.message, ...error.hints].some((shown) => shown.includes(digits.slice(i, i + 8))));
    }
  }
  const bytes = Uint8Array.of(...encode("test-a-1:"), 0xff);
  assertUserError(await assertRejects(() => parseSigningKey(bytes, "k")), "malformed", /not UTF-8/);
});

Deno.test("parseSigningKey() refuses a key in which any bit differs", async () => {
  const bytes = Uint8Array.fromBase64(a.secret.slice("test-a-1:".length));
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const changed = new Uint8Array(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const error = await assertRejects(() => parseSigningKey(encode(`test-a-1:${changed.toBase64()}`), "k"));
    assertUserError(error, "malformed", /halves/);
  }
});

Deno.test("parsePublicKey() reads public keys only", () => {
  assertEquals(formatPublicKey(parsePublicKey(a.public, "--flag")), a.public);
  const texts: readonly (readonly [text: string, found: RegExp])[] = [
    [a.secret, /it is a secret key, expected a public key/],
    ["cache.pub", /no colon/],
    ["test-a-1:AAAA", /holds 3 bytes, expected 32/],
  ];
  for (const [text, found] of texts) {
    const error = assertUserError(assertThrows(() => parsePublicKey(text, "--flag")), "malformed", found);
    assert(!error.message.includes(text));
    assertEquals(error.hints.length, 1);
  }
});

Deno.test("signWithKey() signs as the key, and isSignedBy() tells right from wrong", async () => {
  const key = await parseSigningKey(encode(a.secret), "test");
  const other = parsePublicKey(b.public, "test");
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.string(), async (message, another) => {
      const text = await signWithKey(key, message);
      assertEquals(await signWithKey(key, message), text);
      const signature = findSignature(text);
      assertEquals(signature?.name, "test-a-1");
      const bytes = signature?.bytes ?? new Uint8Array();
      assert(await isSignedBy(key.publicKey, bytes, message));
      assertEquals(await isSignedBy(key.publicKey, bytes, another), another === message);
      assertEquals(await isSignedBy(other, bytes, message), false);
    }),
    { numRuns: 30 },
  );
});

Deno.test("signWithKey() does not go on with a key that was put together wrongly", async () => {
  const key = { publicKey: parsePublicKey(a.public, "test"), secret: new Secret("nothing") };
  assert(await assertRejects(() => signWithKey(key, "x")) instanceof InternalError);
});

Deno.test("findSignature() finds none in anything but NAME:BASE64 of 64 bytes", () => {
  for (const text of ["", "x", "a-1:", "a-1:AAAA", `a 1:${"A".repeat(86)}==`, `a-1:${"A".repeat(87)}=`, a.public]) {
    assertEquals(findSignature(text), undefined, text);
  }
  assertEquals(findSignature(`a-1:${"A".repeat(86)}==`)?.bytes.length, 64);
});
