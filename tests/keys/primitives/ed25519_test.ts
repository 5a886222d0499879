import { deriveEd25519PublicKey, signEd25519, verifyEd25519 } from "../../../lib/keys/primitives/ed25519.ts";
import { assert, assertEquals } from "../../support/assert.ts";

/** RFC 8032 §7.1, tests 1 to 3 and SHA(abc): seed, public key, message, signature. */
const RFC_8032: readonly (readonly [seed: string, publicKey: string, message: string, signature: string])[] = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
  [
    "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  ],
];

Deno.test("signEd25519() and deriveEd25519PublicKey() give what RFC 8032 gives", async () => {
  for (const [seed, publicKey, message, signature] of RFC_8032) {
    assertEquals((await deriveEd25519PublicKey(Uint8Array.fromHex(seed))).toHex(), publicKey);
    assertEquals((await signEd25519(Uint8Array.fromHex(seed), Uint8Array.fromHex(message))).toHex(), signature);
  }
});

Deno.test("verifyEd25519() takes the signature and nothing that differs from it in one bit", async () => {
  for (const [, publicKey, message, signature] of RFC_8032) {
    const parts = [publicKey, signature, message].map((hex) => Uint8Array.fromHex(hex));
    const verify = ([key, sig, text]: Uint8Array<ArrayBuffer>[]): Promise<boolean> =>
      verifyEd25519(key ?? new Uint8Array(), sig ?? new Uint8Array(), text ?? new Uint8Array());
    assert(await verify(parts));
    for (const [i, part] of parts.entries()) {
      if (part.length === 0) continue;
      const changed = new Uint8Array(part);
      changed[0] = (changed[0] ?? 0) ^ 1;
      assertEquals(await verify(parts.with(i, changed)), false);
    }
  }
});

Deno.test("verifyEd25519() refuses a signature of another length", async () => {
  const [, publicKey, message, signature] = RFC_8032[2] ?? ["", "", "", ""];
  for (const hex of ["", signature.slice(2), `${signature}00`]) {
    const isRight = await verifyEd25519(
      Uint8Array.fromHex(publicKey),
      Uint8Array.fromHex(hex),
      Uint8Array.fromHex(message),
    );
    assertEquals(isRight, false);
  }
});
