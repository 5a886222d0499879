/**
 * What anybody can see of a damaged age file, who has no identity for it. Pure. Reference: age specification.
 *
 * @module
 */
import { TAG_BYTES } from "../primitives/stanza_crypto.ts";
import { type AgeFileProblem, readAgeFile } from "./age_file.ts";
import { decodeArmor } from "./armor.ts";
import { PAYLOAD_NONCE_BYTES } from "./payload.ts";
import { classifyRecipient } from "./recipient.ts";
import { isX25519Stanza } from "./x25519_stanza.ts";

/** 32 bytes in Base64, without padding and without spare bits. */
const BYTES_32 = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]";

/** The header of nearly every file; told in a sixth of the time that it takes to read it. */
const USUAL_HEADER = new RegExp(
  `^age-encryption\\.org/v1\n-> X25519 ${BYTES_32}\n${BYTES_32}\n--- ${BYTES_32}\n`,
);

/** How long {@link USUAL_HEADER} is at most, in bytes. */
const USUAL_HEADER_BYTES = 200;

const LATIN1 = new TextDecoder("latin1");

/**
 * @param file in its text form
 * @param recipient the one that it was made for
 * @param minPlainBytes what was encrypted has at least so many bytes, and fits into one chunk
 * @returns undefined where nothing is to be seen: a wrong character may still keep its reader out
 */
export function findVisibleDamage(
  file: string,
  { recipient, minPlainBytes }: { readonly recipient: string; readonly minPlainBytes: number },
): AgeFileProblem | undefined {
  const bytes = decodeArmor(file);
  if (bytes === undefined) return "armor";
  const isShort = (restBytes: number): boolean => restBytes < PAYLOAD_NONCE_BYTES + minPlainBytes + TAG_BYTES;
  const usual = USUAL_HEADER.exec(LATIN1.decode(bytes.subarray(0, USUAL_HEADER_BYTES)))?.[0];
  if (usual !== undefined && classifyRecipient(recipient) === "x25519") {
    return isShort(bytes.length - usual.length) ? "payload" : undefined;
  }
  const header = readAgeFile(bytes);
  if (typeof header === "string") return header;
  if (isShort(header.rest.length)) return "payload";
  const isForKind = classifyRecipient(recipient) !== "x25519" || header.stanzas.some(isX25519Stanza);
  return isForKind ? undefined : "header";
}
