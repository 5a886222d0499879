/**
 * `secret init`: what a vault needs before its first secret, which is a key, and with `--input` the values. Spec: vaults §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { formatCount } from "../../base/show/counts.ts";
import { askSecret, canAsk, confirm } from "../../base/ask/prompts.ts";
import type { Session } from "../../base/show/session.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { mayOpenHere } from "../../repository/file/own_keys.ts";
import { placesOf } from "../../repository/secrets/keys.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { findAskedScope } from "../shared/vault_identity.ts";
import { type DeclaredSecret, SecretPlaces } from "./places.ts";
import {
  chooseRecipients,
  formatFiles,
  formatKeygenCommand,
  formatSecretCommand,
  listPresent,
  reportChange,
  type SecretFlags,
  type SecretTarget,
  setSecrets,
} from "./target.ts";
import { readGivenSecrets } from "./transfer.ts";

/** The flags of `secret init`. */
export interface SecretInitFlags extends SecretFlags {
  readonly all?: boolean;
  readonly input?: string;
  readonly mode?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Prepares a vault, or all the vaults of the declared secrets.
 *
 * @throws {UserError} `no-identity` without a key and without a terminal to offer one on; as making the key, reading the
 * input and writing do
 */
export async function secretInit(flags: SecretInitFlags, _: readonly string[], session: Session): Promise<number> {
  const { mode = "warn" } = flags;
  if (mode !== "warn" && mode !== "strict") {
    throw new UserError("usage", `--mode takes warn or strict; found "${mode}"`, { hints: ["pass --mode strict"] });
  }
  const places = new SecretPlaces(session, flags);
  const given = flags.input === undefined ? undefined : await readGivenSecrets(session, flags.input);
  const declared = listWanted(session, places, flags);
  return declared === undefined
    ? await initVault(session, places.ofVault(), { flags, given })
    : await initDeclared(session, places, { flags, given, declared });
}

/** Without a component, the secrets of all components of the stack are meant; with `--all`, those of all stacks. */
function listWanted(
  { host }: Session,
  places: SecretPlaces,
  flags: SecretInitFlags,
): readonly DeclaredSecret[] | undefined {
  const { stack, component } = findAskedScope(host, flags);
  if (flags.all && (stack !== undefined || component !== undefined)) {
    throw new UserError("usage", "--all and a stack or a component contradict each other", {
      hints: ["leave --stack and --component out"],
    });
  }
  if (flags.all) return places.listDeclared({ withAbstract: false });
  return places.listDeclaredBelow();
}

interface InitOptions {
  readonly flags: SecretInitFlags;
  readonly given: ReadonlyMap<string, string> | undefined;
}

async function initVault(session: Session, target: SecretTarget, { flags, given }: InitOptions): Promise<number> {
  const { report } = session;
  const hasKey = await hasUsableKey(session, target) || await offerKey(session, target.vault, flags);
  const present = await listPresent(session, target);
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
  reportChange(session, [target], { changed: changed.length > 0 && !flags.dryRun, names: changed });
  return EXIT.done;
}

async function initDeclared(
  session: Session,
  places: SecretPlaces,
  { flags, given, declared }: InitOptions & { readonly declared: readonly DeclaredSecret[] },
): Promise<number> {
  const { report } = session;
  refuseUndeclared(session, declared, { flags, given });
  const changed: string[] = [];
  const missing: { name: string; label: string; target: SecretTarget }[] = [];
  const groups = places.groupDeclared(declared);
  const ready = new Map<string, boolean>();
  let isKeyMade = false;
  for (const [target, secrets] of groups) {
    const { name } = target.vault;
    if (!ready.has(name)) {
      const hadKey = await hasUsableKey(session, target);
      ready.set(name, hadKey || await offerKey(session, target.vault, flags));
      if (!hadKey && ready.get(name)) isKeyMade = true;
    }
    const present = await listPresent(session, target);
    const wanted = secrets.filter((secret) => flags.force || !present.includes(secret.name));
    const values = given === undefined
      ? await askValues(session, wanted, {
        mayAsk: ready.get(name)! && !flags.dryRun,
        isFirst: changed.length === 0 && !isKeyMade,
      })
      : new Map(wanted.flatMap((secret) => given.has(secret.name) ? [[secret.name, given.get(secret.name)!]] : []));
    if (values.size > 0) changed.push(...(await setSecrets(session, target, { values, dryRun: flags.dryRun })).changed);
    for (const secret of secrets) {
      if (present.includes(secret.name) || values.has(secret.name)) continue;
      const owner = flags.component === undefined && secret.scope === "instance" ? ` (${secret.component})` : "";
      missing.push({ name: secret.name, label: secret.name + owner, target });
    }
  }
  const files = groups.size === 0 ? "" : ` in ${formatFiles(session, groups.keys())}`;
  const left = missing.length === 0 ? "" : `; without a value: ${missing.map(({ label }) => label).join(", ")}`;
  if (!flags.dryRun) report.done(`set ${formatCount(changed.length, "secret")}${files}${left}`);
  const [first] = missing;
  if (first !== undefined) report.next(formatSecretCommand(first.target, `set ${quoteForShell(first.name)}`));
  reportChange(session, [...groups.keys()], { changed: changed.length > 0 && !flags.dryRun, names: changed });
  return EXIT.done;
}

function refuseUndeclared(
  { report }: Session,
  declared: readonly DeclaredSecret[],
  { flags, given }: InitOptions,
): void {
  for (const name of given?.keys() ?? []) {
    if (declared.some((secret) => secret.name === name)) continue;
    if (flags.mode === "strict") {
      throw new UserError("not-found", `"${name}" is not declared`, {
        hints: ["declare it under secrets.vars, or leave --mode out to skip it"],
      });
    }
    report.warning(`${name} is not declared, and is left out`);
  }
}

/** @returns what was typed; nothing where nobody can be asked */
async function askValues(
  { host }: Session,
  secrets: readonly DeclaredSecret[],
  { mayAsk, isFirst }: { readonly mayAsk: boolean; readonly isFirst: boolean },
): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  if (!mayAsk || !canAsk(host)) return values;
  let heading: string | undefined = "what you type is encrypted, and not shown; an empty line leaves it for later";
  const givenUp = isFirst ? undefined : "what was set or made before stays";
  for (const { name, stack, component, scope, description } of secrets) {
    const where = scope === "stack" || component === undefined ? stack : `${stack}/${component}`;
    const about = description === undefined ? "" : `, ${description}`;
    const question = { heading, text: `value of ${name} for ${where}${about}`, instead: "pass --input", givenUp };
    heading = undefined;
    const value = (await askSecret(host, question)).revealText();
    if (value !== "") values.set(name, value);
  }
  return values;
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
  const question = {
    heading: `vault "${name}" has no key here: nobody could read what is set now`,
    text: "make a key now",
    instead: "pass --dry-run to see it",
  };
  if (!await confirm(host, question, "yes")) {
    report.warning(`vault "${name}" has no key here: nobody could read a secret that is set now`);
    report.next(command);
    return false;
  }
  const { keygen } = await import("../keygen/keygen.ts");
  const { config = [], configPath = [], profile = [], ...scope } = flags;
  const { stack, component } = findAskedScope(host, scope);
  const asked = { ...(stack === undefined ? {} : { stack }), ...(component === undefined ? {} : { component }) };
  return await keygen({ config, configPath, profile, ...asked }, [name], session) === EXIT.done;
}
