/**
 * The names of the secrets in an encrypted file, which SOPS leaves readable, as sops-nix addresses them.
 *
 * Only the stores in which sops-nix takes single values, YAML and JSON; of the others it takes the whole file. Values are
 * looked at only for whether they are encrypted text. Pure. Spec: sops-engine §3.2 (what an encrypted value looks like).
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { scanYaml } from "../../yaml/scan/scan.ts";
import type { Mapping } from "../tree/tree.ts";

/** Deepest nesting that is looked at. */
const MAX_DEPTH = 20;

/** The top-level key of the metadata. */
const METADATA_KEY = "sops";

/** An encrypted value and the type it has when it is decrypted. */
const ENCRYPTED_VALUE = /^ENC\[AES256_GCM,data:.*,type:(str|int|float|bool|bytes|comment)\]$/s;

/** A secret of a file. */
export interface SecretName {
  /** The keys that lead to it, joined by `/`. */
  readonly path: string;
  /** Whether it is text when decrypted; sops-nix takes nothing else. */
  readonly isText: boolean;
}

/**
 * @param text of an encrypted YAML or JSON file
 * @returns the encrypted values that a path of keys leads to, in the order of the file; none in lists, none behind a key
 * with a `/`; empty when the text cannot be read
 */
export function findSecretNames(text: string): SecretName[] {
  try {
    const [first] = scanYaml(text, "").documents;
    return first === undefined ? [] : namesIn(first.root, "", 0);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

function namesIn({ items }: Mapping, prefix: string, depth: number): SecretName[] {
  if (depth > MAX_DEPTH) return [];
  return items.flatMap((item) => {
    if (item.kind === "comment") return [];
    const { key, value } = item;
    if (key === "" || key.includes("/") || (depth === 0 && key === METADATA_KEY)) return [];
    if (value.kind === "mapping") return namesIn(value, `${prefix}${key}/`, depth + 1);
    const type = value.kind === "leaf" ? ENCRYPTED_VALUE.exec(String(value.value))?.[1] : undefined;
    return type === undefined ? [] : [{ path: `${prefix}${key}`, isText: type === "str" }];
  });
}
