/**
 * An encrypted file against its rule before it gets a new data key: whoever is in the file and not in the rule.
 *
 * The format does not authenticate the list of recipients: an entry that somebody has written there by hand would get the
 * new data key. Spec: sops-engine §5.6, §10.
 *
 * @module
 */
import type { FileMetadata, MetadataKey } from "../../sops/metadata/metadata.ts";
import { distinctKeys } from "../../sops/metadata/keys.ts";
import { type NamedRuleKey, nameKey } from "../scan/differences.ts";
import type { FileRules } from "../scan/file_rules.ts";

/** What the rule says of the recipients of a file. */
export interface StrangerCheck {
  /** Keys of the file that its rule does not know, named as the config names them; all of them without a rule. */
  readonly strangers: readonly NamedRuleKey[];
  /** Why there is nothing to compare with, for people: no config, no rule. */
  readonly problem?: string;
}

/**
 * @param file absolute path
 * @param ignored texts of keys that the person has named, or takes away
 */
export async function findStrangers(
  rules: FileRules,
  file: string,
  { metadata, ignored }: { readonly metadata: FileMetadata; readonly ignored: ReadonlySet<string> },
): Promise<StrangerCheck> {
  const { config, rule, problem } = await rules.find(file);
  const keys = metadata.groups.flatMap((group) => group.keys).filter(({ text }) => !ignored.has(text));
  if (config === undefined || rule === undefined) {
    const reason = problem ?? (config === undefined ? "there is no .sops.yaml" : "no rule matches it");
    return { strangers: [], problem: reason };
  }
  const known = new Set(rule.groups.flatMap((group) => group.keys.map(({ text }) => text)));
  const named = keys.filter(({ text }: MetadataKey) => !known.has(text)).map((key) => nameKey(key, config, rule));
  return { strangers: distinctKeys(named) };
}
