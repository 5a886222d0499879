/**
 * The private key files of OpenSSH (`openssh-key-v1`): read, and opened with their passphrase.
 *
 * The public half is readable without the passphrase. Everything is checked: lengths, check numbers, padding, and that
 * public and private half belong together. Opens ed25519 and RSA keys, which age takes. Never puts any of the content into a message. Pure but for WebCrypto. Spec: keys §3. Format: PROTOCOL.key of OpenSSH.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { equalBytes } from "../../base/bytes.ts";
import { Secret } from "../../base/secret.ts";
import { deriveEd25519PublicKey, SEED_BYTES } from "../primitives/ed25519.ts";
import { findSshCipher, type SshCipher } from "./cipher.ts";
import { refuseUnconvertible } from "./key_type.ts";
import { damagedPrivateKey, decodeOpensshForm, repairCommand } from "./private_form.ts";
import { classifySshKey, findEd25519Point, findSshPublicKey, type SshPublicKey } from "./public_key.ts";
import { findSshBlob } from "./fingerprint.ts";
import type { RsaNumbers } from "./rsa_stanza.ts";
import { decodeSshFields, SshReader } from "./wire.ts";

/** Largest private key file that is read, in bytes. Spec: keys §3. */
export const MAX_PRIVATE_KEY_BYTES = 1024 * 1024;

/** More rounds of bcrypt are refused: they take longer than anybody waits, and OpenSSH makes 16 or 24. Spec: keys §3. */
const MAX_ROUNDS = 10_000;

/** What every file begins with (PROTOCOL.key). */
const MAGIC = "openssh-key-v1\0";

/** Block length where there is no cipher, in bytes. */
const PLAIN_BLOCK_BYTES = 8;

/** How the private section is encrypted. */
interface Encryption {
  readonly cipher: SshCipher;
  readonly salt: Uint8Array;
  readonly rounds: number;
}

/** The private section as it stands in the file, and the tag after it. */
interface Section {
  readonly bytes: Uint8Array;
  readonly tag: Uint8Array;
  /** Absent: it is not encrypted. */
  readonly encryption?: Encryption;
}

/** The public part of a private key file; the private part stays inside. */
export class OpensshPrivateKeyFile {
  /** The path, or what else the source is called. */
  readonly name: string;
  /** As ssh names it: `ssh-ed25519`, `ssh-rsa`, … */
  readonly type: string;
  /** The public half, without its comment; absent for a type that age does not take. */
  readonly publicKey?: SshPublicKey;
  /** Whether a passphrase is needed. */
  readonly isEncrypted: boolean;
  /** Of bcrypt, about 10 ms each; 0 without a passphrase. */
  readonly rounds: number;
  readonly #section: Section;

  /** @param publicPart what anybody may see @param section what nobody may */
  constructor(publicPart: { name: string; type: string; publicKey: SshPublicKey | undefined }, section: Section) {
    this.name = publicPart.name;
    this.type = publicPart.type;
    if (publicPart.publicKey !== undefined) this.publicKey = publicPart.publicKey;
    this.isEncrypted = section.encryption !== undefined;
    this.rounds = section.encryption?.rounds ?? 0;
    this.#section = section;
  }

  /** @returns the private section; secret unless it is encrypted */
  revealSection(): Section {
    return this.#section;
  }
}

/** An opened private key: an ed25519 one. */
export interface OpensshPrivateKey {
  /** With its comment. */
  readonly publicKey: SshPublicKey;
  /** The 32 bytes that everything is derived from, in hex. */
  readonly seed: Secret;
}

/**
 * Reads a private key file as far as it can be read without its passphrase.
 *
 * @param bytes the whole file, at most {@link MAX_PRIVATE_KEY_BYTES}
 * @param name its path, or what else the source is called
 * @throws {UserError} `malformed` for a damaged file or none of a private key; `unsupported` for another form, cipher, or
 * number of keys; `refused` for too many rounds of bcrypt
 */
export function parseOpensshPrivateKey(bytes: Uint8Array, name: string): OpensshPrivateKeyFile {
  const reader = new SshReader(decodeOpensshForm(bytes, name));
  const magic = reader.bytes(MAGIC.length);
  if (magic === undefined || new TextDecoder("latin1").decode(magic) !== MAGIC) throw damagedPrivateKey(name);
  const [cipherName, kdfName, kdfOptions, keyCount] = [reader.text(), reader.text(), reader.string(), reader.number()];
  const publicBlob = reader.string();
  const section = reader.string();
  if (cipherName === undefined || kdfOptions === undefined || publicBlob === undefined) throw damagedPrivateKey(name);
  if (keyCount !== 1) {
    throw new UserError("unsupported", `cannot read "${name}": it does not hold exactly one key`, {
      location: { path: name },
    });
  }
  if (section === undefined) throw damagedPrivateKey(name);
  const encryption = parseEncryption({ cipherName, kdfName, kdfOptions }, name);
  const { blockBytes, tagBytes } = encryption?.cipher ?? { blockBytes: PLAIN_BLOCK_BYTES, tagBytes: 0 };
  const tag = reader.rest();
  if (section.length === 0 || section.length % blockBytes !== 0 || tag.length !== tagBytes) {
    throw damagedPrivateKey(name);
  }
  const type = new SshReader(publicBlob).text();
  if (type === undefined) throw damagedPrivateKey(name);
  const publicKey = findSshPublicKey(`${type} ${publicBlob.toBase64()}`);
  if (type === "ssh-ed25519" && (publicKey === undefined || classifySshKey(publicKey) !== "sound")) {
    throw damagedPrivateKey(name);
  }
  return new OpensshPrivateKeyFile({ name, type, publicKey }, {
    bytes: section,
    tag,
    ...(encryption === undefined ? {} : { encryption }),
  });
}

/**
 * Opens a private key file.
 *
 * @param passphrase undefined for a file that is not encrypted
 * @returns undefined when the passphrase is wrong, empty, or needed and not given
 * @throws {UserError} `unsupported` for another type than ed25519; `malformed` for a damaged private section
 */
export async function decryptOpensshPrivateKey(
  file: OpensshPrivateKeyFile,
  passphrase: Secret | undefined,
): Promise<OpensshPrivateKey | undefined> {
  refuseUnconvertible(file.type, `"${file.name}"`);
  const opened = await decryptOpensshSection(file, passphrase);
  return opened && await parseSection(opened, file);
}

/** The private section of a file, in the clear. */
export interface OpenedSection {
  readonly bytes: Uint8Array;
  /** What its length was brought to a multiple of. */
  readonly blockBytes: number;
}

/**
 * Opens the private section of a file, of any type of key.
 *
 * @param passphrase undefined for a file that is not encrypted
 * @returns undefined when the passphrase is wrong, empty, or needed and not given
 */
export async function decryptOpensshSection(
  file: OpensshPrivateKeyFile,
  passphrase: Secret | undefined,
): Promise<OpenedSection | undefined> {
  const { bytes, tag, encryption } = file.revealSection();
  if (encryption === undefined) return { bytes, blockBytes: PLAIN_BLOCK_BYTES };
  if (passphrase === undefined) return undefined;
  const { openSection } = await import("./private_cipher.ts");
  const opened = await openSection({ ...encryption, ciphertext: bytes, tag }, passphrase);
  if (opened === undefined || !areCheckNumbersEqual(opened)) return undefined;
  return { bytes: opened, blockBytes: encryption.cipher.blockBytes };
}

/**
 * Reads the numbers of an RSA key.
 *
 * @throws {UserError} `malformed` for a damaged section, and for one that does not belong to the public half
 */
export function parseRsaSection({ bytes, blockBytes }: OpenedSection, file: OpensshPrivateKeyFile): RsaNumbers {
  const { name, publicKey } = file;
  const reader = new SshReader(bytes);
  const isSound = areCheckNumbersEqual(bytes) && reader.bytes(8) !== undefined && reader.text() === "ssh-rsa";
  const [modulus, exponent, privateExponent] = [reader.string(), reader.string(), reader.string()];
  const [coefficient, p, q, comment] = [reader.string(), reader.string(), reader.string(), reader.string()];
  if (!isSound || modulus === undefined || exponent === undefined || privateExponent === undefined) {
    throw damagedPrivateKey(name);
  }
  if (coefficient === undefined || p === undefined || q === undefined || comment === undefined) {
    throw damagedPrivateKey(name);
  }
  if (!isPadding(reader.rest(), blockBytes)) throw damagedPrivateKey(name);
  const [, publicExponent, publicModulus] = publicKey === undefined
    ? []
    : decodeSshFields(findSshBlob(publicKey) ?? new Uint8Array()) ?? [];
  if (!equalBytes(exponent, publicExponent) || !equalBytes(modulus, publicModulus)) throw foreignHalf(name);
  return { modulus, exponent, privateExponent, coefficient, p, q };
}

function parseEncryption(
  { cipherName, kdfName, kdfOptions }: { cipherName: string; kdfName: string | undefined; kdfOptions: Uint8Array },
  name: string,
): Encryption | undefined {
  if (cipherName === "none" && kdfName === "none" && kdfOptions.length === 0) return undefined;
  if (cipherName === "none" || kdfName === "none") throw damagedPrivateKey(name);
  const cipher = findSshCipher(cipherName);
  if (cipher === undefined || kdfName !== "bcrypt") {
    const found = cipher === undefined ? "a cipher" : "a key derivation";
    throw new UserError(
      "unsupported",
      `cannot read "${name}": it is encrypted with ${found} that OpenSSH does not have`,
      {
        hints: [`encrypt it anew: ${repairCommand("-p -Z aes256-ctr", name)}`],
        location: { path: name },
      },
    );
  }
  const options = new SshReader(kdfOptions);
  const [salt, rounds] = [options.string(), options.number()];
  if (salt === undefined || rounds === undefined || salt.length === 0 || rounds === 0) throw damagedPrivateKey(name);
  if (options.rest().length > 0) throw damagedPrivateKey(name);
  if (rounds > MAX_ROUNDS) {
    throw new UserError(
      "refused",
      `cannot open "${name}": it wants ${rounds} rounds of bcrypt, expected at most ${MAX_ROUNDS}`,
      { hints: [`encrypt it anew: ${repairCommand("-p -a 100", name)}`], location: { path: name } },
    );
  }
  return { cipher, salt, rounds };
}

/** Both are the same random number, which a wrong passphrase makes two different ones of. */
function areCheckNumbersEqual(section: Uint8Array): boolean {
  const reader = new SshReader(section);
  const first = reader.number();
  return first !== undefined && first === reader.number();
}

async function parseSection(
  { bytes: section, blockBytes }: OpenedSection,
  { name, publicKey }: OpensshPrivateKeyFile,
): Promise<OpensshPrivateKey> {
  const reader = new SshReader(section);
  const isSound = areCheckNumbersEqual(section) && reader.bytes(8) !== undefined && reader.text() === "ssh-ed25519";
  const [point, pair, comment] = [reader.string(), reader.string(), reader.string()];
  const seed = pair?.subarray(0, SEED_BYTES);
  if (!isSound || publicKey === undefined || pair?.length !== 2 * SEED_BYTES || seed === undefined) {
    throw damagedPrivateKey(name);
  }
  if (comment === undefined || !isPadding(reader.rest(), blockBytes)) throw damagedPrivateKey(name);
  const halves = [findEd25519Point(publicKey), pair.subarray(SEED_BYTES), await deriveEd25519PublicKey(seed)];
  if (!halves.every((half) => equalBytes(half, point))) {
    throw foreignHalf(name);
  }
  return {
    publicKey: { ...publicKey, comment: new TextDecoder().decode(comment).trim() },
    seed: new Secret(seed),
  };
}

function foreignHalf(name: string): UserError {
  return new UserError("malformed", `cannot read "${name}": its public half does not belong to its private half`, {
    hints: ["take the file from a backup"],
    location: { path: name },
  });
}

/** The bytes 1, 2, 3, … up to the end of the block. */
function isPadding(bytes: Uint8Array, blockBytes: number): boolean {
  return bytes.length < blockBytes && bytes.every((byte, index) => byte === index + 1);
}
