/**
 * `keygen [VAULT]`: makes an age key pair for a vault; the private half goes to the keys file that SOPS reads, the public
 * half becomes part of a rule in `.sops.yaml`. Safe to run twice. Spec: vaults §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import { Progress } from "../../base/show/progress.ts";
import { selectVault } from "../../config/vaults/select.ts";
import { canGenerateKey, type Vault, type VaultConfig } from "../../config/vaults/vault.ts";
import { refuseHiddenConfig } from "../../config/vaults/built_in.ts";
import { defaultKeysFile, isReadBySops } from "../../keys/places/keys_path.ts";
import type { KeygenOutcome, KeygenRequest } from "../../repository/keygen/keygen_plan.ts";
import { keychainPlace, type KeysPlace, keysTarget } from "../../repository/keygen/keys_place.ts";
import { deriveVaultEntry, findAskedScope, readVaultConfig } from "../shared/vault_identity.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { reportKeygen } from "./report.ts";
import { type KeygenPassphraseFlags, wantsPassphrase, writeKeygen } from "./write.ts";
import type { VaultFlags } from "../shared/vault_text.ts";
import { type OthersFlags, parseOthersPolicy } from "../shared/others_flags.ts";
import { FileIndex } from "../../repository/rules/file_index.ts";
import { findFilesOfRule, findFilesWithout, VaultRulesReader } from "../../repository/rules/vault_rule.ts";
import type { VaultFile } from "../../repository/scan/vault_files.ts";
import { holdsAnchorCharacter } from "../../config/rules/anchor_name.ts";

/** The flags of `keygen`. */
export interface KeygenFlags extends KeygenPassphraseFlags, OthersFlags, VaultFlags {
  readonly force?: boolean;
  readonly postQuantum?: boolean;
  readonly name?: string;
  readonly allowInRepo?: boolean;
  readonly newConfig?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Runs `keygen [VAULT]`.
 *
 * @returns the exit code
 * @throws {UserError} `usage` for an unknown or ambiguous vault; `refused`, `malformed`, `unsupported`, `io`, `denied` as
 * spec vaults §3 lists them; nothing has been written then unless `details` says so
 */
export async function keygen(
  flags: KeygenFlags,
  [vaultName]: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const others = parseOthersPolicy(flags);
  refuseBlankName(flags);
  const config = readVaultConfig(session, flags);
  if (vaultName === undefined) refuseSkipped(config);
  const vault = selectVault(config, vaultName, findAskedScope(host, flags));
  if (!canGenerateKey(vault.kind)) {
    report.note(`keys of kind "${vault.kind}" are not made by sopsmith; vault "${vault.name}" is unchanged`);
    report.json({ vault: vault.name, kind: vault.kind, changed: false, reason: "unsupported" });
    return EXIT.done;
  }
  refuseConfiguredKey(vault);
  refuseHiddenConfig(vault, host, { newConfig: flags.newConfig ?? false });
  const progress = new Progress(host, "looking for encrypted files, folders");
  const request: KeygenRequest = {
    vault,
    keysPlace: findKeysPlace(vault, flags, host),
    kind: flags.postQuantum ? "hybrid" : "x25519",
    name: flags.name ?? vault.name,
    mode: flags.force ? "make" : "ensure",
    isPreview: flags.dryRun ?? false,
    others,
    reader: new VaultRulesReader(host, vault, new FileIndex(host, progress)),
  };
  refuseSharedFile(request);
  let outcome: KeygenOutcome;
  let behind: readonly VaultFile[] = [];
  try {
    await request.reader.prepare();
    outcome = await writeKeygen(host, request, flags);
    if (outcome.change !== undefined) {
      const files = await findFilesOfRule(host, outcome, { pathRegex: outcome.pathRegex, progress });
      behind = findFilesWithout(files, outcome.recipient);
    }
  } finally {
    progress.end();
  }
  await reportKeygen(session, request, { ...outcome, behind });
  return EXIT.done;
}

function refuseBlankName({ name }: KeygenFlags): void {
  if (name === undefined || holdsAnchorCharacter(name)) return;
  throw new UserError("usage", `--name is "${name}", expected a name with an ASCII letter or digit`, {
    hints: ["leave --name out to use the name of the vault"],
  });
}

/** A key for a vault that nobody meant helps nobody; which part was not read has been said. */
function refuseSkipped({ skipped, vaults }: VaultConfig): void {
  if (skipped.length === 0) return;
  throw new UserError("refused", "cannot tell which vault is meant: a part of the configuration was not read", {
    hints: vaults.length === 0
      ? ["name the vault: sopsmith keygen VAULT"]
      : vaults.slice(0, 1).map(({ name }) => `name the vault: sopsmith keygen ${quoteForShell(name)}`),
  });
}

/** Keys that the configuration brings itself leave keygen no place to put one. */
function refuseConfiguredKey({ name, ageKey, ageKeyAt, ageRecipients, ageRecipientsAt }: Vault): void {
  if (ageKey.form === "inline") {
    throw new UserError("refused", `cannot make a key for vault "${name}": its age_key holds the key itself`, {
      hints: [
        `remove age_key from line ${ageKeyAt?.line} of "${ageKeyAt?.path}", or name a file in age_key_file instead`,
      ],
      ...(ageKeyAt === undefined ? {} : { location: ageKeyAt }),
    });
  }
  if (ageRecipients !== undefined) {
    throw new UserError("refused", `cannot make a key for vault "${name}": its age_recipients pins the recipients`, {
      hints: [`remove age_recipients from line ${ageRecipientsAt?.line} of "${ageRecipientsAt?.path}"`],
      ...(ageRecipientsAt === undefined ? {} : { location: ageRecipientsAt }),
    });
  }
}

/** Only paths are compared; links between the two are found when the files are opened. */
function refuseSharedFile({ vault, keysPlace }: KeygenRequest): void {
  const { path } = keysPlace.target;
  if (path !== vault.recipientsFile) return;
  throw new UserError(
    "refused",
    `cannot make a key for vault "${vault.name}": both halves would go to "${path}", expected two files`,
    {
      hints: ["name another keys file: its content is secret, and the recipients file is meant to be committed"],
      location: vault.ageKeyAt ?? { path },
    },
  );
}

function findKeysPlace(vault: Vault, flags: KeygenFlags, host: Host): KeysPlace {
  const { ageKey } = vault;
  const isProtected = wantsPassphrase(flags);
  if (ageKey.form === "store") return keychainPlace(deriveVaultEntry(vault));
  if (ageKey.form === "file") {
    return {
      target: keysTarget(ageKey.path),
      isProtected,
      isDefault: false,
      isFoundBySops: isReadBySops(host, ageKey.path),
      inWorkTree: "warned",
    };
  }
  const place = defaultKeysFile(host);
  return {
    target: keysTarget(host.paths.resolve(host.cwd, place.path)),
    isProtected,
    isDefault: place.source === "user-config",
    isFoundBySops: true,
    inWorkTree: flags.allowInRepo ? "allowed" : "refused",
  };
}
