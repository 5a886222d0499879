/**
 * Which leaves of a file are encrypted.
 *
 * A selector of names looks at every key on the way to a leaf; a selector of comments at those that stand before it, at
 * each level. A regular expression that does not compile is refused, where SOPS takes it for one that never matches and
 * writes the file in clear. Pure. Spec: sops-engine §3.3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { METADATA_SELECTORS, type MetadataSelector } from "../metadata/fields.ts";

/** What decides where a file names no selector. */
export const DEFAULT_UNENCRYPTED_SUFFIX = "_unencrypted";

/** Compiles a regular expression in RE2 syntax: the answer tells whether it matches anywhere in a text. */
export type RegexCompiler = (pattern: string) => Promise<(text: string) => boolean>;

/** The selectors of a file, as its metadata or a rule names them. */
export type SelectorFields = Readonly<Partial<Record<MetadataSelector, string>>>;

/** A selector, ready to be asked. */
export interface Selector {
  /** What it looks at. */
  readonly subject: "keys" | "comments";
  /** Whether what it matches is encrypted, or all else. */
  readonly encryptsMatches: boolean;
  /** @returns whether it matches one key, or the text of one comment */
  readonly matches: (text: string) => boolean;
}

/** @returns the one selector that is set; undefined when there is none */
export function findSelector(fields: SelectorFields): MetadataSelector | undefined {
  return METADATA_SELECTORS.find((name) => fields[name]);
}

/**
 * @param fields at most one of them set; none stands for the suffix `_unencrypted`
 * @throws {UserError} `malformed` when several are set, or when a regular expression cannot be compiled
 */
export async function compileSelector(fields: SelectorFields, compileRegex: RegexCompiler): Promise<Selector> {
  const names = METADATA_SELECTORS.filter((name) => fields[name]);
  const [name = "unencrypted_suffix"] = names;
  if (names.length > 1) {
    throw new UserError("malformed", `cannot use several selectors: found ${names.join(" and ")}, expected one`);
  }
  const text = fields[name] || DEFAULT_UNENCRYPTED_SUFFIX;
  return {
    subject: name.endsWith("comment_regex") ? "comments" : "keys",
    encryptsMatches: name.startsWith("encrypted"),
    matches: name.endsWith("suffix") ? (key) => key.endsWith(text) : await compileOrRefuse(name, text, compileRegex),
  };
}

async function compileOrRefuse(
  name: string,
  pattern: string,
  compileRegex: RegexCompiler,
): Promise<(text: string) => boolean> {
  try {
    return await compileRegex(pattern);
  } catch (cause) {
    throw new UserError("malformed", `cannot use ${name}: it is no regular expression in RE2 syntax`, {
      hints: [`correct ${name}: SOPS itself would write every value in clear`],
      cause,
    });
  }
}
