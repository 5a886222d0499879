/**
 * `identity store [VAULT]`: puts the identity of a vault into the OS keychain, where atmos looks for it too.
 *
 * Adds to the entry, never replaces what it holds; the keys file that the identity comes from is left as it is. I/O
 * through the host. Spec: vaults §6.
 *
 * @module
 */
import { suggestKeygen } from "../shared/keygen_hint.ts";
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import type { Secret } from "../../base/secret.ts";
import { isBuiltIn, type Vault } from "../../config/vaults/vault.ts";
import { deriveRecipient } from "../../keys/age/identity.ts";
import { addKeychainIdentity } from "../../keys/keychain/keychain.ts";
import { formatKeychainEntry } from "../../keys/keychain/entry.ts";
import { withKeychainLock } from "../../keys/keychain/lock.ts";
import { findIdentityByRecipient, findIdentityForVault, type KeysFile } from "../../keys/file/keys_file.ts";
import { refuseUnusable } from "../../keys/file/problem.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { parseRecipient } from "../../keys/age/recipient_parse.ts";
import { readKeysInput } from "../shared/keys_input.ts";
import { deriveVaultEntry, findVault, formatKeyCommandExport } from "../shared/vault_identity.ts";
import { createUnlocker } from "./unlock.ts";
import type { PassphraseFlagValues } from "../shared/passphrase_flags.ts";
import type { VaultFlags } from "../shared/vault_text.ts";

/** The flags of `identity store`. */
export interface IdentityStoreFlags extends PassphraseFlagValues, VaultFlags {
  /** The keys file that holds the identity. */
  readonly from?: string;
  readonly recipient?: string;
  readonly dryRun?: boolean;
}

/**
 * Runs `identity store [VAULT]`.
 *
 * @returns the exit code
 * @throws {UserError} `usage` for an unknown or ambiguous vault, and for several identities to choose from; `no-identity`
 * when none belongs to the recipient; `not-found` without the keys file, or a native identity in it; `unsupported` for a
 * vault that uses another store, and where there is no keychain; `malformed` for an entry that holds something else, and for a recipient that is none;
 * `denied` for a locked keychain; `io`
 */
export async function identityStore(
  flags: IdentityStoreFlags,
  [vaultName]: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const vault = findVault(session, vaultName, flags);
  const entry = deriveVaultEntry(vault);
  const unlocker = createUnlocker(host, flags, [flags.from]);
  const from = flags.from ?? (vault.ageKey.form === "file" ? vault.ageKey.path : undefined);
  const keysFile = await readKeysInput(host, from, unlocker);
  refuseUnusable(keysFile);
  const { identity, recipient } = await chooseIdentity(keysFile, vault, { host, flags });
  const short = formatShortRecipient(recipient);
  const place = formatKeychainEntry(entry);
  if (flags.dryRun) {
    report.say(`would store the key of vault "${vault.name}" (${short}) in the ${place}`);
  } else if (await withKeychainLock(host, () => addKeychainIdentity(host, entry, identity))) {
    report.done(`stored the key of vault "${vault.name}" (${short}) in the ${place}`);
    report.note(`"${keysFile.path}" holds it still; remove it there once a decryption has worked`);
  } else {
    report.say(`the ${place} holds the key of vault "${vault.name}" (${short}) already; nothing changed`);
  }
  reportUse(session, vault);
  report.data(recipient);
  report.json({
    vault: vault.name,
    recipient,
    service: entry.service,
    account: entry.account,
    dryRun: flags.dryRun ?? false,
  });
  return EXIT.done;
}

/** The one that was asked for, or that was made for the vault, or the only one. */
async function chooseIdentity(
  file: KeysFile,
  vault: Vault,
  { host, flags }: { readonly host: Host; readonly flags: IdentityStoreFlags },
): Promise<{ readonly identity: Secret; readonly recipient: string }> {
  if (flags.recipient !== undefined) {
    const match = await findIdentityByRecipient(file, [parseRecipient(flags.recipient).text]);
    if (match !== undefined) return { identity: match.entry.secret, recipient: match.recipient };
    throw new UserError(
      "no-identity",
      `no identity for ${formatShortRecipient(flags.recipient)} in "${file.path}"`,
      { hints: ["see what is there: sopsmith identity list"], location: { path: file.path } },
    );
  }
  const mark = { vault: vault.name, config: vault.definedAt?.path ?? vault.recipientsFile };
  const native = file.entries.filter(({ kind }) => kind !== "plugin");
  const chosen = findIdentityForVault(file, mark) ?? (native.length === 1 ? native[0] : undefined);
  if (chosen !== undefined) return { identity: chosen.secret, recipient: await deriveRecipient(chosen.secret) };
  if (native.length === 0) {
    throw new UserError("not-found", `cannot store a key: "${file.path}" holds no identity that can be stored`, {
      hints: [await suggestKeygen(host)],
      location: { path: file.path },
    });
  }
  throw new UserError(
    "usage",
    `none of the ${native.length} identities in "${file.path}" was made for vault "${vault.name}"`,
    { hints: [`name its public half with --recipient (sopsmith identity public "${file.path}" prints all of them)`] },
  );
}

function reportUse({ host, report }: Session, vault: Vault): void {
  const { name, ageKey } = vault;
  if (ageKey.form !== "store" && !isBuiltIn(vault)) {
    report.note(`for vault "${name}" to use it: age_key: {store: keychain}, and stores: {keychain: {type: keychain}}`);
  }
  report.note(`for sops itself: ${formatKeyCommandExport(host, vault)}`);
}
