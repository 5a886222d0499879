import { readKeys } from "../../../lib/keys/places/read_place.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { describeKeys } from "../../../lib/repository/doctor/identities.ts";
import { TEST_HYBRID, TEST_PLUGIN, TEST_X25519, TEST_X25519_OTHER } from "../../keys/test_keys.ts";

async function read(text: string | Uint8Array): ReturnType<typeof describeKeys> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const found = readKeys(bytes, "keys.txt");
  assert(found.kind === "keys");
  return await describeKeys(found.keys, {
    origin: "keys.txt",
    repair: (isEncoding) => ({ kind: isEncoding ? "import-keys" : "correct-file", path: "/keys.txt" }),
  });
}

Deno.test("describeKeys() tells the recipients of a sound text", async () => {
  const { content, identities } = await read(`# me\n${TEST_X25519.identity}\r\n\n${TEST_HYBRID.identity}`);
  assertEquals(content, { kind: "identities" });
  assertEquals(identities.map(({ recipient, obstacle }) => [recipient?.slice(0, 15), obstacle]), [
    [TEST_X25519.recipient.slice(0, 15), undefined],
    [TEST_HYBRID.recipientStart, undefined],
  ]);
  assertEquals((await read("")).identities, []);
});

Deno.test("describeKeys() names the plugin of an identity that only the plugin knows", async () => {
  const { identities } = await read(TEST_PLUGIN.identity);
  assertEquals(identities.map(({ recipient, guess }) => [recipient, guess]), [[
    undefined,
    { kind: "plugin", name: "yubikey" },
  ]]);
});

Deno.test("describeKeys() tells whose keys stand in a text that SOPS drops, and the repair", async () => {
  const { identity, recipient } = TEST_X25519;
  const utf16 = new Uint8Array(Uint16Array.from(`\ufeff${identity}\n`.split(""), (unit) => unit.charCodeAt(0)).buffer);
  const cases: readonly (readonly [text: string | Uint8Array, repair: string])[] = [
    [`\ufeff${identity}\n`, "import-keys"],
    [utf16, "import-keys"],
    [`${identity} # me\n`, "correct-file"],
    [`  ${identity}\n`, "correct-file"],
    [`${identity.toLowerCase()}\n`, "correct-file"],
    [`${recipient}\n${identity}\n`, "correct-file"],
    [`junk\n${identity}\n`, "correct-file"],
  ];
  for (const [text, repair] of cases) {
    const { content, identities } = await read(text);
    assertEquals(content.kind, "unusable", String(text));
    assertEquals(identities.map((one) => [one.recipient, one.obstacle?.repair.kind]), [[recipient, repair]]);
  }
});

Deno.test("describeKeys() reads up to a line that is too long for SOPS", async () => {
  const long = `#${"x".repeat(70_000)}`;
  const { content, identities } = await read(`${TEST_X25519.identity}\n${long}\n${TEST_X25519_OTHER.identity}\njunk\n`);
  assertEquals(content, { kind: "identities" });
  assertEquals(identities.map(({ recipient }) => recipient), [TEST_X25519.recipient]);
});

Deno.test("describeKeys() cannot tell what a protected list holds", async () => {
  const { content, identities } = await read("-----BEGIN AGE ENCRYPTED FILE-----\n");
  assertEquals(content, { kind: "protected" });
  assertEquals(identities.map(({ guess, isLocked }) => [guess?.kind, isLocked]), [["protected-list", true]]);
});
