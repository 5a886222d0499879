import { classifyRecipient, formatShortRecipient } from "../../../lib/keys/age/recipient.ts";
import { isRecipient, parseRecipient } from "../../../lib/keys/age/recipient_parse.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { HYBRID_RECIPIENT, hybridWith, RECIPIENTS, REFUSED_RECIPIENTS, sshLine } from "./recipient_cases.ts";
import { TEST_HYBRID, TEST_PLUGIN, TEST_SSH_ED25519, TEST_X25519 } from "../test_keys.ts";
import fc from "../../support/property.ts";

Deno.test("parseRecipient() knows the kinds that SOPS takes", () => {
  for (const [text, kind] of RECIPIENTS) {
    assertEquals(parseRecipient(text), { kind, text });
    assertEquals(classifyRecipient(text), kind);
    assert(isRecipient(text));
  }
});

for (const [what, [text, found]] of Object.entries(REFUSED_RECIPIENTS)) {
  Deno.test(`parseRecipient() refuses ${what}`, () => {
    assertUserError(assertThrows(() => parseRecipient(text)), "malformed", found);
    assert(!isRecipient(text));
  });
}

Deno.test("parseRecipient() takes hybrid coefficients just below the modulus", () => {
  assertEquals(parseRecipient(hybridWith(0, 0x00, 0x0d, 0xd0)).kind, "hybrid");
});

Deno.test("parseRecipient() takes an RSA key of exactly 2048 bits", () => {
  const modulus = new Uint8Array(257);
  modulus[1] = 0x80;
  assertEquals(parseRecipient(sshLine("ssh-rsa", Uint8Array.of(3), modulus)).kind, "ssh-rsa");
  modulus[1] = 0x7f;
  assertUserError(assertThrows(() => parseRecipient(sshLine("ssh-rsa", Uint8Array.of(3), modulus))), "malformed");
});

for (const { identity } of [TEST_X25519, TEST_HYBRID, TEST_PLUGIN]) {
  for (const pasted of [identity, ` ${identity}`, `"${identity}"`, identity.toLowerCase()]) {
    Deno.test(`parseRecipient() names ${pasted.slice(0, 14)}… an identity without showing it`, () => {
      const error = assertUserError(assertThrows(() => parseRecipient(pasted)), "malformed", /found an identity/);
      const shown = [error.message, ...error.hints, JSON.stringify(error)].join().toUpperCase();
      assert(!shown.includes(identity.slice(-12)));
      assertEquals(formatShortRecipient(pasted), "AGE-SECRET-KEY-…");
    });
  }
}

Deno.test("parseRecipient() accepts only canonical encodings", () => {
  fc.assert(fc.property(fc.nat(61), fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }), (index, character) => {
    const text = TEST_X25519.recipient.slice(0, index) + character + TEST_X25519.recipient.slice(index + 1);
    fc.pre(text !== TEST_X25519.recipient);
    assertThrows(() => parseRecipient(text));
  }));
});

Deno.test("formatShortRecipient() shows the first 8 and the last 5 characters", () => {
  const documented = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
  assertEquals(formatShortRecipient(documented), "age1ql3z…cac8p");
});

Deno.test("formatShortRecipient() shows where a hybrid or plugin recipient differs from others", () => {
  assertEquals(formatShortRecipient(HYBRID_RECIPIENT), "age1pq10fgp…yetha");
  assertEquals(formatShortRecipient(TEST_PLUGIN.recipient), "age1yubikey1qqqq…rljxx");
});

Deno.test("formatShortRecipient() keeps the comment of an ssh key", () => {
  assertEquals(formatShortRecipient(TEST_SSH_ED25519), "ssh-ed25519 …+MSbd test-key@sopsmith");
  assertEquals(formatShortRecipient(TEST_SSH_ED25519.replace(/ test-key.*/, "")), "ssh-ed25519 …+MSbd");
});

Deno.test("formatShortRecipient() leaves short text alone", () => {
  assertEquals(formatShortRecipient("<new recipient>"), "<new rec…ient>");
  assertEquals(formatShortRecipient("age1pq1abcd"), "age1pq1abcd");
  assertEquals(formatShortRecipient(""), "");
});
