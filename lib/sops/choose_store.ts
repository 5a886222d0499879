/**
 * Which store reads a file: each is loaded when a file of its format is met. Pure.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import type { StoreFormat } from "./metadata/fields.ts";
import type { Store } from "./stores/store.ts";

/** Where the store of each format is. */
const LOADERS: Partial<Record<StoreFormat, () => Promise<Store>>> = {
  yaml: async () => (await import("./stores/yaml.ts")).yamlStore,
  json: async () => (await import("./stores/json/json.ts")).jsonStore,
  dotenv: async () => (await import("./stores/dotenv.ts")).dotenvStore,
  ini: async () => (await import("./stores/ini/ini.ts")).iniStore,
  binary: async () => (await import("./stores/json/binary.ts")).binaryStore,
};

/** @returns the store of a format */
export async function loadStore(format: StoreFormat): Promise<Store> {
  const load = LOADERS[format];
  if (load === undefined) throw new UserError("unsupported", `cannot read files of the format ${format}`);
  return await load();
}
