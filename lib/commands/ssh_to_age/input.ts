/**
 * What `ssh-to-age` reads: a file, or standard input. I/O through the host.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatSize, readCapped } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import type { Report } from "../../base/show/report.ts";

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
  host: Host,
  path: string | undefined,
  maxBytes: number,
  report: Report,
): Promise<SshToAgeInput> {
  if (path === undefined) return await readStdin(host, maxBytes, report);
  const bytes = await readCapped(host, path, { maxBytes });
  if (bytes !== undefined) return { bytes, name: path, path };
  throw new UserError("not-found", `cannot read "${path}": no such file`, {
    hints: ["check the path for a typing mistake"],
    location: { path },
  });
}

async function readStdin(host: Host, maxBytes: number, report: Report): Promise<SshToAgeInput> {
  if (host.stdin.isTerminal) report.note("reading what is typed, to the end of the input; -i FILE reads a file");
  const bytes = await host.stdin.read(maxBytes);
  const name = "standard input";
  if (bytes.length <= maxBytes) return { bytes, name };
  throw new UserError("malformed", `cannot read ${name}: larger than ${formatSize(maxBytes)}, expected at most that`);
}
