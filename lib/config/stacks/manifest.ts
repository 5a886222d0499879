/**
 * One stack manifest with its imports, in the order in which atmos lays them over each other. Manifests that are templates
 * are read where nothing but fields of an import's `context` stands in them; everything else that takes a template engine
 * or the network is left out, and said. I/O through the host. Spec: vaults §2.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { parseYaml } from "../../yaml/parse.ts";
import type { ConfigReader } from "../atmos/files.ts";
import { listGlob } from "../atmos/glob.ts";
import { isExplicitlyRelative, isRemote } from "../atmos/import_path.ts";
import {
  type ConfigFile,
  type ConfigMap,
  type ConfigPlace,
  type ConfigValue,
  type Includer,
  keyLocation,
  mergeConfigFiles,
  overlayMaps,
} from "../atmos/layers.ts";
import { parseTemplate, renderTemplate } from "../atmos/template.ts";
import type { ConfigNotice } from "../atmos/value.ts";
import { lookUpField } from "./fields.ts";

/** What reading manifests depends on. */
export interface ManifestOptions {
  readonly host: Host;
  readonly reader: ConfigReader;
  readonly include: Includer;
  /** Folder that manifests and their imports count from; absolute. */
  readonly folder: string;
  /** Takes what is not read, and could hold a vault. */
  skip(notice: ConfigNotice): void;
}

/** One import of a manifest. */
interface StackImport {
  readonly path: string;
  readonly place: ConfigPlace;
  readonly context: ConfigMap | undefined;
  readonly skipsTemplates: boolean;
  readonly skipsMissing: boolean;
}

/** Endings of manifests, in the order in which they are tried. */
export const MANIFEST_ENDINGS = [".yaml", ".yml", ".yaml.tmpl", ".yml.tmpl"] as const;

/** Own limit; atmos has none, and ends with the machine. */
const MAX_IMPORT_DEPTH = 50;

/**
 * @param path absolute
 * @returns the manifest and all that it imports, merged; undefined when nothing is left
 * @throws {UserError} `malformed` for a manifest that is no YAML; what reading files throws
 */
export function readManifest(path: string, options: ManifestOptions): ConfigMap | undefined {
  return mergeConfigFiles(readLayers(path, undefined, [], options), options.include);
}

/** @returns a manifest over its imports, highest first */
function readLayers(
  path: string,
  context: ConfigMap | undefined,
  chain: readonly string[],
  options: ManifestOptions,
): ConfigFile[] {
  const file = readManifestFile(path, context, options);
  if (file === undefined) return [];
  const imports = parseImports(mergeConfigFiles([file], options.include), options);
  const below = imports.flatMap((each) => {
    const files = findImported(each, file, options);
    const merged = overlayMaps([context, each.context]); // what the importing file says counts more
    return files.flatMap((imported) => {
      if (chain.includes(imported) || imported === path || chain.length >= MAX_IMPORT_DEPTH) {
        options.skip({ message: `the import of "${each.path}" leads in a circle`, location: keyLocation(each.place) });
        return [];
      }
      const inner = each.skipsTemplates ? undefined : merged;
      return readLayers(imported, inner, [...chain, path], options).reverse();
    });
  });
  return [file, ...below.reverse()];
}

/** @returns undefined where only atmos can tell what the file says */
function readManifestFile(
  path: string,
  context: ConfigMap | undefined,
  { host, reader, skip }: ManifestOptions,
): ConfigFile | undefined {
  const text = reader.findText(path);
  if (text === undefined) return undefined;
  const isTemplate = text.includes("{{") && (context !== undefined || path.endsWith(".tmpl"));
  try {
    if (!isTemplate) return reader.read(path);
    const data = { field: (name: string) => lookUpField(context, name), env: (name: string) => host.env(name) };
    const rendered = renderTemplate(parseTemplate(text, { location: { path } }), data);
    return { path, document: parseYaml(rendered, path) };
  } catch (error) {
    if (!(error instanceof UserError) || !text.includes("{{")) throw error;
    const line = text.slice(0, text.indexOf("{{")).split("\n").length;
    const location = error.location?.line === undefined ? { path, line } : error.location;
    skip({ message: "the manifest is skipped: it is a template that only atmos evaluates", location });
    return undefined;
  }
}

function parseImports(root: ConfigMap | undefined, { skip }: ManifestOptions): StackImport[] {
  const value = root?.find("import");
  if (value === undefined) return [];
  if (value.type !== "list") {
    skip({ message: "the imports are no list, and are skipped", location: keyLocation(value.place) });
    return [];
  }
  return value.items().flatMap((item) => parseImport(item) ?? []);
}

function parseImport(item: ConfigValue): StackImport | undefined {
  const plain = { place: item.place, context: undefined, skipsTemplates: false, skipsMissing: false };
  if (item.type === "scalar") return { ...plain, path: item.text };
  if (item.type !== "map") return undefined;
  const path = item.find("path");
  const context = item.find("context");
  const isTrue = (name: string): boolean => {
    const value = item.find(name);
    return value?.type === "scalar" && value.text === "true";
  };
  if (path?.type !== "scalar") return undefined;
  return {
    place: path.place,
    path: path.text,
    context: context?.type === "map" ? context : undefined,
    skipsTemplates: isTrue("skip_templates_processing"),
    skipsMissing: isTrue("skip_if_missing"),
  };
}

/** @returns absolute paths, lowest first */
function findImported(
  { path, place, skipsMissing }: StackImport,
  from: ConfigFile,
  options: ManifestOptions,
): string[] {
  const { host, folder, skip } = options;
  const location = keyLocation(place);
  if (path.includes("{{")) {
    skip({ message: `the import of "${path}" is skipped: its path is a template`, location });
    return [];
  }
  if (isRemote(path)) {
    skip({ message: `the import of "${path}" is skipped: sopsmith does not use the network`, location });
    return [];
  }
  const base = isExplicitlyRelative(path) ? host.paths.dirname(from.path) : folder;
  const written = host.paths.join(base, path); // an absolute path counts from the folder, too, as in atmos
  const candidates = /\.[^./\\]+$/.test(path)
    ? [...(/\.ya?ml$/.test(path) ? [`${written}.tmpl`] : []), written]
    : MANIFEST_ENDINGS.map((ending) => written + ending);
  const found = candidates.map((candidate) => listGlob(host, candidate)).find((files) => files.length > 0);
  if (found === undefined && !skipsMissing) {
    skip({ message: `the import of "${path}" matches no file`, location });
  }
  return found ?? [];
}
