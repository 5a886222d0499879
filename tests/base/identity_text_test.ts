import {
  looksLikeIdentity,
  mentionsIdentity,
  mentionsPrivateKey,
  startsAsIdentity,
} from "../../lib/base/identity_text.ts";
import { assertEquals } from "../support/assert.ts";

const TEXTS: readonly (readonly [text: string, starts: boolean, looks: boolean, mentions: boolean, anyKey: boolean])[] =
  [
    ["AGE-SECRET-KEY-1QQ", true, true, true, true],
    ["AGE-SECRET-KEY-PQ-1QQ", true, true, true, true],
    ["AGE-PLUGIN-YUBIKEY-1QQ", true, true, true, true],
    ["age-secret-key-1qq", true, true, true, true],
    [` "AGE-SECRET-KEY-1QQ"`, false, true, true, true],
    ["# old: AGE-SECRET-KEY-1QQ", false, false, true, true],
    ["-----BEGIN OPENSSH PRIVATE KEY-----", false, true, false, true],
    ["  key: -----BEGIN RSA PRIVATE KEY-----", false, false, false, true],
    ["PuTTY-User-Key-File-3: ssh-ed25519", false, false, false, true],
    ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", false, false, false, false],
    ["my age secret key", false, false, false, false],
    ["", false, false, false, false],
  ];

Deno.test("private keys are recognised by how they look, wherever they stand", () => {
  for (const [text, ...expected] of TEXTS) {
    const found = [startsAsIdentity(text), looksLikeIdentity(text), mentionsIdentity(text), mentionsPrivateKey(text)];
    assertEquals(found, expected, text);
  }
});
