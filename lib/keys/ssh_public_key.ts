/**
 * The parts of an ssh public key line that decide whether age takes it as a recipient.
 *
 * Looks only at the type, the length and, for RSA, the size of the modulus. Pure. Spec: sops-engine §2.1.
 * Format: RFC 4253 §6.6 (RSA), RFC 8709 §4 (Ed25519).
 *
 * @module
 */

/** The types of ssh key that age wraps for. */
export type SshKeyType = "ssh-ed25519" | "ssh-rsa";

/** An ssh public key line, split. */
export interface SshPublicKey {
  readonly type: SshKeyType;
  /** The Base64 part. */
  readonly encoded: string;
  /** Empty when there is none. */
  readonly comment: string;
}

/** Smallest RSA modulus that age accepts, in bits. */
const MIN_RSA_BITS = 2048;

const ED25519_BYTES = 32;

const LINE = /^(ssh-ed25519|ssh-rsa)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]+(.*))?$/;

/** @returns the parts of an `ssh-ed25519 …` or `ssh-rsa …` line; undefined when it does not have that form */
export function findSshPublicKey(line: string): SshPublicKey | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, type, encoded = "", comment = ""] = match;
  return { type: type === "ssh-rsa" ? "ssh-rsa" : "ssh-ed25519", encoded, comment: comment.trim() };
}

/** @returns what age would refuse in the key, to stand after "found"; undefined when nothing */
export function findSshKeyProblem(key: SshPublicKey): string | undefined {
  const fields = decodeFields(key.encoded);
  const [type, first, second] = fields ?? [];
  if (fields === undefined || type === undefined || first === undefined) return "a damaged ssh public key";
  if (new TextDecoder().decode(type) !== key.type) return "an ssh public key of another type than it says";
  if (key.type === "ssh-ed25519") {
    return fields.length === 2 && first.length === ED25519_BYTES ? undefined : "a damaged ssh public key";
  }
  if (fields.length !== 3 || second === undefined) return "a damaged ssh public key";
  return bitLength(second) < MIN_RSA_BITS ? `an RSA key of less than ${MIN_RSA_BITS} bits` : undefined;
}

/** @returns the length-prefixed fields of the wire format, undefined when they do not fill it exactly */
function decodeFields(encoded: string): Uint8Array[] | undefined {
  if (encoded.length % 4 !== 0) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
  const view = new DataView(bytes.buffer);
  const fields: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length;) {
    if (offset + 4 > bytes.length) return undefined;
    const start = offset + 4;
    offset = start + view.getUint32(offset);
    if (offset > bytes.length) return undefined;
    fields.push(bytes.subarray(start, offset));
  }
  return fields;
}

/** @returns the number of significant bits of a big-endian number */
function bitLength(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24);
}
