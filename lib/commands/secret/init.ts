/**
 * `secret init`: what a vault needs before its first secret, which is a key, and with `--input` the values. Spec: vaults §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { formatCount } from "../../base/show/counts.ts";
import { canAsk, confirm } from "../../base/ask/prompts.ts";
import type { Session } from "../../base/show/session.ts";
import { isBuiltIn, type Vault } from "../../config/vaults/vault.ts";
import { mayOpenHere } from "../../repository/file/own_keys.ts";
import { placesOf } from "../../repository/secrets/keys.ts";
import { listSecretNames } from "../../repository/secrets/values.ts";
import {
  chooseRecipients,
  findSecretContent,
  findSecretTarget,
  formatKeygenCommand,
  formatSecretCommand,
  reportChange,
  type SecretFlags,
  type SecretTarget,
  setSecrets,
} from "./target.ts";
import { readGivenSecrets } from "./transfer.ts";

/** The flags of `secret init`. */
export interface SecretInitFlags extends SecretFlags {
  readonly input?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Prepares a vault.
 *
 * @throws {UserError} `no-identity` without a key and without a terminal to offer one on; as making the key, reading the
 * input and writing do
 */
export async function secretInit(flags: SecretInitFlags, _: readonly string[], session: Session): Promise<number> {
  const { report } = session;
  const target = await findSecretTarget(session, flags);
  const hasKey = await hasUsableKey(session, target) || await offerKey(session, target.vault, flags);
  const given = flags.input === undefined ? undefined : await readGivenSecrets(session, flags.input);
  const content = findSecretContent(session, target);
  const present = content === undefined ? [] : await listSecretNames(content, target.path);
  const values = new Map([...given ?? []].filter(([name]) => flags.force || !present.includes(name)));
  const { changed } = values.size === 0
    ? { changed: [] }
    : await setSecrets(session, target, { values, dryRun: flags.dryRun });
  const file = report.path(target.path);
  if (given !== undefined) {
    const kept = given.size - changed.length;
    const rest = kept === 0 ? "" : `; ${formatCount(kept, "secret")} kept the value that was there`;
    if (!flags.dryRun) report.done(`set ${formatCount(changed.length, "secret")} in ${file}${rest}`);
  } else if (hasKey) {
    report.done(`vault "${target.vault.name}" is ready: ${formatCount(present.length, "secret")} in ${file}`);
    report.next(formatSecretCommand(target, "set NAME"));
  }
  reportChange(session, target, { changed: changed.length > 0 && !flags.dryRun, names: changed });
  return EXIT.done;
}

/** Whether new secrets would be encrypted for someone, and could be read here. */
async function hasUsableKey(session: Session, target: SecretTarget): Promise<boolean> {
  try {
    const { groups } = await chooseRecipients(session, target);
    return await mayOpenHere(session.host, groups.flat(), placesOf(target.vault));
  } catch (error) {
    if (error instanceof UserError && (error.kind === "not-found" || error.kind === "refused")) return false;
    throw error;
  }
}

/** @returns whether the vault has a key now */
async function offerKey(session: Session, vault: Vault, flags: SecretInitFlags): Promise<boolean> {
  const { host, report } = session;
  const { name, ageRecipients, ageKey } = vault;
  if (ageRecipients !== undefined || ageKey.form === "inline") {
    report.warning(`this machine has no key that reads the secrets of vault "${name}"`);
    return false;
  }
  const command = formatKeygenCommand(vault);
  if (flags.dryRun) {
    report.say(`would offer to make a key for vault "${name}"`);
    return false;
  }
  if (!canAsk(host) || flags.json) { // keygen prints a result of its own
    throw new UserError("no-identity", `vault "${name}" has no key here, and nobody can be asked for one`, {
      hints: [`make one: ${command}`],
    });
  }
  const question = { text: `vault "${name}" has no key here; make one now`, instead: "pass --dry-run to see it" };
  if (!await confirm(host, question, "yes")) {
    report.warning(`vault "${name}" has no key here: nobody could read a secret that is set now`);
    report.next(command);
    return false;
  }
  const { keygen } = await import("../keygen/keygen.ts");
  const { config, configPath } = flags;
  const where = { ...(config === undefined ? {} : { config }), ...(configPath === undefined ? {} : { configPath }) };
  return await keygen(where, isBuiltIn(vault) ? [] : [name], session) === EXIT.done;
}
