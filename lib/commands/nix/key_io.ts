/**
 * Nix keys as the `nix` commands take and print them: from files, from standard input, to standard output. What cannot be
 * read is never shown. Spec: keys §4.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { readCapped, readStdinCapped, STDIN_NAME } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import type { Report } from "../../base/show/report.ts";
import { MAX_SIGNING_KEY_BYTES, parseSigningKey, type SigningKey } from "../../nix/key.ts";

/**
 * Reads a signing key from a file.
 *
 * @param file relative to the working folder
 * @throws {UserError} `not-found`, `malformed` when it is no signing key or too large, `io` or `denied`
 */
export async function readSigningKey(host: Host, file: string): Promise<SigningKey> {
  const path = host.paths.resolve(host.cwd, file);
  const bytes = readCapped(host, path, { maxBytes: MAX_SIGNING_KEY_BYTES });
  if (bytes === undefined) {
    throw new UserError("not-found", `cannot read the signing key "${path}": no such file`, {
      hints: ["make one with: sopsmith nix key generate-secret --key-name NAME-1 --out FILE"],
      location: { path },
    });
  }
  return await parseSigningKey(bytes, path);
}

/**
 * Reads a signing key from standard input; somebody who types it is asked for it, and does not see it.
 *
 * @throws {UserError} `malformed` when it is no signing key or too large, `cancelled` when none is typed
 */
export async function readSigningKeyFromStdin(host: Host): Promise<SigningKey> {
  const { askSecret, canAsk } = await import("../../base/ask/prompts.ts");
  if (canAsk(host)) {
    const typed = await askSecret(host, {
      heading: "what you type is not shown",
      text: "secret key",
      instead: "pass it on standard input",
    });
    return await parseSigningKey(typed.reveal(), STDIN_NAME);
  }
  return await parseSigningKey(await readStdinCapped(host, { maxBytes: MAX_SIGNING_KEY_BYTES }), STDIN_NAME);
}

/**
 * Prints a key on stdout as Nix does, without a newline; on a terminal with one, so that the prompt has a line of its own.
 * Does nothing with `--json`.
 */
export function printKey({ stdout }: Host, report: Report, key: string): void {
  if (report.format === "text") stdout.write(stdout.isTerminal ? `${key}\n` : key);
}
