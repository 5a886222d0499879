import { Secret } from "../../../lib/base/secret.ts";
import {
  deriveKeychainEntry,
  encodeKeychainValue,
  formatKeychainEntry,
  type KeychainOptions,
  parseKeychainValue,
} from "../../../lib/keys/keychain/entry.ts";
import { generateIdentity } from "../../../lib/keys/age/identity.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";
import fc from "../../support/property.ts";

/** As atmos composes them: vault, key within the store, options, service, account. */
const ENTRIES: readonly [vault: string, path: string, options: KeychainOptions, service: string, account: string][] = [
  ["prod-sops", "prod-sops", {}, "atmos/prod/sops/age-key/prod-sops", "atmos-secrets"],
  ["prod", "keys/main", {}, "atmos/prod/age-key/keys/main", "atmos-secrets"],
  ["default", "default", { service: "", prefix: "" }, "atmos/default/age-key/default", "atmos-secrets"],
  ["a.b-c", "x", { stackDelimiter: "." }, "atmos/a/b-c/age-key/x", "atmos-secrets"],
  ["a--b", "x", {}, "atmos/a/b/age-key/x", "atmos-secrets"],
  ["ab", "x", { stackDelimiter: "" }, "atmos/a/b/age-key/x", "atmos-secrets"],
  ["p", "x", { service: "team", prefix: "vaults" }, "vaults/p/age-key/x", "team"],
];

for (const [vault, path, options, service, account] of ENTRIES) {
  Deno.test(`deriveKeychainEntry() of ${vault}, ${path}, ${JSON.stringify(options)}`, () => {
    assertEquals(deriveKeychainEntry(vault, path, options), { service, account });
  });
}

const ENTRY = deriveKeychainEntry("prod", "prod");

Deno.test("formatKeychainEntry() names the entry", () => {
  assertEquals(formatKeychainEntry(ENTRY), 'keychain entry "atmos/prod/age-key/prod"');
});

Deno.test("encodeKeychainValue() writes one identity as atmos does", () => {
  const value = encodeKeychainValue([new Secret(TEST_X25519.identity)]);
  assertEquals(value.revealText(), `"${TEST_X25519.identity}"`);
});

Deno.test("parseKeychainValue() reads what encodeKeychainValue() wrote", () => {
  fc.assert(fc.property(
    fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 5 }),
    (seeds) => {
      const identities = seeds.map((seed) => generateIdentity("x25519", () => seed));
      const read = parseKeychainValue(encodeKeychainValue(identities), ENTRY);
      assertEquals(read.entries.map(({ secret }) => secret.revealText()), identities.map((each) => each.revealText()));
    },
  ));
});

for (
  const [what, text] of Object.entries({
    "text that is no JSON": `${TEST_X25519.identity}\n${TEST_X25519_OTHER.identity}\n`,
    "a keys file with comments": JSON.stringify(
      `# created: 2026-01-02\n${TEST_X25519.identity}\n\n${TEST_X25519_OTHER.identity}\n`,
    ),
  })
) {
  Deno.test(`parseKeychainValue() reads ${what}`, () => {
    const read = parseKeychainValue(new Secret(text), ENTRY);
    assertEquals(read.entries.map(({ secret }) => secret.revealText()), [
      TEST_X25519.identity,
      TEST_X25519_OTHER.identity,
    ]);
  });
}

for (
  const [what, text, message] of [
    ["nothing", "", /it is empty/],
    ["an empty text", '""', /it is empty/],
    ["comments only", '"# nothing"', /it is empty/],
    ["another JSON value", '{"hunter2":1}', /line 1 is no age identity/],
    ["something else", "hunter2", /line 1 is no age identity/],
    ["a damaged identity", `"${TEST_X25519.identity.replace("SHV", "SVH")}"`, /line 1 is an identity with a wrong/],
    ["an ssh key", '"-----BEGIN OPENSSH PRIVATE KEY-----\\nhunter2"', /it is a private key in PEM form/],
  ] as const
) {
  Deno.test(`parseKeychainValue() refuses ${what}, without its text`, () => {
    const error = assertThrows(() => parseKeychainValue(new Secret(text), ENTRY));
    assertUserError(error, "malformed", message);
    assert(!error.message.includes("hunter2"));
  });
}
