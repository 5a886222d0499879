/**
 * The secrets of a file: the entries on top of its first document, by name. Pure; the file is opened by the engine.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import {
  decryptedDocuments,
  encryptFile,
  type EncryptOptions,
  formatFlatScalar,
  type OpenedFile,
  parseEncryptedFile,
} from "../../sops/mod.ts";
import type { StoreFormat } from "../../sops/metadata/metadata.ts";
import { storeOfName } from "../../sops/metadata/store_name.ts";
import type { Node } from "../../sops/tree/tree.ts";

/** A secret in clear. */
export interface SecretValue {
  readonly name: string;
  readonly value: Node;
}

/** The key that the metadata stands under. */
const METADATA_KEY = "sops";

/** How metadata stands in YAML, which atmos writes whatever a file is called. */
const YAML_METADATA = /^sops:[ \t]*\r?$/m;

/**
 * @param content of the file; undefined for one that is to be made
 * @returns the format that a file of secrets has: what its name says, YAML where that says nothing or atmos wrote it
 */
export function findSecretFormat(path: string, content: Uint8Array | undefined): StoreFormat {
  const named = storeOfName(path);
  if (named === "yaml" || named === "binary") return "yaml";
  return content !== undefined && YAML_METADATA.test(new TextDecoder().decode(content)) ? "yaml" : named;
}

/** @returns the secrets in the order of the file */
export function readSecrets(opened: OpenedFile): SecretValue[] {
  const [first] = decryptedDocuments(opened);
  return (first?.root.items ?? []).flatMap((item) =>
    item.kind === "entry" ? [{ name: item.key, value: item.value }] : []
  );
}

/**
 * @returns the names of the secrets, which stand in clear in the file: no key is needed
 * @throws {UserError} `malformed` for a file that is not encrypted: its values would be no secrets
 */
export async function listSecretNames(bytes: Uint8Array, path: string): Promise<string[]> {
  const { file: { documents: [first] } } = await parseEncryptedFile(bytes, {
    path,
    format: findSecretFormat(path, bytes),
  });
  return (first?.root.items ?? []).flatMap((item) => item.kind === "entry" ? [item.key] : []);
}

/** @throws {UserError} `usage` for what cannot be the name of a secret */
export function parseSecretName(text: string): string {
  if (text !== "" && text !== METADATA_KEY && !/[\p{Cc}=]/u.test(text)) return text;
  throw new UserError("usage", `cannot use "${text}" as the name of a secret`, {
    hints: ["pass a name such as DB_PASSWORD"],
  });
}

/**
 * @returns the text of a scalar as it was stored
 * @throws {UserError} `unsupported` for a mapping or a list
 */
export function formatSecret({ name, value }: SecretValue): string {
  if (value.kind === "leaf") return formatFlatScalar(value.value);
  throw new UserError("unsupported", `cannot print "${name}" as text: it is a ${value.kind}`, {
    hints: ["pass --format json, or --path to name one of its values"],
  });
}

/** @returns the text of a scalar as it was stored; a mapping or a list as JSON on one line */
export function formatSecretText(secret: SecretValue): string {
  return secret.value.kind === "leaf" ? formatSecret(secret) : JSON.stringify(secretAsJson(secret.value));
}

/** What TypeScript does not know of yet. */
interface RawJson {
  /** @returns what `JSON.stringify` writes as it stands */
  rawJSON(text: string): unknown;
}

/** @returns a secret for `JSON.stringify` */
export function secretAsJson(value: Node): unknown {
  if (value.kind === "list") return value.items.flatMap((item) => item.kind === "comment" ? [] : [secretAsJson(item)]);
  if (value.kind === "mapping") {
    return Object.fromEntries(
      value.items.flatMap((item) => item.kind === "entry" ? [[item.key, secretAsJson(item.value)]] : []),
    );
  }
  const { value: scalar } = value;
  if (typeof scalar === "bigint") return (JSON as unknown as RawJson).rawJSON(String(scalar)); // a number cannot hold all
  return scalar === null || ["string", "boolean", "number"].includes(typeof scalar) ? scalar : formatFlatScalar(scalar);
}

/** @returns a new encrypted file with these secrets, laid out as SOPS does */
export async function encryptNewSecrets(
  values: ReadonlyMap<string, string>,
  { format, ...options }: EncryptOptions & { readonly format: StoreFormat },
): Promise<Uint8Array> {
  const plain = new TextEncoder().encode(`${JSON.stringify(Object.fromEntries(values))}\n`);
  const { bytes } = await encryptFile(plain, { ...options, format: "json", outputFormat: format });
  return bytes;
}
