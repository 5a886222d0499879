/**
 * The passphrase of protected keys files, as `identity` commands take it. Pure but for the working folder.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { KeysUnlocker } from "../../keys/file/unlock.ts";
import { STDIN_ARGUMENT } from "../shared/keys_input.ts";
import { findPassphraseSource, type PassphraseFlagValues } from "../shared/passphrase_flags.ts";

/**
 * @param flags where the person wants the passphrase to be taken from
 * @param files the keys files as typed
 * @throws {UserError} `usage` as `findPassphraseSource()`, and when standard input should hold a keys file and a passphrase
 */
export function createUnlocker(
  host: Host,
  flags: PassphraseFlagValues,
  files: readonly (string | undefined)[],
): KeysUnlocker {
  const source = findPassphraseSource(host, flags);
  const isStdin = source?.from === "standard input" || (source?.from === "descriptor" && source.number === 0);
  if (!isStdin || !files.includes(STDIN_ARGUMENT)) return new KeysUnlocker(host, source);
  throw new UserError("usage", "standard input cannot hold the keys file and its passphrase", {
    hints: ["pass the passphrase with --passphrase-file FILE"],
  });
}
