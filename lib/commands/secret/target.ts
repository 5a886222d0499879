/**
 * What the `secret` commands share: the vault and the file that the flags mean, and a change of that file. I/O through the
 * host. Spec: vaults §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { readCapped } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import type { Session } from "../../base/show/session.ts";
import { suggest } from "../../base/show/suggest.ts";
import { findChosenConfig } from "../../config/config_choice.ts";
import { isBuiltIn, type Vault } from "../../config/vaults/vault.ts";
import { chooseEncryption, type Encryption } from "../../repository/file/encryption.ts";
import type { EngineSurroundings } from "../../repository/file/keys.ts";
import { createVaultSurroundings } from "../../repository/secrets/keys.ts";
import { findSecretFile, type SecretScope } from "../../repository/secrets/place.ts";
import { encryptNewSecrets, findSecretFormat, listSecretNames } from "../../repository/secrets/values.ts";
import { type OpenedFile, openEncryptedFile, setTexts } from "../../sops/mod.ts";
import { engineOptionsOf } from "../file/encrypt.ts";
import { MAX_FILE_BYTES } from "../../repository/file/limits.ts";
import { changeFile } from "../file/target.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { findPassphraseSource, type PassphraseFlagValues } from "../shared/passphrase_flags.ts";
import type { VaultFlags } from "../shared/vault_text.ts";

/** The flags of every `secret` command. */
export interface SecretFlags extends VaultFlags, PassphraseFlagValues {
  readonly vault?: string;
  /** Of atmos: which of several components with one name. */
  readonly type?: string;
}

/** Where the secrets are. */
export interface SecretTarget {
  readonly vault: Vault;
  /** Absolute. */
  readonly path: string;
  readonly surroundings: EngineSurroundings;
  readonly scope: SecretScope;
  /** `--vault`, as typed. */
  readonly askedVault: string | undefined;
}

/**
 * @param options `scope`: whose secrets they are
 * @throws {UserError} as finding the file of the vault does
 */
export function createTarget(
  { host }: Session,
  vault: Vault,
  { flags, scope }: { readonly flags: SecretFlags; readonly scope: SecretScope },
): SecretTarget {
  const path = findSecretFile(vault, scope, host);
  const surroundings = createVaultSurroundings(host, vault, findPassphraseSource(host, flags));
  return { vault, path, surroundings, scope, askedVault: flags.vault };
}

/** @returns the content of the file; undefined where there is none yet */
export function findSecretContent({ host }: Session, { path }: SecretTarget): Uint8Array | undefined {
  return readCapped(host, path, { maxBytes: MAX_FILE_BYTES });
}

/** @returns the names of the secrets that have a value; none where there is no file yet */
export async function listPresent(session: Session, target: SecretTarget): Promise<readonly string[]> {
  const content = findSecretContent(session, target);
  return content === undefined ? [] : await listSecretNames(content, target.path);
}

/** @returns the content of the file @throws {UserError} `not-found` where there is none yet */
export function readSecretFile(session: Session, target: SecretTarget): Uint8Array {
  const { path, vault } = target;
  const bytes = findSecretContent(session, target);
  if (bytes !== undefined) return bytes;
  if (isWithoutRule(session.host, target)) throw withoutKey(vault);
  throw new UserError("not-found", `vault "${vault.name}" has no secrets yet: "${path}" is not there`, {
    hints: [`make it with the first secret: ${formatSecretCommand(target, "set NAME")}`],
    location: { path },
  });
}

/** @returns a `secret` command for the same vault, stack and component, for a shell */
export function formatSecretCommand({ scope, askedVault }: SecretTarget, words: string): string {
  const { stack, component } = scope;
  return `sopsmith secret ${words}${formatFlags({ stack, component, vault: askedVault })}`;
}

/** @returns the flags that have a value, for a shell */
function formatFlags(flags: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return given.map(([name, value]) => ` --${name} ${quoteForShell(value!)}`).join("");
}

/**
 * @param vault another stack may define it differently
 * @returns the command that makes a key for a vault, for a shell
 */
export function formatKeygenCommand(vault: Vault): string {
  const [first] = vault.definedFor ?? [];
  const name = isBuiltIn(vault) ? "" : ` ${quoteForShell(vault.name)}`;
  return `sopsmith keygen${name}${
    formatFlags({ stack: first?.stack ?? first?.manifest, component: first?.component })
  }`;
}

/** The JSON result of a command that changes secrets. */
export function reportChange(
  { report }: Session,
  targets: readonly SecretTarget[],
  { changed, names }: { readonly changed: boolean; readonly names: readonly string[] },
): void {
  report.json({ ...placesAsJson(targets), changed, names });
}

/** @returns vault and file where there is one of them, else null, and all files */
export function placesAsJson(
  targets: readonly SecretTarget[],
): { vault: string | null; file: string | null; files: readonly string[] } {
  const [vault, ...otherVaults] = new Set(targets.map((target) => target.vault.name));
  const [file, ...otherFiles] = new Set(targets.map(({ path }) => path));
  return {
    vault: otherVaults.length > 0 ? null : vault ?? null,
    file: otherFiles.length > 0 ? null : file ?? null,
    files: file === undefined ? [] : [file, ...otherFiles],
  };
}

/** @throws {UserError} as {@link readSecretFile} and opening do */
export async function openSecretFile(session: Session, target: SecretTarget): Promise<OpenedFile> {
  const { path, surroundings } = target;
  const content = readSecretFile(session, target);
  return await openEncryptedFile(content, { ...surroundings, path, format: findSecretFormat(path, content) });
}

/** @param names of the secrets that there are */
export function unknownSecret(target: SecretTarget, name: string, names: readonly string[]): UserError {
  const near = suggest(name, names);
  const meant = near === undefined ? "" : `; did you mean "${near}"?`;
  return new UserError("not-found", `no secret "${name}" in "${target.path}"${meant}`, {
    hints: [`see what is there: ${formatSecretCommand(target, "list")}`],
    location: { path: target.path },
  });
}

/** What a change of secrets came to. */
export interface SecretChange {
  readonly isNew: boolean;
  /** The names whose values are other ones now, or new. */
  readonly changed: readonly string[];
}

/**
 * Sets secrets in the files of some targets, one after the other.
 *
 * @param groups names by target
 * @throws {UserError} as {@link setSecrets}
 */
export async function setGrouped(
  session: Session,
  groups: ReadonlyMap<SecretTarget, readonly string[]>,
  { values, dryRun }: { readonly values: ReadonlyMap<string, string>; readonly dryRun?: boolean | undefined },
): Promise<string[]> {
  const all: string[] = [];
  for (const [target, names] of groups) {
    const own = new Map(names.map((name) => [name, values.get(name) ?? ""]));
    const { changed } = await setSecrets(session, target, { values: own, dryRun });
    all.push(...changed);
  }
  return all;
}

/** @returns the files of some targets, for people */
export function formatFiles({ report }: Session, targets: Iterable<SecretTarget>): string {
  return [...new Set([...targets].map(({ path }) => report.path(path)))].join(", ");
}

/**
 * Sets secrets in the file of a target, which is made where it is not there yet.
 *
 * @param values texts by name
 * @throws {UserError} as opening, encrypting and writing do
 */
export async function setSecrets(
  session: Session,
  target: SecretTarget,
  { values, dryRun }: { readonly values: ReadonlyMap<string, string>; readonly dryRun?: boolean | undefined },
): Promise<SecretChange> {
  const { path, surroundings } = target;
  const change = { path, dryRun, reason: values.size === 1 ? "the secret" : "the secrets" };
  const { outcome } = await changeFile<SecretChange>(session, change, async (content) => {
    const options = { ...surroundings, path, format: findSecretFormat(path, content) };
    if (content === undefined) {
      const after = await encryptNewSecrets(values, {
        ...options,
        ...engineOptionsOf(await chooseRecipients(session, target)),
      });
      return { after, outcome: { isNew: true, changed: [...values.keys()] } };
    }
    const { bytes, changed } = await setTexts(content, values, options);
    return { after: bytes, outcome: { isNew: false, changed } };
  });
  return outcome;
}

/** @returns whether nothing says for whom a new file would be: nobody is pinned, and there is no `.sops.yaml` */
function isWithoutRule(host: Host, { vault, path }: Pick<SecretTarget, "vault" | "path">): boolean {
  return vault.ageRecipients === undefined && findChosenConfig(host, host.paths.dirname(path)) === undefined &&
    host.files.stat(vault.recipientsFile) === undefined;
}

function withoutKey(vault: Vault): UserError {
  return new UserError("not-found", `vault "${vault.name}" has no key yet: "${vault.recipientsFile}" is not there`, {
    hints: [`make one with: ${formatKeygenCommand(vault)}`],
  });
}

/**
 * For whom a new file is encrypted: who is pinned in the vault, else who the rule of the file names.
 *
 * @throws {UserError} `not-found` and `refused` without a rule; as `chooseEncryption()`
 */
export async function chooseRecipients(
  { host }: Session,
  { vault, path }: SecretTarget,
): Promise<Encryption> {
  if (isWithoutRule(host, { vault, path })) throw withoutKey(vault);
  const { ageRecipients, recipientsFile } = vault;
  const format = findSecretFormat(path, undefined);
  const nearest = findChosenConfig(host, host.paths.dirname(path)); // the one that SOPS and atmos would take
  const who = ageRecipients === undefined ? { config: nearest ?? recipientsFile } : { age: ageRecipients };
  return await chooseEncryption(host, path, { ...who, format });
}
