import { assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";
import { examineSshKey } from "../../../lib/repository/doctor/ssh_key.ts";
import { TEST_SSH_ED25519, TEST_SSH_RSA } from "../../keys/test_keys.ts";

/** Heads of keys in old forms; the bodies are made up. */
const OLD_RSA = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n";
const OLD_LOCKED = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n-----END RSA PRIVATE KEY-----\n";

async function examine(
  text: string,
  files: Record<string, string> = {},
  isFile = true,
): ReturnType<typeof examineSshKey> {
  await using host = await testHost({ files });
  return await examineSshKey(host, new TextEncoder().encode(text), isFile ? host.path("id") : undefined, "id");
}

Deno.test("examineSshKey() takes the public half of an old form from the file beside it", async () => {
  const { content, identities } = await examine(OLD_RSA, { "id.pub": `${TEST_SSH_RSA}\n` });
  assertEquals(content, { kind: "ssh-key", type: "an RSA key", isLocked: false });
  assertEquals(identities.map(({ recipient }) => recipient), [TEST_SSH_RSA.replace(" test-key@sopsmith", "")]);
  const locked = await examine(OLD_LOCKED, { "id.pub": TEST_SSH_RSA });
  assertEquals(locked.identities.map(({ isLocked }) => isLocked), [true]);
});

Deno.test("examineSshKey() converts only ed25519 keys", async () => {
  const { identities } = await examine(OLD_RSA, { "id.pub": TEST_SSH_ED25519 });
  assertEquals(identities.map(({ recipient, obstacle }) => [recipient?.slice(0, 4), obstacle?.repair.kind]), [
    ["ssh-", undefined],
    ["age1", "convert-ssh-key"],
  ]);
});

Deno.test("examineSshKey() cannot tell whose an old form is without its public half", async () => {
  for (const files of [{}, { "id.pub": "junk" }]) {
    const { content, identities } = await examine(OLD_RSA, files);
    assertEquals(content, { kind: "ssh-key", type: "a key in an old form", isLocked: false });
    assertEquals(identities.map(({ recipient, guess }) => [recipient, guess?.kind]), [[undefined, "ssh-key"]]);
  }
});

Deno.test("examineSshKey() says what is no key, and shows nothing of it", async () => {
  for (
    const text of ["", "hunter2", "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----\n"]
  ) {
    const { content, identities } = await examine(text);
    assertEquals([content.kind, identities], ["unusable", []]);
    assertEquals(JSON.stringify(content).includes("hunter2"), false);
  }
});
