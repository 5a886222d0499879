import { chooseEncryption, type EncryptionWish, splitRecipients } from "../../../lib/repository/file/encryption.ts";
import type { StoreFormat } from "../../../lib/sops/metadata/metadata.ts";
import { TEST_SSH_ED25519, TEST_X25519 } from "../../keys/test_keys.ts";
import { assertEquals, assertRejects, assertThrows, assertUserError } from "../../support/assert.ts";
import { testHost, type TestHostOptions } from "../../support/test_host.ts";

const ALICE = TEST_X25519.recipient;

const CONFIG = `creation_rules:
  - path_regex: groups[/\\\\]
    shamir_threshold: 2
    encrypted_regex: ^data$
    key_groups:
      - age: [${ALICE}]
      - age: ["${TEST_SSH_ED25519}"]
  - path_regex: pgp[/\\\\]
    pgp: FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4
  - path_regex: two[/\\\\]
    age: ${ALICE}
    encrypted_suffix: _x
    unencrypted_suffix: _y
  - path_regex: broken[/\\\\]
    age: ${ALICE}
    encrypted_regex: "("
  - path_regex: empty[/\\\\]
    age: ""
  - path_regex: mac[/\\\\]
    age: ${ALICE}
    mac_only_encrypted: true
`;

async function choose(
  file: string,
  wish: EncryptionWish & { readonly format?: StoreFormat } = {},
  options: TestHostOptions = { files: { ".sops.yaml": CONFIG } },
): Promise<Awaited<ReturnType<typeof chooseEncryption>>> {
  await using host = await testHost(options);
  return await chooseEncryption(host, host.path(file), { format: "yaml", ...wish });
}

Deno.test("chooseEncryption() takes groups, threshold and selector of the rule", async () => {
  const { groups, shamirThreshold, selectors, macOnlyEncrypted, rule } = await choose("groups/a.yaml");
  assertEquals(groups, [[ALICE], [TEST_SSH_ED25519]]);
  assertEquals([shamirThreshold, selectors, macOnlyEncrypted], [2, { encrypted_regex: "^data$" }, false]);
  assertEquals(rule?.index, 0);
  assertEquals((await choose("mac/a.yaml")).macOnlyEncrypted, true);
});

Deno.test("chooseEncryption() assumes SOPS's suffix where nothing selects", async () => {
  assertEquals((await choose("mac/a.yaml")).selectors, { unencrypted_suffix: "_unencrypted" });
});

Deno.test("chooseEncryption() takes recipients that are named instead of the rule's groups, and the rest of the rule", async () => {
  const named = await choose("groups/a.yaml", { age: `${ALICE}, ${TEST_SSH_ED25519}`, shamirThreshold: 1 });
  assertEquals(named.groups, [[ALICE, TEST_SSH_ED25519]]);
  assertEquals([named.shamirThreshold, named.selectors], [1, { encrypted_regex: "^data$" }]);
  const variable = { files: { ".sops.yaml": CONFIG }, env: { SOPS_AGE_RECIPIENTS: TEST_SSH_ED25519 } };
  assertEquals((await choose("groups/a.yaml", {}, variable)).groups, [[TEST_SSH_ED25519]]);
});

Deno.test("chooseEncryption() needs no config for recipients that are named", async () => {
  assertEquals((await choose("a.yaml", { age: ALICE }, {})).groups, [[ALICE]]);
});

Deno.test("chooseEncryption() drops what selects values of a binary file, and says so", async () => {
  const { selectors, warnings } = await choose("groups/a", { format: "binary" });
  assertEquals(selectors, {});
  assertEquals(warnings, ["encrypted_regex does not count for a binary file"]);
  assertEquals((await choose("mac/a", { format: "binary" })).macOnlyEncrypted, false);
});

const REFUSED: readonly [string, string, EncryptionWish, Parameters<typeof assertUserError>[1], RegExp][] = [
  ["a file that no rule matches", "other/a.yaml", {}, "refused", /no rule of ".*" matches it/],
  [
    "one that no rule matches, as SOPS does, for named recipients too",
    "other/a",
    { age: ALICE },
    "refused",
    /no rule/,
  ],
  ["keys of other services", "pgp/a.yaml", {}, "unsupported", /key of type pgp/],
  ["two selectors of a rule", "two/a.yaml", {}, "usage", /unencrypted_suffix and encrypted_suffix contradict/],
  [
    "a selector beside another one of the rule",
    "groups/a.yaml",
    { selectors: { encrypted_suffix: "_x" } },
    "usage",
    /contradict/,
  ],
  ["a selector that does not compile", "broken/a.yaml", {}, "malformed", /pattern/],
  ["a rule without recipients", "empty/a.yaml", {}, "malformed", /no recipients/],
  ["a recipient that is none", "mac/a.yaml", { age: "alice" }, "malformed", /recipient/],
];

for (const [what, file, wish, kind, message] of REFUSED) {
  Deno.test(`chooseEncryption() refuses ${what}`, async () => {
    assertUserError(await assertRejects(() => choose(file, wish)), kind, message);
  });
}

Deno.test("chooseEncryption() refuses to leave out keys that a variable adds in SOPS", async () => {
  const options = { files: { ".sops.yaml": CONFIG }, env: { SOPS_PGP_FP: "FBC7" } };
  assertUserError(await assertRejects(() => choose("mac/a.yaml", {}, options)), "unsupported", /SOPS_PGP_FP/);
});

Deno.test("chooseEncryption() says how to begin where there is nothing", async () => {
  const error = assertUserError(await assertRejects(() => choose("a.yaml", {}, {})), "not-found");
  assertEquals(error.hints.length > 0, true);
});

Deno.test("splitRecipients() refuses a comma too much", () => {
  assertEquals(splitRecipients("a, b"), ["a", "b"]);
  assertThrows(() => splitRecipients("a,"), /empty/);
});
