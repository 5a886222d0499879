import { deriveX25519PublicKey } from "../../../lib/keys/primitives/x25519.ts";
import { assertEquals } from "../../support/assert.ts";

/** RFC 7748 §5.2 (one iteration, whose point is the base point) and §6.1. */
const VECTORS = {
  "the first iteration": {
    scalar: "0900000000000000000000000000000000000000000000000000000000000000",
    point: "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
  },
  "the key of Bob": {
    scalar: "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
    point: "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
  },
} as const;

function decodeHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

for (const [who, { scalar, point }] of Object.entries(VECTORS)) {
  Deno.test(`deriveX25519PublicKey() computes ${who} of RFC 7748`, async () => {
    assertEquals(await deriveX25519PublicKey(decodeHex(scalar)), decodeHex(point));
  });
}
