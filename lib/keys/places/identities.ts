/**
 * Everything on this machine that SOPS would open a file with, in its order: loaded once for a run, and opened only when a
 * file needs it. A passphrase is asked for once, a command is run once for each recipient that it makes a difference for.
 *
 * A place that cannot be used is a value here, because the others count all the same; it is told when nothing opens a file.
 * I/O through the host. Spec: keys §2, sops-engine §2.3–2.5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { PassphraseSource } from "../../base/ask/passphrase.ts";
import { formatPath } from "../../base/show/report.ts";
import { deriveRecipient, findPluginName } from "../age/identity.ts";
import { createIdentity } from "../age/native_identity.ts";
import type { UsableIdentity } from "../age/unwrap.ts";
import { isProtected, type KeysEntry, type KeysFile, parseKeysFile } from "../file/keys_file.ts";
import { refuseUnusable } from "../file/problem.ts";
import type { KeychainEntry } from "../keychain/entry.ts";
import type { Identity } from "../primitives/stanza.ts";
import { createStanzaCrypto } from "../primitives/busy_crypto.ts";
import type { StanzaCrypto } from "../primitives/stanza_crypto.ts";
import type { SshPrivateKey } from "../ssh/private_identity.ts";
import { createCommandIdentity } from "./command_identity.ts";
import { keysPlaces, type KeysSource } from "./keys_path.ts";
import { type PlaceFound, readKeys, readPlace, readPlaceFile, readSshKey } from "./read_place.ts";

/** Which identities are loaded, and how they are opened. */
export interface LoadOptions {
  /** Where the person wants passphrases to be taken from; absent: the variables, then the terminal. */
  readonly passphrase?: PassphraseSource | undefined;
  /** Keychain entries of named vaults, tried before everything else. */
  readonly keychain?: readonly KeychainEntry[];
  /** Absolute paths of the keys files of named vaults, tried behind the keychain. */
  readonly files?: readonly string[];
  /** Who does the cryptography; absent: the platform. */
  readonly crypto?: StanzaCrypto;
}

/** Where identities are looked for. */
export type IdentitySource = KeysSource | "keychain" | "vault";

/** A place that SOPS drops, or that could not be reached. */
export interface FailedPlace {
  readonly source: IdentitySource;
  /** The path or variable, for people. */
  readonly origin: string;
  readonly error: UserError;
}

/** A place with nothing in it. */
export interface EmptyPlace {
  readonly source: IdentitySource;
  readonly origin: string;
  /** Half a sentence: `not set`, `no such file`. */
  readonly reason: string;
}

/** An identity, and the place that it comes from. */
export interface LoadedIdentity extends UsableIdentity {
  readonly source: IdentitySource;
}

/** What this machine has. */
export interface LoadedIdentities {
  /** In the order of SOPS. */
  readonly identities: readonly LoadedIdentity[];
  readonly failures: readonly FailedPlace[];
  readonly empty: readonly EmptyPlace[];
}

/** What the identities of one run have in common. */
interface Context {
  readonly host: Host;
  readonly crypto: StanzaCrypto;
  readonly passphrase: PassphraseSource | undefined;
  /** Opens a protected list of identities. */
  readonly unlock: (content: Uint8Array, origin: string) => Promise<Uint8Array>;
}

const X25519_TYPES = ["X25519"] as const;
const HYBRID_TYPES = ["mlkem768x25519"] as const;

/** What a protected list may hold: SOPS reads no plugin identities from one. */
const NATIVE_TYPES = [...X25519_TYPES, ...HYBRID_TYPES] as const;

/** Loads everything; reads files, and asks nobody anything. */
export async function loadIdentities(host: Host, options: LoadOptions = {}): Promise<LoadedIdentities> {
  const { crypto = createStanzaCrypto(), passphrase, keychain = [], files = [] } = options;
  const context: Context = { host, crypto, passphrase, unlock: createUnlock(host, passphrase) };
  const identities: LoadedIdentity[] = [];
  const failures: FailedPlace[] = [];
  const empty: EmptyPlace[] = [];
  const take = (source: IdentitySource, origin: string, found: PlaceFound): void => {
    try {
      if (found.kind === "nothing") empty.push({ source, origin, reason: found.reason });
      else identities.push(...useFound(context, { source, origin }, found));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push({ source, origin, error });
    }
  };
  for (const entry of keychain) take("keychain", entry.service, await readEntry(host, entry));
  for (const path of files) {
    take("vault", formatPath(host, path), (await readPlaceFile(host, path, { isSshKey: false })).found);
  }
  for (const place of keysPlaces(host)) {
    const { source, path, found } = await readPlace(host, place);
    const isVariable = source.startsWith("SOPS_");
    take(source, isVariable || path === undefined ? source : formatPath(host, path), found);
  }
  return { identities, failures, empty };
}

/** Where an identity comes from. */
type Origin = Pick<LoadedIdentity, "source" | "origin">;

function useFound(context: Context, origin: Origin, found: PlaceFound): LoadedIdentity[] {
  switch (found.kind) {
    case "nothing":
      return [];
    case "unreadable":
      throw found.error;
    case "ssh-key":
      return [useSshKey(context, origin, found.key)];
    case "keys":
      return useKeys(context, origin, found.keys);
    case "command":
      return [{ ...origin, ...createCommandIdentity(context.host, found.command, readerOf(context, origin)) }];
  }
}

/** What a command prints is read as its place says: a list of identities, or an ssh key without a passphrase. */
function readerOf(
  context: Context,
  origin: Origin,
): Parameters<typeof createCommandIdentity>[2] {
  const isSshKey = origin.source === "SOPS_AGE_SSH_PRIVATE_KEY_CMD";
  return {
    origin: origin.origin,
    isSameForAll: isSshKey,
    ...(isSshKey ? { stanzaTypes: ["ssh-ed25519", "ssh-rsa"] } : {}),
    async read(bytes) {
      const found = isSshKey
        ? await readSshKey(context.host, bytes, { name: origin.source })
        : readKeys(bytes, origin.source);
      if (found.kind === "ssh-key" && found.key.isEncrypted) throw refusePassphrase(origin.source);
      return useFound(context, origin, found);
    },
  };
}

function useKeys(context: Context, origin: Origin, keys: KeysFile): LoadedIdentity[] {
  if (isProtected(keys.bytes)) return [useProtectedKeys(context, origin, keys)];
  refuseUnusable(keys);
  return keys.entries.map((entry) => useEntry(context, origin, entry));
}

function useEntry({ host, crypto }: Context, origin: Origin, entry: KeysEntry): LoadedIdentity {
  const { kind, secret, comments } = entry;
  const identity = once(() => Promise.resolve([createIdentity(host, entry, crypto)]));
  if (kind === "plugin") {
    const name = findPluginName(secret) ?? "";
    return {
      ...origin,
      cost: "plugin",
      findRecipient: () => Promise.resolve(comments.publicKey),
      suits: (recipient) => recipient === comments.publicKey || recipient.startsWith(`age1${name}1`),
      open: identity,
    };
  }
  return {
    ...origin,
    cost: "free",
    stanzaTypes: kind === "x25519" ? X25519_TYPES : HYBRID_TYPES,
    findRecipient: once(() => deriveRecipient(secret)),
    open: identity,
  };
}

function useProtectedKeys(context: Context, origin: Origin, keys: KeysFile): LoadedIdentity {
  const { host, crypto, unlock } = context;
  return {
    ...origin,
    cost: "passphrase",
    stanzaTypes: NATIVE_TYPES,
    findRecipient: () => Promise.resolve(undefined),
    open: once(async (): Promise<readonly Identity[]> => {
      const opened = parseKeysFile(await unlock(keys.bytes, keys.path), keys.path);
      refuseUnusable(opened);
      return opened.entries.filter(({ kind }) => kind !== "plugin").map((entry) => createIdentity(host, entry, crypto));
    }),
  };
}

function useSshKey({ host, crypto, passphrase }: Context, origin: Origin, key: SshPrivateKey): LoadedIdentity {
  const { publicKey } = key;
  return {
    ...origin,
    cost: key.isEncrypted ? "passphrase-if-named" : "free",
    stanzaTypes: publicKey === undefined ? ["ssh-ed25519", "ssh-rsa"] : [publicKey.type],
    findRecipient: () => Promise.resolve(publicKey && `${publicKey.type} ${publicKey.encoded}`),
    open: once(async () => {
      const { createSshIdentity } = await import("../ssh/private_identity.ts");
      return [createSshIdentity(host, key, { crypto, passphrase })];
    }),
  };
}

async function readEntry(host: Host, entry: KeychainEntry): Promise<PlaceFound> {
  const { readKeychainIdentities } = await import("../keychain/keychain.ts");
  try {
    const keys = await readKeychainIdentities(host, entry);
    return keys === undefined ? { kind: "nothing", reason: "no such entry" } : { kind: "keys", keys };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { kind: "unreadable", error };
  }
}

function createUnlock(host: Host, passphrase: PassphraseSource | undefined): Context["unlock"] {
  const unlocker = once(async () => {
    const { KeysUnlocker } = await import("../file/unlock.ts");
    return new KeysUnlocker(host, passphrase);
  });
  return async (content, path) => await (await unlocker()).open(content, path);
}

function refusePassphrase(source: string): UserError {
  return new UserError("unsupported", `cannot use the key that ${source} prints: it has a passphrase`, {
    hints: ["name the file itself in SOPS_AGE_SSH_PRIVATE_KEY_FILE"],
  });
}

/** What is opened once stays open; what failed once is not tried again. */
function once<Value>(open: () => Promise<Value>): () => Promise<Value> {
  let opened: Promise<Value> | undefined;
  return () => opened ??= open();
}
