/**
 * `identity public`: prints the recipient of every identity in a keys file, one to a line, as `age-keygen -y` does.
 *
 * All or nothing: a file that SOPS or age would drop, or with an identity whose recipient cannot be derived here, prints
 * no recipient. Never prints any text of the file. I/O through the host. Spec: keys §1.
 *
 * @module
 */
import { suggestKeygen } from "../shared/keygen_hint.ts";
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import { deriveRecipient } from "../../keys/age/identity.ts";
import { type KeysFile, parseKeysFile } from "../../keys/file/keys_file.ts";
import { refuseUnusable } from "../../keys/file/problem.ts";
import { readKeysBytes } from "../shared/keys_input.ts";
import { createUnlocker } from "./unlock.ts";
import type { PassphraseFlagValues } from "../shared/passphrase_flags.ts";

/** The flags of `identity public`. */
export interface IdentityPublicFlags extends PassphraseFlagValues {
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/**
 * Runs `identity public [FILE]`.
 *
 * @param args the keys file: a path, `-` for standard input, or nothing for the file where keygen writes by default
 * @returns the exit code
 * @throws {UserError} `not-found` without a file or an identity in it, `malformed` for a line that is no identity,
 * `unsupported` for a plugin identity, `io` and `denied` when it cannot be read; for a protected file as
 * `KeysUnlocker.open()`
 */
export async function identityPublic(
  flags: IdentityPublicFlags,
  [file]: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const keysFile = await readKeysFile(file, flags, host);
  if (file === undefined) report.note(`read ${report.path(keysFile.path)}`);
  refuseUnusable(keysFile);
  refusePlugins(keysFile);
  if (keysFile.entries.length === 0) {
    throw new UserError("not-found", `cannot print a recipient: "${keysFile.path}" holds no identity`, {
      hints: file === undefined ? [await suggestKeygen(host)] : [],
      location: { path: keysFile.path },
    });
  }
  const recipients: { recipient: string; kind: string; line: number }[] = [];
  for (const { kind, secret, lineNumber } of keysFile.entries) {
    recipients.push({ recipient: await deriveRecipient(secret), kind, line: lineNumber });
  }
  for (const { recipient } of recipients) report.data(recipient);
  report.json({ path: keysFile.path, recipients });
  return EXIT.done;
}

/** A file that SOPS cannot read because of its encoding is refused: its recipients would be of no use. */
async function readKeysFile(file: string | undefined, flags: IdentityPublicFlags, host: Host): Promise<KeysFile> {
  const { bytes, path } = await readKeysBytes(host, file);
  const unlocker = createUnlocker(host, flags, [file]);
  return parseKeysFile(await unlocker.open(bytes, path), path);
}

function refusePlugins(file: KeysFile): void {
  const plugin = file.entries.find(({ kind }) => kind === "plugin");
  if (plugin === undefined) return;
  throw new UserError(
    "unsupported",
    `cannot print the recipient of line ${plugin.lineNumber} of "${file.path}": only the age plugin of that identity ` +
      "knows it",
    {
      hints: ["look for the recipient in the comments above the identity, or ask the plugin for it"],
      location: { path: file.path, line: plugin.lineNumber },
    },
  );
}
