import { readSshPrivateKey } from "../../../lib/keys/ssh/private_identity.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";
import { KEY_PAIRS, PRIVATE_KEYS } from "./build.ts";

async function read(text: string): ReturnType<typeof readSshPrivateKey> {
  await using host = await testHost();
  return await readSshPrivateKey(host, new TextEncoder().encode(text), { name: "id", path: host.path("id") });
}

Deno.test("readSshPrivateKey() says what is no key, and shows nothing of it", async () => {
  for (
    const text of [
      "",
      "hunter2",
      "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----\n",
      "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\n",
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE\n-----END PRIVATE KEY-----\n",
    ]
  ) {
    const error = assertUserError(
      await assertRejects(() => read(text)),
      /RSA/.test(text) || /BEGIN PRIVATE/.test(text) ? "unsupported" : "malformed",
    );
    assert(!error.message.includes("hunter2"));
  }
});

Deno.test("readSshPrivateKey() tells the public half of every key without its passphrase", async () => {
  for (const { private: text } of [...PRIVATE_KEYS, ...KEY_PAIRS]) {
    const { publicKey } = await read(text);
    assertEquals(publicKey?.type, "ssh-ed25519");
  }
});
