/**
 * The login keychain of macOS, through `/usr/bin/security`.
 *
 * The value goes to the command's interactive mode on standard input, in the form that Go programs write:
 * `go-keyring-base64:` and Base64. Read are that form, their older one in hex, and plain text. I/O through the host.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { CommandResult, Host } from "../../base/host/host.ts";
import { Secret } from "../../base/secret.ts";
import { type Keychain, keychainFailed, keychainMissing, runKeychain } from "./command.ts";
import { formatKeychainEntry, type KeychainEntry } from "./entry.ts";

const COMMAND = "/usr/bin/security";

/** What the command ends with when there is no such entry (errSecItemNotFound, -25300, as one byte). */
const NOT_FOUND = 44;

const BASE64_HEAD = "go-keyring-base64:";
const HEX_HEAD = "go-keyring-encoded:";

/** Longest line that the interactive mode reads, in bytes. */
const MAX_LINE_BYTES = 4096;

/** @returns the person's default keychain */
export function createMacosKeychain(host: Host): Keychain {
  return {
    async has(entry) {
      return await find(host, entry, []) !== undefined;
    },
    async read(entry) {
      const found = await find(host, entry, ["-w"]);
      return found && decodeValue(new TextDecoder().decode(found).trim(), entry);
    },
    async write(entry, value) {
      const stdin = new TextEncoder().encode(formatCommand(entry, value));
      if (stdin.length > MAX_LINE_BYTES) throw tooLarge(entry);
      const stored = await runKeychain(host, COMMAND, ["-i"], { stdin });
      if (stored === undefined) throw missing();
      if (stored.code !== 0) throw keychainFailed("write to", withoutValue(stored));
    },
  };
}

/**
 * @param more `-w` to print the value, which may ask the person
 * @returns what the command prints; undefined when there is no such entry
 */
async function find(
  host: Host,
  { service, account }: KeychainEntry,
  more: readonly string[],
): Promise<Uint8Array | undefined> {
  const found = await runKeychain(host, COMMAND, ["find-generic-password", "-s", service, ...more, "-a", account]);
  if (found === undefined) throw missing();
  if (found.code === NOT_FOUND) return undefined;
  if (found.code !== 0) throw keychainFailed("read", found);
  return found.stdout;
}

/** What the command says of a line that it does not take could repeat the line. */
function withoutValue({ code, stderr }: CommandResult): Pick<CommandResult, "code" | "stderr"> {
  return { code, stderr: new TextDecoder().decode(stderr).includes(BASE64_HEAD) ? new Uint8Array() : stderr };
}

function formatCommand({ service, account }: KeychainEntry, value: Secret): string {
  const encoded = BASE64_HEAD + value.reveal().toBase64();
  return `add-generic-password -U -s ${quote(service)} -a ${quote(account)} -w ${quote(encoded)}\n`;
}

/** As a shell quotes; the interactive mode splits its line as one. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

function decodeValue(text: string, entry: KeychainEntry): Secret {
  try {
    if (text.startsWith(BASE64_HEAD)) return decodeBytes(Uint8Array.fromBase64(text.slice(BASE64_HEAD.length)));
    if (text.startsWith(HEX_HEAD)) return decodeBytes(Uint8Array.fromHex(text.slice(HEX_HEAD.length)));
  } catch {
    throw new UserError("malformed", `cannot read the ${formatKeychainEntry(entry)}: its encoding is damaged`, {
      hints: ["look at the entry in Keychain Access, and move it away if nobody needs it"],
    });
  }
  return new Secret(text);
}

function decodeBytes(bytes: Uint8Array): Secret {
  return new Secret(new TextDecoder().decode(bytes));
}

function missing(): UserError {
  return keychainMissing(COMMAND, "check that this is macOS");
}

function tooLarge(entry: KeychainEntry): UserError {
  return new UserError(
    "refused",
    `cannot store the identity: the ${formatKeychainEntry(entry)} would be larger than macOS takes`,
    { hints: ["name another path in age_key.path of the vault, for an entry of its own"] },
  );
}
