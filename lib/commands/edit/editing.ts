/**
 * A text in a person's editor: laid out in a private folder, opened again with what was typed when it cannot be read, and
 * gone afterwards whatever happens. I/O through the host. Spec: sops-engine §5.4.
 *
 * @module
 */
import { equalBytes } from "../../base/bytes.ts";
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { withPrivateFolder, writePrivateFile } from "../../base/host/private_folder.ts";
import { waitForChild } from "../../base/host/signals.ts";
import { canAsk, confirm } from "../../base/ask/prompts.ts";
import type { Session } from "../../base/show/session.ts";
import { keepNothing, listEditors } from "./editor.ts";

/** How an editor ends that a signal has ended: HUP, INT, TERM. It reached both, or was passed on. */
const SIGNAL_STATUSES: readonly number[] = [129, 130, 143];

/** What is edited. */
export interface EditedText {
  readonly bytes: Uint8Array;
  /** The name that the editor shows, and takes the language from. */
  readonly name: string;
  /** Largest size in bytes that is read back. */
  readonly maxBytes: number;
  /** The work tree, in which the text may not lie; absent: there is none. */
  readonly outside?: string;
}

/** What became of it: undefined when the person saved nothing else than there was. */
export type EditOutcome<Accepted> = { readonly accepted: Accepted } | undefined;

/**
 * Lets a person edit a text until it is accepted.
 *
 * @param accept takes what was saved; a {@link UserError} that it throws is shown, and the editor opened again with the
 * text as it was typed, when somebody is there to answer
 * @throws {UserError} `io` when the editor fails or removes the file, `not-found` without an editor, `cancelled` when the
 * person gives up; without a terminal what `accept` throws
 */
export async function editText<Accepted>(
  session: Session,
  text: EditedText,
  accept: (bytes: Uint8Array) => Promise<Accepted>,
): Promise<EditOutcome<Accepted>> {
  const { host, report } = session;
  return await withPrivateFolder(host, async (folder) => {
    const path = host.paths.join(folder.path, text.name);
    await writePrivateFile(host, path, text.bytes);
    if (!folder.isInMemory && host.os === "linux") {
      report.note(
        "the text in clear lies on the disk while the editor is open: this system has no place in memory for it",
      );
    }
    while (true) {
      await runEditor(host, path);
      const saved = host.files.read(path, text.maxBytes);
      if (saved === undefined) throw new UserError("io", "the editor has removed the file; nothing was changed");
      if (equalBytes(saved, text.bytes)) return undefined;
      try {
        return { accepted: await accept(saved) };
      } catch (error) {
        if (!(error instanceof UserError) || error.kind === "cancelled" || !canAsk(host)) throw error;
        report.error(error);
        const question = {
          heading: "what you typed is not saved yet",
          text: "open the editor again, with what you typed",
          instead: "correct the text",
        };
        if (!await confirm(host, question, "yes")) throw new UserError("cancelled", "nothing was changed");
      }
    }
  }, text.outside === undefined ? {} : { outside: text.outside });
}

/** Starts the first editor that there is, and waits for it. */
async function runEditor(host: Host, path: string): Promise<void> {
  const editors = listEditors(host.os, host.env).map((editor) => keepNothing(editor, realName(host, editor.program)));
  for (const { program, args } of editors) {
    const child = await host.spawn(program, [...args, path]);
    if (child === undefined) continue;
    const status = await waitForChild(host, child);
    if (status === 0) return;
    if (SIGNAL_STATUSES.includes(status)) throw new UserError("cancelled", "interrupted; nothing was changed");
    throw new UserError("io", `the editor "${program}" failed: it ended with ${status}; nothing was changed`, {
      hints: ["set SOPS_EDITOR to an editor that works here"],
    });
  }
  const names = editors.map(({ program }) => `"${program}"`).join(", ");
  throw new UserError("not-found", `cannot edit: there is no ${names}`, {
    hints: ["set EDITOR to the name of an editor"],
  });
}

/** @returns the name of the program's file, links followed; undefined when it is not found */
function realName({ env, files, paths, os }: Host, program: string): string | undefined {
  const isPath = program.includes("/") || paths.isAbsolute(program);
  const folders = isPath ? [""] : (env("PATH") ?? "").split(os === "windows" ? ";" : ":").filter(paths.isAbsolute);
  for (const folder of folders) {
    try {
      return paths.basename(files.realPath(folder === "" ? program : paths.join(folder, program)));
    } catch {
      // not in this folder
    }
  }
  return undefined;
}
