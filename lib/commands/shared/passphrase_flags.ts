/**
 * The flags by which a command takes a passphrase from somewhere else than the terminal. Data, and pure but for the
 * working folder.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { PassphraseSource } from "../../base/ask/passphrase.ts";
import type { FlagSpec } from "./command.ts";

/** What a command's flags hold of a passphrase. */
export interface PassphraseFlagValues {
  readonly passphraseFd?: string;
  readonly passphraseFile?: string;
}

/** The flags, as the command table writes them. */
export const PASSPHRASE_FLAGS: Readonly<Record<keyof PassphraseFlagValues, FlagSpec>> = {
  passphraseFd: { brief: "read the passphrase from descriptor N, a pipe", value: "N" },
  passphraseFile: { brief: "read the passphrase from FILE (also a named pipe, or <(COMMAND))", value: "FILE" },
};

/**
 * @returns the place that the flags name; undefined without one
 * @throws {UserError} `usage` for both flags at once, for a descriptor that is no number, and for descriptors on Windows
 */
export function findPassphraseSource(host: Host, flags: PassphraseFlagValues): PassphraseSource | undefined {
  const { passphraseFd, passphraseFile } = flags;
  if (passphraseFd !== undefined && passphraseFile !== undefined) {
    throw new UserError("usage", "--passphrase-fd and --passphrase-file contradict each other", {
      hints: ["pass one of them"],
    });
  }
  if (passphraseFile !== undefined) return { from: "file", path: host.paths.resolve(host.cwd, passphraseFile) };
  if (passphraseFd === undefined) return undefined;
  if (!/^\d{1,4}$/.test(passphraseFd)) { // the value may be the passphrase itself: it is not shown
    throw new UserError("usage", "--passphrase-fd takes the number of a descriptor", {
      hints: ["open one and name it: --passphrase-fd 3 3< <(COMMAND)"],
    });
  }
  const number = Number(passphraseFd);
  if (number === 0) return { from: "standard input" };
  if (host.os === "windows") {
    throw new UserError("usage", "--passphrase-fd does not exist on Windows", {
      hints: ["pass --passphrase-file FILE"],
    });
  }
  return { from: "descriptor", number };
}
