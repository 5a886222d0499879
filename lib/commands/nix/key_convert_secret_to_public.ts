/**
 * `nix key convert-secret-to-public`: the public half of a Nix signing key, from standard input to standard output.
 * Spec: keys §4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { EXIT } from "../../base/exit_code.ts";
import { formatPublicKey } from "../../nix/key.ts";
import { printKey, readSigningKeyFromStdin } from "./key_io.ts";

/** The flags of `nix key convert-secret-to-public`. */
export interface NixKeyConvertFlags {
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/**
 * Runs `nix key convert-secret-to-public`.
 *
 * @returns the exit code
 * @throws {UserError} `malformed` when the input is no signing key, or its halves do not belong together
 */
export async function nixKeyConvertSecretToPublic(
  _flags: NixKeyConvertFlags,
  _args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const { publicKey } = await readSigningKeyFromStdin(host);
  const text = formatPublicKey(publicKey);
  printKey(host, report, text);
  report.json({ name: publicKey.name, publicKey: text });
  return EXIT.done;
}
