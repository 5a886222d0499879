/**
 * A private ssh key file as an age identity, for the commands that take one.
 *
 * Asks for the passphrase when the file has one. Never shows any of the key. I/O through the host. Spec: keys §3.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import type { PassphraseSource } from "../../base/ask/passphrase.ts";
import { Report } from "../../base/show/report.ts";
import type { Secret } from "../../base/secret.ts";
import { convertSshPrivateKey } from "../../keys/ssh/convert.ts";
import { openOpensshPrivateKey, readOpensshPrivateKey } from "../../keys/ssh/private_key_open.ts";

/**
 * Reads, opens and converts a private ssh key.
 *
 * @param path absolute
 * @param source where the passphrase is taken from; undefined: `SSH_TO_AGE_PASSPHRASE`, then the terminal
 * @returns the identity that it converts to, in upper case
 * @throws {UserError} `not-found` without the file; `unsupported` for a key of another type than ed25519 or in another
 * form than that of OpenSSH; `malformed` for a damaged one; `denied` for a wrong passphrase; `usage` when a passphrase is
 * needed, nothing gives it and nobody can be asked; `cancelled`; `io`
 */
export async function openSshIdentity(
  host: Host,
  path: string,
  source: PassphraseSource | undefined,
): Promise<Secret> {
  const file = readOpensshPrivateKey(host, path);
  const { identity } = await convertSshPrivateKey(await openOpensshPrivateKey(host, file, source));
  if (file.isEncrypted) noteBareCopy(new Report(host));
  return identity;
}

/** Says what a passphrase does not protect any more. */
export function noteBareCopy(report: Report): void {
  report.note("the ssh key has a passphrase; what was made from it has none");
}
