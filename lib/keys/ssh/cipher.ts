/**
 * The ciphers that a private key of OpenSSH can be encrypted with: their names and sizes. `private_cipher.ts` decrypts.
 * Pure.
 *
 * @module
 */

/** What a cipher is made of. */
export type SshCipherMode = "aes-ctr" | "aes-cbc" | "aes-gcm" | "chacha20-poly1305" | "3des-cbc";

/** One cipher; every size is in bytes. */
export interface SshCipher {
  readonly mode: SshCipherMode;
  readonly keyBytes: number;
  readonly ivBytes: number;
  /** The private section is as many whole blocks. */
  readonly blockBytes: number;
  /** Length of the authentication tag after the private section; 0 without one. */
  readonly tagBytes: number;
}

/** @returns the cipher of that name; undefined when OpenSSH does not encrypt private keys with it */
export function findSshCipher(name: string): SshCipher | undefined {
  if (name === "3des-cbc") return { mode: "3des-cbc", keyBytes: 24, ivBytes: 8, blockBytes: 8, tagBytes: 0 };
  if (name === "chacha20-poly1305@openssh.com") {
    return { mode: "chacha20-poly1305", keyBytes: 64, ivBytes: 0, blockBytes: 8, tagBytes: 16 };
  }
  const [, bits, mode] = /^aes(128|192|256)-(ctr|cbc)$/.exec(name) ?? /^aes(128|256)-(gcm)@openssh\.com$/.exec(name) ??
    [];
  const keyBytes = Number(bits) / 8;
  switch (mode) {
    case "ctr":
      return { mode: "aes-ctr", keyBytes, ivBytes: 16, blockBytes: 16, tagBytes: 0 };
    case "cbc":
      return { mode: "aes-cbc", keyBytes, ivBytes: 16, blockBytes: 16, tagBytes: 0 };
    case "gcm":
      return { mode: "aes-gcm", keyBytes, ivBytes: 12, blockBytes: 16, tagBytes: 16 };
    default:
      return undefined;
  }
}
