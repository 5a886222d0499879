/**
 * Reads a private key file of OpenSSH, and opens it with the passphrase that the person gives. I/O through the host.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { readCapped } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { type PassphraseSource, unlockWithPassphrase } from "../../base/ask/passphrase.ts";
import { formatPath } from "../../base/show/report.ts";
import type { Secret } from "../../base/secret.ts";
import { refuseUnconvertible } from "./key_type.ts";
import {
  decryptOpensshPrivateKey,
  MAX_PRIVATE_KEY_BYTES,
  type OpensshPrivateKey,
  type OpensshPrivateKeyFile,
  parseOpensshPrivateKey,
} from "./private_key.ts";

/** The variable that ssh-to-age takes a passphrase from. */
const PASSPHRASE_VARIABLE = "SSH_TO_AGE_PASSPHRASE";

/** From how many rounds of bcrypt on a person is told why it takes long: about two seconds. */
const SLOW_ROUNDS = 200;

/**
 * Reads a private key file, without opening it.
 *
 * @param path absolute
 * @throws {UserError} `not-found` without the file, what {@link parseOpensshPrivateKey} throws, and `io` or `denied`
 */
export function readOpensshPrivateKey(host: Host, path: string): OpensshPrivateKeyFile {
  const bytes = readCapped(host, path, { maxBytes: MAX_PRIVATE_KEY_BYTES });
  if (bytes !== undefined) return parseOpensshPrivateKey(bytes, path);
  throw new UserError("not-found", `cannot read the ssh key "${path}": no such file`, {
    hints: ["check the path for a typing mistake"],
    location: { path },
  });
}

/**
 * Opens a private key file; asks for the passphrase only when one is needed, and nothing else answers.
 *
 * @param source where the person wants the passphrase to be taken from; absent: `SSH_TO_AGE_PASSPHRASE`, then the terminal
 * @throws {UserError} `unsupported` for another type than ed25519, before anything is asked; `denied` for a wrong
 * passphrase; `usage` when nothing answers and nobody can be asked; `malformed` for a damaged private section
 */
export async function openOpensshPrivateKey(
  host: Host,
  file: OpensshPrivateKeyFile,
  source: PassphraseSource | undefined,
): Promise<OpensshPrivateKey> {
  refuseUnconvertible(file.type, `"${file.name}"`);
  return await openWithPassphrase(host, { file, source }, (passphrase) => decryptOpensshPrivateKey(file, passphrase));
}

/**
 * Opens what is in a private key file; asks for the passphrase only when one is needed, and nothing else answers.
 *
 * @param source as for {@link openOpensshPrivateKey}
 * @param attempt gets undefined for a file that is not encrypted; returns undefined for a wrong passphrase
 * @throws {UserError} as {@link openOpensshPrivateKey}, and what the attempt throws
 */
export async function openWithPassphrase<Opened>(
  host: Host,
  { file, source }: { readonly file: OpensshPrivateKeyFile; readonly source: PassphraseSource | undefined },
  attempt: (passphrase: Secret | undefined) => Promise<Opened | undefined>,
): Promise<Opened> {
  if (!file.isEncrypted) {
    const opened = await attempt(undefined);
    if (opened !== undefined) return opened;
  }
  const request = {
    object: host.paths.isAbsolute(file.name) ? `"${formatPath(host, file.name)}"` : `the key from ${file.name}`,
    source,
    variable: PASSPHRASE_VARIABLE,
    instead: `set ${PASSPHRASE_VARIABLE}, or pass --passphrase-file FILE`,
  };
  return await unlockWithPassphrase(host, request, (passphrase) => {
    if (file.rounds >= SLOW_ROUNDS) host.stderr.write(`trying the passphrase (${file.rounds} rounds of bcrypt)\n`);
    return attempt(passphrase);
  });
}
