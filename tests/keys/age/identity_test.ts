import { bech32 } from "@scure/base";
import { InternalError } from "../../../lib/base/error.ts";
import { Secret } from "../../../lib/base/secret.ts";
import {
  classifyIdentity,
  deriveRecipient,
  findPluginName,
  generateIdentity,
  type IdentityProblem,
  parseIdentity,
} from "../../../lib/keys/age/identity.ts";
import { assert, assertEquals, assertRejects, assertThrows, assertUserError } from "../../support/assert.ts";
import { TEST_HYBRID, TEST_PLUGIN, TEST_SSH_ED25519, TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";
import fc from "../../support/property.ts";

const ENDS = { x25519: "AGE-SECRET-KEY-", hybrid: "AGE-SECRET-KEY-PQ-" } as const;

/** A Bech32 text with any prefix and content, upper case. */
function upperBech32(prefix: string, bytes: Uint8Array): string {
  return bech32.encode(prefix.toLowerCase(), bech32.toWords(bytes), false).toUpperCase();
}

Deno.test("parseIdentity() knows the kinds that SOPS reads", () => {
  for (
    const [text, kind] of [
      [TEST_X25519.identity, "x25519"],
      [TEST_HYBRID.identity, "hybrid"],
      [TEST_PLUGIN.identity, "plugin"],
    ] as const
  ) {
    const parsed = parseIdentity(text);
    assertEquals(parsed.kind, kind);
    assertEquals(parsed.secret.revealText(), text);
  }
});

const REFUSED: Readonly<Record<string, readonly [problem: IdentityProblem, text: string]>> = {
  "nothing": ["blanks", ""],
  "blanks": ["blanks", " \t"],
  "a recipient": ["recipient", TEST_X25519.recipient],
  "a recipient in upper case": ["recipient", TEST_X25519.recipient.toUpperCase()],
  "an ssh recipient": ["recipient", TEST_SSH_ED25519],
  "a leading blank": ["blanks", ` ${TEST_X25519.identity}`],
  "a trailing blank": ["blanks", `${TEST_X25519.identity} `],
  "a trailing carriage return": ["blanks", `${TEST_X25519.identity}\r`],
  "a trailing comment": ["trailing-text", `${TEST_X25519.identity} # laptop`],
  "two identities": ["trailing-text", `${TEST_X25519.identity} ${TEST_X25519_OTHER.identity}`],
  "lower case": ["lower-case", TEST_X25519.identity.toLowerCase()],
  "mixed case": ["lower-case", TEST_X25519.identity.slice(0, -1) + TEST_X25519.identity.slice(-1).toLowerCase()],
  "a lower-case prefix": ["lower-case", TEST_X25519.identity.replace("AGE-", "age-")],
  "a wrong checksum": ["damaged", TEST_X25519.identity.replace(/.$/, (last) => last === "Q" ? "P" : "Q")],
  "a letter outside the alphabet": ["damaged", TEST_X25519.identity.replace(/.$/, "B")],
  "a letter that folds to ASCII": ["damaged", TEST_X25519.identity.replace(/K(?!.*K)/, "\u212a")],
  "31 bytes": ["damaged", upperBech32("AGE-SECRET-KEY-", new Uint8Array(31))],
  "33 bytes": ["damaged", upperBech32("AGE-SECRET-KEY-", new Uint8Array(33))],
  "no bytes": ["damaged", upperBech32("AGE-SECRET-KEY-", new Uint8Array())],
  "a hybrid seed of 64 bytes": ["damaged", upperBech32("AGE-SECRET-KEY-PQ-", new Uint8Array(64))],
  "another human-readable part": ["damaged", upperBech32("AGE-SECRET-KEY-XX-", new Uint8Array(32))],
  "a plugin without a name": ["damaged", upperBech32("AGE-PLUGIN-", new Uint8Array(8))],
  "a plugin with a bad name": ["damaged", upperBech32("AGE-PLUGIN-A/B-", new Uint8Array(8))],
  "a plugin prefix without its dash": ["damaged", upperBech32("AGE-PLUGIN-YUBIKEY", new Uint8Array(8))],
  "a variable assignment": ["unknown", `SOPS_AGE_KEY=${TEST_X25519.identity}`],
  "an identity in quotes": ["unknown", `"${TEST_X25519.identity}"`],
  "garbage": ["unknown", "correct horse battery staple"],
};

for (const [what, [problem, text]] of Object.entries(REFUSED)) {
  Deno.test(`parseIdentity() refuses ${what}`, () => {
    assertEquals(classifyIdentity(text), { problem });
    const error = assertUserError(assertThrows(() => parseIdentity(text)), "malformed", /cannot read the identity/);
    const shown = [error.message, ...error.hints, ...error.details, JSON.stringify(error)].join().replaceAll(
      /AGE-SECRET-KEY-/g,
      "",
    );
    for (let i = 0; i + 8 <= text.length; i++) assert(!shown.includes(text.slice(i, i + 8)));
    assertEquals(error.cause, undefined);
  });
}

Deno.test("parseIdentity() refuses non-zero padding bits", () => {
  const words = bech32.toWords(new Uint8Array(32));
  words[words.length - 1] = 1;
  const text = bech32.encode("age-secret-key-", words, false).toUpperCase();
  assertEquals(classifyIdentity(text), { problem: "damaged" });
});

Deno.test("parseIdentity() names a pasted recipient", () => {
  const error = assertThrows(() => parseIdentity(TEST_X25519.recipient));
  assertUserError(error, "malformed", /found a recipient, the public half of a key/);
});

Deno.test("generateIdentity() makes what parseIdentity() reads", () => {
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.constantFrom("x25519" as const, "hybrid" as const),
    (bytes, kind) => {
      const secret = generateIdentity(kind, (length) => bytes.subarray(0, length));
      assert(secret.revealText().startsWith(`${ENDS[kind]}1`));
      assertEquals(parseIdentity(secret.revealText()).kind, kind);
      assertEquals(bech32.decodeToBytes(secret.revealText()).bytes, bytes);
    },
  ));
});

Deno.test("generateIdentity() refuses a short random source", () => {
  const error = assertThrows(() => generateIdentity("x25519", () => new Uint8Array(31)));
  assert(error instanceof InternalError);
});

Deno.test("generateIdentity() asks for 32 bytes", () => {
  const asked: number[] = [];
  generateIdentity("hybrid", (length) => {
    asked.push(length);
    return new Uint8Array(length);
  });
  assertEquals(asked, [32]);
});

Deno.test("parseIdentity() accepts only canonical encodings", () => {
  fc.assert(fc.property(
    fc.nat(TEST_X25519.identity.length - 1),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    (index, replacement) => {
      const text = TEST_X25519.identity.slice(0, index) + replacement + TEST_X25519.identity.slice(index + 1);
      fc.pre(text !== TEST_X25519.identity);
      // One changed character is always detected by the checksum.
      assert("problem" in classifyIdentity(text));
    },
  ));
});

Deno.test("classifyIdentity() never throws and never accepts what re-encodes differently", () => {
  fc.assert(fc.property(
    fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => upperBech32("AGE-SECRET-KEY-", bytes)),
    ),
    (text) => {
      const found = classifyIdentity(text);
      if ("problem" in found) return;
      const { prefix, bytes } = bech32.decodeToBytes(text as `${string}1${string}`);
      assertEquals(upperBech32(prefix, bytes), text);
    },
  ));
});

Deno.test("deriveRecipient() derives an X25519 recipient", async () => {
  assertEquals(await deriveRecipient(new Secret(TEST_X25519.identity)), TEST_X25519.recipient);
  assertEquals(await deriveRecipient(new Secret(TEST_X25519_OTHER.identity)), TEST_X25519_OTHER.recipient);
});

Deno.test("deriveRecipient() derives a hybrid recipient", async () => {
  const recipient = await deriveRecipient(new Secret(TEST_HYBRID.identity));
  assertEquals(recipient.length, 1959);
  assert(recipient.startsWith(TEST_HYBRID.recipientStart));
  assert(recipient.endsWith(TEST_HYBRID.recipientEnd));
});

Deno.test("deriveRecipient() refuses a plugin identity", async () => {
  const error = await assertRejects(() => deriveRecipient(new Secret(TEST_PLUGIN.identity)));
  assertUserError(error, "unsupported", /only its plugin knows it/);
});

Deno.test("deriveRecipient() refuses what is no identity", async () => {
  assertUserError(await assertRejects(() => deriveRecipient(new Secret("x"))), "malformed");
});

Deno.test("findPluginName() names the plugin of an identity in lower case, and none of a native one", () => {
  assertEquals(findPluginName(new Secret("AGE-PLUGIN-YUBIKEY-1QGQYC5NZT")), "yubikey");
  assertEquals(findPluginName(new Secret("AGE-PLUGIN-A-1-B-1QQQ")), "a-1-b");
  assertEquals(findPluginName(new Secret("AGE-SECRET-KEY-1QQQ")), undefined);
});
