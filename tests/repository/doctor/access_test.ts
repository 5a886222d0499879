import { assertEquals } from "../../support/assert.ts";
import type { LocalIdentity } from "../../../lib/repository/doctor/finding.ts";
import { diagnoseAccess } from "../../../lib/repository/doctor/access.ts";
import type { FileMetadata, MetadataKey } from "../../../lib/sops/metadata/metadata.ts";
import { TEST_PLUGIN, TEST_SSH_ED25519, TEST_SSH_RSA, TEST_X25519 } from "../../keys/test_keys.ts";

const X25519: MetadataKey = { type: "age", text: TEST_X25519.recipient };
const PLUGIN: MetadataKey = { type: "age", text: TEST_PLUGIN.recipient };
const SSH: MetadataKey = { type: "age", text: TEST_SSH_ED25519 };
const PGP: MetadataKey = { type: "pgp", text: "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4" };

function identity(rest: Partial<LocalIdentity>): LocalIdentity {
  return { recipient: undefined, origin: "keys.txt", isLocked: false, ...rest };
}

function diagnose(
  keys: readonly MetadataKey[],
  identities: readonly LocalIdentity[],
): ReturnType<typeof diagnoseAccess> {
  const metadata: FileMetadata = {
    format: "yaml",
    groups: [{ keys }],
    shamirThreshold: undefined,
    selectors: {},
    macOnlyEncrypted: false,
    lastModified: "",
    version: "3.13.2",
  };
  return diagnoseAccess(metadata, identities);
}

Deno.test("diagnoseAccess() finds an ssh key by its key, whatever the comment", () => {
  const bare = TEST_SSH_ED25519.replace(" test-key@sopsmith", "");
  assertEquals(diagnose([SSH], [identity({ recipient: bare })]).answer, "yes");
  assertEquals(diagnose([SSH], [identity({ recipient: TEST_SSH_RSA })]).answer, "no");
});

Deno.test("diagnoseAccess() prefers an identity without a passphrase, and takes none with an obstacle", () => {
  const recipient = TEST_X25519.recipient;
  const locked = identity({ recipient, isLocked: true, origin: "locked" });
  const open = identity({ recipient, origin: "open" });
  const obstacle = { reason: "it is elsewhere", repair: { kind: "import-keys", path: "/k" } } as const;
  const blocked = identity({ recipient, origin: "blocked", obstacle });
  const originOf = (...identities: LocalIdentity[]): string[] =>
    diagnose([X25519], identities).groups.flat().map(({ answer, identity }) => `${answer} ${identity?.origin}`);
  assertEquals(originOf(blocked, locked, open), ["yes open"]);
  assertEquals(originOf(blocked, locked), ["yes locked"]);
  assertEquals(originOf(blocked), ["no blocked"]);
  assertEquals(originOf(), ["no undefined"]);
});

Deno.test("diagnoseAccess() does not judge what only another program knows", () => {
  const cases: readonly (readonly [key: MetadataKey, guess: LocalIdentity["guess"], answer: string])[] = [
    [PGP, undefined, "perhaps"],
    [PLUGIN, { kind: "plugin", name: "yubikey" }, "perhaps"],
    [PLUGIN, { kind: "plugin", name: "tpm" }, "no"],
    [X25519, { kind: "plugin", name: "yubikey" }, "no"],
    [X25519, { kind: "protected-list" }, "perhaps"],
    [X25519, { kind: "command" }, "perhaps"],
    [SSH, { kind: "protected-list" }, "no"],
    [SSH, { kind: "ssh-key" }, "perhaps"],
    [X25519, { kind: "ssh-key" }, "no"],
    [X25519, undefined, "no"],
  ];
  for (const [key, guess, answer] of cases) {
    const identities = [identity(guess === undefined ? {} : { guess })];
    assertEquals(diagnose([key], identities).answer, answer, `${key.text} ${guess?.kind}`);
  }
});
