/**
 * The rules that stand before a vault's rule and win for a part of its files. Pure. Spec: vaults §3 "Which rule".
 *
 * @module
 */
import { keysOf } from "../../config/edit/diff.ts";
import { findCommonPath } from "../../config/patterns/cover.ts";
import { parsePatternTree } from "../../config/patterns/tree.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";

/** A vault's rule, and the pattern of its files. */
export interface PartQuestion {
  readonly rule: Rule;
  readonly pathRegex: string;
  /** Whose files they shall be. */
  readonly recipient: string;
}

/** A pattern that begins with the name of a folder: meant from the root, as almost nobody writes the `^`. */
const FOLDER_FIRST = /^(?:[\w-]|\\\.)+(?:\/|\[\/\\\\\])/;

/**
 * Takes patterns as people mean them: `hosts/.*` is about a folder at the root, although it matches `secrets/hosts/x.yaml`
 * too. Such a file counts only where the vault's files have folders of that depth.
 *
 * @returns the rules before the vault's that win for some of its files and are not for the recipient, as far as that can
 * be proved
 */
export function findPartRules({ rules }: SopsConfig, { rule, pathRegex, recipient }: PartQuestion): readonly Rule[] {
  const own = pathRegex.replace(/^\^?/, "^");
  const ownWithoutFolders = own.replaceAll(".*", String.raw`[^/\\]*`);
  return rules.slice(0, rule.index).filter((earlier) => {
    if (keysOf(earlier).some(({ text }) => text === recipient)) return false;
    const other = earlier.pathRegex ?? "";
    return isShared(ownWithoutFolders, other) || isShared(own, FOLDER_FIRST.test(other) ? `^${other}` : other);
  });
}

function isShared(one: string, other: string): boolean {
  const [first, second] = [parsePatternTree(one), parsePatternTree(other)];
  return first !== undefined && second !== undefined && findCommonPath(first, second) !== undefined;
}
