/**
 * The sops-nix module of a repository: which encrypted files there are, what their secrets are called, and which key
 * decrypts on this machine. Reads only. The text itself is made in `nix/sops_nix_module.ts`.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { formatList } from "../../base/show/word_list.ts";
import { readCapped } from "../../base/files/read_files.ts";
import { findHome } from "../../base/host/home.ts";
import type { Host } from "../../base/host/host.ts";
import { keysOf } from "../../config/edit/diff.ts";
import { findDefinitionPlaces } from "../../config/edit/kinds.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { deriveVaultFile } from "../../config/vaults/files.ts";
import { convertSshPublicKey } from "../../keys/ssh/convert.ts";
import { findSshPublicKey } from "../../keys/ssh/public_key.ts";
import { scanRepository } from "../../repository/scan/encrypted_files.ts";
import { MAX_FILE_BYTES } from "../../repository/scan/large_file.ts";
import { formatModule, type ModuleFile, type ModuleKey, type ModuleKind } from "../../nix/sops_nix_module.ts";
import { findSecretNames } from "../../sops/facts/secret_names.ts";

/** The ssh host key that sops-nix looks for. */
const HOST_KEY = "/etc/ssh/ssh_host_ed25519_key";

/** Where sops-nix keeps the key of a host, by its documentation. */
const HOST_KEYS_FILE = "/var/lib/sops-nix/key.txt";

/** Largest ssh public key file that is read, in bytes. */
const MAX_PUBLIC_KEY_BYTES = 64 * 1024;

/** What the module is made from. */
export interface ModuleSource {
  readonly vault: Vault;
  /** The keys file of this person. */
  readonly keysPath: string;
  /** The rules of the repository. */
  readonly config: SopsConfig;
  /** What the rules call the machine that the module is for; undefined: this one, or the only one that the rules know. */
  readonly machine: string | undefined;
}

/**
 * @returns the text of the module, with a final newline
 * @throws {UserError} `io` or `denied` when an encrypted file cannot be read
 */
export async function createModule(
  host: Host,
  kind: ModuleKind,
  { vault, keysPath, config, machine }: ModuleSource,
): Promise<string> {
  const firstFile = deriveVaultFile(vault, { stack: "secrets", component: undefined }, host);
  return formatModule({
    kind,
    key: kind === "home-manager" ? findUserKey(host, keysPath) : await findHostKey(host, config, machine),
    files: await findModuleFiles(host, vault.basePath),
    firstFile: relativePath(host, vault.basePath, firstFile),
  });
}

/** @throws {UserError} `usage` for a name that no key in the rules has */
export function requireMachine(rules: readonly Rule[], machine: string): void {
  const keys = rules.flatMap(keysOf);
  if (keys.some(({ name }) => name === machine)) return;
  const names = [...new Set(keys.flatMap(({ name }) => name ?? []))];
  throw new UserError("usage", `no rule has a key called "${machine}"`, {
    hints: [
      `add its host key: sopsmith recipient add --ssh-host ${quoteForShell(machine)} --all-rules`,
      ...(names.length === 0 ? [] : [`or name one of ${formatList(names, "or")}`]),
    ],
  });
}

/**
 * The ssh host key of the machine that was named, or of this one if a rule knows it, or of the only host that the rules
 * know, else a place for a key.
 */
async function findHostKey(host: Host, config: SopsConfig, machine: string | undefined): Promise<ModuleKey> {
  if (machine !== undefined) {
    requireMachine(config.rules, machine);
    return { kind: "ssh", path: HOST_KEY, name: machine };
  }
  const keys = config.rules.flatMap(keysOf);
  const bytes = await findHostKeyBytes(host);
  const key = bytes && findSshPublicKey(new TextDecoder().decode(bytes).trim());
  const recipient = key?.type === "ssh-ed25519" ? convertSshPublicKey(key) : undefined;
  const known = keys.find(({ text }) => text === recipient);
  if (known !== undefined) return { kind: "ssh", path: HOST_KEY, name: known.name ?? known.text };
  const otherHosts = findHosts(config);
  const [only, ...others] = otherHosts;
  return only !== undefined && others.length === 0
    ? { kind: "ssh", path: HOST_KEY, name: only }
    : { kind: "file", path: HOST_KEYS_FILE, isBelowHome: false, isRecipient: false, otherHosts };
}

/** @returns the names of the keys in the rules that are defined as those of machines */
function findHosts(config: SopsConfig): string[] {
  const places = findDefinitionPlaces(config).filter(({ kind }) => kind === "host");
  const ofHosts = config.rules.flatMap(keysOf).filter(({ text }) => places.some(({ texts }) => texts.has(text)));
  return [...new Set(ofHosts.flatMap(({ name }) => name ?? []))];
}

/** @returns undefined without a host key, and for one that this person may not read: then no rule is known to have it */
async function findHostKeyBytes({ os, files }: Host): Promise<Uint8Array | undefined> {
  if (os === "windows") return undefined;
  try {
    return await files.read(`${HOST_KEY}.pub`, MAX_PUBLIC_KEY_BYTES);
  } catch {
    return undefined;
  }
}

function findUserKey(host: Host, keysPath: string): ModuleKey {
  const home = findHome(host);
  const isBelowHome = home !== undefined && host.paths.contains(home, keysPath);
  const path = isBelowHome ? relativePath(host, home, keysPath) : keysPath;
  return { kind: "file", path, isBelowHome, isRecipient: true, otherHosts: [] };
}

async function findModuleFiles(host: Host, root: string): Promise<ModuleFile[]> {
  const found: ModuleFile[] = [];
  for (const { path, metadata } of scanRepository(host, root)) {
    const { format } = metadata;
    const isNamed = format === "yaml" || format === "json";
    const bytes = isNamed ? await readCapped(host, path, { maxBytes: MAX_FILE_BYTES }) : undefined;
    const values = findSecretNames(new TextDecoder().decode(bytes));
    const namesOf = (isText: boolean): string[] =>
      values.filter((one) => one.isText === isText).map(({ path }) => path);
    found.push({ path: relativePath(host, root, path), format, names: namesOf(true), leftOut: namesOf(false) });
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

function relativePath({ paths }: Host, root: string, path: string): string {
  return paths.relative(root, path).split(paths.separator).join("/");
}
