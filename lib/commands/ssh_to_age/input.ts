/**
 * What `ssh-to-age` reads: a file, or standard input. I/O through the host.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { readCapped, readStdinCapped, STDIN_NAME } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";

/** What stands for standard input or output on the command line. */
const STREAM_MARKS: ReadonlySet<string> = new Set(["-", "/dev/stdin", "/dev/stdout"]);

/** What was read. */
export interface SshToAgeInput {
  readonly bytes: Uint8Array;
  /** For messages: the path, or `standard input`. */
  readonly name: string;
  /** Absolute; absent for standard input. */
  readonly path?: string;
}

/** @returns the absolute path that `-i` or `-o` names; undefined for the standard stream */
export function findNamedFile(host: Host, file: string | undefined): string | undefined {
  return file === undefined || STREAM_MARKS.has(file) ? undefined : host.paths.resolve(host.cwd, file);
}

/**
 * Reads the input.
 *
 * @param path absolute; undefined for standard input
 * @throws {UserError} `not-found` without the file; `malformed` for a larger one; `io` or `denied`
 */
export async function readSshToAgeInput(
  session: Session,
  path: string | undefined,
  maxBytes: number,
): Promise<SshToAgeInput> {
  const { host, report } = session;
  if (path === undefined) {
    if (host.stdin.isTerminal) report.note("reading what is typed, to the end of the input; -i FILE reads a file");
    return { bytes: await readStdinCapped(host, { maxBytes }), name: STDIN_NAME };
  }
  const bytes = readCapped(host, path, { maxBytes });
  if (bytes !== undefined) return { bytes, name: path, path };
  throw new UserError("not-found", `cannot read "${path}": no such file`, {
    hints: ["check the path for a typing mistake"],
    location: { path },
  });
}
