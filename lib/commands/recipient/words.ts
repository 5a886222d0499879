/**
 * The words of a `recipient` command: names and public keys, in any order. An ssh key may stand there without quotes.
 * Pure.
 *
 * @module
 */
import { isLikeKey, refuseIdentity } from "../../repository/recipients/known.ts";

/** What was typed. */
export interface RecipientWords {
  readonly names: readonly string[];
  /** Public keys by the way they begin; an ssh key with its Base64 and its comment, without quotes only one as `me@host`. */
  readonly keys: readonly string[];
}

const SSH_TYPE = /^ssh-(?:ed25519|rsa)$/;

/**
 * Tells keys from names.
 *
 * @throws {UserError} `malformed` for a private key, of which nothing is shown
 */
export function splitWords(words: readonly string[]): RecipientWords {
  const names: string[] = [];
  const keys: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!.trim();
    refuseIdentity(word);
    if (SSH_TYPE.test(word) && words[i + 1] !== undefined) {
      const length = words[i + 2]?.includes("@") ? 3 : 2;
      keys.push(words.slice(i, i + length).join(" "));
      i += length - 1;
    } else if (isLikeKey(word)) keys.push(word);
    else names.push(word);
  }
  return { names, keys };
}
