/**
 * What the commands that open a file share: flags to the engine's options, and what is said of a file that was opened
 * although somebody has changed it. I/O through the host.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { createSurroundings, type EngineSurroundings } from "../../repository/file/keys.ts";
import { findPassphraseSource, type PassphraseFlagValues } from "../shared/passphrase_flags.ts";
import { checkDecryptionOrder, type CommonFlags } from "./report.ts";
import type { FileTarget } from "./target.ts";
import type { StoreFormat } from "../../sops/metadata/metadata.ts";

/** Flags of a command that opens a file. */
export interface OpeningFlags extends CommonFlags, PassphraseFlagValues {
  readonly ignoreMac?: boolean;
  readonly config?: string;
}

/** What the engine needs to open a file. */
export interface Opening extends EngineSurroundings {
  readonly path: string;
  readonly format: StoreFormat;
  readonly ignoresMac: boolean;
}

/** @throws {UserError} `usage` for flags that contradict each other */
export function openingOf(session: Session, target: FileTarget, flags: OpeningFlags): Opening {
  const { host, report } = session;
  checkDecryptionOrder(flags, host.env("SOPS_DECRYPTION_ORDER"));
  if (flags.ignoreMac) {
    report.warning("--ignore-mac: whether somebody without the key has changed the file is not checked");
  }
  return {
    ...createSurroundings(host, findPassphraseSource(host, flags)),
    path: target.path ?? target.name,
    format: target.inputFormat,
    ignoresMac: flags.ignoreMac ?? false,
  };
}
