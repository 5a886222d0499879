/**
 * The key of an age file wrapped for an ssh-rsa key, and unwrapped by its private half: RSA-OAEP with SHA-256, on WebCrypto.
 *
 * Pure but for the platform's `crypto`. Spec: sops-engine §2.5. Reference: RFC 8017 §7.1.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Identity, Recipient } from "../primitives/stanza.ts";
import { findSshBlob, findStanzaFingerprint } from "./fingerprint.ts";
import type { SshPublicKey } from "./public_key.ts";
import { decodeSshFields } from "./wire.ts";

const TYPE = "ssh-rsa";

const ALGORITHM = { name: "RSA-OAEP", hash: "SHA-256" } as const;

/** What binds the ciphertext to age. */
const PARAMETERS = { name: "RSA-OAEP", label: new TextEncoder().encode("age-encryption.org/v1/ssh-rsa") } as const;

/** @returns what wraps for a sound key */
export function createSshRsaRecipient(publicKey: SshPublicKey): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const fingerprint = await findStanzaFingerprint(publicKey);
      const blob = findSshBlob(publicKey);
      const [, exponent, modulus] = blob && decodeSshFields(blob) || [];
      if (fingerprint === undefined || exponent === undefined || modulus === undefined) throw damagedKey();
      const key = await importKey(
        { kty: "RSA", e: encodeNumber(exponent), n: encodeNumber(modulus) },
        "encrypt",
      );
      const body = await crypto.subtle.encrypt(PARAMETERS, key, fileKey as Uint8Array<ArrayBuffer>);
      return [{ args: [TYPE, fingerprint], body: new Uint8Array(body) }];
    },
  };
}

/**
 * @param openKey gives the private half; called only for a file that names this key, and remembered by the caller
 * @returns what unwraps with it
 */
export function createSshRsaIdentity(publicKey: SshPublicKey, openKey: () => Promise<CryptoKey>): Identity {
  let fingerprint: Promise<string | undefined> | undefined;
  return {
    async unwrapFileKey(stanzas) {
      for (const { args, body } of stanzas.filter(({ args }) => args[0] === TYPE)) {
        if (args.length !== 2) throw damagedStanza();
        if (args[1] !== await (fingerprint ??= findStanzaFingerprint(publicKey))) continue;
        const key = await openKey();
        try {
          return new Uint8Array(await crypto.subtle.decrypt(PARAMETERS, key, body as Uint8Array<ArrayBuffer>));
        } catch {
          continue; // another key with the same four bytes of hash
        }
      }
      return null;
    },
  };
}

/** The numbers of a private key, big-endian. */
export interface RsaNumbers {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
  readonly privateExponent: Uint8Array;
  /** q⁻¹ mod p */
  readonly coefficient: Uint8Array;
  readonly p: Uint8Array;
  readonly q: Uint8Array;
}

/** @returns the private half as WebCrypto decrypts with it @throws {UserError} `malformed` for numbers that are no key */
export async function importRsaNumbers(numbers: RsaNumbers): Promise<CryptoKey> {
  const { modulus, exponent, privateExponent, coefficient, p, q } = numbers;
  const d = toNumber(privateExponent);
  const [first, second] = [toNumber(p), toNumber(q)];
  if (first < 2n || second < 2n || first * second !== toNumber(modulus)) throw damagedKey();
  return await importKey({
    kty: "RSA",
    n: encodeNumber(modulus),
    e: encodeNumber(exponent),
    d: encodeNumber(privateExponent),
    p: encodeNumber(p),
    q: encodeNumber(q),
    dp: encodeNumber(fromNumber(d % (first - 1n))),
    dq: encodeNumber(fromNumber(d % (second - 1n))),
    qi: encodeNumber(coefficient),
  }, "decrypt");
}

async function importKey(key: JsonWebKey, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("jwk", key, ALGORITHM, false, [usage]);
  } catch {
    throw damagedKey(); // the error could hold a number of the key
  }
}

/** As JSON Web Keys have numbers: without leading zero bytes. */
function encodeNumber(bytes: Uint8Array): string {
  const first = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(first < 0 ? bytes.length : first).toBase64({ alphabet: "base64url", omitPadding: true });
}

function toNumber(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toHex()}`);
}

function fromNumber(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return Uint8Array.fromHex(hex.padStart(hex.length + hex.length % 2, "0"));
}

function damagedKey(): UserError {
  return new UserError("malformed", "cannot use the ssh key: it is damaged, expected RSA");
}

function damagedStanza(): UserError {
  return new UserError("malformed", "cannot read the header: its ssh-rsa part is damaged");
}
