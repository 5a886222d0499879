/**
 * `git textconv FILE`: what git diff compares instead of a file: its values in clear, where nobody has to be asked.
 *
 * Never fails over content, because git then shows nothing at all; never asks, because it is run once for every version
 * while a pager is on the screen. I/O through the host.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import type { Session } from "../../base/show/session.ts";
import { createKeyOpener } from "../../keys/age/unwrap.ts";
import { loadIdentities } from "../../keys/places/identities.ts";
import { createSurroundings } from "../../repository/file/keys.ts";
import { decryptFile, type KeyOpener } from "../../sops/mod.ts";
import { findMetadata } from "../../sops/metadata/metadata.ts";
import { findTarget, readTarget } from "../file/target.ts";

/** `git textconv` has no flags of its own. */
export type TextconvFlags = Record<string, never>;

/**
 * Prints a file in clear, or as it is.
 *
 * @param args the file
 * @throws {UserError} `not-found`, `denied`, `io` for a file that cannot be read
 */
export async function textconv(_flags: TextconvFlags, [file]: readonly string[], session: Session): Promise<number> {
  const { host } = session;
  const target = findTarget(session, file, {});
  const content = await readTarget(host, target);
  host.stdout.writeBytes(await decryptForDisplay(session, content, target.namedPath));
  return EXIT.done;
}

async function decryptForDisplay({ host, report }: Session, content: Uint8Array, path: string): Promise<Uint8Array> {
  const metadata = findMetadata(content, path);
  if (metadata === undefined || isWrittenDown(host)) return content;
  try {
    const options = { ...createSurroundings(host), open: await loadQuietOpener(host), path, format: metadata.format };
    return (await decryptFile(content, options)).bytes;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error.kind !== "no-identity") report.warning(error.message);
    return content;
  }
}

/**
 * `git commit` makes the author known to whatever it runs. With `-v` it puts the diff under the message, into a file in
 * `.git` that stays there.
 */
function isWrittenDown(host: Host): boolean {
  return host.env("GIT_AUTHOR_DATE") !== undefined;
}

/** Identities that nobody has to do anything for: no passphrase, no device; a command is one that the person has named. */
async function loadQuietOpener(host: Host): Promise<KeyOpener> {
  const { identities } = await loadIdentities(host);
  return createKeyOpener({ identities: identities.filter(({ cost }) => cost === "free" || cost === "command") });
}
