/**
 * One age file: made for a recipient, and opened with whatever unwraps its key. Small files only: all of it is in memory.
 *
 * Pure but for randomness and the provider of cryptography. Reference: age specification. Spec: sops-engine §2.2.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { concatBytes, equalSecretBytes } from "../../base/bytes.ts";
import { FILE_KEY_BYTES, type Identity, type Recipient } from "../primitives/stanza.ts";
import type { StanzaCrypto } from "../primitives/stanza_crypto.ts";
import { decodeArmor, encodeArmor } from "./armor.ts";
import { decodeHeader, encodeHeaderEnd, encodeHeaderStart, type Header } from "./header.ts";
import { openPayload, PAYLOAD_NONCE_BYTES, sealPayload } from "./payload.ts";
import type { WrapContext } from "./x25519_stanza.ts";

/** What is wrong with an age file itself, whoever opens it. */
export type AgeFileProblem =
  | "armor"
  | "header"
  /** The header was changed after it was made. */
  | "hmac"
  /** What is encrypted was changed, or cut short. */
  | "payload";

/** The same for people, to stand after "its data key". */
export const AGE_FILE_PROBLEM_TEXT: Readonly<Record<AgeFileProblem, string>> = {
  armor: "is no age file in its text form",
  header: "has a damaged header",
  hmac: "has a header that was changed after it was made",
  payload: "was changed after it was made, or cut short",
};

const MAC_INFO = "header";
const NO_SALT = new Uint8Array();

/**
 * Encrypts for one recipient.
 *
 * @returns the armored file
 * @throws {UserError} what wrapping throws
 */
export async function sealAgeFile(context: WrapContext, recipient: Recipient, plain: Uint8Array): Promise<string> {
  const { crypto, randomBytes } = context;
  const fileKey = randomBytes(FILE_KEY_BYTES);
  const nonce = randomBytes(PAYLOAD_NONCE_BYTES);
  const [stanzas, payload, macKey] = await Promise.all([
    recipient.wrapFileKey(fileKey),
    sealPayload(crypto, { fileKey, nonce }, plain),
    crypto.derive({ secret: fileKey, salt: NO_SALT, info: MAC_INFO }),
  ]);
  fileKey.fill(0);
  const start = encodeHeaderStart(stanzas);
  const end = encodeHeaderEnd(await crypto.authenticate(macKey, start));
  return encodeArmor(concatBytes(start, end, nonce, ...payload));
}

/** @param file armored text, or the bytes of a binary file @returns its header, or what is wrong */
export function readAgeFile(file: string | Uint8Array): Header | AgeFileProblem {
  const bytes = typeof file === "string" ? decodeArmor(file) : file;
  if (bytes === undefined) return "armor";
  const header = decodeHeader(bytes);
  return header === undefined || header.rest.length < PAYLOAD_NONCE_BYTES ? "header" : header;
}

/**
 * Unwraps the key of a file.
 *
 * @returns undefined when the identity is not for this file
 * @throws {UserError} `malformed` for a stanza of the identity's type that is damaged; what a person or a program fails at
 */
export async function unwrapWith(identity: Identity, { stanzas, bytes }: Header): Promise<Uint8Array | undefined> {
  const fileKey = await identity.unwrapFileKey(stanzas, bytes);
  if (fileKey === null) return undefined;
  if (fileKey.length === FILE_KEY_BYTES) return fileKey;
  throw new UserError("malformed", "cannot read the header: the key in it has a wrong length");
}

/** @returns what was encrypted, or what is wrong with the file */
export async function openWithFileKey(
  crypto: StanzaCrypto,
  fileKey: Uint8Array,
  { authenticated, mac, rest }: Header,
): Promise<Uint8Array | AgeFileProblem> {
  const opening = openPayload(crypto, fileKey, rest);
  const macKey = await crypto.derive({ secret: fileKey, salt: NO_SALT, info: MAC_INFO });
  const wanted = await crypto.authenticate(macKey, authenticated);
  const plain = await opening;
  if (!equalSecretBytes(wanted, mac)) return "hmac";
  return plain ?? "payload";
}
