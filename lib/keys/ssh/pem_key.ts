/**
 * Private keys in the older PEM forms that SOPS and age read too: RSA of its own (PKCS #1), and the general form (PKCS #8)
 * with an RSA or ed25519 key inside.
 *
 * Those with a passphrase are not opened: their encryption is weak, and `ssh-keygen -p` writes them anew. Never puts any of
 * the content into a message. Pure but for WebCrypto. Reference: RFC 8017 appendix A, RFC 5958, RFC 8410.
 *
 * @module
 */
import { deriveEd25519PublicKey, SEED_BYTES } from "../primitives/ed25519.ts";
import { decodeSshText } from "./armour.ts";
import { findSshPublicKey, type SshPublicKey } from "./public_key.ts";
import type { RsaNumbers } from "./rsa_stanza.ts";
import { decodePaddedBase64, encodeSshFields } from "./wire.ts";

/** A private key in an older form. */
export type PemKey =
  /** Encrypted: nothing can be told of it. */
  | { readonly kind: "encrypted" }
  | { readonly kind: "rsa"; readonly publicKey: SshPublicKey; readonly numbers: RsaNumbers }
  | { readonly kind: "ed25519"; readonly publicKey: SshPublicKey; readonly seed: Uint8Array };

const BLOCK = /-----BEGIN ((?:RSA |ENCRYPTED )?PRIVATE KEY)-----([\s\S]*?)-----END \1-----/;

/** What the old form says of itself when it is encrypted (RFC 1421). */
const OLD_ENCRYPTION = "ENCRYPTED";

/** Object identifiers as they stand in PKCS #8. */
const RSA_IDENTIFIER = "2a864886f70d010101";
const ED25519_IDENTIFIER = "2b6570";

/** Tags of ASN.1. */
const INTEGER = 0x02;
const OCTETS = 0x04;
const IDENTIFIER = 0x06;
const SEQUENCE = 0x30;

/** One value of ASN.1. */
interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** @returns undefined for any other form, another type of key, and for a damaged one */
export async function findPemKey(bytes: Uint8Array): Promise<PemKey | undefined> {
  const [, label, body = ""] = BLOCK.exec(decodeSshText(bytes)) ?? [];
  if (label === undefined) return undefined;
  if (label === "ENCRYPTED PRIVATE KEY" || body.includes(OLD_ENCRYPTION)) return { kind: "encrypted" };
  const der = decodePaddedBase64(body.replace(/\s/g, ""));
  if (der === undefined) return undefined;
  return label === "RSA PRIVATE KEY" ? findRsaKey(der) : await findGeneralKey(der);
}

async function findGeneralKey(der: Uint8Array): Promise<PemKey | undefined> {
  const [, algorithm, key] = readSequence(der) ?? [];
  const [identifier] = algorithm?.tag === SEQUENCE ? readValues(algorithm.content) ?? [] : [];
  if (identifier?.tag !== IDENTIFIER || key?.tag !== OCTETS) return undefined;
  switch (identifier.content.toHex()) {
    case RSA_IDENTIFIER:
      return findRsaKey(key.content);
    case ED25519_IDENTIFIER:
      return await findEd25519Key(key.content);
    default:
      return undefined;
  }
}

async function findEd25519Key(der: Uint8Array): Promise<PemKey | undefined> {
  const [seed] = readValues(der) ?? [];
  if (seed?.tag !== OCTETS || seed.content.length !== SEED_BYTES) return undefined;
  const point = await deriveEd25519PublicKey(seed.content);
  const publicKey = makePublicKey("ssh-ed25519", [point]);
  return publicKey && { kind: "ed25519", publicKey, seed: seed.content };
}

function findRsaKey(der: Uint8Array): PemKey | undefined {
  const values = readSequence(der);
  if (values === undefined || values.some(({ tag }) => tag !== INTEGER)) return undefined;
  const [, modulus, exponent, privateExponent, p, q, , , coefficient] = values.map(({ content }) => content);
  if (modulus === undefined || exponent === undefined || privateExponent === undefined) return undefined;
  if (p === undefined || q === undefined || coefficient === undefined) return undefined;
  const publicKey = makePublicKey("ssh-rsa", [exponent, modulus]);
  return publicKey && { kind: "rsa", publicKey, numbers: { modulus, exponent, privateExponent, coefficient, p, q } };
}

function makePublicKey(type: SshPublicKey["type"], fields: readonly Uint8Array[]): SshPublicKey | undefined {
  const blob = encodeSshFields([new TextEncoder().encode(type), ...fields]);
  return findSshPublicKey(`${type} ${blob.toBase64()}`);
}

function readSequence(der: Uint8Array): DerValue[] | undefined {
  const [sequence] = readValues(der) ?? [];
  return sequence?.tag === SEQUENCE ? readValues(sequence.content) : undefined;
}

/** @returns the values one after the other; undefined for a length that leads beyond the end */
function readValues(der: Uint8Array): DerValue[] | undefined {
  const values: DerValue[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at] ?? 0;
    let length = der[at + 1] ?? 0;
    at += 2;
    if (length >= 0x80) { // the low bits count the bytes of the length
      const size = length & 0x7f;
      if (size === 0 || size > 3) return undefined;
      length = der.subarray(at, at + size).reduce((sum, byte) => sum * 0x100 + byte, 0);
      at += size;
    }
    if (at + length > der.length) return undefined;
    values.push({ tag, content: der.subarray(at, at + length) });
    at += length;
  }
  return values;
}
