/**
 * `exec-file FILE COMMAND`: a command with the file in clear beside it, in a private folder.
 *
 * Deno has no FIFO, so it is a regular file of mode 0600, in memory where the system has such a place, gone when the
 * command ends and at a signal. Spec: sops-engine §5.9, §10.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { withPrivateFolder, writePrivateFile } from "../../base/host/private_folder.ts";
import type { Session } from "../../base/show/session.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { decryptFile } from "../../sops/mod.ts";
import { type OpeningFlags, openingOf } from "../file/opening.ts";
import { runInShell } from "./shell.ts";
import { findTarget, readTarget, type TypeFlags } from "../file/target.ts";

/** What the file is called where nobody says. */
const FILE_NAME = "tmp-file";

/** The flags of `exec-file`. */
export interface ExecFileFlags extends OpeningFlags, Pick<TypeFlags, "inputType" | "outputType"> {
  readonly filename?: string;
  readonly noFifo?: boolean;
}

/**
 * Runs a command.
 *
 * @param args file and command line; every `{}` becomes the path of the file
 * @returns the exit status of the command
 * @throws {UserError} as opening does; `usage` for a name that leads out of the folder
 */
export async function execFile(
  flags: ExecFileFlags,
  [file, command = ""]: readonly string[],
  session: Session,
): Promise<number> {
  const { host } = session;
  const target = findTarget(session, file, flags);
  const name = checkName(host, flags.filename ?? FILE_NAME);
  const { outputFormat } = target;
  const opening = openingOf(session, target, flags);
  const { bytes } = await decryptFile(await readTarget(host, target), { ...opening, outputFormat });
  const outside = await findGitRoot(host, host.cwd);
  return await withPrivateFolder(host, async (folder) => {
    const path = host.paths.join(folder.path, name);
    await writePrivateFile(host, path, bytes);
    return await runInShell(host, command.replaceAll("{}", () => path));
  }, outside === undefined ? {} : { outside });
}

function checkName(host: Host, name: string): string {
  if (name !== "" && name !== "." && name !== ".." && host.paths.basename(name) === name) return name;
  throw new UserError("usage", "--filename takes a name without a folder", { hints: ["pass --filename config.json"] });
}
