import {
  adviseConversion,
  describeSshKeyType,
  findConversionObstacle,
  isSshKeyType,
  refuseUnconvertible,
} from "../../../lib/keys/ssh/key_type.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";

const KNOWN = [
  "ssh-ed25519",
  "ssh-rsa",
  "ssh-dss",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
  "ssh-ed25519-cert-v01@openssh.com",
  "ssh-rsa-cert-v01@openssh.com",
  "ecdsa-sha2-nistp256-cert-v01@openssh.com",
  "sk-ssh-ed25519-cert-v01@openssh.com",
];

Deno.test("isSshKeyType() knows every type that OpenSSH has, and no other word", () => {
  for (const type of KNOWN) assertEquals(isSshKeyType(type), true, type);
  for (
    const word of ["", "ed25519", "SSH-RSA", "ssh-rsa1", "x-cert-v01@openssh.com", "-cert-v01@openssh.com", "web1"]
  ) {
    assertEquals(isSshKeyType(word), false, word);
  }
  assertEquals(describeSshKeyType("web1"), "a key of an unknown type");
});

Deno.test("findConversionObstacle() has one for every type but ed25519", () => {
  assertEquals(KNOWN.filter((type) => findConversionObstacle(type) === undefined), ["ssh-ed25519"]);
});

Deno.test("adviseConversion() names the key that a certificate was made from", () => {
  assertEquals(adviseConversion("ssh-rsa"), "make an ed25519 key: ssh-keygen -t ed25519");
  assertEquals(
    adviseConversion("ssh-rsa-cert-v01@openssh.com"),
    "pass the .pub file that the certificate was made from",
  );
});

Deno.test("refuseUnconvertible() lets ed25519 pass and says for each other type why not", () => {
  refuseUnconvertible("ssh-ed25519", "the ssh key");
  for (
    const [type, reason] of [
      ["ssh-rsa", /an RSA key, and only ed25519 keys convert/],
      ["ssh-dss", /a DSA key, and only ed25519 keys convert/],
      ["ecdsa-sha2-nistp521", /an ECDSA key, and only ed25519 keys convert/],
      ["sk-ssh-ed25519@openssh.com", /a key on a security device \(sk-…\), which signs but cannot decrypt/],
      ["ssh-ed25519-cert-v01@openssh.com", /a certificate; the key itself stands in the \.pub file/],
      ["ssh-future", /a key of an unknown type, and only ed25519 keys convert/],
    ] as const
  ) {
    const error = assertUserError(assertThrows(() => refuseUnconvertible(type, "the ssh key")), "unsupported", reason);
    assertEquals(error.hints.length, 1);
  }
});
