/**
 * The names of the secrets in an encrypted file, which SOPS leaves readable, as sops-nix addresses them.
 *
 * Only the stores in which sops-nix takes single values, YAML and JSON; of the others it takes the whole file. Values are
 * looked at only for whether they are encrypted text. Pure. Spec: sops-engine §3.2 (what an encrypted value looks like).
 *
 * @module
 */
import { isMap, isScalar, type Node, parseDocument } from "yaml";

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
  const document = parseOrUndefined(text);
  return isMap(document) ? namesIn(document, "", 0) : [];
}

function parseOrUndefined(text: string): Node | undefined {
  try {
    const document = parseDocument(text, { schema: "failsafe", uniqueKeys: false, logLevel: "silent" });
    return document.contents ?? undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // too deep for the parser, and no file of SOPS
    throw error;
  }
}

function namesIn(map: Node, prefix: string, depth: number): SecretName[] {
  if (!isMap(map) || depth > MAX_DEPTH) return [];
  return map.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : "/";
    if (name === "" || name.includes("/") || (depth === 0 && name === METADATA_KEY)) return [];
    if (isMap(value)) return namesIn(value, `${prefix}${name}/`, depth + 1);
    const type = isScalar(value) ? ENCRYPTED_VALUE.exec(String(value.value))?.[1] : undefined;
    return type === undefined ? [] : [{ path: `${prefix}${name}`, isText: type === "str" }];
  });
}
