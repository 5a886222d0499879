/**
 * The entries of the keychain in which vaults keep their keys: SOPS asks no keychain by itself, and in a new shell nothing
 * tells it to. It is only asked whether there is an entry: reading one could ask the person. I/O through the host. Spec:
 * vaults §6.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { keysOf } from "../../config/edit/diff.ts";
import { firstPath } from "../../config/vaults/files.ts";
import { findVaultEntry } from "../../config/vaults/keychain_entry.ts";
import { isBuiltIn, type Vault } from "../../config/vaults/vault.ts";
import { formatKeychainEntry, type KeychainEntry } from "../../keys/keychain/entry.ts";
import { openKeychain } from "../../keys/keychain/keychain.ts";
import { FileRules } from "../scan/file_rules.ts";
import type { ExaminedPlace, Finding, LocalIdentity } from "./finding.ts";

/** How many entries are looked for: each takes a program, on Windows one of a second. */
const MAX_ENTRIES = 8;

/** @returns entries that are there, and those that a vault names and that cannot be looked for */
export async function examineKeychainPlaces(host: Host, vaults: readonly Vault[]): Promise<readonly ExaminedPlace[]> {
  const inKeychain = vaults.filter((vault) => vault.ageKey.form === "store" || isBuiltIn(vault));
  const places = new Map<string, ExaminedPlace>();
  for (const vault of inKeychain.slice(0, MAX_ENTRIES)) {
    const entry = findVaultEntry(vault);
    const label = entry && formatKeychainEntry(entry);
    if (entry === undefined || label === undefined || places.has(label)) continue;
    const place = await examineEntry(host, vault, { entry, label });
    if (place !== undefined) places.set(label, place);
  }
  return [...places.values()];
}

async function examineEntry(
  host: Host,
  vault: Vault,
  { entry, label }: { readonly entry: KeychainEntry; readonly label: string },
): Promise<ExaminedPlace | undefined> {
  const common = { source: "elsewhere", label } as const;
  try {
    if (!await (await openKeychain(host)).has(entry)) return undefined;
    const identities = [await describeEntry(host, vault, label)];
    return { ...common, content: { kind: "keychain" }, identities, findings: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (isBuiltIn(vault)) return undefined; // nothing says that its key is there
    const reason = error.message.replace(/^cannot \w+ (?:to )?the keychain: /, "");
    const [step] = error.hints;
    const finding: Finding = {
      code: "unusable-source",
      message: `vault "${vault.name}" keeps its key in the keychain, which cannot be reached: ${reason}`,
      ...(step === undefined ? {} : { repair: { kind: "set-up", step } }),
    };
    return { ...common, content: { kind: "unusable", reason: "not reached" }, identities: [], findings: [finding] };
  }
}

async function describeEntry(host: Host, vault: Vault, label: string): Promise<LocalIdentity> {
  return {
    recipient: undefined,
    guess: { kind: "keychain", recipients: await findRecipients(host, vault) },
    origin: `the ${label}`,
    isLocked: false,
    obstacle: { reason: "SOPS is not told of it", repair: { kind: "set-key-command", vault } },
  };
}

/** @returns whom the rule of the vault's files is for; undefined where that cannot be told */
async function findRecipients(host: Host, vault: Vault): Promise<ReadonlySet<string> | undefined> {
  try {
    const { rule } = await new FileRules(host, undefined).find(firstPath(vault, host));
    const pinned = vault.ageRecipients?.split(",").map((text) => text.trim()) ?? [];
    return rule === undefined ? undefined : new Set([...pinned, ...keysOf(rule).map(({ text }) => text)]);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return undefined;
  }
}
