import { findSshCipher } from "../../../lib/keys/ssh/cipher.ts";
import { assertEquals } from "../../support/assert.ts";
import { PRIVATE_KEYS } from "./build.ts";

Deno.test("findSshCipher() knows every cipher of the vectors, and nothing else", () => {
  for (const { cipher } of PRIVATE_KEYS) assertEquals(findSshCipher(cipher) === undefined, cipher === "none", cipher);
  for (
    const name of ["", "aes512-ctr", "aes192-gcm@openssh.com", "aes256-gcm", "arcfour", "toString", "aes128-ctr\n"]
  ) {
    assertEquals(findSshCipher(name), undefined, name);
  }
});

Deno.test("findSshCipher() tells how much the key derivation has to give", () => {
  assertEquals(findSshCipher("aes192-cbc"), {
    mode: "aes-cbc",
    keyBytes: 24,
    ivBytes: 16,
    blockBytes: 16,
    tagBytes: 0,
  });
  assertEquals(findSshCipher("chacha20-poly1305@openssh.com")?.keyBytes, 64);
  assertEquals(findSshCipher("aes128-gcm@openssh.com")?.tagBytes, 16);
});
