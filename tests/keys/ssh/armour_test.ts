import { decodeSshText, looksLikePrivateKeyFile } from "../../../lib/keys/ssh/armour.ts";
import { assertEquals } from "../../support/assert.ts";

const encoder = new TextEncoder();

Deno.test("decodeSshText() reads UTF-8 and UTF-16 of both orders, with a byte order mark", () => {
  const units = Uint16Array.from("\ufeffkey", (unit) => unit.charCodeAt(0));
  const little = new Uint8Array(units.buffer);
  const big = Uint8Array.from(little, (_, index) => little[index ^ 1] ?? 0);
  for (const bytes of [encoder.encode("key"), encoder.encode("\ufeffkey"), little, big]) {
    assertEquals(decodeSshText(bytes), "key");
  }
  assertEquals(decodeSshText(Uint8Array.of(0x6b, 0xff)), "k\ufffd");
  assertEquals(decodeSshText(new Uint8Array()), "");
});

Deno.test("looksLikePrivateKeyFile() looks at the first line that is no comment", () => {
  for (
    const [text, expected] of [
      ["-----BEGIN OPENSSH PRIVATE KEY-----\n", true],
      ["-----BEGIN PRIVATE KEY-----", true],
      ["\n  # mine\r\n\n-----BEGIN RSA PRIVATE KEY-----\n", true],
      ["ssh-ed25519 AAAA\n-----BEGIN OPENSSH PRIVATE KEY-----\n", false],
      ["-----BEGIN CERTIFICATE-----\n", false],
      ["# -----BEGIN OPENSSH PRIVATE KEY-----\n", false],
      ["", false],
    ] as const
  ) assertEquals(looksLikePrivateKeyFile(encoder.encode(text)), expected, text);
});

Deno.test("looksLikePrivateKeyFile() is done soon with any text", () => {
  for (const text of ["#\n", " \n", " #", "\n"]) {
    const start = performance.now();
    looksLikePrivateKeyFile(encoder.encode(text.repeat(200_000)));
    assertEquals(performance.now() - start < 2_000, true, JSON.stringify(text));
  }
});
