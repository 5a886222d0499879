/**
 * Reads the vault configuration: finds the files, merges them, and makes a {@link Vault} of each entry of
 * `secrets.providers`, or the built-in vault when there is none.
 *
 * Reads files only; writes nothing, runs nothing, never uses the network. What takes one of these is said, and skipped.
 * Spec: vaults §1–2.
 *
 * @module
 */
import type { Location } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { formatPath } from "../../base/show/report.ts";
import { ConfigReader } from "../atmos/files.ts";
import { formatSource, type ImportOptions, readDefaultFolders, readWithImports } from "../atmos/imports.ts";
import { createIncluder } from "../atmos/include.ts";
import {
  type ConfigFile,
  type ConfigMap,
  type ConfigValue,
  findMap,
  mergeConfigFiles,
  overlayMaps,
} from "../atmos/layers.ts";
import { parseTemplate, renderTemplate } from "../atmos/template.ts";
import { type ConfigNotice, findText, mapOf } from "../atmos/value.ts";
import { readStacks } from "../stacks/read.ts";
import type { StackScope } from "../stacks/stack.ts";
import { findBuiltInVault } from "./built_in.ts";
import { parseVault, type SpecContext, warnUnknownKeys } from "./entry.ts";
import { type ConfigSelection, findConfigFiles, type FoundConfigs } from "./find.ts";
import { readProfiles } from "./profiles.ts";
import type { DefinedFor, UnusableVault, Vault, VaultConfig } from "./vault.ts";

/** Keys of `secrets:`. */
const SECRETS_KEYS = ["providers", "vars"];

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
  const warnings: ConfigNotice[] = [];
  const [notes, skipped] = [[...found.notes], [] as ConfigNotice[]];
  const context = {
    host,
    gitRoot: found.gitRoot,
    reader: new ConfigReader(host),
    warn: (notice: ConfigNotice): void => void warnings.push(notice),
    note: (notice: ConfigNotice): void => addNotice(notes, notice),
    skip: (notice: ConfigNotice): void => addNotice(skipped, notice),
  };
  const base = readBaseFiles(found, context);
  const files = [...readProfileFiles(base, found, selection, context), ...base];
  const basePath = findBasePath(host, found, mergeConfigFiles(files), context);
  const include = createIncluder({ host, reader: context.reader, basePath });
  const root = mergeConfigFiles(files, include);
  const spec = { ...context, basePath, stores: findMap(root, "stores") };
  const scopes = readStacks({ ...context, root, basePath, include });
  const everywhere = parseProviders(root?.find("secrets"), spec);
  const all = [...everywhere, ...groupDefinitions(scopes, spec)].sort((a, b) => a.name < b.name ? -1 : 1);
  const vaults = all.filter((vault): vault is Vault => !("error" in vault));
  const source = formatSource(host, found.files.map(({ path }) => path), files.length);
  if (all.length === 0) {
    vaults.push(findBuiltInVault(host, found.gitRoot));
    if (root !== undefined) notes.push({ message: `no vault is configured in ${source}${formatStacks(root)}` });
  }
  return {
    vaults,
    unusable: all.filter((vault): vault is UnusableVault => "error" in vault),
    scopes,
    files: files.map(({ path }) => path),
    source,
    formatPath: (path) => formatPath(host, path),
    warnings,
    notes,
    skipped,
  };
}

/** A file that many manifests import is said once. */
function addNotice(notices: ConfigNotice[], notice: ConfigNotice): void {
  const id = JSON.stringify(notice);
  if (!notices.some((other) => JSON.stringify(other) === id)) notices.push(notice);
}

/** What the reading of one run shares. */
type ReadContext = Pick<SpecContext, "host" | "gitRoot" | "warn"> & ImportOptions;

/** @returns the files that were found with what they bring along, highest first */
function readBaseFiles({ files, gitRoot }: FoundConfigs, context: ReadContext): ConfigFile[] {
  const { paths } = context.host;
  const folders = files.map(({ path }) => paths.dirname(path));
  if (files.length === 0) return gitRoot === undefined ? [] : readDefaultFolders(gitRoot, context);
  return files.flatMap(({ path }, index) => {
    const folder = folders[index]!;
    const isLastOfFolder = !folders.includes(folder, index + 1); // `.atmos.d` belongs below all files beside it
    const brings = isLastOfFolder ? [folder, ...gitRoot === undefined || gitRoot === folder ? [] : [gitRoot]] : [];
    return readWithImports(path, brings, context);
  });
}

function readProfileFiles(
  base: readonly ConfigFile[],
  found: FoundConfigs,
  { profiles = [] }: ConfigSelection,
  context: ReadContext,
): ConfigFile[] {
  const [highest] = found.files;
  const folder = highest === undefined ? context.host.cwd : context.host.paths.dirname(highest.path);
  return readProfiles({ ...context, asked: profiles, root: mergeConfigFiles(base), folder });
}

/** @param secrets the section that holds the vaults */
function parseProviders(secrets: ConfigValue | undefined, spec: SpecContext): (Vault | UnusableVault)[] {
  const section = mapOf(secrets, '"secrets"');
  warnUnknownKeys(section, { what: '"secrets"', known: SECRETS_KEYS }, spec);
  const providers = mapOf(section?.find("providers"), '"secrets.providers"');
  return (providers?.names ?? []).map((name) => parseVault(name, providers!, spec));
}

/** @returns the vaults that stacks define, each different definition once */
function groupDefinitions(scopes: readonly StackScope[], spec: SpecContext): (Vault | UnusableVault)[] {
  const groups = new Map<string, { vault: Vault | UnusableVault; definedFor: DefinedFor[] }>();
  for (const { stack, manifest, component, shared, own, field, env } of scopes) {
    const providers = overlayMaps([findMap(own, "providers"), findMap(shared, "providers")]);
    for (const name of providers?.names ?? []) {
      const isShared = component !== undefined && findMap(own, "providers")?.find(name) === undefined;
      if (isShared) continue; // it is that of the stack as a whole
      const render = (text: string, location: Location): string =>
        renderTemplate(parseTemplate(text, { location }), { field, env });
      const vault = parseVault(name, providers!, { ...spec, render });
      const id = describeDefinition(vault);
      const group = groups.get(id) ?? { vault, definedFor: [] };
      group.definedFor.push({ stack, manifest, component: component?.name });
      groups.set(id, group);
    }
  }
  return [...groups.values()].map(({ vault, definedFor }) => ({ ...vault, definedFor }));
}

/** Two definitions are the same when all but their places is. */
function describeDefinition(vault: Vault | UnusableVault): string {
  if ("error" in vault) return JSON.stringify([vault.name, vault.kind, vault.error.message]);
  const { definedAt: _, fileAt: __, ageKeyAt: ___, ageRecipientsAt: ____, ...content } = vault;
  return JSON.stringify(content);
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
  const isShared = found.files.some((file) => file.path === path && file.isShared);
  return path === undefined || isShared ? cwd : paths.dirname(path);
}

/** Whether there are stacks that could have defined a vault. */
function formatStacks(root: ConfigMap): string {
  return root.find("stacks") === undefined ? "" : ", nor in its stack manifests";
}
