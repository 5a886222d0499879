/**
 * Which store reads a file: each is loaded when a file of its format is met. Pure.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import type { StoreFormat } from "./metadata/fields.ts";
import { storeOfName } from "./metadata/store_name.ts";
import type { Store } from "./stores/store.ts";

/** Where the store of each format is. */
const LOADERS: Partial<Record<StoreFormat, () => Promise<Store>>> = {
  yaml: async () => (await import("./stores/yaml.ts")).yamlStore,
  json: async () => (await import("./stores/json/json.ts")).jsonStore,
  dotenv: async () => (await import("./stores/dotenv.ts")).dotenvStore,
  ini: async () => (await import("./stores/ini/ini.ts")).iniStore,
  binary: async () => (await import("./stores/json/binary.ts")).binaryStore,
};

/** Those that were loaded: an import costs something each time, which counts for thousands of small files. */
const loaded: Partial<Record<StoreFormat, Store>> = {};

/** @returns the store of a format */
export async function loadStore(format: StoreFormat): Promise<Store> {
  const known = loaded[format];
  if (known !== undefined) return known;
  const load = LOADERS[format];
  if (load === undefined) throw new UserError("unsupported", `cannot read files of the format ${format}`);
  return loaded[format] = await load();
}

/** From how many bytes on a YAML file is large: below, a tree costs less than loading what does without. */
const LARGE_BYTES = 128 * 1024;

/** @returns what does without a tree where the file lets it; undefined where that is not worth a try */
export async function loadForLargeYaml(
  bytes: Uint8Array,
  { format, path }: { readonly format?: StoreFormat | undefined; readonly path: string },
): Promise<typeof import("./large_file.ts") | undefined> {
  const isLarge = bytes.length >= LARGE_BYTES && (format ?? storeOfName(path)) === "yaml";
  return isLarge ? await import("./large_file.ts") : undefined;
}
