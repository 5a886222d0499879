/**
 * The stacks of a repository that have to do with secrets. Manifests are found as atmos finds them. Nothing is parsed where
 * no manifest speaks of secrets. I/O through the host. Spec: vaults §2, §5.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { compileGlob, listGlob } from "../atmos/glob.ts";
import { type ConfigMap, keyLocation } from "../atmos/layers.ts";
import { MANIFEST_ENDINGS, type ManifestOptions, readManifest } from "./manifest.ts";
import { Stack, type StackScope } from "./stack.ts";

/** What reading stacks depends on. */
export interface StacksOptions extends Omit<ManifestOptions, "folder"> {
  /** The merged configuration. */
  readonly root: ConfigMap | undefined;
  /** Absolute. */
  readonly basePath: string;
}

/** The word without which no manifest declares anything. */
const SECRETS = "secrets";

/**
 * @returns every stack, and every component in one, that has `secrets`
 * @throws {UserError} `malformed` for a manifest that is no YAML; what reading files throws
 */
export function readStacks(options: StacksOptions): StackScope[] {
  const { host, basePath, root, skip } = options;
  const stacks = root?.find("stacks");
  const settings = stacks?.type === "map" ? stacks : undefined;
  const included = listTexts(host, settings, "included_paths", "ATMOS_STACKS_INCLUDED_PATHS");
  if (included.length === 0) return [];
  const folder = host.paths.resolve(
    basePath,
    textOf(host, settings, "base_path", "ATMOS_STACKS_BASE_PATH") ?? "stacks",
  );
  if (!mentionsSecrets(folder, options)) return [];
  const naming = {
    template: textOf(host, settings, "name_template", "ATMOS_STACKS_NAME_TEMPLATE"),
    pattern: textOf(host, settings, "name_pattern", "ATMOS_STACKS_NAME_PATTERN"),
    env: (name: string) => host.env(name),
  };
  const excluded = listTexts(host, settings, "excluded_paths", "ATMOS_STACKS_EXCLUDED_PATHS");
  const scopes = findManifests(host, folder, { included, excluded }).flatMap((path) => {
    const manifest = readManifest(path, { ...options, folder });
    if (manifest === undefined) return [];
    const name = host.paths.relative(folder, path).replaceAll("\\", "/").replace(/\.ya?ml(?:\.tmpl)?$/, "");
    return new Stack(manifest, name, naming).scopes();
  }).filter(({ shared, own }) => shared !== undefined || own !== undefined);
  const template = settings?.find("name_template");
  if (template !== undefined && scopes.length > 0 && scopes.every(({ stack }) => stack === undefined)) {
    const location = keyLocation(template.place);
    skip({ message: "the names of stacks follow from a template that only atmos evaluates", location });
  }
  return scopes;
}

/** @returns absolute paths, each once */
function findManifests(
  host: Host,
  folder: string,
  { included, excluded }: { readonly included: readonly string[]; readonly excluded: readonly string[] },
): string[] {
  const slashed = (path: string): string => host.os === "windows" ? path.replaceAll("\\", "/") : path;
  const isExcluded = excluded.map((pattern) => compileGlob(slashed(host.paths.resolve(folder, pattern))));
  const found = included.flatMap((pattern) => {
    const path = host.paths.resolve(folder, pattern);
    const patterns = /\.[^./\\]+$/.test(pattern) ? [path] : MANIFEST_ENDINGS.map((ending) => path + ending);
    return patterns.flatMap((each) => listGlob(host, each));
  });
  return [...new Set(found)].filter((path) => !isExcluded.some((matches) => matches(slashed(path))));
}

/** Reading bytes takes a fraction of parsing them. An import that leads out of the folder may lead anywhere. */
function mentionsSecrets(folder: string, { host, reader }: StacksOptions): boolean {
  const files = listGlob(host, host.paths.join(folder, "**", "*"));
  return files.filter((path) => /\.ya?ml(?:\.tmpl)?$/.test(path)).some((path) => {
    const text = reader.findText(path) ?? "";
    return text.includes(SECRETS) || text.includes("../") || text.includes("!include");
  });
}

function listTexts(host: Host, settings: ConfigMap | undefined, name: string, variable: string): readonly string[] {
  const said = host.env(variable);
  if (said) return said.split(",").map((text) => text.trim());
  const value = settings?.find(name);
  return value?.type === "list" ? value.texts : value?.type === "scalar" ? [value.text] : [];
}

function textOf(host: Host, settings: ConfigMap | undefined, name: string, variable: string): string | undefined {
  const said = host.env(variable);
  if (said) return said;
  const value = settings?.find(name);
  return value?.type === "scalar" && value.text !== "" ? value.text : undefined;
}
