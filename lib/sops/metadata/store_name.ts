/**
 * Which store SOPS reads a file with, by the file's name alone. Pure. Spec: sops-engine §4.1.
 *
 * @module
 */
import type { StoreFormat } from "./fields.ts";

/** File name endings and the store that SOPS reads such a file with. */
const STORE_BY_ENDING: readonly (readonly [string, StoreFormat])[] = [
  [".yaml", "yaml"],
  [".yml", "yaml"],
  [".json", "json"],
  [".env", "dotenv"],
  [".ini", "ini"],
];

/** @returns the store that SOPS chooses by the name of a file: `binary` for any ending that it does not know */
export function storeOfName(path: string): StoreFormat {
  return STORE_BY_ENDING.find(([ending]) => path.endsWith(ending))?.[1] ?? "binary";
}
