/**
 * The private key of a vault, wherever it lives: in its keys file, also a protected one, or in the keychain. Of a keys file
 * that holds keys of others, too, only those that the rule of the vault knows are shown.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Secret } from "../../base/secret.ts";
import type { Session } from "../../base/show/session.ts";
import { createRuleMatcher, sopsRelativePath } from "../../config/patterns/matcher.ts";
import { syntheticPath } from "../../config/vaults/files.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { readSopsConfigFile } from "../../config/sops_config_find.ts";
import { deriveRecipient } from "../../keys/age/identity.ts";
import type { KeysFile } from "../../keys/file/keys_file.ts";
import { KeysUnlocker } from "../../keys/file/unlock.ts";
import { readKeychainIdentities } from "../../keys/keychain/keychain.ts";
import { readKeysInput } from "../shared/keys_input.ts";
import { findPassphraseSource, type PassphraseFlagValues } from "../shared/passphrase_flags.ts";
import { findIdentityPlace } from "../shared/vault_identity.ts";
import { formatKeygenCommand } from "./target.ts";

/** @throws {UserError} `not-found` when there is none; as reading the place does */
export async function readVaultIdentities(
  session: Session,
  vault: Vault,
  flags: PassphraseFlagValues,
): Promise<readonly Secret[]> {
  const keysFile = await readPlace(session, vault, flags);
  const entries = keysFile?.entries ?? [];
  if (entries.length === 1) return entries.map(({ secret }) => secret);
  const wanted = await listRecipients(session, vault);
  const own: Secret[] = [];
  for (const { kind, secret } of entries) {
    if (kind !== "plugin" && wanted.has(await deriveRecipient(secret) ?? "")) own.push(secret);
  }
  if (own.length > 0) return own;
  throw new UserError("not-found", `vault "${vault.name}" has no private key on this machine`, {
    hints: [
      "ask who has it to send it to you",
      `or make one of your own: ${formatKeygenCommand(vault)}`,
    ],
  });
}

async function readPlace({ host }: Session, vault: Vault, flags: PassphraseFlagValues): Promise<KeysFile | undefined> {
  const place = findIdentityPlace(host, vault);
  if (place.kind === "keychain") return await readKeychainIdentities(host, place.entry);
  if (host.files.stat(place.path) === undefined) return undefined;
  return await readKeysInput(host, place.path, new KeysUnlocker(host, findPassphraseSource(host, flags)));
}

/** Who can read the files of a vault: who is pinned, or who is in the rule that wins for them. */
async function listRecipients({ host }: Session, vault: Vault): Promise<ReadonlySet<string>> {
  if (vault.ageRecipients !== undefined) return new Set(vault.ageRecipients.split(",").map((text) => text.trim()));
  const config = readSopsConfigFile(host, vault.recipientsFile);
  if (config === undefined) return new Set();
  const path = sopsRelativePath(host.paths, config.path, syntheticPath(vault, host));
  const rule = (await createRuleMatcher(config)).findWinner(path);
  return new Set(rule?.groups.flatMap(({ keys }) => keys.map(({ text }) => text)));
}
