/**
 * Numbers of things, and long lists cut short, in words. Pure.
 *
 * @module
 */
import { formatList } from "./word_list.ts";

/**
 * @param plural of a noun that does not just get an `s`
 * @returns `no file`, `1 file`, `12 files`
 */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return count === 0 ? `no ${noun}` : `${count} ${count === 1 ? noun : plural}`;
}

/** @returns `a`, `a and b`, `a, b and 3 more` */
export function formatSome(words: readonly string[], max: number): string {
  const rest = words.length - max;
  return rest > 0 ? `${words.slice(0, max).join(", ")} and ${rest} more` : formatList(words);
}

/** @returns the lines, those behind the first few as one: `… 3 more` */
export function cutLines(lines: readonly string[], max: number): string[] {
  const rest = lines.length - max;
  return rest > 0 ? [...lines.slice(0, max), `… ${rest} more`] : [...lines];
}
