/**
 * `get FILE PATH`: one value of an encrypted file, printed.
 *
 * @module
 */
import { EXIT } from "../../base/exit_code.ts";
import type { Session } from "../../base/show/session.ts";
import { extractValue, openEncryptedFile } from "../../sops/mod.ts";
import { type OpeningFlags, openingOf } from "./opening.ts";
import { findTarget, readTarget, type TypeFlags } from "./target.ts";
import { parseValuePath } from "./value_path.ts";

const LINE_FEED = 0x0a;

/** The flags of `get`. */
export interface GetFlags extends OpeningFlags, Pick<TypeFlags, "inputType" | "outputType"> {}

/**
 * Prints one value.
 *
 * @param args file and path
 * @throws {UserError} as opening does; `not-found` when the path leads nowhere
 */
export async function get(flags: GetFlags, [file, path = ""]: readonly string[], session: Session): Promise<number> {
  const target = findTarget(session, file, flags);
  const valuePath = parseValuePath(path);
  const opened = await openEncryptedFile(await readTarget(session.host, target), openingOf(session, target, flags));
  const { outputFormat } = target;
  const { stdout } = session.host;
  const value = await extractValue(opened, valuePath, { outputFormat });
  stdout.writeBytes(value);
  if (stdout.isTerminal && value.at(-1) !== LINE_FEED) stdout.write("\n"); // a prompt would else stand behind it
  return EXIT.done;
}
