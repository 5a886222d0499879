/**
 * `unset FILE PATH`: one value of an encrypted file, removed in place.
 *
 * @module
 */
import { EXIT } from "../../base/exit_code.ts";
import type { Session } from "../../base/show/session.ts";
import { unsetValue } from "../../sops/mod.ts";
import { type OpeningFlags, openingOf } from "./opening.ts";
import { changeExistingFile, findTarget, type TypeFlags } from "./target.ts";
import { parseValuePath } from "./value_path.ts";

/** The flags of `unset`. */
export interface UnsetFlags extends OpeningFlags, Pick<TypeFlags, "inputType" | "outputType"> {
  readonly idempotent?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Removes one value.
 *
 * @param args file and path
 * @throws {UserError} as opening and writing do; `not-found` when there is no such value
 */
export async function unset(
  flags: UnsetFlags,
  [file, path = ""]: readonly string[],
  session: Session,
): Promise<number> {
  const target = findTarget(session, file, flags);
  const valuePath = parseValuePath(path);
  const opening = openingOf(session, target, flags);
  const { isChanged } = await changeExistingFile(
    session,
    { target, dryRun: flags.dryRun, reason: "the file without the value" },
    (content) => unsetValue(content, valuePath, { ...opening, isIdempotent: flags.idempotent }),
  );
  if (!flags.dryRun) {
    session.report.done(isChanged ? `removed ${path} from ${target.name}` : `${target.name} has no ${path}`);
  }
  return EXIT.done;
}
