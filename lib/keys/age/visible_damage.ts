/**
 * What anybody can see of a damaged age file, who has no identity for it. Pure. Reference: age specification.
 *
 * @module
 */
import { TAG_BYTES } from "../primitives/stanza_crypto.ts";
import { type AgeFileProblem, readAgeFile } from "./age_file.ts";
import { PAYLOAD_NONCE_BYTES } from "./payload.ts";
import { classifyRecipient } from "./recipient.ts";
import { isX25519Stanza } from "./x25519_stanza.ts";

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
  const header = readAgeFile(file);
  if (typeof header === "string") return header;
  if (header.rest.length < PAYLOAD_NONCE_BYTES + minPlainBytes + TAG_BYTES) return "payload";
  const isForKind = classifyRecipient(recipient) !== "x25519" || header.stanzas.some(isX25519Stanza);
  return isForKind ? undefined : "header";
}
