/**
 * `ssh-to-age --private-key`: converts one private key, which its flag reveals on purpose.
 *
 * Prints the identity on stdout, or writes it to a file of its own; never as JSON. I/O through the host. Spec: keys §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import type { PassphraseSource } from "../../base/ask/passphrase.ts";
import { escapeControls } from "../../base/show/terminal.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { type ConvertedKey, convertSshPrivateKey } from "../../keys/ssh/convert.ts";
import { MAX_PRIVATE_KEY_BYTES, type OpensshPrivateKey, parseOpensshPrivateKey } from "../../keys/ssh/private_key.ts";
import { openOpensshPrivateKey } from "../../keys/ssh/private_key_open.ts";
import { findPassphraseSource } from "../shared/passphrase_flags.ts";
import type { SshToAgeFlags } from "./ssh_to_age.ts";
import { findNamedFile, readSshToAgeInput } from "./input.ts";
import { noteBareCopy } from "../shared/ssh_identity.ts";
import { type OutputPlace, writeIdentity } from "./output.ts";

/**
 * Runs `ssh-to-age --private-key`.
 *
 * @returns the exit code
 * @throws {UserError} `malformed` for a damaged key or none; `unsupported` for another type than ed25519 or another form
 * than that of OpenSSH; `denied` for a wrong passphrase; `exists` and `refused` for an output file with something else in
 * it; `usage` for flags that contradict each other, and for a passphrase that nobody gives; `not-found`, `cancelled`, `io`
 */
export async function convertPrivateKey(flags: SshToAgeFlags, session: Session): Promise<number> {
  const { host } = session;
  const inputPath = findNamedFile(host, flags.in);
  const path = findNamedFile(host, flags.out);
  const source = findSource(flags, inputPath, host);
  if (flags.json && path === undefined) {
    throw new UserError("usage", "--json needs -o: a private key is never printed as JSON", {
      hints: ["name the file for the identity with -o FILE"],
    });
  }
  const input = await readSshToAgeInput(session, inputPath, MAX_PRIVATE_KEY_BYTES);
  const file = parseOpensshPrivateKey(input.bytes, input.name);
  const key = await openOpensshPrivateKey(host, file, source);
  const converted = await convertSshPrivateKey(key);
  if (file.isEncrypted) noteBareCopy(session.report);
  const comment = flags.names ? formatName(key) : "";
  if (path === undefined) printIdentity(converted, comment, session);
  else await saveIdentity(converted, comment, { path, ...(inputPath && { inputPath }) }, session);
  return EXIT.done;
}

/** Standard input gives either the key or the passphrase. */
function findSource(
  flags: SshToAgeFlags,
  inputPath: string | undefined,
  host: Host,
): PassphraseSource | undefined {
  const named = findPassphraseSource(host, flags);
  if (flags.stdinpass && named !== undefined) {
    throw new UserError("usage", "--stdinpass contradicts the other flag for the passphrase", {
      hints: ["pass one of them"],
    });
  }
  const source: PassphraseSource | undefined = flags.stdinpass ? { from: "standard input" } : named;
  if (source?.from !== "standard input" || inputPath !== undefined) return source;
  throw new UserError("usage", "cannot read both the private key and its passphrase from standard input", {
    hints: ["name the file of the key with -i FILE"],
  });
}

/** A comment line, because SOPS takes nothing behind an identity. */
function formatName({ publicKey: { comment } }: OpensshPrivateKey): string {
  return comment === "" ? "" : `# ${escapeControls(comment)}\n`;
}

/** Past the report, which hides identities: the flag says that this one is to be shown. */
function printIdentity({ identity }: ConvertedKey, comment: string, session: Session): void {
  const { host, report } = session;
  host.stdout.write(`${comment}${identity.revealText()}\n`);
  if (host.stdout.isTerminal) {
    report.warning("the identity stands on the screen now; -o FILE writes it to a file that only you can read");
  }
}

async function saveIdentity(
  { identity, recipient }: ConvertedKey,
  comment: string,
  place: OutputPlace,
  session: Session,
): Promise<void> {
  const { host, report } = session;
  const isWritten = await writeIdentity(host, place, { identity, comment });
  const shown = report.path(place.path);
  const short = formatShortRecipient(recipient);
  if (isWritten) report.done(`wrote the identity of ${short} to ${shown}   (keep it out of version control)`);
  else report.say(`${shown} holds the identity of ${short} already; nothing changed`);
  const { warnOfCommit } = await import("../shared/secret_file_text.ts");
  await warnOfCommit(session, place.path);
  report.json({ recipient, path: place.path, written: isWritten });
}
