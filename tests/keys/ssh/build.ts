/**
 * Builds private key files of OpenSSH part by part, also wrong ones, and reads the ssh test vectors.
 *
 * @module
 */

/** A test key pair, and what the real ssh-to-age makes of it. */
export interface KeyPairVector {
  readonly public: string;
  readonly private: string;
  readonly recipient: string;
  readonly identity: string;
}

/** An encrypted test key. */
export interface PrivateKeyVector extends KeyPairVector {
  readonly cipher: string;
  readonly passphrase: string;
  readonly rounds: number;
  readonly fingerprint: string;
}

/** A test key that does not convert; a half that the vector does not have is null. */
export interface OtherKeyVector {
  readonly private: string | null;
  readonly public: string | null;
}

async function readVector<Content>(name: string): Promise<Content> {
  return JSON.parse(await Deno.readTextFile(new URL(`../../vectors/ssh/${name}`, import.meta.url)));
}

/** Pairs without a passphrase. */
export const KEY_PAIRS = (await readVector<{ pairs: KeyPairVector[] }>("key_pairs.json")).pairs;

/** One key for every cipher, and some more. */
export const PRIVATE_KEYS = (await readVector<{ keys: PrivateKeyVector[] }>("private_keys.json")).keys;

/** Keys of other types and forms, by name. */
export const OTHER_KEYS = (await readVector<{ keys: Record<string, OtherKeyVector> }>("other_keys.json")).keys;

/** The parts of a private key file; those that are left out are right. */
export interface PrivateKeyParts {
  readonly magic?: string;
  readonly cipher?: string;
  readonly kdf?: string;
  readonly kdfOptions?: Uint8Array;
  readonly keyCount?: number;
  readonly publicBlob?: Uint8Array;
  /** The whole private section. */
  readonly section?: Uint8Array;
  readonly checkNumbers?: readonly [number, number];
  /** What the private section says of its type. */
  readonly sectionType?: string;
  /** What the private section says of its public half. */
  readonly point?: Uint8Array;
  /** 64 bytes: seed and public half. */
  readonly pair?: Uint8Array;
  readonly comment?: string;
  readonly padding?: Uint8Array;
  /** Stands behind the private section. */
  readonly tail?: Uint8Array;
}

/** A key pair of Ed25519 in its raw parts. */
export interface RawKeyPair {
  readonly seed: Uint8Array;
  readonly point: Uint8Array;
}

const encoder = new TextEncoder();

/** @returns the parts one after the other */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** @returns a number as it is on the wire */
export function wireNumber(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** @returns a byte string as it is on the wire */
export function wireString(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  return join(wireNumber(bytes.length), bytes);
}

/** @returns the two halves of the key of a seed */
export async function rawKeyPair(seed: Uint8Array): Promise<RawKeyPair> {
  const head = Uint8Array.fromHex("302e020100300506032b657004220420");
  const pkcs8 = new Uint8Array([...head, ...seed]);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", key);
  return { seed, point: Uint8Array.fromBase64(x, { alphabet: "base64url" }) };
}

/** @returns the content of a public key */
export function publicBlob(point: Uint8Array): Uint8Array {
  return join(wireString("ssh-ed25519"), wireString(point));
}

/** @returns the line of a public key */
export function publicLine(point: Uint8Array, comment = "test key"): string {
  return `ssh-ed25519 ${publicBlob(point).toBase64()} ${comment}`.trimEnd();
}

/** @returns a private key file, not encrypted unless the parts say so */
export function buildPrivateKey({ seed, point }: RawKeyPair, parts: PrivateKeyParts = {}): string {
  const [first, second] = parts.checkNumbers ?? [7, 7];
  const inner = join(
    wireNumber(first),
    wireNumber(second),
    wireString(parts.sectionType ?? "ssh-ed25519"),
    wireString(parts.point ?? point),
    wireString(parts.pair ?? join(seed, point)),
    wireString(parts.comment ?? "test key"),
  );
  const padding = parts.padding ?? Uint8Array.from({ length: (8 - inner.length % 8) % 8 }, (_, index) => index + 1);
  return armor(join(
    encoder.encode(parts.magic ?? "openssh-key-v1\0"),
    wireString(parts.cipher ?? "none"),
    wireString(parts.kdf ?? "none"),
    wireString(parts.kdfOptions ?? new Uint8Array()),
    wireNumber(parts.keyCount ?? 1),
    wireString(parts.publicBlob ?? publicBlob(point)),
    wireString(parts.section ?? join(inner, padding)),
    parts.tail ?? new Uint8Array(),
  ));
}

/** @returns the text form of a private key file */
export function armor(content: Uint8Array): string {
  const lines = content.toBase64().replace(/.{70}/g, "$&\n").trimEnd();
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** @returns the content of a private key file */
export function dearmor(text: string): Uint8Array {
  return Uint8Array.fromBase64(text.split("\n").filter((line) => !line.startsWith("-----")).join(""));
}
