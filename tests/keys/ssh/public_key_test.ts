import {
  classifySshKey,
  findEd25519Point,
  findSshKeyProblem,
  findSshPublicKey,
  formatSshPublicKey,
  type SshKeySoundness,
} from "../../../lib/keys/ssh/public_key.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { join, KEY_PAIRS, OTHER_KEYS, publicBlob, rawKeyPair, wireString } from "./build.ts";
import { TEST_SSH_RSA } from "../test_keys.ts";

const SEED = new Uint8Array(32).fill(3);

function parse(line: string): NonNullable<ReturnType<typeof findSshPublicKey>> {
  const key = findSshPublicKey(line);
  assert(key !== undefined, line);
  return key;
}

Deno.test("findSshPublicKey() splits a line, and formatSshPublicKey() joins it without the comment", () => {
  const line = KEY_PAIRS[1]!.public;
  const key = parse(line);
  assertEquals(key.comment, "test key 1");
  assertEquals(formatSshPublicKey(key), line.split(" ").slice(0, 2).join(" "));
  assertEquals(findSshPublicKey("ecdsa-sha2-nistp256 AAAA"), undefined);
  assertEquals(findSshPublicKey("ssh-ed25519"), undefined);
});

const rsaWith = (modulus: Uint8Array): string =>
  `ssh-rsa ${join(wireString("ssh-rsa"), wireString(Uint8Array.of(1, 0, 1)), wireString(modulus)).toBase64()}`;

const MODULUS = new Uint8Array(256).fill(0x80);

const SOUNDNESS: Readonly<Record<string, readonly [line: string, SshKeySoundness]>> = {
  "an ed25519 key": [KEY_PAIRS[0]!.public, "sound"],
  "an RSA key": [TEST_SSH_RSA, "sound"],
  "a made-up RSA key of 2048 bits": [rsaWith(MODULUS), "sound"],
  "one with a leading zero": [rsaWith(join(Uint8Array.of(0), MODULUS)), "sound"],
  "one of 2047 bits": [rsaWith(MODULUS.with(0, 0x7f)), "small"],
  "an RSA key of 1024 bits": [OTHER_KEYS["rsa_small"]!.public!, "small"],
  "an RSA key without a modulus": [rsaWith(new Uint8Array()), "small"],
  "an RSA key of zeros": [rsaWith(new Uint8Array(256)), "small"],
  "an ed25519 key of 31 bytes": [`ssh-ed25519 ${publicBlob(new Uint8Array(31)).toBase64()}`, "damaged"],
  "an ed25519 key called RSA": [`ssh-rsa ${publicBlob(SEED).toBase64()}`, "mistyped"],
  "no Base64": ["ssh-ed25519 AAAAA", "damaged"],
  "nothing behind the type": [`ssh-ed25519 ${wireString("ssh-ed25519").toBase64()}`, "damaged"],
  "an RSA key without its second number": [
    `ssh-rsa ${join(wireString("ssh-rsa"), wireString("x")).toBase64()}`,
    "damaged",
  ],
};

for (const [name, [line, soundness]] of Object.entries(SOUNDNESS)) {
  Deno.test(`classifySshKey() finds ${name} ${soundness}`, () => {
    const key = parse(line);
    assertEquals(classifySshKey(key), soundness);
    assertEquals(findSshKeyProblem(key) === undefined, soundness === "sound");
    assertEquals(findEd25519Point(key) !== undefined, soundness === "sound" && key.type === "ssh-ed25519");
  });
}

Deno.test("findEd25519Point() is the public half of the seed", async () => {
  const { point } = await rawKeyPair(SEED);
  assertEquals(findEd25519Point(parse(`ssh-ed25519 ${publicBlob(point).toBase64()}`)), point);
});
