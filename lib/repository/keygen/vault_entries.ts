/**
 * Which identities of a place are those of a vault: a keys file holds the keys of other vaults and of the person, too, and
 * whoever is given the key of one vault must not get those. I/O through the host.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { createRuleMatcher, sopsRelativePath } from "../../config/patterns/matcher.ts";
import { readSopsConfigFile } from "../../config/sops_config_find.ts";
import { syntheticPath } from "../../config/vaults/files.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { deriveRecipient } from "../../keys/age/identity.ts";
import type { KeysEntry, KeysFile } from "../../keys/file/keys_file.ts";

/**
 * @returns those that were made for the vault, by their comment; where none was, those that the rule of the vault's files
 * has and that were not made for another one; the only one of a file, unless it was made for another vault
 */
export async function findVaultEntries(host: Host, vault: Vault, file: KeysFile): Promise<readonly KeysEntry[]> {
  const { entries } = file;
  const isForOther = ({ comments: { mark } }: KeysEntry): boolean => mark !== undefined && mark.vault !== vault.name;
  if (entries.length === 1) return entries.filter((entry) => !isForOther(entry));
  const config = vault.definedAt?.path ?? vault.recipientsFile;
  const made = entries.filter(({ comments: { mark } }) => mark?.vault === vault.name && mark.config === config);
  if (made.length > 0) return made;
  const wanted = await listVaultRecipients(host, vault);
  const known: KeysEntry[] = [];
  for (const entry of entries) {
    if (isForOther(entry) || entry.kind === "plugin") continue;
    if (wanted.has(await deriveRecipient(entry.secret))) known.push(entry);
  }
  return known;
}

/** Who can read the files of a vault: who is pinned, or who is in the rule that wins for them. */
async function listVaultRecipients(host: Host, vault: Vault): Promise<ReadonlySet<string>> {
  if (vault.ageRecipients !== undefined) return new Set(vault.ageRecipients.split(",").map((text) => text.trim()));
  const config = readSopsConfigFile(host, vault.recipientsFile);
  if (config === undefined) return new Set();
  const path = sopsRelativePath(host.paths, config.path, syntheticPath(vault, host));
  const rule = (await createRuleMatcher(config)).findWinner(path);
  return new Set(rule?.groups.flatMap(({ keys }) => keys.map(({ text }) => text)));
}
