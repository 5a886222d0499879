/**
 * Decrypts the private section of an OpenSSH key, and makes the key for it from the passphrase.
 *
 * Loaded for encrypted keys alone: the cipher packages take longer to load than everything else. Pure. Spec: keys §3.
 * Reference: PROTOCOL.key and PROTOCOL.chacha20poly1305 of OpenSSH.
 *
 * @module
 */
import { poly1305 } from "@noble/ciphers/_poly1305.js";
import { cbc, ctr, gcm } from "@noble/ciphers/aes.js";
import { chacha20orig } from "@noble/ciphers/chacha.js";
// @ts-types="./bcrypt_pbkdf.d.ts"
import bcrypt from "bcrypt-pbkdf";
import { equalBytes } from "../../base/bytes.ts";
import type { Secret } from "../../base/secret.ts";
import { decryptTripleDesCbc } from "../primitives/triple_des.ts";
import type { SshCipher } from "./cipher.ts";

/** An encrypted private section, and what opens it besides the passphrase. */
export interface SealedSection {
  readonly cipher: SshCipher;
  readonly salt: Uint8Array;
  /** Of bcrypt, at least 1; a round takes about 10 ms. */
  readonly rounds: number;
  /** Whole blocks of the cipher. */
  readonly ciphertext: Uint8Array;
  /** As long as the cipher's tag. */
  readonly tag: Uint8Array;
}

/** Key and nonce lengths of ChaCha20 as OpenSSH uses it, in bytes. */
const CHACHA_KEY_BYTES = 32;
const CHACHA_NONCE_BYTES = 8;

/**
 * @returns the private section; undefined when the cipher tells that the passphrase is wrong. A cipher without a tag
 * cannot tell: the section is meaningless then.
 */
export async function openSection(sealed: SealedSection, passphrase: Secret): Promise<Uint8Array | undefined> {
  const { cipher, ciphertext, tag } = sealed;
  const derived = deriveKey(sealed, passphrase);
  if (derived === undefined) return undefined;
  const key = derived.subarray(0, cipher.keyBytes);
  const iv = derived.subarray(cipher.keyBytes);
  switch (cipher.mode) {
    case "aes-ctr":
      return ctr(key, iv).decrypt(ciphertext);
    case "aes-cbc":
      return cbc(key, iv, { disablePadding: true }).decrypt(ciphertext);
    case "aes-gcm":
      return openGcm(key, iv, ciphertext, tag);
    case "chacha20-poly1305":
      return openChacha(key, ciphertext, tag);
    case "3des-cbc":
      return await decryptTripleDesCbc(key, iv, ciphertext);
  }
}

function deriveKey({ cipher, salt, rounds }: SealedSection, passphrase: Secret): Uint8Array | undefined {
  const text = passphrase.reveal();
  const key = new Uint8Array(cipher.keyBytes + cipher.ivBytes);
  return bcrypt.pbkdf(text, text.length, salt, salt.length, key, key.length, rounds) === 0 ? key : undefined;
}

function openGcm(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array): Uint8Array | undefined {
  const sealed = new Uint8Array(ciphertext.length + tag.length);
  sealed.set(ciphertext);
  sealed.set(tag, ciphertext.length);
  try {
    return gcm(key, iv).decrypt(sealed);
  } catch {
    return undefined; // everything else that it throws for has been checked
  }
}

/** The first half of the key is for the content; the second, for lengths on the wire, has nothing to do in a file. */
function openChacha(keys: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array): Uint8Array | undefined {
  const key = keys.subarray(0, CHACHA_KEY_BYTES);
  const nonce = new Uint8Array(CHACHA_NONCE_BYTES);
  const authenticationKey = chacha20orig(key, nonce, new Uint8Array(CHACHA_KEY_BYTES), undefined, 0);
  if (!equalBytes(poly1305(ciphertext, authenticationKey), tag)) return undefined;
  return chacha20orig(key, nonce, ciphertext, undefined, 1);
}
