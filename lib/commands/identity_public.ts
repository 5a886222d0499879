/**
 * `identity public`: prints the recipient of every identity in a keys file, one to a line, as `age-keygen -y` does.
 *
 * All or nothing: a file that SOPS or age would drop, or with an identity whose recipient cannot be derived here, prints
 * no recipient. Never prints any text of the file. I/O through the host. Spec: keys §1.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import { EXIT } from "../base/exit_code.ts";
import { formatSize, MAX_KEYS_FILE_BYTES, readCapped } from "../base/files.ts";
import type { Host } from "../base/host.ts";
import type { Report } from "../base/report.ts";
import { deriveRecipient } from "../keys/identity.ts";
import { type KeysFile, parseKeysFile } from "../keys/keys_file.ts";
import { defaultKeysFile } from "../keys/keys_path.ts";
import { refuseUnusable } from "../keys/keys_problem.ts";

/** The flags of `identity public`. */
export interface IdentityPublicFlags {
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/** How standard input is called in messages. */
const STDIN_NAME = "standard input";

/**
 * Runs `identity public [FILE]`.
 *
 * @param args the keys file: a path, `-` for standard input, or nothing for the file where keygen writes by default
 * @returns the exit code
 * @throws {UserError} `not-found` without a file or an identity in it, `malformed` for a line that is no identity,
 * `unsupported` for an encrypted file or a plugin identity, `io` and `denied` when it cannot be read
 */
export async function identityPublic(
  _flags: IdentityPublicFlags,
  [file]: readonly string[],
  host: Host,
  report: Report,
): Promise<number> {
  const keysFile = file === "-" ? await readStdin(host) : await readKeysFile(file, host, report);
  refuseUnusable(keysFile);
  refusePlugins(keysFile);
  if (keysFile.entries.length === 0) {
    throw new UserError("not-found", `cannot print a recipient: "${keysFile.path}" holds no identity`, {
      hints: file === undefined ? ["run: sopsmith keygen"] : [],
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

async function readKeysFile(file: string | undefined, host: Host, report: Report): Promise<KeysFile> {
  const path = host.paths.resolve(host.cwd, file ?? defaultKeysFile(host).path);
  const bytes = await readCapped(host, path, { maxBytes: MAX_KEYS_FILE_BYTES });
  if (bytes === undefined) {
    throw new UserError("not-found", `cannot read the keys file "${path}": no such file`, {
      hints: [file === undefined ? "run: sopsmith keygen" : "pass the path of a keys file, or - for standard input"],
      location: { path },
    });
  }
  if (file === undefined) report.note(`read ${report.path(path)}`);
  return parseKeysFile(bytes, path);
}

async function readStdin(host: Host): Promise<KeysFile> {
  const bytes = await host.stdin.read(MAX_KEYS_FILE_BYTES);
  if (bytes.length > MAX_KEYS_FILE_BYTES) {
    throw new UserError(
      "malformed",
      `cannot read ${STDIN_NAME}: larger than ${formatSize(MAX_KEYS_FILE_BYTES)}, expected at most that`,
    );
  }
  return parseKeysFile(bytes, STDIN_NAME);
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
