import { createSshRsaIdentity, importRsaNumbers } from "../../../lib/keys/ssh/rsa_stanza.ts";
import { findPemKey } from "../../../lib/keys/ssh/pem_key.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { vectorTest } from "../../support/shared_vectors.ts";

/** One test of Wycheproof. */
interface OaepTest {
  readonly tcId: number;
  readonly msg: string;
  readonly ct: string;
  readonly label: string;
  readonly result: string;
}

vectorTest("RSA-OAEP with a key that was read here gives the known answers", "wycheproof", async (folder) => {
  const name = "rsa_oaep_2048_sha256_mgf1sha256_test.json";
  const { testGroups } = JSON.parse(await Deno.readTextFile(new URL(name, folder)));
  let count = 0;
  for (const { privateKeyPem, tests } of testGroups) {
    const pem = await findPemKey(new TextEncoder().encode(privateKeyPem));
    assert(pem?.kind === "rsa", "the key is read");
    const key = await importRsaNumbers(pem.numbers);
    for (const { tcId, msg, ct, label, result } of tests as readonly OaepTest[]) {
      count++;
      const parameters = { name: "RSA-OAEP", label: Uint8Array.fromHex(label) };
      let plain: string | undefined;
      try {
        plain = new Uint8Array(await crypto.subtle.decrypt(parameters, key, Uint8Array.fromHex(ct))).toHex();
      } catch {
        plain = undefined;
      }
      assertEquals(plain, result === "invalid" ? undefined : msg, `test ${tcId}`);
    }
  }
  assert(count > 30, `only ${count} tests`);
});

Deno.test("an ssh-rsa stanza of another form is told, before the key is opened", async () => {
  const publicKey = { type: "ssh-rsa", encoded: "AAAA", comment: "" } as const;
  const identity = createSshRsaIdentity(publicKey, () => Promise.reject(new Error("opened")));
  const stanza = { args: ["ssh-rsa", "abcd", "more"], body: new Uint8Array(256) };
  const error = await assertRejects(async () => await identity.unwrapFileKey([stanza], new Uint8Array()));
  assertUserError(error, "malformed", /ssh-rsa part is damaged/);
  assertEquals(await identity.unwrapFileKey([{ ...stanza, args: ["X25519", "abcd"] }], new Uint8Array()), null);
});

Deno.test("importRsaNumbers() refuses numbers that are no key, without showing them", async () => {
  const one = Uint8Array.of(1);
  const numbers = { modulus: one, exponent: one, privateExponent: one, coefficient: one, p: one, q: one };
  assertUserError(await assertRejects(() => importRsaNumbers(numbers)), "malformed", /expected RSA$/);
  const three = Uint8Array.of(3);
  const odd = { ...numbers, p: three, q: three, privateExponent: three };
  assertUserError(await assertRejects(() => importRsaNumbers(odd)), "malformed", /expected RSA$/);
});
