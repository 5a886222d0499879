/**
 * The data key of a file: opened with one key of enough groups, or wrapped for every key of every group.
 *
 * Keys come as functions, so that nothing here knows where identities are kept or what a plugin is. Wrong keys are values:
 * they are collected and reported together. Spec: sops-engine §2.2, §3.6.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import { formatShortRecipient } from "../keys/age/recipient.ts";
import { combineParts, splitSecret } from "./engine/shamir.ts";
import {
  type BlockMetadata,
  DATA_KEY_LENGTH,
  type MetadataGroup,
  type MetadataKey,
  type WrappedGroup,
  type WrappedKey,
} from "./metadata/fields.ts";
import { isSameKey } from "./metadata/keys.ts";
import { countNeededGroups } from "./threshold.ts";

/**
 * How far a search for an identity goes: what costs nobody anything, what looks as if it were for the key, everything.
 */
const EFFORTS = ["free", "likely", "all"] as const;

/** One of the steps in which keys are tried. */
export type Effort = typeof EFFORTS[number];

/** An identity that did not open a key. */
export interface FailedIdentity {
  /** Where it comes from: a path or a variable. */
  readonly origin: string;
  /** Why; absent: it is for another recipient. */
  readonly error?: UserError;
}

/** What trying to open a key came to. */
export type KeyOpening =
  | { readonly dataKey: Uint8Array }
  | { readonly problem?: string; readonly attempts: readonly FailedIdentity[] };

/** Tries the identities of this machine on what is encrypted to a recipient: a data key or a share of one. */
export type KeyOpener = (recipient: string, encrypted: string, effort: Effort) => Promise<KeyOpening>;

/** Encrypts a data key, or a share of one, to a recipient. */
export type KeyWrapper = (recipient: string, share: Uint8Array) => Promise<string>;

/** A key of a file that did not open. */
export interface FailedKey {
  readonly key: MetadataKey;
  /** Which group it is of, from 0. */
  readonly groupIndex: number;
  readonly attempts: readonly FailedIdentity[];
  /** What is wrong with the encrypted key itself, to stand behind "its data key". */
  readonly problem?: string;
}

/** No data key, and all that was tried. */
export class NoDataKeyError extends UserError {
  /** Every key that was tried, in the order of the file. */
  readonly failedKeys: readonly FailedKey[];

  /** @param openGroups how many groups opened, of how many that it takes */
  constructor(path: string, failedKeys: readonly FailedKey[], groups: { opened: number; needed: number }) {
    const found = groups.needed === 1
      ? "no identity on this machine opens its data key"
      : `${groups.opened} of the ${groups.needed} key groups that it takes open on this machine`;
    super("no-identity", `cannot decrypt "${path}": ${found}`, {
      details: failedKeys.map(describeFailedKey),
      hints: [...hintsOf(failedKeys), `see why with: sopsmith doctor "${path}"`],
    });
    this.failedKeys = failedKeys;
  }
}

/** What would let an identity be used that is there: a passphrase that nobody could give, a plugin that is missing. */
function hintsOf(failedKeys: readonly FailedKey[]): ReadonlySet<string> {
  return new Set(failedKeys.flatMap(({ attempts }) => attempts.flatMap(({ error }) => error?.hints ?? [])));
}

function describeFailedKey({ key, attempts, problem }: FailedKey): string {
  const name = key.type === "age" ? formatShortRecipient(key.text) : `a key of type ${key.type}`;
  if (problem !== undefined) return `${name}: its data key ${problem}`;
  const errors = attempts.flatMap(({ origin, error }) => error === undefined ? [] : [`${origin}: ${error.message}`]);
  return errors.length === 0 ? `${name}: no local identity` : `${name}: ${errors.join("; ")}`;
}

/**
 * Remembers what opening a key came to, so that nobody is asked again for the same file in another form.
 *
 * @returns an opener of the same keys
 */
export function rememberOpenings(open: KeyOpener): KeyOpener {
  const known = new Map<string, Promise<KeyOpening>>();
  return (recipient, encrypted, effort) => {
    const id = JSON.stringify([recipient, encrypted, effort]);
    const opening = known.get(id) ?? open(recipient, encrypted, effort);
    known.set(id, opening);
    return opening;
  };
}

/** @param path for messages
 * @throws {NoDataKeyError} when too few groups open
 * @throws {UserError} `malformed` when what was opened is no data key
 */
export async function openDataKey(
  metadata: BlockMetadata,
  open: KeyOpener,
  path: string,
): Promise<Uint8Array> {
  const needed = Math.max(countNeededGroups(metadata), metadata.groups.length > 1 ? 2 : 1);
  const shares = new Map<number, Uint8Array>();
  const failures = new Map<WrappedKey, FailedKey>();
  for (const effort of EFFORTS) {
    for (const [groupIndex, { keys }] of metadata.groups.entries()) {
      if (shares.has(groupIndex)) continue;
      const share = await openGroup(keys, groupIndex, { open, effort, failures });
      if (share !== undefined) shares.set(groupIndex, share);
    }
    if (shares.size >= needed) break;
  }
  if (shares.size < needed) throw new NoDataKeyError(path, [...failures.values()], { opened: shares.size, needed });
  const parts = [...shares.values()];
  const dataKey = metadata.groups.length === 1 ? parts[0] : combineParts(parts);
  if (dataKey?.length === DATA_KEY_LENGTH) return dataKey;
  throw new UserError("malformed", `cannot decrypt "${path}": what its keys open is no data key`);
}

interface GroupOptions {
  readonly open: KeyOpener;
  readonly effort: Effort;
  readonly failures: Map<WrappedKey, FailedKey>;
}

async function openGroup(
  keys: readonly WrappedKey[],
  groupIndex: number,
  { open, effort, failures }: GroupOptions,
): Promise<Uint8Array | undefined> {
  for (const key of keys) {
    if (key.type !== "age") {
      failures.set(key, { key, groupIndex, attempts: [], problem: "is for a service that sopsmith does not call" });
      continue;
    }
    const opening = await open(key.text, key.enc, effort);
    if ("dataKey" in opening) return opening.dataKey;
    const { attempts, problem } = opening;
    failures.set(key, { key, groupIndex, attempts, ...(problem === undefined ? {} : { problem }) });
  }
  return undefined;
}

/** What it takes to wrap a data key. */
export interface WrapOptions {
  readonly wrap: KeyWrapper;
  /** @returns so many random bytes */
  readonly random: (byteCount: number) => Uint8Array;
  /** Of how many groups a reader needs a key; undefined: of all. Means nothing where there is one group. */
  readonly threshold?: number | undefined;
  /** Keys whose data key is wrapped already and stays as it is: only where there is one group. */
  readonly kept?: readonly WrappedKey[];
}

/**
 * Wraps a data key for every key.
 *
 * @throws {UserError} `usage` when a group is empty or the threshold makes no sense; `unsupported` for a key that is not
 * age's
 */
export async function wrapDataKey(
  dataKey: Uint8Array,
  groups: readonly MetadataGroup[],
  options: WrapOptions,
): Promise<WrappedGroup[]> {
  const { wrap, random, threshold = groups.length, kept = [] } = options;
  if (groups.length === 0 || groups.some(({ keys }) => keys.length === 0)) {
    throw new UserError("usage", "cannot encrypt the data key: a key group is empty, expected a key in each", {
      hints: ["name a recipient, or take the empty group away"],
    });
  }
  const isShared = groups.length > 1;
  const shares = isShared ? splitSecret(dataKey, { partCount: groups.length, threshold, random }) : [dataKey];
  const wrapKey = async (key: MetadataKey, share: Uint8Array): Promise<WrappedKey> => {
    const present = isShared ? undefined : kept.find((other) => isSameKey(other, key));
    if (present !== undefined) return present;
    if (key.type === "age") return { type: key.type, text: key.text, enc: await wrap(key.text, share) };
    throw new UserError("unsupported", `cannot encrypt the data key for a key of type ${key.type}: only age is known`, {
      hints: ["take the key away, or use sops itself for this file"],
    });
  };
  const wrapped: WrappedGroup[] = [];
  for (const [index, { keys }] of groups.entries()) {
    const ready: WrappedKey[] = [];
    for (const key of keys) ready.push(await wrapKey(key, shares[index]!)); // in order: a plugin may ask for a touch
    wrapped.push({ keys: ready });
  }
  return wrapped;
}
