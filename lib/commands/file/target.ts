/**
 * The file that a command works on: named or standard input, of which format, read with a cap and written back under a
 * lock. I/O through the host. Spec: sops-engine §4, §5.1, §10.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { type EditPlan, runEdit, type Snapshot } from "../../base/files/edit_files.ts";
import { readCapped, readStdinCapped } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import type { Session } from "../../base/show/session.ts";
import { MAX_FILE_BYTES, targetOf } from "../../repository/file/limits.ts";
import { describeChange } from "../shared/change_diff.ts";
import type { StoreFormat } from "../../sops/metadata/fields.ts";
import { storeOfName } from "../../sops/metadata/store_name.ts";

/** Mode of a new file with values in clear. */
const PLAIN_MODE = 0o600;

/** The formats as `--input-type` names them. */
const FORMATS: readonly StoreFormat[] = ["yaml", "json", "dotenv", "ini", "binary"];

/** The flags that say how a file is named and read. */
export interface TypeFlags {
  readonly inputType?: string;
  readonly outputType?: string;
  readonly filenameOverride?: string;
}

/** A file that is named, or standard input. */
export interface FileTarget {
  /** Absolute; undefined: standard input. */
  readonly path: string | undefined;
  /** As people see it. */
  readonly name: string;
  /** Absolute path by which rule and format are chosen. */
  readonly namedPath: string;
  readonly inputFormat: StoreFormat;
  readonly outputFormat: StoreFormat;
}

/**
 * @param file as typed; undefined or `-`: standard input
 * @throws {UserError} `usage` for an unknown type
 */
export function findTarget({ host, report }: Session, file: string | undefined, flags: TypeFlags): FileTarget {
  const path = file === undefined || file === "-" ? undefined : host.paths.resolve(host.cwd, file);
  const named = flags.filenameOverride ?? file;
  const namedPath = named === undefined || named === "-" ? host.cwd : host.paths.resolve(host.cwd, named);
  const ofName = storeOfName(namedPath);
  const inputFormat = parseFormat(flags.inputType, "--input-type") ?? ofName;
  return {
    path,
    name: path === undefined ? "standard input" : report.path(path),
    namedPath,
    inputFormat,
    // By the name, as SOPS has it; a name that says nothing must not make text binary.
    outputFormat: parseFormat(flags.outputType, "--output-type") ?? (ofName === "binary" ? inputFormat : ofName),
  };
}

/**
 * SOPS falls back to the name for a type that it does not know, which hides a typing mistake.
 *
 * @param flag as typed, for the message
 * @throws {UserError} `usage` for an unknown type
 */
export function parseFormat(text: string | undefined, flag: string): StoreFormat | undefined {
  if (text === undefined || text === "") return undefined;
  const format = FORMATS.find((known) => known === text);
  if (format !== undefined) return format;
  throw new UserError("usage", `${flag} takes one of ${FORMATS.join(", ")}; found "${text}"`, {
    hints: [`pass ${flag} yaml, or leave the flag out to go by the name`],
  });
}

/**
 * Reads the whole content.
 *
 * @throws {UserError} `not-found`, `denied`, `io`; `usage` where standard input is a terminal that nobody expects to type on
 */
export async function readTarget(host: Host, { path }: FileTarget): Promise<Uint8Array> {
  if (path !== undefined) return readCapped(host, path, { maxBytes: MAX_FILE_BYTES }) ?? missing(path);
  if (host.stdin.isTerminal) {
    throw new UserError("usage", "the argument FILE is missing, and standard input is a terminal", {
      hints: ["name a file, or pipe one in"],
    });
  }
  return await readStdinCapped(host, { maxBytes: MAX_FILE_BYTES });
}

function missing(path: string): never {
  throw new UserError("not-found", `cannot read "${path}": no such file`, {
    hints: ["check the path for a typing mistake"],
    location: { path },
  });
}

/** How a file is written back. */
export interface ChangeOptions {
  /** Shows the change and writes nothing. */
  readonly dryRun?: boolean | undefined;
  /** What the change is for, in the words shown when it cannot be made: `the new value`. */
  readonly reason: string;
  /** Whether a file that is made holds values in clear. */
  readonly isPlain?: boolean;
  /** Replaces whatever is there, without looking at it. */
  readonly isOverwriting?: boolean;
}

/** What a change came to. */
export interface FileChange<Outcome> {
  readonly outcome: Outcome;
  readonly isChanged: boolean;
}

/**
 * Changes a file under its lock; the plan is made from what was read under it.
 *
 * @param plan gets the content, undefined where there is none yet; answers the new content, or undefined to leave it
 * @throws {UserError} what the plan, reading and writing throw
 */
export async function changeFile<Outcome>(
  session: Session,
  { path, ...options }: ChangeOptions & { readonly path: string },
  plan: (
    content: Uint8Array | undefined,
  ) => Promise<{ readonly after: Uint8Array | undefined; readonly outcome: Outcome }>,
): Promise<FileChange<Outcome>> {
  const { host, report } = session;
  const target = options.isPlain ? { ...targetOf(path), newFileMode: PLAIN_MODE } : targetOf(path);
  const mode = options.dryRun ? "preview" : "write";
  const planner = async ([snapshot]: readonly Snapshot[]): Promise<EditPlan<Change<Outcome>>> => {
    const before = snapshot?.content;
    const { after, outcome } = await plan(before);
    const changes = after === undefined ? [] : [{ path, after, reason: options.reason }];
    return { changes, outcome: { outcome, before, after } };
  };
  const { outcome, before, after } = await runEdit(host, { mode, targets: [target] }, planner);
  if (options.dryRun && after !== undefined) {
    const decoder = new TextDecoder();
    report.data(await describeChange(report, path, { before: decoder.decode(before), after: decoder.decode(after) }));
  }
  return { outcome, isChanged: after !== undefined };
}

/**
 * Changes a file that has to be there.
 *
 * @param plan answers the new content, or undefined to leave it
 * @throws {UserError} `usage` for standard input, and what {@link changeFile} throws
 */
export async function changeExistingFile(
  session: Session,
  { target: { path }, ...options }: ChangeOptions & { readonly target: FileTarget },
  plan: (content: Uint8Array) => Promise<Uint8Array | undefined>,
): Promise<FileChange<undefined>> {
  if (path === undefined) {
    throw new UserError("usage", "the argument FILE is missing: standard input cannot be changed");
  }
  return await changeFile(session, { path, ...options }, async (content) => {
    return { after: await plan(content ?? missing(path)), outcome: undefined };
  });
}

interface Change<Outcome> {
  readonly outcome: Outcome;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

/** Where a result goes: back to the file, to another one, or to standard output. */
export interface OutputFlags {
  readonly inPlace?: boolean;
  readonly output?: string;
  readonly dryRun?: boolean;
}

/**
 * @returns the absolute path of the file that is written: that of the target, however it is called, where it is the same
 * file; undefined for standard output
 * @throws {UserError} `usage` for both flags at once, and for `-i` without a file
 */
export function findOutput({ host }: Session, { path }: FileTarget, flags: OutputFlags): string | undefined {
  if (flags.inPlace && flags.output !== undefined) {
    throw new UserError("usage", "-i and --output contradict each other", { hints: ["pass one of them"] });
  }
  if (flags.output !== undefined) {
    const output = host.paths.resolve(host.cwd, flags.output);
    return path !== undefined && isSameFile(host, path, output) ? path : output;
  }
  if (!flags.inPlace) return undefined;
  if (path === undefined) throw new UserError("usage", "-i needs a file: standard input cannot be written back");
  return path;
}

/** Whether two paths lead to one file, by a link or by another name. */
function isSameFile({ files }: Host, path: string, other: string): boolean {
  const [one, another] = [files.stat(path), files.stat(other)];
  if (one === undefined || another === undefined) return false;
  return one.identity === undefined
    ? files.realPath(path) === files.realPath(other)
    : one.identity === another.identity;
}

/** What is made, from which file, and where it goes. */
export type ProduceOptions = OutputFlags & Pick<ChangeOptions, "reason" | "isPlain"> & { readonly target: FileTarget };

/**
 * Makes a new content from a file, and writes it where the flags say.
 *
 * @param make gets the content of the file
 */
export async function produce<Outcome>(
  session: Session,
  { target, ...flags }: ProduceOptions,
  make: (content: Uint8Array) => Promise<{ readonly bytes: Uint8Array; readonly outcome: Outcome }>,
): Promise<Outcome> {
  const { host } = session;
  const output = findOutput(session, target, flags);
  if (output !== undefined && output === target.path) {
    const { outcome } = await changeFile(session, { ...flags, path: output }, async (content) => {
      const { bytes, outcome } = await make(content ?? missing(output));
      return { after: bytes, outcome };
    });
    return outcome;
  }
  const { bytes, outcome } = await make(await readTarget(host, target));
  if (output === undefined) {
    host.stdout.writeBytes(bytes);
    return outcome;
  }
  await changeFile(session, { ...flags, path: output }, () => Promise.resolve({ after: bytes, outcome }));
  return outcome;
}
