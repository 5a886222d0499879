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
import { rememberOpenings } from "./data_key.ts";
import { openEncryptedFile, type OpenOptions } from "./decrypt.ts";
import { sealDocuments } from "./engine/seal.ts";
import { formatBlock, keepFields } from "./metadata/block.ts";
import { encodeText, formatLastModified, type OpenedFile, spliceAndProve, type Surroundings } from "./sops_file.ts";
import { loadForLargeYaml, loadStore } from "./choose_store.ts";
import { type AddedItem, areEqualNodes, type StructureChange, type ValueChanges } from "./tree/change.ts";
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
  if (change.path[0] === METADATA_KEY) throw refuseMetadata();
  const large = options.isIdempotent || change.value.kind !== "leaf"
    ? undefined
    : await loadForLargeYaml(bytes, options);
  if (large === undefined) return await setByTree(bytes, change, options);
  const open = rememberOpenings(options.open);
  const { path, value } = change as { path: readonly PathStep[]; value: Leaf };
  return await large.setInLargeFile(bytes, { path, value: value.value }, { ...options, open }) ??
    await setByTree(bytes, change, { ...options, open });
}

function refuseMetadata(): UserError {
  return new UserError("usage", `cannot set "${METADATA_KEY}": that key holds the metadata of SOPS`);
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
  return await writeChanges(opened, [planSet(root, change.path, change.value)], options);
}

/** What setting texts came to. */
export interface TextsChange {
  /** The new file; undefined when nothing has to be written. */
  readonly bytes: Uint8Array | undefined;
  /** The names whose values are other ones now, or new. */
  readonly changed: readonly string[];
}

/**
 * Sets texts on top of the first document, all with one opening, one encryption and one proof. Names that have their text
 * already stay as they are.
 *
 * @param texts by name
 * @throws {UserError} as {@link setValue}
 */
export async function setTexts(
  bytes: Uint8Array,
  texts: ReadonlyMap<string, string>,
  options: ChangeOptions,
): Promise<TextsChange> {
  if (texts.has(METADATA_KEY)) throw refuseMetadata();
  const open = rememberOpenings(options.open);
  const opened = await openEncryptedFile(bytes, { ...options, open });
  const root = firstRoot(opened);
  const wanted = [...texts].filter(([name, text]) => {
    const present = findNode(root, [name]);
    return present?.kind !== "leaf" || (opened.values.get(present) ?? present.value) !== text;
  });
  const changed = wanted.map(([name]) => name);
  if (changed.length === 0) return { bytes: undefined, changed };
  const changes = planTexts(opened, wanted);
  if (changes !== undefined) return { bytes: await writeChanges(opened, changes, options), changed };
  let after = bytes;
  for (const [name, value] of wanted) {
    after = await setByTree(after, { path: [name], value: { kind: "leaf", value } }, { ...options, open }) ?? after;
  }
  return { bytes: after, changed };
}

/** @returns the changes that make texts of what is there; undefined where one of them would reach into another */
function planTexts(opened: OpenedFile, texts: readonly (readonly [string, string])[]): StructureChange[] | undefined {
  const root = firstRoot(opened);
  if (!opened.file.documents.every((document) => standsInText(document.root))) return undefined;
  const changes: StructureChange[] = [];
  const added: AddedItem[] = [];
  for (const [key, text] of texts) {
    const value = { kind: "leaf", value: text } as const;
    const node = findNode(root, [key]);
    if (node === undefined) added.push({ key, value });
    else if (node.kind === "leaf") changes.push({ action: "replace", node, value });
    else return undefined;
  }
  return added.length === 0 ? changes : [...changes, { action: "append", container: root, added }];
}

/** Whether no alias stands for a part of a value. */
function standsInText(node: Node): boolean {
  if (node.kind === "leaf") return node.range !== undefined;
  return node.items.every((item) => item.kind === "comment" || standsInText(item.kind === "entry" ? item.value : item));
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
    return await writeChanges(opened, [opened.file.format === "ini" ? takeComment(change) : change], options);
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

async function writeChanges(
  opened: OpenedFile,
  changes: readonly StructureChange[],
  options: ChangeOptions,
): Promise<Uint8Array> {
  const { store, file, metadata, key, selector, path } = opened;
  const changed = changeTree(file.documents, changes);
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
  const splices = [...spliceChanges(opened, changes, sealed.values), ...store.changeMetadata(file, block)];
  const proved = spliceAndProve(opened, splices, { documents: changed, values: sealed.values, isEncrypted: true });
  if (proved !== undefined) return encodeText(proved.text);
  throw new UserError("refused", `cannot change "${path}": a comment would come to stand in another container`, {
    hints: ["use `edit`, where the comment can be moved as well"],
  });
}

/** The changes in the text: a single value that takes the place of another one keeps what stands around it. */
function spliceChanges(
  { store, file }: OpenedFile,
  changes: readonly StructureChange[],
  sealed: ValueChanges,
): Splice[] {
  const added = new Set<unknown>();
  for (const change of changes) for (const value of valuesOf(change)) collectNodes(value, added);
  const values = new Map([...sealed].filter(([node]) => !added.has(node)));
  const splices: Splice[] = [];
  for (const change of changes) {
    if (change.action === "replace") {
      const value = replaceInNode(change.value, sealed);
      if (change.node.kind === "leaf" && value.kind === "leaf") values.set(change.node, value.value);
      else splices.push(...store.changeStructure(file, { ...change, value }));
    } else if (change.action === "append") {
      const items = change.added.map((item) => ({ ...item, value: replaceInNode(item.value, sealed) }));
      splices.push(...store.changeStructure(file, { ...change, added: items }));
    } else splices.push(...store.changeStructure(file, change));
  }
  return [...store.changeValues(file, values), ...splices]; // a value where there was none stands before what is added
}

/** @returns what a change brings into the tree */
function valuesOf(change: StructureChange): readonly Node[] {
  if (change.action === "remove") return [];
  return change.action === "replace" ? [change.value] : change.added.map(({ value }) => value);
}

function collectNodes(node: Node, found: Set<unknown>): void {
  found.add(node);
  if (node.kind === "leaf") return;
  for (const item of node.items) {
    if (item.kind === "comment") found.add(item);
    else collectNodes(item.kind === "entry" ? item.value : item, found);
  }
}
