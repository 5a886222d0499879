/**
 * The keychain of the operating system, through the system's own command. Never a file instead: where there is no keychain,
 * that is an error that names the alternative.
 *
 * A secret reaches the command on its standard input only, and what was written is read back before it counts as stored.
 * I/O through the host. Spec: vaults §6.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { Secret } from "../../base/secret.ts";
import { encodeKeychainValue, formatKeychainEntry, type KeychainEntry, parseKeychainValue } from "./entry.ts";
import { FILE_INSTEAD, type Keychain } from "./command.ts";
import type { KeysFile } from "../file/keys_file.ts";

/** @returns the keychain of the system that the host runs on */
export async function openKeychain(host: Host): Promise<Keychain> {
  switch (host.os) {
    case "darwin":
      return (await import("./macos.ts")).createMacosKeychain(host);
    case "windows":
      return (await import("./windows.ts")).createWindowsKeychain(host);
    case "linux":
      return (await import("./linux.ts")).createLinuxKeychain(host);
  }
}

/**
 * Reads the identities of an entry.
 *
 * @returns undefined when there is no such entry
 * @throws {UserError} `malformed` for an entry that holds something else; `unsupported`, `io` or `denied` when the keychain
 * cannot be reached, fails, or stays locked
 */
export async function readKeychainIdentities(host: Host, entry: KeychainEntry): Promise<KeysFile | undefined> {
  const value = await (await openKeychain(host)).read(entry);
  return value === undefined ? undefined : parseKeychainValue(value, entry);
}

/**
 * Adds an identity to an entry, after those that are there, and reads the entry back. Does nothing when it is there.
 *
 * Two runs at the same time are to be kept apart with `withKeychainLock()`: no keychain can do it.
 *
 * @returns whether it was added
 * @throws {UserError} as {@link readKeychainIdentities}; `io` when the entry does not read back as written
 */
export async function addKeychainIdentity(host: Host, entry: KeychainEntry, identity: Secret): Promise<boolean> {
  const keychain = await openKeychain(host);
  const value = await keychain.read(entry);
  const present = value === undefined ? [] : parseKeychainValue(value, entry).entries.map(({ secret }) => secret);
  if (present.some((secret) => secret.equals(identity))) return false;
  const wanted = encodeKeychainValue([...present, identity]);
  await keychain.write(entry, wanted);
  const stored = await keychain.read(entry);
  if (stored?.equals(wanted)) return true;
  throw new UserError(
    "io",
    `cannot store the identity: the ${formatKeychainEntry(entry)} does not read back as it was written`,
    { hints: [FILE_INSTEAD] },
  );
}
