/**
 * Changes one value of an encrypted file. All of it is decrypted for the MAC; what is written is the value, the time and
 * the MAC. Pure but for the native ciphers.
 *
 * Spec: sops-engine §5.5, §10.
 *
 * @module
 */
import { InternalError, UserError } from "../base/error.ts";
import type { Splice } from "../yaml/edit/splice.ts";
import { openEncryptedFile, type OpenOptions } from "./decrypt.ts";
import { sealDocuments } from "./engine/seal.ts";
import { formatBlock, keepFields } from "./metadata/block.ts";
import { encodeText, formatLastModified, type OpenedFile, spliceAndProve, type Surroundings } from "./sops_file.ts";
import { loadForLargeYaml, loadStore } from "./choose_store.ts";
import { areEqualNodes, type StructureChange, type ValueChanges } from "./tree/change.ts";
import { changeTree, replaceInNode, withoutPlaces } from "./tree/replace.ts";
import type { Leaf, Mapping, Node } from "./tree/tree.ts";
import { findNode, type PathStep, planSet, planUnset } from "./tree_path.ts";

/** How a value is changed. */
export interface ChangeOptions extends OpenOptions, Surroundings {}

/** How a value is set. */
export interface SetOptions extends ChangeOptions {
  /** Writes nothing when the value is the same, type included. */
  readonly isIdempotent?: boolean | undefined;
}

/** How a value is taken away. */
export interface UnsetOptions extends ChangeOptions {
  /** Does nothing when there is no such value. */
  readonly isIdempotent?: boolean | undefined;
}

/** The key that the metadata stands under. */
const METADATA_KEY = "sops";

/**
 * Reads the value of `set`: JSON, with the order of its keys and with whole numbers as such.
 *
 * @param hint how text becomes JSON where the value comes from
 * @throws {UserError} `usage` when it is no JSON; the message does not repeat it
 */
export async function parseNewValue(text: string, hint: string = `put text in double quotes: '"text"'`): Promise<Node> {
  const store = await loadStore("json");
  const refuse = (cause?: unknown): UserError =>
    new UserError("usage", "cannot read the value: it is no JSON", {
      hints: [hint],
      cause,
    });
  let root: Node | undefined;
  try {
    root = store.parse(`{"value": ${text}\n}`, "value").documents[0]?.root;
  } catch (error) {
    if (error instanceof UserError) throw refuse();
    throw error;
  }
  const [first, ...others] = root?.items ?? [];
  if (first?.kind !== "entry" || first.key !== "value" || others.length > 0) throw refuse();
  if (!repeatsKey(first.value)) return withoutPlaces(first.value);
  throw new UserError("usage", "cannot use the value: a mapping in it has a key twice", {
    hints: ["leave one of the two out: SOPS could not read the file"],
  });
}

function repeatsKey(node: Node): boolean {
  if (node.kind === "leaf") return false;
  const entries = node.items.filter((item) => item.kind === "entry");
  if (new Set(entries.map(({ key }) => key)).size < entries.length) return true;
  return node.items.some((item) =>
    item.kind === "entry" ? repeatsKey(item.value) : item.kind !== "comment" && repeatsKey(item)
  );
}

/**
 * Sets one value of the first document.
 *
 * @returns the new file; undefined when nothing has to be written
 * @throws {UserError} as opening a file does; `usage` for a path that makes no sense there
 */
export async function setValue(
  bytes: Uint8Array,
  change: { readonly path: readonly PathStep[]; readonly value: Node },
  options: SetOptions,
): Promise<Uint8Array | undefined> {
  if (change.path[0] === METADATA_KEY) {
    throw new UserError("usage", `cannot set "${METADATA_KEY}": that key holds the metadata of SOPS`);
  }
  const large = options.isIdempotent || change.value.kind !== "leaf"
    ? undefined
    : await loadForLargeYaml(bytes, options);
  if (large === undefined) return await setByTree(bytes, change, options);
  const open = large.rememberOpenings(options.open);
  const { path, value } = change as { path: readonly PathStep[]; value: Leaf };
  return await large.setInLargeFile(bytes, { path, value: value.value }, { ...options, open }) ??
    await setByTree(bytes, change, { ...options, open });
}

async function setByTree(
  bytes: Uint8Array,
  change: { readonly path: readonly PathStep[]; readonly value: Node },
  options: SetOptions,
): Promise<Uint8Array | undefined> {
  const opened = await openEncryptedFile(bytes, options);
  const root = firstRoot(opened);
  if (options.isIdempotent) {
    const present = findNode(root, change.path);
    if (present !== undefined && areEqualNodes(replaceInNode(present, opened.values), change.value)) return undefined;
  }
  return await writeChange(opened, planSet(root, change.path, change.value), options);
}

/**
 * Takes one value of the first document away.
 *
 * @returns the new file; undefined when there was no such value, and that is allowed
 * @throws {UserError} as opening a file does; `not-found`
 */
export async function unsetValue(
  bytes: Uint8Array,
  path: readonly PathStep[],
  options: UnsetOptions,
): Promise<Uint8Array | undefined> {
  const opened = await openEncryptedFile(bytes, options);
  try {
    const change = planUnset(firstRoot(opened), path);
    return await writeChange(opened, opened.file.format === "ini" ? takeComment(change) : change, options);
  } catch (error) {
    if (options.isIdempotent && error instanceof UserError && error.kind === "not-found") return undefined;
    throw error;
  }
}

/** The comment of an INI key goes with the key: left alone it would become that of the next one. */
function takeComment(change: StructureChange): StructureChange {
  if (change.action !== "remove") return change;
  const [item, next] = change.container.items.slice(change.index, change.index + 2);
  const isKey = item?.kind === "entry" && item.value.kind === "leaf";
  return isKey && next?.kind === "comment" ? { ...change, withComment: true } : change;
}

function firstRoot({ file }: OpenedFile): Mapping {
  const [first] = file.documents;
  if (first === undefined) throw new InternalError("a file has no document");
  return first.root;
}

async function writeChange(opened: OpenedFile, change: StructureChange, options: ChangeOptions): Promise<Uint8Array> {
  const { store, file, metadata, key, selector, path } = opened;
  const changed = changeTree(file.documents, change);
  const lastModified = formatLastModified(options.now());
  const sealed = await sealDocuments(changed, {
    key,
    selector,
    lastModified,
    path,
    random: options.random,
    opened: opened.values,
    macOnlyEncrypted: metadata.macOnlyEncrypted,
  });
  const block = keepFields(formatBlock({ ...metadata, lastModified, mac: sealed.mac }), file.block!);
  const splices = [...spliceChange(opened, change, sealed.values), ...store.changeMetadata(file, block)];
  const text = spliceAndProve(opened, splices, { documents: changed, values: sealed.values, isEncrypted: true });
  if (text !== undefined) return encodeText(text);
  throw new UserError("refused", `cannot change "${path}": a comment would come to stand in another container`, {
    hints: ["use `edit`, where the comment can be moved as well"],
  });
}

/** The change in the text: a single value that takes the place of another one keeps what stands around it. */
function spliceChange({ store, file }: OpenedFile, change: StructureChange, sealed: ValueChanges): Splice[] {
  if (change.action === "remove") return [...store.changeStructure(file, change), ...store.changeValues(file, sealed)];
  const added = new Set<unknown>();
  collectNodes(change.value, added);
  const others = new Map([...sealed].filter(([node]) => !added.has(node)));
  const value = replaceInNode(change.value, sealed);
  if (change.action === "replace" && change.node.kind === "leaf" && value.kind === "leaf") {
    return store.changeValues(file, new Map([...others, [change.node, value.value]]));
  }
  return [...store.changeStructure(file, { ...change, value }), ...store.changeValues(file, others)];
}

function collectNodes(node: Node, found: Set<unknown>): void {
  found.add(node);
  if (node.kind === "leaf") return;
  for (const item of node.items) {
    if (item.kind === "comment") found.add(item);
    else collectNodes(item.kind === "entry" ? item.value : item, found);
  }
}
