/**
 * `identity export`: prints identities for the program that needs them, made for `SOPS_AGE_KEY_CMD`: when SOPS says which
 * recipient it tries, only that recipient's identity is printed.
 *
 * Never shows an identity on a terminal unless told to. I/O through the host. Spec: keys §2.
 *
 * @module
 */
import { suggestKeygen } from "../shared/keygen_hint.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import type { Session } from "../../base/show/session.ts";
import { InternalError, UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { deriveRecipient, findPluginName } from "../../keys/age/identity.ts";
import type { KeychainEntry } from "../../keys/keychain/entry.ts";
import type { KeysEntry, KeysFile } from "../../keys/file/keys_file.ts";
import { refuseUnusable } from "../../keys/file/problem.ts";
import { classifyRecipient, formatShortRecipient } from "../../keys/age/recipient.ts";
import { parseRecipient } from "../../keys/age/recipient_parse.ts";
import { defaultKeysFile } from "../../keys/places/keys_path.ts";
import { readKeysInput } from "../shared/keys_input.ts";
import { findVaultEntries } from "../../repository/keygen/vault_entries.ts";
import { createUnlocker } from "./unlock.ts";
import type { PassphraseFlagValues } from "../shared/passphrase_flags.ts";
import type { VaultFlags } from "../shared/vault_text.ts";

/** The flags of `identity export`. */
export interface IdentityExportFlags extends PassphraseFlagValues, Omit<VaultFlags, "json"> {
  readonly vault?: string;
  /** The keychain entry of the vault, wherever its configuration says that its key is. */
  readonly keychain?: boolean;
  readonly recipient?: string;
  /** Also what the place of the vault holds besides the key of the vault. */
  readonly all?: boolean;
  readonly reveal?: boolean;
}

/** The variable by which SOPS (3.12 and newer) tells a key command which recipient it tries. */
const RECIPIENT_VARIABLE = "SOPS_AGE_RECIPIENT";

/**
 * Runs `identity export [FILE]`.
 *
 * @returns the exit code
 * @throws {UserError} `refused` when standard output is a terminal; `usage` for a file and a vault; `no-identity` when none
 * belongs to the recipient; `not-found` without the file or entry, or with no identity in it; `malformed` for a line that
 * is no identity and a recipient that is none; for a keychain as `readKeychainIdentities()`; `io`, `denied`
 */
export async function identityExport(
  flags: IdentityExportFlags,
  [file]: readonly string[],
  session: Session,
): Promise<number> {
  const { host } = session;
  if (host.stdout.isTerminal && !flags.reveal) {
    throw new UserError("refused", "cannot show a private key: standard output is a terminal, expected a pipe", {
      hints: ["pipe it to the program that needs it, or pass --reveal"],
    });
  }
  if (file !== undefined && (flags.vault !== undefined || flags.keychain)) {
    const other = flags.keychain ? "--keychain" : "--vault";
    throw new UserError("usage", `a file and ${other} are named, expected one place`, {
      hints: ["leave one of them out"],
    });
  }
  const recipient = flags.recipient === undefined
    ? host.env(RECIPIENT_VARIABLE) || undefined // a recipient of another kind than age has is for another program
    : parseRecipient(flags.recipient).text;
  const { sharedBy, keysFile } = await readPlace(file, flags, session);
  refuseUnusable(keysFile);
  if (keysFile.entries.length === 0) {
    throw new UserError("not-found", `cannot export from "${keysFile.path}": it holds no identity`, {
      hints: file === undefined ? [await suggestKeygen(host)] : [],
      location: { path: keysFile.path },
    });
  }
  const isWhole = sharedBy === undefined || flags.all || recipient !== undefined;
  const ofVault = isWhole ? keysFile.entries : await findVaultEntries(host, sharedBy, keysFile);
  if (ofVault.length === 0) throw noneOfVault(sharedBy?.name ?? "", keysFile);
  const entries = recipient === undefined ? ofVault : await findEntries({ ...keysFile, entries: ofVault }, recipient);
  // the one sink that may show an identity: Report would hide it
  host.stdout.write(entries.map(({ secret }) => `${secret.revealText()}\n`).join(""));
  return EXIT.done;
}

/** @returns what is there; `sharedBy` is the vault whose keys file may hold keys of others, as a keychain entry does not */
async function readPlace(
  file: string | undefined,
  flags: IdentityExportFlags,
  session: Session,
): Promise<{ readonly keysFile: KeysFile; readonly sharedBy?: Vault }> {
  const { host } = session;
  const unlocker = createUnlocker(host, flags, [file]);
  if (flags.vault === undefined && !flags.keychain) return { keysFile: await readKeysInput(host, file, unlocker) };
  const { deriveVaultEntry, findIdentityPlace, findVault } = await import("../shared/vault_identity.ts");
  const vault = findVault(session, flags.vault, flags);
  if (flags.keychain) return { keysFile: await readEntry(host, deriveVaultEntry(vault), vault) };
  const place = findIdentityPlace(host, vault);
  if (place.kind === "keychain") return { keysFile: await readEntry(host, place.entry, vault) };
  return { sharedBy: vault, keysFile: await readKeysInput(host, place.path, unlocker) };
}

function noneOfVault(vault: string, { path, entries }: KeysFile): UserError {
  const count = `${entries.length} identities`;
  return new UserError("no-identity", `none of the ${count} in "${path}" is for vault "${vault}"`, {
    hints: [`pass --all if all of them may be shown`, "see what is there: sopsmith identity list"],
    location: { path },
  });
}

async function readEntry(host: Host, entry: KeychainEntry, { name }: Vault): Promise<KeysFile> {
  const { readKeychainIdentities } = await import("../../keys/keychain/keychain.ts");
  const { formatKeychainEntry } = await import("../../keys/keychain/entry.ts");
  const found = await readKeychainIdentities(host, entry);
  if (found !== undefined) return found;
  throw new UserError(
    "not-found",
    `cannot export the key of vault "${name}": there is no ${formatKeychainEntry(entry)}`,
    {
      hints: [suggestStoring(host, name)],
    },
  );
}

/** The key may lie in the keys file of this machine; else it has to be made. */
function suggestStoring(host: Host, vault: string): string {
  const file = defaultKeysFile(host);
  const hasFile = host.files.stat(file.path) !== undefined;
  return hasFile
    ? `put it there: sopsmith identity store ${quoteForShell(vault)}`
    : `make one with: sopsmith keygen ${quoteForShell(vault)}`;
}

async function findEntries(file: KeysFile, recipient: string): Promise<readonly KeysEntry[]> {
  const kind = classifyRecipient(recipient);
  const matching: KeysEntry[] = [];
  for (const entry of file.entries) {
    if (entry.kind !== kind) continue;
    const isMatch = entry.kind === "plugin" // which of several identities of a plugin it is, only the plugin knows
      ? findPluginName(entry.secret) === pluginOfRecipient(recipient)
      : await deriveRecipient(entry.secret) === recipient;
    if (isMatch) matching.push(entry);
  }
  if (matching.length > 0) return matching;
  const others = file.entries.length === 1 ? "1 identity, which is" : `${file.entries.length} identities, which are`;
  throw new UserError(
    "no-identity",
    `no identity for ${formatShortRecipient(recipient)}: "${file.path}" holds ${others} for somebody else`,
    { hints: ["see what is there: sopsmith identity list"] },
  );
}

function pluginOfRecipient(recipient: string): string {
  const name = /^age1(.+)1[^1]*$/.exec(recipient)?.[1];
  if (name === undefined) throw new InternalError("a plugin recipient without the name of its plugin");
  return name;
}
