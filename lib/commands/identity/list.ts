/**
 * `identity list`: the identities of every place where SOPS looks on this machine, by name and date. Reads only.
 *
 * Shows public halves and comments, never any of an identity; runs no command, and looks into the keychain
 * only for a vault that is named. I/O through the host.
 * Spec: keys §2.
 *
 * @module
 */
import { suggestKeygen } from "../shared/keygen_hint.ts";
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { formatSize, MAX_KEYS_FILE_BYTES } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import type { Report } from "../../base/show/report.ts";
import { deriveRecipient, type IdentityKind } from "../../keys/age/identity.ts";
import { isProtected, type KeysEntry, type KeysFile, parseKeysFile } from "../../keys/file/keys_file.ts";
import { findEntryName, readCommentedEntries } from "../../keys/file/lines.ts";
import { type KeysPlace, keysPlaces } from "../../keys/places/keys_path.ts";
import { isSshSource, readPlace } from "../../keys/places/read_place.ts";
import { findKeysProblem, refuseUnusable } from "../../keys/file/problem.ts";
import type { KeysUnlocker } from "../../keys/file/unlock.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { readKeysBytes } from "../shared/keys_input.ts";
import { createUnlocker } from "./unlock.ts";
import type { PassphraseFlagValues } from "../shared/passphrase_flags.ts";
import { tableOf } from "../../base/show/table.ts";
import type { VaultFlags } from "../shared/vault_text.ts";

/** The flags of `identity list`. */
export interface IdentityListFlags extends PassphraseFlagValues, Omit<VaultFlags, "json"> {
  /** The place where this vault keeps its key, instead of those where SOPS looks. */
  readonly vault?: string;
  /** Open protected files too. */
  readonly unlock?: boolean;
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/** An identity as it is listed. */
interface ListedIdentity {
  /** Undefined when it has none. */
  readonly name: string | undefined;
  /** Undefined for a plugin identity that no comment names the recipient of. */
  readonly recipient: string | undefined;
  readonly kind: IdentityKind;
  readonly created: Date | undefined;
  /** Absolute path of the file that defines the vault it was made for. */
  readonly config: string | undefined;
  readonly line: number;
}

/** A place, and what is in it. */
interface ListedPlace {
  /** The variable or path, as people know it. */
  readonly source: string;
  /** Absolute; undefined for a place that is no file. */
  readonly path: string | undefined;
  /** `unusable`: SOPS would drop it, or it cannot be read. `unopened`: a protected file, or a command. */
  readonly state: "read" | "missing" | "unusable" | "unopened";
  /** What to know of it, as half a sentence; undefined when there is nothing. */
  readonly remark: string | undefined;
  readonly identities: readonly ListedIdentity[];
}

/** What people call the kinds. */
const KIND_NAMES: Readonly<Record<IdentityKind, string>> = {
  x25519: "x25519",
  hybrid: "post-quantum",
  plugin: "plugin",
};

/**
 * Lists the identities of the named files and vault, or of every place where SOPS looks.
 *
 * @returns the exit code
 * @throws {UserError} for a named file: `not-found`, `malformed` when SOPS would drop it, `io`, `denied`; with `--unlock`
 * as `KeysUnlocker.open()`; with a vault as `findVault()`, `findIdentityPlace()` and `readKeychainIdentities()`
 */
export async function identityList(
  flags: IdentityListFlags,
  files: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const unlocker = flags.unlock || flags.passphraseFd !== undefined || flags.passphraseFile !== undefined
    ? createUnlocker(host, flags, files)
    : undefined;
  const places: ListedPlace[] = [];
  for (const file of files) places.push(await listFile(host, file, unlocker));
  if (flags.vault !== undefined) places.push(await listVault(session, flags.vault, flags, unlocker));
  if (places.length === 0) {
    for (const place of keysPlaces(host)) {
      const listed = await listPlace(host, place, unlocker);
      if (listed !== undefined) places.push(listed);
    }
  }
  const called = files.length === 0 ? await findNamesHere(host) : undefined; // a file that is named can be of anywhere
  await printPlaces(places, session, called);
  report.json({ places: places.map((place) => placeAsJson(place, called)) });
  return EXIT.done;
}

async function listFile(host: Host, file: string, unlocker: KeysUnlocker | undefined): Promise<ListedPlace> {
  const { bytes, path } = await readKeysBytes(host, file);
  const place = { source: "file", path };
  if (isProtected(bytes) && unlocker === undefined) return unopened(place);
  const keysFile = parseKeysFile(unlocker === undefined ? bytes : await unlocker.open(bytes, path), path);
  refuseUnusable(keysFile);
  return { ...place, state: "read", remark: undefined, identities: await listEntries(keysFile) };
}

async function listVault(
  session: Session,
  name: string,
  flags: IdentityListFlags,
  unlocker: KeysUnlocker | undefined,
): Promise<ListedPlace> {
  const { host } = session;
  const { findIdentityPlace, findVault } = await import("../shared/vault_identity.ts");
  const place = findIdentityPlace(host, findVault(session, name, flags));
  if (place.kind === "file") return await listFile(host, place.path, unlocker);
  const { readKeychainIdentities } = await import("../../keys/keychain/keychain.ts");
  const { formatKeychainEntry } = await import("../../keys/keychain/entry.ts");
  const found = await readKeychainIdentities(host, place.entry);
  const entry = { source: formatKeychainEntry(place.entry), path: undefined };
  if (found === undefined) return { ...entry, state: "missing", remark: "no such entry", identities: [] };
  return { ...entry, state: "read", remark: undefined, identities: await listEntries(found) };
}

/** @returns undefined for a place that holds no age identities, and for a variable that is not set */
async function listPlace(
  host: Host,
  place: KeysPlace,
  unlocker: KeysUnlocker | undefined,
): Promise<ListedPlace | undefined> {
  if (isSshSource(place.source)) return undefined;
  const { path, found } = await readPlace(host, place);
  const source = place.source === "user-config" ? "default keys file" : place.source;
  const known = { source, path };
  switch (found.kind) {
    case "nothing":
      if (path === undefined && place.source !== "user-config") return undefined;
      return { ...known, state: "missing", remark: found.reason, identities: [] };
    case "command":
      return { ...known, state: "unopened", remark: "a command; not run", identities: [] };
    case "keys":
      return await listKeys(known, found.keys, unlocker);
    case "unreadable":
      return { ...known, state: "unusable", remark: remarkOf(found.error), identities: [] };
    case "ssh-key":
      return undefined;
  }
}

function remarkOf({ kind }: UserError): string {
  switch (kind) {
    case "malformed":
      return `larger than ${formatSize(MAX_KEYS_FILE_BYTES)}`;
    case "denied":
      return "cannot be opened";
    default:
      return "cannot be read";
  }
}

async function listKeys(
  place: Pick<ListedPlace, "source" | "path">,
  keys: KeysFile,
  unlocker: KeysUnlocker | undefined,
): Promise<ListedPlace> {
  if (isProtected(keys.bytes) && unlocker === undefined) return unopened(place);
  const name = place.path ?? place.source;
  const keysFile = isProtected(keys.bytes) && unlocker !== undefined
    ? parseKeysFile(await unlocker.open(keys.bytes, name), name)
    : keys;
  const problem = findKeysProblem(keysFile);
  return {
    ...place,
    state: problem === undefined ? "read" : "unusable",
    remark: problem === undefined ? undefined : `SOPS and age ignore it: ${problem}`,
    identities: await listEntries(keysFile),
  };
}

function unopened(place: Pick<ListedPlace, "source" | "path">): ListedPlace {
  return { ...place, state: "unopened", remark: "protected with a passphrase (--unlock opens it)", identities: [] };
}

async function listEntries(file: KeysFile): Promise<ListedIdentity[]> {
  const listed: ListedIdentity[] = [];
  for (const commented of readCommentedEntries(file)) {
    const { entry } = commented;
    listed.push({
      name: findEntryName(commented),
      recipient: await findRecipient(entry),
      kind: entry.kind,
      created: entry.comments.created,
      config: entry.comments.mark?.config,
      line: entry.lineNumber,
    });
  }
  return listed;
}

/** Derived, never believed, but where only a plugin could derive it. */
async function findRecipient({ kind, secret, comments }: KeysEntry): Promise<string | undefined> {
  return kind === "plugin" ? comments.publicKey : await deriveRecipient(secret);
}

/** What the `.sops.yaml` of this folder calls keys, by recipient. */
type NamesHere = ReadonlyMap<string, string>;

/** @returns undefined without a `.sops.yaml` here, and for one that cannot be read: other commands say why */
async function findNamesHere(host: Host): Promise<NamesHere | undefined> {
  const { findSopsConfig, readSopsConfigFile } = await import("../../config/sops_config_find.ts");
  const { path } = findSopsConfig(host, host.cwd);
  if (path === undefined) return undefined;
  const { listKnownRecipients } = await import("../../repository/recipients/known.ts");
  try {
    const config = readSopsConfigFile(host, path);
    const known = config === undefined ? [] : listKnownRecipients(config);
    return new Map(known.flatMap(({ text, name }) => name === undefined ? [] : [[text, name] as const]));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return undefined;
  }
}

function nameHere({ recipient }: ListedIdentity, called: NamesHere | undefined): string | undefined {
  return recipient === undefined ? undefined : called?.get(recipient);
}

async function printPlaces(
  places: readonly ListedPlace[],
  { host, report }: Session,
  called: NamesHere | undefined,
): Promise<void> {
  for (const { source, path, remark, identities } of places) {
    const shown = path === undefined ? source : `${report.path(path)}  (${source})`;
    const rows = identities.map((identity) => row(identity, report, called));
    report.answer([
      remark === undefined ? shown : `${shown}: ${remark}`,
      tableOf(rows, { indent: "  ", yields: [0, 4], styles: ["name"] }),
    ]);
  }
  if (places.every(({ state, identities }) => identities.length === 0 && (state === "missing" || state === "read"))) {
    report.note("no identity is there");
    report.next((await suggestKeygen(host)).replace(/^make one with: /, ""));
  }
}

function row(identity: ListedIdentity, report: Report, called: NamesHere | undefined): string[] {
  const { name, recipient, kind, created, config, line } = identity;
  const here = nameHere(identity, called);
  const notes = [
    ...(config === undefined ? [] : [`for ${report.path(config)}`]),
    ...(here === undefined || here === name ? [] : [`called ${here} here`]),
  ];
  return [
    shorten(name ?? "-"),
    recipient === undefined ? `line ${line}` : formatShortRecipient(recipient),
    KIND_NAMES[kind],
    created?.toISOString().slice(0, 10) ?? "-",
    ...(notes.length === 0 ? [] : [notes.join(", ")]),
  ];
}

/** A comment may be a whole story. */
function shorten(name: string): string {
  const MAX_NAME_LENGTH = 40;
  return name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH - 1)}…`;
}

function placeAsJson(
  { source, path, state, remark, identities }: ListedPlace,
  called: NamesHere | undefined,
): Record<string, unknown> {
  return {
    source,
    path: path ?? null,
    state,
    remark: remark ?? null,
    identities: identities.map((identity) => ({
      name: identity.name ?? null,
      nameInConfig: nameHere(identity, called) ?? null,
      recipient: identity.recipient ?? null,
      kind: identity.kind,
      created: identity.created?.toISOString() ?? null,
      config: identity.config ?? null,
      line: identity.line,
    })),
  };
}
