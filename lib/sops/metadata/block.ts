/**
 * The metadata block as a tree to be written: what SOPS writes, in its order, or that with what a file has besides.
 *
 * Pure. Spec: sops-engine §3.9.
 *
 * @module
 */
import { withoutPlaces } from "../tree/replace.ts";
import type { Entry, Leaf, Mapping, Node, Scalar } from "../tree/tree.ts";
import {
  type BlockMetadata,
  findField,
  METADATA_KEY_TYPES,
  METADATA_SELECTORS,
  type MetadataKeyType,
  textOfLeaf,
  type WrappedGroup,
  type WrappedKey,
} from "./fields.ts";

/** The lists that SOPS writes in a key group even where they are empty. */
const ALWAYS_IN_GROUP: ReadonlySet<MetadataKeyType> = new Set(["age", "hc_vault"]);

/**
 * @param options `isInOrder`: the lists of keys are to stand in this order also where the same keys are there already
 * @returns the block exactly as SOPS would write it
 */
export function formatBlock(
  metadata: BlockMetadata,
  { isInOrder = false }: { readonly isInOrder?: boolean } = {},
): Mapping {
  const { groups, shamirThreshold, selectors, macOnlyEncrypted, lastModified, mac, version } = metadata;
  const [first] = groups;
  const keyFields = groups.length === 1 && first !== undefined
    ? groupFields(first, { isInOrder })
    : [entry("key_groups", {
      kind: "list",
      items: groups.map((group) => mappingOf(groupFields(group, { isInOrder, always: ALWAYS_IN_GROUP }))),
    })];
  return mappingOf([
    ...keyFields,
    entry("lastmodified", leaf(lastModified)),
    entry("mac", leaf(mac)),
    ...(macOnlyEncrypted ? [entry("mac_only_encrypted", leaf(true))] : []),
    ...(shamirThreshold ? [entry("shamir_threshold", leaf(BigInt(shamirThreshold)))] : []),
    ...METADATA_SELECTORS.flatMap((name) => {
      const text = selectors[name];
      return text ? [entry(name, leaf(text))] : [];
    }),
    entry("version", leaf(version)),
  ]);
}

/**
 * The wanted block with what the present one has besides: fields that SOPS does not know and empty lists stay, and so
 * does the form of a value that means the same. Nothing is changed that does not have to be.
 */
export function keepFields(wanted: Mapping, present: Mapping): Mapping {
  const items = wanted.items.map((item): Entry => {
    if (item.kind === "comment") throw new TypeError("a wanted block has no comments");
    const old = findField(present, item.key);
    if (old?.kind === "leaf" && item.value.kind === "leaf" && textOfLeaf(old) === textOfLeaf(item.value)) {
      return { ...item, value: old };
    }
    return item;
  });
  const others = present.items.filter((item) => item.kind === "entry").filter(({ key, value }) =>
    findField(wanted, key.toLowerCase()) === undefined && (!KNOWN_FIELDS.has(key.toLowerCase()) || isEmpty(value))
  );
  return { kind: "mapping", items: [...items, ...others] };
}

/** Every field that {@link formatBlock} writes when it has something to say. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...METADATA_KEY_TYPES,
  ...METADATA_SELECTORS,
  "key_groups",
  "lastmodified",
  "mac",
  "mac_only_encrypted",
  "shamir_threshold",
  "version",
]);

function isEmpty(node: Node): boolean {
  return node.kind === "leaf" ? textOfLeaf(node) === "" : node.items.every((item) => item.kind === "comment");
}

interface GroupLayout {
  readonly isInOrder: boolean;
  /** Lists that are written even where they are empty. */
  readonly always?: ReadonlySet<MetadataKeyType>;
}

function groupFields({ keys }: WrappedGroup, { isInOrder, always }: GroupLayout): Entry[] {
  return METADATA_KEY_TYPES.flatMap((type) => {
    const items = keys.filter((key) => key.type === type).map(keyFields);
    return items.length === 0 && !always?.has(type) ? [] : [entry(type, { kind: "list", items, isInOrder })];
  });
}

/** A key of a file keeps the fields that it has there. */
function keyFields({ text, enc, entry: present }: WrappedKey): Mapping {
  if (present === undefined) return mappingOf([entry("enc", leaf(enc)), entry("recipient", leaf(text))]);
  return mappingOf(
    present.items.filter((item) => item.kind === "entry").map((item) =>
      item.key.toLowerCase() === "enc" ? entry(item.key, leaf(enc)) : entry(item.key, withoutPlaces(item.value))
    ),
  );
}

/** SOPS sorts the fields by their names. */
function mappingOf(entries: readonly Entry[]): Mapping {
  return { kind: "mapping", items: [...entries].sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0) };
}

function entry(key: string, value: Node): Entry {
  return { kind: "entry", key, value };
}

function leaf(value: Scalar): Leaf {
  return { kind: "leaf", value };
}
