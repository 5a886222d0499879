/**
 * The parts of an ssh public key line that decide whether age takes it as a recipient.
 *
 * Looks only at the type, the length and, for RSA, the size of the modulus. Pure. Spec: sops-engine §2.1.
 * Format: RFC 4253 §6.6 (RSA), RFC 8709 §4 (Ed25519).
 *
 * @module
 */
import { decodePaddedBase64, decodeSshFields } from "./wire.ts";

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

const LINE = /^(ssh-ed25519|ssh-rsa)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]+(.*))?$/s;

/** @returns the parts of an `ssh-ed25519 …` or `ssh-rsa …` line; undefined when it does not have that form */
export function findSshPublicKey(line: string): SshPublicKey | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, type, encoded = "", comment = ""] = match;
  return { type: type === "ssh-rsa" ? "ssh-rsa" : "ssh-ed25519", encoded, comment: comment.trim() };
}

/** @returns the key as a line without its comment: what age and SOPS take as an ssh recipient */
export function formatSshPublicKey({ type, encoded }: SshPublicKey): string {
  return `${type} ${encoded}`;
}

/** What age makes of a key. */
export type SshKeySoundness =
  | "sound"
  /** Cut short, too long, or no Base64. */
  | "damaged"
  /** The name of the type stands before a key of another type. */
  | "mistyped"
  /** RSA with too few bits. */
  | "small";

/** What age would refuse in a key, to stand after "found" or "is". */
export const SSH_KEY_PROBLEM_TEXT: Readonly<Record<Exclude<SshKeySoundness, "sound">, string>> = {
  damaged: "a damaged ssh public key",
  mistyped: "an ssh public key of another type than it says",
  small: `an RSA key of less than ${MIN_RSA_BITS} bits`,
};

/** @returns whether age takes the key, and if not, why */
export function classifySshKey(key: SshPublicKey): SshKeySoundness {
  const fields = decodeFields(key);
  const [type, first, second] = fields ?? [];
  if (fields === undefined || type === undefined || first === undefined) return "damaged";
  if (new TextDecoder().decode(type) !== key.type) return "mistyped";
  if (key.type === "ssh-ed25519") return fields.length === 2 && first.length === ED25519_BYTES ? "sound" : "damaged";
  if (fields.length !== 3 || second === undefined) return "damaged";
  return bitLength(second) < MIN_RSA_BITS ? "small" : "sound";
}

/** @returns what age would refuse in the key, to stand after "found"; undefined when nothing */
export function findSshKeyProblem(key: SshPublicKey): string | undefined {
  const soundness = classifySshKey(key);
  return soundness === "sound" ? undefined : SSH_KEY_PROBLEM_TEXT[soundness];
}

/** @returns the 32 bytes of the curve point of an ed25519 key; undefined for another type and for a damaged key */
export function findEd25519Point(key: SshPublicKey): Uint8Array | undefined {
  if (key.type !== "ssh-ed25519" || classifySshKey(key) !== "sound") return undefined;
  return decodeFields(key)?.[1];
}

function decodeFields({ encoded }: SshPublicKey): Uint8Array[] | undefined {
  const bytes = decodePaddedBase64(encoded);
  return bytes === undefined ? undefined : decodeSshFields(bytes);
}

/** @returns the number of significant bits of a big-endian number */
function bitLength(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24);
}
