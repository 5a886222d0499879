/**
 * The files that the real engine has made, with what `manifest.json` says of them.
 *
 * @module
 */
import { type KeyOpener, parseEncryptedFile } from "../../lib/sops/mod.ts";
import { unhex } from "./fake_keys.ts";

const VECTORS = new URL("../vectors/sops/", import.meta.url);

/** One file, as `manifest.json` describes it. */
export interface Vector {
  readonly file: string;
  readonly plain: string;
  readonly decrypted: string;
  readonly encryptFlags: readonly string[];
  readonly decryptFlags: readonly string[];
  /** Null for a key that nobody has. */
  readonly wrapped: readonly (readonly [string, string] | null)[];
}

/** All of them. */
export const MANIFEST: readonly Vector[] = JSON.parse(Deno.readTextFileSync(new URL("manifest.json", VECTORS)));

/** @returns the content of a file by its path in the folder of the vectors */
export function readVector(path: string): Uint8Array {
  return Deno.readFileSync(new URL(path, VECTORS));
}

/** Opens each wrapped key with what the manifest says that it holds. */
export async function openerOf({ file, wrapped }: Vector): Promise<KeyOpener> {
  const { metadata } = await parseEncryptedFile(readVector(file), { path: file });
  const keys = metadata.groups.flatMap((group) => group.keys.map(({ enc }) => enc));
  const secrets = new Map(keys.map((enc, i) => [enc, wrapped[i]?.[1]]));
  return (_recipient, encrypted) => {
    const secret = secrets.get(encrypted);
    return Promise.resolve(secret === undefined ? { attempts: [] } : { dataKey: unhex(secret) });
  };
}
