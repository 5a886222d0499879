/**
 * `decrypt [FILE]`: the file in clear, printed or written back.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Session } from "../../base/show/session.ts";
import { decryptFile, extractValue, openEncryptedFile, parseTreePath } from "../../sops/mod.ts";
import { type LayoutFlags, parseLayout } from "./layout_flags.ts";
import { type OpeningFlags, openingOf } from "./opening.ts";
import { findOutput, findTarget, type OutputFlags, produce, type TypeFlags } from "./target.ts";

/** The flags of `decrypt`. */
export interface DecryptFlags extends OpeningFlags, LayoutFlags, OutputFlags, TypeFlags {
  readonly extract?: string;
}

/**
 * Decrypts a file.
 *
 * @param args the file; none: standard input
 * @throws {UserError} `no-identity`, `integrity`, `malformed`, `not-found`, `usage`
 */
export async function decrypt(flags: DecryptFlags, [file]: readonly string[], session: Session): Promise<number> {
  const { report } = session;
  const target = findTarget(session, file, flags);
  const opening = openingOf(session, target, flags);
  const layout = parseLayout(flags);
  const valuePath = flags.extract === undefined ? undefined : parseTreePath(flags.extract);
  const replaces = findOutput(session, target, flags) === target.path && target.path !== undefined;
  if (replaces && valuePath !== undefined) {
    throw new UserError("usage", "-i and --extract contradict each other: the file would hold one value alone", {
      hints: ["write the value to another file: --output PATH"],
    });
  }
  const leftCommentCount = await produce(
    session,
    { target, ...flags, reason: "the values in clear", isPlain: true },
    async (content) => {
      const outputFormat = target.outputFormat === target.inputFormat ? undefined : target.outputFormat;
      if (valuePath === undefined) {
        const written = { outputFormat, canonical: layout, proves: replaces };
        const { bytes, leftCommentCount } = await decryptFile(content, { ...opening, ...written });
        return { bytes, outcome: leftCommentCount };
      }
      const opened = await openEncryptedFile(content, opening);
      const bytes = await extractValue(opened, valuePath, {
        outputFormat,
        ...(layout === undefined ? {} : { layout }),
      });
      return { bytes, outcome: opened.leftComments.length };
    },
  );
  if (leftCommentCount > 0 && valuePath === undefined && flags.verbose) {
    report.note(`${leftCommentCount} comments are as they stand in the file: they were in clear, or were moved`);
  }
  if (replaces && !flags.dryRun) report.done(`decrypted ${target.name}`);
  return EXIT.done;
}
