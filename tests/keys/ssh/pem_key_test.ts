import { SEED_BYTES } from "../../../lib/keys/primitives/ed25519.ts";
import { findPemKey } from "../../../lib/keys/ssh/pem_key.ts";
import { formatSshPublicKey } from "../../../lib/keys/ssh/public_key.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { publicLine, rawKeyPair } from "./build.ts";
import fc from "../../support/property.ts";

/** PKCS #8 of an ed25519 key (RFC 8410) up to its seed. */
const ED25519_HEAD = Uint8Array.fromHex("302e020100300506032b657004220420");

function pem(label: string, der: Uint8Array): Uint8Array {
  return new TextEncoder().encode(`-----BEGIN ${label}-----\n${der.toBase64()}\n-----END ${label}-----\n`);
}

Deno.test("findPemKey() reads an ed25519 key in the general form", async () => {
  const pair = await rawKeyPair(new Uint8Array(SEED_BYTES).fill(7)); // test key
  const found = await findPemKey(pem("PRIVATE KEY", Uint8Array.of(...ED25519_HEAD, ...pair.seed)));
  assert(found?.kind === "ed25519");
  assertEquals(found.seed, pair.seed);
  assertEquals(formatSshPublicKey(found.publicKey), publicLine(pair.point).split(" ").slice(0, 2).join(" "));
});

Deno.test("findPemKey() tells an encrypted key of either form", async () => {
  const old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
  for (const bytes of [new TextEncoder().encode(old), pem("ENCRYPTED PRIVATE KEY", new Uint8Array(8))]) {
    assertEquals(await findPemKey(bytes), { kind: "encrypted" });
  }
});

Deno.test("findPemKey() passes over anything else without failing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"),
      fc.uint8Array({ maxLength: 80 }),
      fc.nat(ED25519_HEAD.length),
      async (label, tail, cut) => {
        const found = await findPemKey(pem(label, Uint8Array.of(...ED25519_HEAD.subarray(0, cut), ...tail)));
        assert(found === undefined || found.kind === "ed25519");
      },
    ),
    { numRuns: 300 },
  );
  for (const text of ["", "junk", "-----BEGIN PRIVATE KEY-----"]) {
    assertEquals(await findPemKey(new TextEncoder().encode(text)), undefined);
  }
});
