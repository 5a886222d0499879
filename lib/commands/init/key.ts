/**
 * Which key `init` uses, and what it is called: by flags, else by what is there, else by asking.
 *
 * An identity that was made for another vault or repository is offered, never taken without a word. I/O through the host.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { MAX_CONFIG_BYTES, readCapped } from "../../base/files/read_files.ts";
import { findHome } from "../../base/host/home.ts";
import type { Host } from "../../base/host/host.ts";
import { askText, canAsk, choose } from "../../base/ask/prompts.ts";
import { formatPath } from "../../base/show/report.ts";
import type { RuleKey } from "../../config/rules/sops_config.ts";
import { parseSopsConfig } from "../../config/rules/sops_config_read.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { deriveRecipient } from "../../keys/age/identity.ts";
import { isProtected, type KeysEntry } from "../../keys/file/keys_file.ts";
import { defaultKeysFile } from "../../keys/places/keys_path.ts";
import { readPlaceFile } from "../../keys/places/read_place.ts";
import { refuseUnusable } from "../../keys/file/problem.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { parseRecipient } from "../../keys/age/recipient_parse.ts";
import type { InitKey } from "../../repository/keygen/init_plan.ts";
import { decodeYaml } from "../../yaml/decode.ts";
import type { InitFlags } from "./declaration.ts";
import { findPassphraseSource } from "../shared/passphrase_flags.ts";
import { findNamedWord } from "../shared/recipient_words.ts";
import { findNameProblem } from "../shared/recipient_naming.ts";
import { openSshIdentity } from "../shared/ssh_identity.ts";

/** The key to use. */
export interface ChosenKey {
  readonly key: InitKey;
  readonly name: string;
  /** The keys file that SOPS reads and a private half goes to; absolute. */
  readonly keysPath: string;
  /** Where the key comes from, for people. */
  readonly source: "keys file" | "ssh key" | "flag" | "new";
}

/** One way to go on; the name is what `.sops.yaml` calls the key already. */
type Choice = Pick<ChosenKey, "key" | "source"> & { readonly name?: string };

/**
 * Chooses a key.
 *
 * @throws {UserError} `usage` for several identities with nobody to ask; `malformed` for a recipient or ssh key that
 * cannot be read; what reading the keys file and `.sops.yaml` throws
 */
export async function chooseKey(flags: InitFlags, vault: Vault, host: Host): Promise<ChosenKey> {
  const keysPath = host.paths.resolve(host.cwd, defaultKeysFile(host).path);
  const { key, source, name } = await findChoice(flags, vault, keysPath, host);
  return { key, source, keysPath, name: flags.name ?? name ?? await chooseName(flags, host) };
}

async function findChoice(flags: InitFlags, vault: Vault, keysPath: string, host: Host): Promise<Choice> {
  if (flags.recipient !== undefined) {
    const { name, key } = findNamedWord(flags.recipient) ?? { name: undefined, key: flags.recipient };
    const recipient = parseRecipient(key).text;
    return { key: { kind: "recipient", recipient }, source: "flag", ...(name !== undefined && { name }) };
  }
  if (flags.sshKey !== undefined) return await useSshKey(host, host.paths.resolve(host.cwd, flags.sshKey), flags);
  if (flags.newKey || flags.postQuantum) return makeKey(flags, { isForced: true });
  const present = await findIdentities(host, keysPath);
  const known = present.length === 0 ? [] : findKeysOfRules(host, vault);
  const recorded = known.find(({ text }) => present.some(({ recipient }) => recipient === text));
  if (recorded !== undefined) return { ...use(recorded.text), ...(recorded.name && { name: recorded.name }) };
  const free = present.filter(({ entry }) => isFree(entry, vault));
  if (canAsk(host)) {
    return await askForKey(
      host,
      [...free, ...present.filter((one) => !free.includes(one))],
      flags,
    );
  }
  const [only, ...others] = free;
  if (only === undefined) return makeKey(flags, { isForced: false });
  if (others.length === 0) return use(only.recipient);
  throw new UserError(
    "usage",
    `"${formatPath(host, keysPath)}" holds ${free.length} identities, and nobody can be asked which to use`,
    {
      hints: [
        `pass --recipient with one of: ${free.map(({ recipient }) => recipient).join(", ")}`,
        "or pass --new-key",
      ],
    },
  );
}

/** The keys that the rules of the repository have already. */
function findKeysOfRules(host: Host, { recipientsFile }: Vault): readonly RuleKey[] {
  const bytes = readCapped(host, recipientsFile, { maxBytes: MAX_CONFIG_BYTES });
  if (bytes === undefined) return [];
  const { rules } = parseSopsConfig(decodeYaml(bytes, recipientsFile), recipientsFile);
  return rules.flatMap(({ groups }) => groups).flatMap(({ keys }) => keys);
}

function makeKey({ postQuantum }: InitFlags, { isForced }: { readonly isForced: boolean }): Choice {
  return { key: { kind: "new", identityKind: postQuantum ? "hybrid" : "x25519", isForced }, source: "new" };
}

function use(recipient: string): Choice {
  return { key: { kind: "recipient", recipient }, source: "keys file" };
}

/** Nobody else's: not made for another vault, nor for this vault's namesake in another repository. */
function isFree({ comments: { mark } }: KeysEntry, vault: Vault): boolean {
  return mark === undefined || (mark.vault === vault.name && mark.config === vault.recipientsFile);
}

async function findIdentities(
  host: Host,
  keysPath: string,
): Promise<readonly { readonly entry: KeysEntry; readonly recipient: string }[]> {
  const { found } = await readPlaceFile(host, keysPath, { isSshKey: false });
  if (found.kind === "unreadable") throw found.error;
  if (found.kind !== "keys") return [];
  if (isProtected(found.keys.bytes)) throw protectedKeys(keysPath);
  refuseUnusable(found.keys);
  const native = found.keys.entries.filter(({ kind }) => kind !== "plugin");
  return await Promise.all(native.map(async (entry) => ({ entry, recipient: await deriveRecipient(entry.secret) })));
}

function protectedKeys(path: string): UserError {
  return new UserError("unsupported", `cannot look for your key in "${path}": it is protected with a passphrase`, {
    hints: [
      "print its recipients with: sopsmith identity public",
      "pass one of them with --recipient",
    ],
    location: { path },
  });
}

async function askForKey(
  host: Host,
  identities: readonly { readonly entry: KeysEntry; readonly recipient: string }[],
  flags: InitFlags,
): Promise<Choice> {
  const sshKey = findUserSshKey(host);
  if (identities.length === 0 && sshKey === undefined) return makeKey(flags, { isForced: false });
  const choices: { text: string; take: () => Choice | Promise<Choice> }[] = identities.map(({ entry, recipient }) => ({
    text: `the identity ${formatShortRecipient(recipient)} in your keys file${describe(host, entry)}`,
    take: () => use(recipient),
  }));
  choices.push({ text: "a new identity", take: () => makeKey(flags, { isForced: true }) });
  if (sshKey !== undefined) {
    choices.push({
      text: `your ssh key ${formatPath(host, sshKey)}, converted`,
      take: () => useSshKey(host, sshKey, flags),
    });
  }
  const question = {
    heading: "init writes the public half of a key of yours into .sops.yaml",
    text: "which key shall read the secrets",
    instead: "pass --new-key, --ssh-key or --recipient",
  };
  const index = await choose(host, question, choices.map(({ text }) => text));
  return await choices[index]!.take();
}

function describe(host: Host, { comments: { created, mark } }: KeysEntry): string {
  const since = created === undefined ? "" : `, made ${created.toISOString().slice(0, 10)}`;
  return mark === undefined ? since : `${since}, for vault "${mark.vault}" of ${formatPath(host, mark.config)}`;
}

function findUserSshKey(host: Host): string | undefined {
  const home = findHome(host);
  if (home === undefined) return undefined;
  const path = host.paths.join(home, ".ssh", "id_ed25519");
  try {
    return host.files.stat(path)?.kind === "file" ? path : undefined;
  } catch {
    return undefined; // what may not be looked at is not offered
  }
}

async function useSshKey(host: Host, path: string, flags: InitFlags): Promise<Choice> {
  return {
    key: { kind: "identity", identity: await openSshIdentity(host, path, findPassphraseSource(host, flags)) },
    source: "ssh key",
  };
}

async function chooseName(flags: InitFlags, host: Host): Promise<string> {
  const user = ["USER", "LOGNAME", "USERNAME"].map((name) => host.env(name)).find(Boolean) ?? "me";
  const hasChosen = flags.newKey || flags.sshKey !== undefined || flags.recipient !== undefined;
  if (hasChosen || !canAsk(host)) return user;
  const question = {
    heading: "everybody who has the repository sees the name of your key",
    text: "what is the key called in .sops.yaml",
    instead: "pass --name NAME",
    findProblem: findNameProblem,
  };
  return await askText(host, question, user);
}
