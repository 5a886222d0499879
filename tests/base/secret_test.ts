import { hideIdentities, holdsIdentity, Secret } from "../../lib/base/secret.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { TEST_HYBRID, TEST_X25519 } from "../keys/test_keys.ts";

const TEXT = "a secret of a test";

Deno.test("Secret reveals its bytes and its text only when asked", () => {
  assertEquals(new Secret(TEXT).revealText(), TEXT);
  assertEquals(new Secret(TEXT).reveal(), new TextEncoder().encode(TEXT));
  assertEquals(new Secret(Uint8Array.of(0, 255)).reveal(), Uint8Array.of(0, 255));
});

Deno.test("Secret reveals text byte for byte, and no text where there is none", () => {
  for (const text of ["", "\ufeffwith a mark", "naïve 🔑\r\n"]) assertEquals(new Secret(text).revealText(), text);
  assertThrows(() => new Secret(Uint8Array.of(0xff)).revealText());
});

Deno.test("Secret shows nothing in conversion, JSON, inspection, messages, keys or copies", () => {
  const secret = new Secret(TEXT);
  const shown = [
    String(secret),
    `${secret}`,
    "" + secret,
    secret.toString(),
    JSON.stringify({ secret }),
    JSON.stringify([secret]),
    Deno.inspect(secret),
    Deno.inspect({ deep: [secret] }, { showHidden: true, depth: 9 }),
    new Error(`${secret}`).message,
    Object.keys(secret).join(),
    JSON.stringify({ ...secret }),
    JSON.stringify(structuredClone(secret)),
    Object.getOwnPropertyNames(secret).join(),
    Deno.inspect(new Secret(Uint8Array.of(115, 101)), { showHidden: true }),
  ];
  for (const text of shown) assert(!text.includes(TEXT), text);
  assertEquals(Deno.inspect(secret), "<redacted>");
  assertEquals(JSON.stringify({ secret }), '{"secret":"<redacted>"}');
});

Deno.test("Secret does not reveal through a foreign receiver", () => {
  assertThrows(() => Secret.prototype.reveal.call({}), /private/);
});

Deno.test("Secret equals another with the same bytes", () => {
  assert(new Secret(TEXT).equals(new Secret(TEXT)));
  assert(new Secret("").equals(new Secret(new Uint8Array())));
  for (const other of [`${TEXT} `, TEXT.slice(1), TEXT.toUpperCase(), `${TEXT}\0`, ""]) {
    assert(!new Secret(TEXT).equals(new Secret(other)), other);
    assert(!new Secret(other).equals(new Secret(TEXT)), other);
  }
});

Deno.test("hideIdentities() hides every identity and nothing else", () => {
  const { identity, recipient } = TEST_X25519;
  assertEquals(
    hideIdentities(`a ${identity}, ${identity.toLowerCase()} and "${TEST_HYBRID.identity}" of ${recipient}`),
    `a AGE-SECRET-KEY-…, age-secret-key-… and "AGE-SECRET-KEY-…" of ${recipient}`,
  );
});

Deno.test("holdsIdentity() finds an identity anywhere in a text", () => {
  const { identity, recipient } = TEST_X25519;
  for (const text of [identity, `x-${identity}`, identity.toLowerCase(), TEST_HYBRID.identity]) {
    assert(holdsIdentity(text));
  }
  for (const text of ["", "alice", recipient, "AGE-SECRET-KEY-"]) assert(!holdsIdentity(text), text);
});
