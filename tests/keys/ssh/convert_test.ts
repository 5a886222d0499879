import { deriveRecipient } from "../../../lib/keys/age/identity.ts";
import { convertSshPrivateKey, convertSshPublicKey, findConvertedRecipient } from "../../../lib/keys/ssh/convert.ts";
import { findMontgomeryU } from "../../../lib/keys/primitives/edwards.ts";
import { decryptOpensshPrivateKey, parseOpensshPrivateKey } from "../../../lib/keys/ssh/private_key.ts";
import { findSshPublicKey, type SshPublicKey } from "../../../lib/keys/ssh/public_key.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { buildPrivateKey, KEY_PAIRS, publicLine, rawKeyPair } from "./build.ts";
import { TEST_SSH_RSA } from "../test_keys.ts";
import fc from "../../support/property.ts";

function parseLine(line: string): SshPublicKey {
  const key = findSshPublicKey(line);
  if (key === undefined) throw new Error(`no ssh public key: ${line}`);
  return key;
}

async function convertFile(text: string): Promise<{ identity: string; recipient: string }> {
  const file = parseOpensshPrivateKey(new TextEncoder().encode(text), "id_test");
  const key = await decryptOpensshPrivateKey(file, undefined);
  if (key === undefined) throw new Error("the key was not opened");
  const { identity, recipient } = await convertSshPrivateKey(key);
  return { identity: identity.revealText(), recipient };
}

Deno.test("convertSshPublicKey() and convertSshPrivateKey() print what the real ssh-to-age prints", async () => {
  assertEquals(KEY_PAIRS.length, 40);
  for (const pair of KEY_PAIRS) {
    assertEquals(convertSshPublicKey(parseLine(pair.public)), pair.recipient);
    assertEquals(await convertFile(pair.private), { identity: pair.identity, recipient: pair.recipient });
  }
});

Deno.test("convertSshPublicKey() makes the recipient of what convertSshPrivateKey() makes, for every seed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (seed) => {
      const pair = await rawKeyPair(seed);
      const { recipient } = await convertFile(buildPrivateKey(pair));
      assertEquals(convertSshPublicKey(parseLine(publicLine(pair.point))), recipient);
    }),
    { numRuns: 50 },
  );
});

Deno.test("convertSshPrivateKey() makes an identity that age reads", async () => {
  const { Secret } = await import("../../../lib/base/secret.ts");
  const { identity, recipient } = await convertFile(KEY_PAIRS[0]!.private);
  assertEquals(await deriveRecipient(new Secret(identity)), recipient);
});

Deno.test("convertSshPublicKey() refuses an RSA key", () => {
  const error = assertThrows(() => convertSshPublicKey(parseLine(TEST_SSH_RSA)));
  assertUserError(
    error,
    "unsupported",
    /^cannot convert the ssh key: it is an RSA key, and only ed25519 keys convert to age$/,
  );
  assertEquals(findConvertedRecipient(parseLine(TEST_SSH_RSA)), undefined);
});

/** Points of small order (RFC 8032 encodings): u is 0, 1 or one of two others, or there is none. */
const SMALL_ORDER = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
];

Deno.test("findMontgomeryU() refuses points that nothing can be encrypted to", () => {
  for (const hex of SMALL_ORDER) assertEquals(findMontgomeryU(Uint8Array.fromHex(hex)), undefined, hex);
});

Deno.test("findMontgomeryU() refuses what is no point of the curve", () => {
  const y = new Uint8Array(32);
  y[0] = 2; // (y² - 1) / (dy² + 1) is no square
  assertEquals(findMontgomeryU(y), undefined);
  assertEquals(findMontgomeryU(new Uint8Array(31)), undefined);
  const error = assertThrows(() => convertSshPublicKey(parseLine(publicLine(y))));
  assertUserError(error, "malformed", /^cannot convert the ssh key: it is damaged, expected ed25519$/);
});

Deno.test("findMontgomeryU() maps the base point to 9, as RFC 7748 has it", () => {
  const base = Uint8Array.fromHex(`58${"66".repeat(31)}`);
  const nine = new Uint8Array(32);
  nine[0] = 9;
  assertEquals(findMontgomeryU(base), nine);
  base[31]! |= 0x80; // the sign of x does not matter
  assertEquals(findMontgomeryU(base), nine);
});
