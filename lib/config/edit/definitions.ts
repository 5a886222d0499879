/**
 * Takes definitions of keys away that nothing uses any more. Pure. Spec: sops-config §3.
 *
 * Only a definition that an alias used before the edit goes, and only from a list or mapping that defines keys and is
 * itself used by nothing: what a person keeps without a use stays.
 *
 * @module
 */
import { isScalar, isSeq } from "yaml";
import { cutEntry, cutOnlyEntry, type CutOptions } from "../../yaml/edit/cut.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { type Collection, type Entry, entryOf } from "../../yaml/entries.ts";
import { isInRules } from "../rules/key_name.ts";
import type { NamedKey, SopsConfig } from "../rules/sops_config.ts";
import type { Draft } from "./draft.ts";

/** How entries of a `.sops.yaml` go: an item, or a recipient, in a comment is an entry that is commented out. */
export const CUT_OPTIONS: CutOptions = { commentedOut: /^#+\s*-\s|age1[0-9a-z]{20}/ };

/** @returns the definitions of keys outside the rules that aliases use, each as {@link idOf} */
export function findUsedDefinitions(config: SopsConfig, texts: ReadonlySet<string>): ReadonlySet<string> {
  const used = new Set<unknown>(config.document.aliases.values());
  const keys = config.keys.filter((key) => texts.has(key.text) && !isInRules(key) && used.has(key.node));
  return new Set(keys.map(idOf));
}

/**
 * Takes away those definitions that no alias uses now.
 *
 * @param candidates what {@link findUsedDefinitions} found before the edit
 */
export function forgetUnused(draft: Draft, candidates: ReadonlySet<string>): void {
  // Each round takes at least one definition; a definition that cannot be cut stays.
  for (;;) {
    const { config } = draft;
    const used = new Set<unknown>(config.document.aliases.values());
    const unused = config.keys.filter((key) => candidates.has(idOf(key)) && !isInRules(key) && !used.has(key.node));
    const found = unused.map((key) => ({ key, cut: planForget(config, key) })).find(({ cut }) => cut !== undefined);
    if (found?.cut === undefined) return;
    draft.expected.forgotten.push(found.key);
    draft.apply(found.cut);
  }
}

function idOf({ name, text }: NamedKey): string {
  return `${name} ${text}`;
}

function planForget(config: SopsConfig, key: NamedKey): Splice[] | undefined {
  const { document } = config;
  const { parent } = key;
  if (parent === undefined || isSharedByAlias(config, parent) || !definesKeys(parent, key)) return undefined;
  const entry = definitionEntry(config, key);
  if (entry.owner!.items.length > 1) return cutEntry(document, entry, CUT_OPTIONS);
  const head = entryOf(document, entry.owner!);
  // In brackets, or as the whole file, nothing says where its own brackets would go.
  if (head.owner === undefined || (head.key === undefined && head.dash === undefined)) return undefined;
  return cutOnlyEntry(document, entry, { ...CUT_OPTIONS, at: head.headEnd });
}

/** @returns the item or pair that is the definition; of a mapping of one pair in a list (`- name: &name age1…`) that item */
function definitionEntry({ document }: SopsConfig, { node, parent }: NamedKey): Entry {
  const entry = entryOf(document, node);
  if (isSeq(parent) || parent!.items.length > 1) return entry;
  const outer = entryOf(document, parent!);
  return isSeq(outer.owner) ? outer : entry;
}

/** @returns whether an alias stands for a list or mapping, or for what it stands in */
export function isSharedByAlias({ document }: SopsConfig, parent: Collection): boolean {
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
