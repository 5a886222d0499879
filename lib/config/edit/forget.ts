/**
 * Takes definitions of keys away that nothing uses any more. Pure. Spec: sops-config §3.
 *
 * Only a definition that an alias used before the edit goes, and only from a list or mapping that defines keys and is
 * itself used by nothing: what a person keeps without a use stays.
 *
 * @module
 */
import { isScalar, isSeq } from "yaml";
import { cutEntry, cutOnlyEntry } from "../../yaml/edit/cut.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { type Collection, entryOf } from "../../yaml/entries.ts";
import { COMMENTED_OUT, isInRules } from "./names.ts";
import { type KeyName, readEdited } from "./proof.ts";
import type { NamedKey, SopsConfig } from "../rules/sops_config.ts";

/** A file without the definitions, and what they defined. */
export interface Forgotten {
  readonly config: SopsConfig;
  readonly keys: readonly KeyName[];
}

/** @returns the names of the definitions outside the rules that aliases use */
export function findUsedNames(config: SopsConfig, texts: ReadonlySet<string>): ReadonlySet<string> {
  const used = new Set<unknown>(config.document.aliases.values());
  const keys = config.keys.filter((key) => texts.has(key.text) && !isInRules(key) && used.has(key.node));
  return new Set(keys.map(({ name }) => name));
}

/**
 * Takes away those of the named definitions that no alias uses now.
 *
 * @param candidates what {@link findUsedNames} found before the edit
 * @param texts the keys that they may define
 */
export function forgetUnused(
  config: SopsConfig,
  candidates: ReadonlySet<string>,
  texts: ReadonlySet<string>,
): Forgotten {
  const keys: KeyName[] = [];
  let current = config;
  // Each round takes at least one definition; a definition that cannot be cut stays.
  for (;;) {
    const used = new Set<unknown>(current.document.aliases.values());
    const unused = current.keys.filter((key) =>
      candidates.has(key.name) && texts.has(key.text) && !isInRules(key) && !used.has(key.node)
    );
    const splices = unused.map((key) => ({ key, cut: planForget(current, key) })).find(({ cut }) => cut !== undefined);
    if (splices?.cut === undefined) return { config: current, keys };
    keys.push(splices.key);
    current = readEdited(current, splices.cut);
  }
}

function planForget(config: SopsConfig, key: NamedKey): Splice[] | undefined {
  const { document } = config;
  const { parent } = key;
  if (parent === undefined || isUsed(config, parent) || !definesKeys(parent, key)) return undefined;
  const entry = entryOf(document, key.node);
  const options = { commentedOut: COMMENTED_OUT };
  if (parent.items.length > 1) return cutEntry(document, entry, options);
  const head = entryOf(document, parent);
  // In brackets, or as the whole file, nothing says where its own brackets would go.
  if (head.owner === undefined || (head.key === undefined && head.dash === undefined)) return undefined;
  return cutOnlyEntry(document, entry, { ...options, at: head.headEnd });
}

/** @returns whether an alias outside stands for the list or mapping, or for what it stands in */
function isUsed({ document }: SopsConfig, parent: Collection): boolean {
  const used = new Set<unknown>(document.aliases.values());
  for (let node: Collection | undefined = parent; node !== undefined; node = entryOf(document, node).owner) {
    if (used.has(node)) return true;
  }
  return false;
}

/** A list holds keys; of a mapping the pair is called as its anchor, or all others define something too. */
function definesKeys(parent: Collection, key: NamedKey): boolean {
  if (isSeq(parent)) return true;
  return parent.items.every(({ value }) => isScalar(value) && value.anchor !== undefined) ||
    parent.items.some((pair) => pair.value === key.node && String(pair.key) === key.name);
}
