/**
 * Reads the vault configuration: finds the files, merges them, and makes a {@link Vault} of each entry of
 * `secrets.providers`, or the built-in vault when there is none.
 *
 * Reads files only; writes nothing, runs nothing, never uses the network. Parts of atmos's configuration that this
 * version does not read (imports, profiles, stack manifests) are said in notes. Spec: vaults §1–2.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { MAX_CONFIG_BYTES, readCapped } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { formatPath } from "../../base/show/report.ts";
import { decodeYaml, parseYaml } from "../../yaml/parse.ts";
import { findBuiltInVault } from "./built_in.ts";
import { type ConfigFile, type ConfigMap, keyLocation, mergeConfigFiles } from "./layers.ts";
import type { ConfigNotice, UnusableVault, Vault, VaultConfig } from "./vault.ts";
import { type ConfigSelection, findConfigFiles, type FoundConfigs } from "./find.ts";
import { findText, mapOf, parseVault, type SpecContext, warnUnknownKeys } from "./entry.ts";

/** Keys of `secrets:`. */
const SECRETS_KEYS = ["providers", "vars"];

/** An import that atmos would fetch: a URL, or an address as its downloader takes them (`git::…`, `github.com/…`). */
const REMOTE_IMPORT = /^(?:[a-z0-9+.-]+::?\/\/|[a-z0-9]+::|git@|(?:github|gitlab|bitbucket)\.(?:com|org)\/)/i;

/**
 * Reads every vault.
 *
 * @param selection what the command line asked for
 * @throws {UserError} `not-found` for a file that was asked for and is not there, `malformed` for broken YAML and
 * values of the wrong type, `io` or `denied` for unreadable files, `unsupported` when `base_path` needs a refused
 * function
 */
export function readVaults(host: Host, selection: ConfigSelection): VaultConfig {
  const found = findConfigFiles(host, selection);
  const files: ConfigFile[] = [];
  for (const { path } of found.files) files.push(readConfigFile(host, path));
  const root = mergeConfigFiles(files);
  const warnings: ConfigNotice[] = [];
  const notes = [...found.notes, ...files.flatMap(noteImports), ...noteProfiles(root, host)];
  const context = { host, gitRoot: found.gitRoot, warn: (notice: ConfigNotice): void => void warnings.push(notice) };
  const { vaults, unusable } = parseVaults(host, found, root, context);
  const source = files.map(({ path }) => formatPath(host, path)).join(", ");
  if (vaults.length + unusable.length === 0) {
    vaults.push(findBuiltInVault(host, found.gitRoot));
    if (root !== undefined) notes.push({ message: noteBuiltIn(root, source) });
  }
  return { vaults, unusable, files: files.map(({ path }) => path), source, warnings, notes };
}

function readConfigFile(host: Host, path: string): ConfigFile {
  const bytes = readCapped(host, path, { maxBytes: MAX_CONFIG_BYTES });
  if (bytes === undefined) {
    throw new UserError("not-found", `cannot read "${path}": no such file`, { location: { path } });
  }
  return { path, document: parseYaml(decodeYaml(bytes, path), path) };
}

/** Everything of {@link SpecContext} that is known before the base path. */
type ReadContext = Pick<SpecContext, "host" | "gitRoot" | "warn">;

function parseVaults(
  host: Host,
  found: FoundConfigs,
  root: ConfigMap | undefined,
  read: ReadContext,
): { vaults: Vault[]; unusable: UnusableVault[] } {
  const secrets = mapOf(root?.find("secrets"), '"secrets"');
  warnUnknownKeys(secrets, { what: '"secrets"', known: SECRETS_KEYS }, read);
  const providers = mapOf(secrets?.find("providers"), '"secrets.providers"');
  const vaults: Vault[] = [];
  const unusable: UnusableVault[] = [];
  if (providers === undefined) return { vaults, unusable };
  const stores = root?.find("stores");
  const context = {
    ...read,
    basePath: findBasePath(host, found, root, read),
    stores: stores?.type === "map" ? stores : undefined,
  };
  for (const name of [...providers.names].sort()) {
    const vault = parseVault(name, providers, context);
    if ("error" in vault) unusable.push(vault);
    else vaults.push(vault);
  }
  return { vaults, unusable };
}

/**
 * `ATMOS_BASE_PATH` counts from the working directory, `base_path` from the folder of the file that sets it. Without
 * either: the git root when the working directory has no configuration of its own, else the folder of the highest file,
 * or the working directory where that file belongs to the person or the machine.
 */
function findBasePath(host: Host, found: FoundConfigs, root: ConfigMap | undefined, read: ReadContext): string {
  const { paths, cwd } = host;
  const variable = host.env("ATMOS_BASE_PATH")?.trim();
  if (variable) return paths.resolve(cwd, variable);
  const basePath = findText(root?.find("base_path"), '"base_path"', read);
  if (basePath !== undefined && basePath.text !== ".") {
    return paths.resolve(paths.dirname(basePath.place.file.path), basePath.text);
  }
  if (found.defaultBase !== undefined) return found.defaultBase;
  const path = basePath?.place.file.path ?? found.files[0]?.path;
  const owner = found.files.find((file) => file.path === path);
  return owner === undefined || owner.isShared ? cwd : paths.dirname(owner.path);
}

/** One note for each import; imports of a file are not replaced by those of a higher one, so each file is asked. */
function noteImports(file: ConfigFile): ConfigNotice[] {
  const imports = mergeConfigFiles([file])?.find("import");
  if (imports === undefined) return [];
  const texts = imports.type === "list" ? imports.texts : imports.type === "scalar" ? [imports.text] : [];
  return texts.map((text) => ({
    message: REMOTE_IMPORT.test(text)
      ? `the import of "${text}" is skipped: sopsmith does not use the network`
      : `the import of "${text}" is not read by this version; vaults defined there are not seen`,
    location: keyLocation(imports.place),
  }));
}

function noteProfiles(root: ConfigMap | undefined, host: Host): ConfigNotice[] {
  const message = (name: string): string =>
    `the profile "${name}" is not read by this version; vaults defined there are not seen`;
  const variable = host.env("ATMOS_PROFILE");
  if (variable) return [{ message: message(variable) }];
  const profiles = root?.find("profiles");
  const name = profiles?.type === "map" ? profiles.find("default") : undefined;
  return name?.type === "scalar" ? [{ message: message(name.text), location: keyLocation(name.place) }] : [];
}

function noteBuiltIn(root: ConfigMap, source: string): string {
  const manifests = root.find("stacks") === undefined ? "" : "; vaults in stack manifests are not read by this version";
  return `no vault is configured in ${source}${manifests}`;
}
