import { assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";
import { readSshPrivateKey } from "../../../lib/keys/ssh/private_identity.ts";
import type { DescribedIdentities } from "../../../lib/repository/doctor/identities.ts";
import { describeSshKey } from "../../../lib/repository/doctor/ssh_key.ts";
import { TEST_SSH_ED25519, TEST_SSH_RSA } from "../../keys/test_keys.ts";

/** Of a key in an old form with a passphrase nothing can be read; the body is made up. */
const OLD_LOCKED = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n-----END RSA PRIVATE KEY-----\n";

async function describe(text: string, files: Record<string, string> = {}): Promise<DescribedIdentities> {
  await using host = await testHost({ files });
  const path = host.path("id");
  const key = await readSshPrivateKey(host, new TextEncoder().encode(text), { name: "id", path });
  return describeSshKey(key, path, "id");
}

Deno.test("describeSshKey() takes the public half of an old form from the file beside it", async () => {
  const { content, identities } = await describe(OLD_LOCKED, { "id.pub": `${TEST_SSH_RSA}\n` });
  assertEquals(content, { kind: "ssh-key", type: "an RSA key", isLocked: true });
  assertEquals(identities.map(({ recipient }) => recipient), [TEST_SSH_RSA.replace(" test-key@sopsmith", "")]);
  assertEquals(identities.map(({ isLocked, obstacle }) => [isLocked, obstacle?.repair.kind]), [[
    true,
    "rewrite-ssh-key",
  ]]);
});

Deno.test("describeSshKey() converts only ed25519 keys", async () => {
  const { identities } = await describe(OLD_LOCKED, { "id.pub": TEST_SSH_ED25519 });
  assertEquals(identities.map(({ recipient, obstacle }) => [recipient?.slice(0, 4), obstacle?.repair.kind]), [
    ["ssh-", "rewrite-ssh-key"],
    ["age1", "convert-ssh-key"],
  ]);
});

Deno.test("describeSshKey() cannot tell whose an old form is without its public half", async () => {
  for (const files of [{}, { "id.pub": "junk" }]) {
    const { content, identities } = await describe(OLD_LOCKED, files);
    assertEquals(content, { kind: "ssh-key", type: "a key in an old form", isLocked: true });
    assertEquals(identities.map(({ recipient, guess }) => [recipient, guess?.kind]), [[undefined, "ssh-key"]]);
  }
});
