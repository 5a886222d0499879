/**
 * Nix signing keys and public keys: made, read and written in Nix's own text form, and used to sign and to verify.
 *
 * Secret `NAME:base64(seed 32 ‖ public 32)`, public `NAME:base64(public 32)`, signature `NAME:base64(64)`, each without a
 * final newline. Reads what Nix writes, and as Nix does with white space at the end, with line breaks inside the Base64
 * and without its padding; stricter than Nix in that the Base64 must be canonical, that nothing may follow it, and that
 * the public half in a secret must belong to its seed. Never shows any of the text that it refuses.
 * Pure, but for WebCrypto. Spec: keys §4.
 *
 * @module
 */
import { InternalError, UserError } from "../base/error.ts";
import { mentionsIdentity } from "../base/identity_text.ts";
import { equalBytes } from "../base/bytes.ts";
import { Secret } from "../base/secret.ts";
import {
  deriveEd25519PublicKey,
  PUBLIC_KEY_BYTES,
  SEED_BYTES,
  SIGNATURE_BYTES,
  signEd25519,
  verifyEd25519,
} from "../keys/primitives/ed25519.ts";
import { findKeyNameProblem } from "./key_name.ts";

/** Largest key file read, in bytes. */
export const MAX_SIGNING_KEY_BYTES = 64 * 1024;

/** The public half of a signing key. */
export interface PublicKey {
  readonly name: string;
  /** {@link PUBLIC_KEY_BYTES} bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A signing key, both halves. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  /** `NAME:BASE64`, without a newline. */
  readonly secret: Secret;
}

/** A name and what stands in Base64 after it: a key or a signature. */
interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What decoding leaves of bytes that are no UTF-8, and what UTF-16 leaves between letters. */
const NOT_UTF8 = /[\ufffd\0]/;

/** What to do about a public key that is none. */
const PASS_PUBLIC = "pass what the .pub file holds";

/** What to do about a secret key that is damaged. */
const RESTORE =
  "restore the key from a backup, or make another one: sopsmith nix key generate-secret --key-name NAME-1 --out FILE";

const BYTE_ORDER_MARK = "\ufeff";

const SECRET_BYTES = SEED_BYTES + PUBLIC_KEY_BYTES;

/**
 * Makes a new signing key.
 *
 * @param name without a {@link findKeyNameProblem}
 * @param randomBytes the secure random source
 * @throws {InternalError} when the random source gives another number of bytes than asked for, or the name is not usable
 */
export async function generateSigningKey(
  name: string,
  randomBytes: (length: number) => Uint8Array,
): Promise<SigningKey> {
  if (findKeyNameProblem(name) !== undefined) throw new InternalError("a key name that has not been checked");
  const seed = randomBytes(SEED_BYTES);
  if (seed.length !== SEED_BYTES) throw new InternalError("the random source gave too few or too many bytes");
  const publicKey = await deriveEd25519PublicKey(seed);
  const pair = new Uint8Array(SECRET_BYTES);
  pair.set(seed);
  pair.set(publicKey, SEED_BYTES);
  return {
    publicKey: { name, bytes: new Uint8Array(publicKey) },
    secret: new Secret(formatNamed({ name, bytes: pair })),
  };
}

/**
 * Reads a signing key (the secret half).
 *
 * @param content of a key file
 * @param source where it was read, a path or `standard input`, for messages
 * @throws {UserError} `malformed`
 */
export async function parseSigningKey(content: Uint8Array, source: string): Promise<SigningKey> {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(content); // Nix sees a byte order mark as well
  const named = parseNamed(text);
  if (typeof named === "string") throw malformed("signing key", source, named, { hint: RESTORE });
  const { name, bytes } = named;
  if (bytes.length === PUBLIC_KEY_BYTES) {
    throw malformed("signing key", source, "it is a public key", {
      expected: "a secret key",
      hint: "name the file with the secret half",
    });
  }
  if (bytes.length !== SECRET_BYTES) {
    throw malformed("signing key", source, `its Base64 holds ${bytes.length} bytes`, {
      expected: String(SECRET_BYTES),
      hint: RESTORE,
    });
  }
  const publicBytes = bytes.slice(SEED_BYTES);
  if (!equalBytes(await deriveEd25519PublicKey(bytes.subarray(0, SEED_BYTES)), publicBytes)) {
    throw malformed(
      "signing key",
      source,
      "its halves do not belong together",
      {
        expected: "a public half that is made from the secret half",
        hint: RESTORE,
      },
    );
  }
  return { publicKey: { name, bytes: publicBytes }, secret: new Secret(formatNamed(named)) };
}

/**
 * Reads a public key.
 *
 * @param text the key, as it stands in `trusted-public-keys` or in a file
 * @param source where it was read, a path or a flag, for messages
 * @throws {UserError} `malformed`
 */
export function parsePublicKey(text: string, source: string): PublicKey {
  const named = parseNamed(text);
  if (typeof named === "string") {
    throw malformed("public key", source, named, { hint: PASS_PUBLIC });
  }
  const { bytes } = named;
  if (bytes.length === SECRET_BYTES) {
    throw malformed(
      "public key",
      source,
      "it is a secret key",
      {
        expected: "a public key",
        hint:
          "pass the public half (sopsmith nix key convert-secret-to-public), and make another key: this one is known",
      },
    );
  }
  if (bytes.length !== PUBLIC_KEY_BYTES) {
    throw malformed("public key", source, `its Base64 holds ${bytes.length} bytes`, {
      expected: String(PUBLIC_KEY_BYTES),
      hint: PASS_PUBLIC,
    });
  }
  return named;
}

/** @returns `NAME:BASE64`, without a newline */
export function formatPublicKey(key: PublicKey): string {
  return formatNamed(key);
}

/** @returns the signature of a message, `NAME:BASE64` */
export async function signWithKey(key: SigningKey, message: string): Promise<string> {
  const named = parseNamed(key.secret.revealText());
  if (typeof named === "string") throw new InternalError("a signing key that cannot be read back");
  const bytes = await signEd25519(named.bytes.subarray(0, SEED_BYTES), new TextEncoder().encode(message));
  return formatNamed({ name: named.name, bytes: new Uint8Array(bytes) });
}

/** @returns the parts of a signature `NAME:BASE64`; undefined when it does not have that form */
export function findSignature(text: string): NamedBytes | undefined {
  const named = parseNamed(text);
  return typeof named === "string" || named.bytes.length !== SIGNATURE_BYTES ? undefined : named;
}

/** @returns the name that a `Sig` line claims, whether or not a signature follows */
export function nameOfSignature(text: string): string {
  return text.slice(0, Math.max(text.indexOf(":"), 0));
}

/** @returns whether a signature's bytes were made by this key over exactly this message; the names are not compared */
export async function isSignedBy(
  key: PublicKey,
  signature: Uint8Array<ArrayBuffer>,
  message: string,
): Promise<boolean> {
  return await verifyEd25519(key.bytes, signature, new TextEncoder().encode(message));
}

/** @returns the parts, or what was found instead, to stand after a colon; never any of the text */
function parseNamed(text: string): NamedBytes | string {
  const trimmed = text.trimEnd();
  if (trimmed === "") return "it is empty";
  if (NOT_UTF8.test(trimmed)) return "it is not UTF-8 text";
  if (trimmed.startsWith(BYTE_ORDER_MARK)) return "it begins with a byte order mark, which Nix takes for the name";
  if (mentionsIdentity(trimmed)) return "it holds an age identity";
  const colon = trimmed.indexOf(":");
  if (colon < 0) return "no colon stands between a name and a key";
  const name = trimmed.slice(0, colon);
  const problem = findKeyNameProblem(name);
  if (problem !== undefined) return `the name before the colon ${problem}`;
  const bytes = findBase64(trimmed.slice(colon + 1));
  return bytes === undefined ? "what follows the name is not one piece of Base64" : { name, bytes };
}

/** @returns the bytes; undefined for anything but canonical Base64, whose padding and line breaks do not matter */
function findBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const [, digits, padding = ""] = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(text.replace(/\r?\n/g, "")) ?? [];
  if (digits === undefined || digits.length % 4 === 1) return undefined;
  const whole = digits.padEnd(Math.ceil(digits.length / 4) * 4, "=");
  if (padding !== "" && digits.length + padding.length !== whole.length) return undefined;
  try {
    return Uint8Array.fromBase64(whole, { lastChunkHandling: "strict" });
  } catch {
    return undefined; // bits that count for nothing are set
  }
}

function formatNamed({ name, bytes }: NamedBytes): string {
  return `${name}:${bytes.toBase64()}`;
}

function malformed(
  what: "signing key" | "public key",
  source: string,
  found: string,
  { expected = "NAME:BASE64", hint }: { readonly expected?: string; readonly hint?: string } = {},
): UserError {
  return new UserError("malformed", `cannot read the ${what} in "${source}": ${found}, expected ${expected}`, {
    hints: hint === undefined ? [] : [hint],
  });
}
