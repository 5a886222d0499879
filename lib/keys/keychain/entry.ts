/**
 * Where in the OS keychain the private half of a vault lives, and how its value is written: as atmos does it, so that
 * each program reads what the other one wrote.
 *
 * An entry holds the identities alone, one to a line, as one JSON text; usually there is one. A value that is no JSON text
 * is read as it is, as atmos reads it. Pure. Spec: vaults §6.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { Secret } from "../../base/secret.ts";
import { type KeysFile, parseKeysFile } from "../file/keys_file.ts";
import { findKeysProblem } from "../file/problem.ts";

/** The name of an entry. Both parts are visible to every program; neither is secret. */
export interface KeychainEntry {
  readonly service: string;
  readonly account: string;
}

/** The `options` of a keychain store; an absent one has atmos's default. */
export interface KeychainOptions {
  /** The account. Default `atmos-secrets`; empty counts as absent. */
  readonly service?: string | undefined;
  /** First segment of the service. Default `atmos`; empty counts as absent. */
  readonly prefix?: string | undefined;
  /** What splits the vault's name into segments. Default `-`; empty splits between all characters. */
  readonly stackDelimiter?: string | undefined;
}

const DEFAULT_ACCOUNT = "atmos-secrets";
const DEFAULT_PREFIX = "atmos";
const DEFAULT_STACK_DELIMITER = "-";

/** The segment between the vault's name and the key's. */
const COMPONENT = "age-key";

/**
 * @param vault the vault's name
 * @param path the key within the store; by default the vault's name
 * @returns the entry that atmos uses for it
 */
export function deriveKeychainEntry(vault: string, path: string, options: KeychainOptions = {}): KeychainEntry {
  const delimiter = options.stackDelimiter ?? DEFAULT_STACK_DELIMITER;
  const segments = delimiter === "" ? Array.from(vault) : vault.split(delimiter);
  const service = [options.prefix || DEFAULT_PREFIX, ...segments, COMPONENT, path].join("/").replaceAll("//", "/");
  return { service, account: options.service || DEFAULT_ACCOUNT };
}

/** @returns the entry's name for messages, quoted: `keychain entry "atmos/prod/age-key/prod"` */
export function formatKeychainEntry({ service }: KeychainEntry): string {
  return `keychain entry "${service}"`;
}

/** @returns the value of an entry with these identities */
export function encodeKeychainValue(identities: readonly Secret[]): Secret {
  return new Secret(JSON.stringify(identities.map((identity) => identity.revealText()).join("\n")));
}

/**
 * Reads the value of an entry.
 *
 * @throws {UserError} `malformed` when it holds something that SOPS would refuse, or nothing; never with any of its text
 */
export function parseKeychainValue(value: Secret, entry: KeychainEntry): KeysFile {
  const file = parseKeysFile(new TextEncoder().encode(decodeText(value).trim()), entry.service);
  const problem = findKeysProblem(file) ?? (file.entries.length === 0 ? "it is empty" : undefined);
  if (problem === undefined) return file;
  throw new UserError(
    "malformed",
    `cannot use the ${formatKeychainEntry(entry)}: ${problem}, expected age identities`,
    { hints: ["look at the entry with the keychain's own program, and move it away if nobody needs it"] },
  );
}

function decodeText(value: Secret): string {
  try {
    const text: unknown = JSON.parse(value.revealText());
    return typeof text === "string" ? text : value.revealText();
  } catch {
    return value.revealText();
  }
}
