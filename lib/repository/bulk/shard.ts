/**
 * A share of the files of a repository, the same every time: machines that each take one do the whole work together,
 * whatever the order in which they find the files. Pure.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";

/** One share of several. */
export interface Shard {
  /** From 1. */
  readonly number: number;
  readonly count: number;
}

/** The most shares. */
const MAX_SHARDS = 10_000;

/** @param text `2/8` @throws {UserError} `usage` for anything else */
export function parseShard(text: string): Shard {
  const [, number, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text)?.map(Number) ?? [];
  if (number !== undefined && count !== undefined && number >= 1 && number <= count && count <= MAX_SHARDS) {
    return { number, count };
  }
  throw new UserError("usage", `--shard takes I/N with I from 1 to N, and N at most ${MAX_SHARDS}; found "${text}"`, {
    hints: ["pass --shard 1/4 to the first of four machines, --shard 2/4 to the second, and so on"],
  });
}

/** Start and factor of FNV-1a with 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */
const FNV_OFFSET_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * @param path from the root of the repository, with `/`
 * @returns whether the file is one of the share
 */
export function isInShard({ number, count }: Shard, path: string): boolean {
  let hash = FNV_OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(path)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return (hash >>> 0) % count === number - 1;
}
