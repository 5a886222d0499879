import { decryptTripleDesCbc } from "../../../lib/keys/primitives/triple_des.ts";
import { assertEquals } from "../../support/assert.ts";

/** A test key: `openssl enc -des-ede3-cbc -nopad` made the ciphertext with it. */
const KEY = Uint8Array.fromHex("0123456789abcdef23456789abcdef01456789abcdef0123");
const IV = Uint8Array.fromHex("0102030405060708");

Deno.test("decryptTripleDesCbc() opens what openssl has encrypted, and leaves the padding to the caller", async () => {
  const plain = await decryptTripleDesCbc(KEY, IV, Uint8Array.fromHex("e98ce20d118cc803826335fa758bdd21"));
  assertEquals(new TextDecoder().decode(plain), "sixteen bytes ok");
  assertEquals(await decryptTripleDesCbc(KEY, IV, new Uint8Array()), new Uint8Array());
});
