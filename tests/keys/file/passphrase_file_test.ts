import { armor, Decrypter, Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { Secret } from "../../../lib/base/secret.ts";
import { isProtected } from "../../../lib/keys/file/keys_file.ts";
import { decryptWithPassphrase, encryptWithPassphrase } from "../../../lib/keys/file/passphrase_file.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { TEST_X25519 } from "../test_keys.ts";
import fc from "../../support/property.ts";

/** Work factor of the tests, which are in a hurry. */
const FAST = 2;

const PASSPHRASE = new Secret("test passphrase");
const PLAIN = new TextEncoder().encode(`# a test key\n${TEST_X25519.identity}\n`);

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** @returns the file with its work factor replaced by text */
function withFactor(file: Uint8Array, factor: string): Uint8Array {
  const binary = new TextDecoder("latin1").decode(armor.decode(decode(file)));
  return Uint8Array.from(binary.replace(/(-> scrypt \S+) \d+/, `$1 ${factor}`), (character) => character.charCodeAt(0));
}

Deno.test("encryptWithPassphrase() writes an armored file that SOPS takes for a protected one", async () => {
  const file = await encryptWithPassphrase(PLAIN, PASSPHRASE, FAST);
  assert(isProtected(file));
  assert(
    /^-----BEGIN AGE ENCRYPTED FILE-----\n(?:.{64}\n)+.{1,64}\n-----END AGE ENCRYPTED FILE-----\n$/.test(decode(file)),
  );
  assert(!decode(file).includes("SECRET"));
});

Deno.test("encryptWithPassphrase() uses the work factor of age", async () => {
  const file = await encryptWithPassphrase(PLAIN, PASSPHRASE);
  assert(/-> scrypt \S+ 18\n/.test(new TextDecoder("latin1").decode(armor.decode(decode(file)))));
});

Deno.test("decryptWithPassphrase() reads what encryptWithPassphrase() wrote, armored and binary", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.string({ minLength: 1 }), async (plain, text) => {
      const file = await encryptWithPassphrase(plain, new Secret(text), FAST);
      assertEquals(await decryptWithPassphrase(file, new Secret(text), "/keys.txt"), plain);
      assertEquals(await decryptWithPassphrase(armor.decode(decode(file)), new Secret(text), "/keys.txt"), plain);
    }),
    { numRuns: 30 },
  );
});

Deno.test("decryptWithPassphrase() reads what the age library wrote, and the reverse", async () => {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(PASSPHRASE.revealText());
  encrypter.setScryptWorkFactor(FAST);
  assertEquals(await decryptWithPassphrase(await encrypter.encrypt(PLAIN), PASSPHRASE, "/keys.txt"), PLAIN);
  const decrypter = new Decrypter();
  decrypter.addPassphrase(PASSPHRASE.revealText());
  const file = await encryptWithPassphrase(PLAIN, PASSPHRASE, FAST);
  assertEquals(await decrypter.decrypt(armor.decode(decode(file))), PLAIN);
});

Deno.test("decryptWithPassphrase() knows a wrong passphrase", async () => {
  const file = await encryptWithPassphrase(PLAIN, PASSPHRASE, FAST);
  assertEquals(await decryptWithPassphrase(file, new Secret("wrong"), "/keys.txt"), undefined);
});

Deno.test("decryptWithPassphrase() refuses every damaged file, and never shows its text", async () => {
  const file = armor.decode(decode(await encryptWithPassphrase(PLAIN, PASSPHRASE, FAST)));
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: file.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, difference) => {
      const damaged = Uint8Array.from(file, (byte, i) => i === at ? byte ^ difference : byte);
      let outcome: unknown;
      try {
        outcome = await decryptWithPassphrase(damaged, PASSPHRASE, "/keys.txt");
      } catch (error) {
        outcome = error;
      }
      if (outcome === undefined) return; // the damage makes the passphrase wrong
      assert(outcome instanceof Error, `byte ${at} is not protected`);
      assert(!/SECRET|hunter/.test(outcome.message));
      assertUserError(outcome, outcome.message.includes("it is damaged") ? "integrity" : "unsupported");
    }),
    { numRuns: 200 },
  );
});

Deno.test("decryptWithPassphrase() refuses a truncated file", async () => {
  const file = armor.decode(decode(await encryptWithPassphrase(PLAIN, PASSPHRASE, FAST)));
  for (const length of [0, 10, 22, 60, 120, file.length - 1]) {
    const error = await assertRejects(() => decryptWithPassphrase(file.subarray(0, length), PASSPHRASE, "/keys.txt"));
    assertUserError(error, "integrity", /^cannot decrypt "\/keys.txt": it is damaged, expected an age file$/);
  }
});

Deno.test("decryptWithPassphrase() refuses damaged armor", async () => {
  const file = decode(await encryptWithPassphrase(PLAIN, PASSPHRASE, FAST)).replace("-----END", "----END");
  const error = await assertRejects(() =>
    decryptWithPassphrase(new TextEncoder().encode(file), PASSPHRASE, "/keys.txt")
  );
  assertUserError(error, "integrity");
});

Deno.test("decryptWithPassphrase() refuses a file that is encrypted to recipients", async () => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(await generateIdentity()));
  const file = await encrypter.encrypt(PLAIN);
  const error = await assertRejects(() => decryptWithPassphrase(file, PASSPHRASE, "/keys.txt"));
  assertUserError(error, "unsupported", /it is encrypted to recipients, expected a passphrase/);
});

for (const factor of ["x", "-1", "1e1", ""]) {
  Deno.test(`decryptWithPassphrase() takes a file with the factor "${factor}" for damaged`, async () => {
    const file = withFactor(await encryptWithPassphrase(PLAIN, PASSPHRASE, FAST), factor);
    const error = await assertRejects(() => decryptWithPassphrase(file, PASSPHRASE, "/keys.txt"));
    assertUserError(error, "integrity", /it is damaged/);
  });
}

for (const factor of ["21", "22", "30", "1000"]) {
  Deno.test(`decryptWithPassphrase() refuses to work for a factor of ${factor}`, async () => {
    const file = withFactor(await encryptWithPassphrase(PLAIN, PASSPHRASE, FAST), factor);
    const error = await assertRejects(() => decryptWithPassphrase(file, PASSPHRASE, "/keys.txt"));
    assertUserError(error, "unsupported", /its work factor is above 20, expected that of age \(18\)/);
  });
}
