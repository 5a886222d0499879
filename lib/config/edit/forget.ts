/**
 * Takes definitions of keys away that nothing uses any more. Pure. Spec: sops-config §3.
 *
 * Only a definition that an alias used before the edit goes, and only from a list or mapping that defines keys and is
 * itself used by nothing: what a person keeps without a use stays.
 *
 * @module
 */
import { isAlias, isMap, isNode, isScalar, isSeq, visit, type YAMLSeq } from "yaml";
import type { WrittenNode } from "../../yaml/resolve.ts";
import { type Collection, cutEntry, cutLastEntry } from "../../yaml/edit/cut.ts";
import { isInRules } from "./names.ts";
import { type KeyName, readEdited } from "./proof.ts";
import { colonEnd, dashOffset } from "../../yaml/edit/places.ts";
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

function planForget(config: SopsConfig, key: NamedKey): ReturnType<typeof cutEntry> {
  const { document } = config;
  const { parent } = key;
  if (parent === undefined || isUsed(config, parent) || !definesKeys(parent, key)) return undefined;
  const index = isMap(parent)
    ? parent.items.findIndex(({ value }) => value === key.node)
    : parent.items.indexOf(key.node);
  if (parent.items.length > 1) return cutEntry(document, parent, index);
  const at = findHeadEnd(config, parent);
  return at === undefined ? undefined : cutLastEntry(document, parent, at);
}

/** @returns whether an alias outside stands for the list or mapping, or for what it stands in */
function isUsed(config: SopsConfig, parent: Collection): boolean {
  const used = new Set<unknown>(config.document.aliases.values());
  const ways = ancestorsOf(config, parent);
  return [parent, ...ways].some((node) => used.has(node));
}

/** A list holds keys; of a mapping the pair is called as its anchor, or all others define something too. */
function definesKeys(parent: Collection, key: NamedKey): boolean {
  if (isSeq(parent)) return true;
  return parent.items.every(({ value }) => isScalar(value) && value.anchor !== undefined) ||
    parent.items.some((pair) => pair.value === key.node && String(pair.key) === key.name);
}

function ancestorsOf(config: SopsConfig, wanted: Collection): readonly unknown[] {
  let found: readonly unknown[] = [];
  visit(config.document.root, {
    Collection(_, node, ancestors) {
      if (node !== wanted) return undefined;
      found = ancestors.filter((ancestor) => isNode(ancestor) && !isAlias(ancestor));
      return visit.BREAK;
    },
  });
  return found;
}

/** @returns the offset behind the key or dash before a list or mapping */
function findHeadEnd(config: SopsConfig, wanted: Collection): number | undefined {
  const { document } = config;
  let end: number | undefined;
  visit(document.root, {
    Pair(_, pair) {
      if (pair.value === wanted) end = colonEnd(document, pair.key as WrittenNode);
    },
    Seq(_, seq) {
      const index = seq.items.indexOf(wanted);
      if (index !== -1 && !seq.flow) end = dashOffset(document, seq as YAMLSeq.Parsed, index) + 1;
    },
  });
  return end;
}
