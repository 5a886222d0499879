/**
 * A new key and its name as people type them, the same in every command: `NAME=KEY`, or `NAME KEY`. Pure.
 *
 * @module
 */
import { isLikeKey } from "../../repository/recipients/known.ts";

/** A key that was typed with its name. */
export interface NamedWord {
  readonly name: string;
  readonly key: string;
}

const PAIR = /^(?<name>[^=]+)=(?<key>.+)$/s;

/** @returns the name and the key of `NAME=KEY`; undefined for any other word */
export function findNamedWord(word: string): NamedWord | undefined {
  const { name, key } = PAIR.exec(word)?.groups ?? {};
  if (name === undefined || key === undefined || isLikeKey(name)) return undefined;
  return { name, key };
}

/**
 * Writes `NAME KEY` as `NAME=KEY`.
 *
 * @param isKnown whether a word names a key that is known already, and so stands for itself
 * @returns the words with each new name and the key behind it as one
 */
export function joinNames(words: readonly string[], isKnown: (name: string) => boolean): string[] {
  const joined: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const [word = "", next] = [words[i], words[i + 1]];
    const isName = !isLikeKey(word) && findNamedWord(word) === undefined && !isKnown(word);
    if (isName && next !== undefined && isLikeKey(next)) {
      joined.push(`${word}=${next}`);
      i++;
    } else joined.push(word);
  }
  return joined;
}
