/**
 * Which command a word means that names none: words that people know from other programs, the last word of a command
 * without its group, a beginning, a typing mistake. Nothing is proposed that has another purpose. Pure.
 *
 * @module
 */
import { suggest } from "../base/show/suggest.ts";
import type { CommandSpec } from "./shared/command.ts";

/** What people type for a command, first words; the best first. */
const OTHER_WORDS: Readonly<Record<string, readonly string[]>> = {
  "age-keygen": ["keygen"],
  "cat": ["decrypt", "get"],
  "create": ["edit", "keygen"],
  "debug": ["doctor"],
  "dec": ["decrypt"],
  "diff": ["git setup"],
  "enc": ["encrypt"],
  "exec": ["exec-env", "exec-file", "secret exec"],
  "files": ["status"],
  "fix": ["rules lint", "doctor"],
  "generate": ["keygen"],
  "join": ["init"],
  "keys": ["identity list", "recipient list"],
  "ls": ["status", "recipient list", "rules list", "identity list"],
  "list": ["status", "recipient list", "rules list", "identity list"],
  "merge": ["git setup"],
  "new": ["edit", "keygen"],
  "open": ["edit"],
  "print": ["decrypt", "get"],
  "re-encrypt": ["updatekeys", "rotate"],
  "reencrypt": ["updatekeys", "rotate"],
  "rekey": ["updatekeys", "rotate"],
  "rm": ["recipient remove", "unset", "secret delete"],
  "delete": ["recipient remove", "unset", "secret delete"],
  "remove": ["recipient remove", "unset", "secret delete"],
  "run": ["exec-env", "secret exec"],
  "setup": ["init"],
  "share": ["recipient add"],
  "show": ["decrypt", "get", "rules explain"],
  "sync": ["updatekeys"],
  "update": ["updatekeys"],
  "users": ["recipient list"],
  "view": ["decrypt"],
  "who": ["access", "recipient list"],
  "whoami": ["identity list"],
};

/** The same inside of groups, where the group has the other word. */
const OTHER_WORDS_OF_GROUPS: Readonly<Record<string, readonly string[]>> = {
  "create": ["add", "set", "init"],
  "delete": ["remove", "delete"],
  "drop": ["remove", "delete"],
  "new": ["add", "set", "init"],
  "print": ["get", "show", "export"],
  "remove": ["delete"],
  "show": ["list", "explain"],
  "test": ["explain", "lint"],
  "validate": ["lint"],
};

/** A beginning of fewer letters says nothing. */
const MIN_BEGINNING = 3;

/**
 * @param word what was typed behind the group
 * @param group the words before it, none at the top
 * @param members the commands of the group
 * @returns commands as they are typed behind `sopsmith`, the best first; empty where nothing is near
 */
export function findMeant(
  word: string,
  { group, members }: { readonly group: readonly string[]; readonly members: readonly CommandSpec[] },
): string[] {
  const known = new Set(members.map(({ words }) => words.join(" ")));
  const others = group.length === 0 ? OTHER_WORDS : OTHER_WORDS_OF_GROUPS;
  const named = (Object.hasOwn(others, word) ? others[word] ?? [] : [])
    .map((other) => [...group, other].join(" ")).filter((other) => known.has(other));
  if (named.length > 0) return named;
  const next = [...new Set(members.map(({ words }) => words[group.length] ?? ""))];
  const near = suggest(word, next);
  if (near !== undefined) return [[...group, near].join(" ")];
  const ofGroups = members.filter(({ words, aliases = [] }) =>
    words.length > group.length + 1 && [words.at(-1), ...aliases].includes(word)
  );
  if (ofGroups.length > 0) return ofGroups.map(({ words }) => words.join(" "));
  if (word.length < MIN_BEGINNING) return [];
  return members.filter(({ words }) => words.at(-1)?.startsWith(word)).map(({ words }) => words.join(" "));
}
