/**
 * Where a picture goes: to standard output, or into a file, which may be an earlier picture and nothing else.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { type EditTarget, runEdit } from "../../base/files/edit_files.ts";
import type { Session } from "../../base/show/session.ts";
import type { AccessView } from "./access.ts";
import { formatSvg } from "./svg.ts";

/** Largest picture that is written over, in bytes. */
const MAX_PICTURE_BYTES = 64 * 1024 * 1024;

/** How a picture begins. */
const SVG_START = /^\s*(?:<\?xml[^>]*>\s*)?<svg\b/;

/**
 * @param target value of `--svg`
 * @throws {UserError} `exists` for a file that is no picture; `denied` or `io` when it cannot be written
 */
export async function writePicture({ host, report }: Session, view: AccessView, target: string): Promise<void> {
  const svg = formatSvg(view);
  if (target === "-") return report.data(svg);
  const path = host.paths.resolve(host.cwd, target);
  const after = new TextEncoder().encode(`${svg}\n`);
  const edit: EditTarget = { path, maxBytes: MAX_PICTURE_BYTES, newFileMode: 0o644, newFolderMode: 0o755 };
  const changed = await runEdit(host, { mode: "write", targets: [edit] }, ([snapshot]) => {
    const before = snapshot?.content === undefined ? undefined : new TextDecoder().decode(snapshot.content);
    if (before !== undefined && before !== "" && !SVG_START.test(before)) {
      throw new UserError("exists", `cannot write the picture to "${path}": the file is there, and is no picture`, {
        hints: ["name another file"],
        location: { path },
      });
    }
    const isSame = before === `${svg}\n`;
    return Promise.resolve({
      changes: isSame ? [] : [{ path, after, reason: "the picture" }],
      outcome: !isSame,
    });
  });
  if (changed) report.done(`drew ${report.path(path)}`);
  else report.say(`${report.path(path)} is up to date`);
}
