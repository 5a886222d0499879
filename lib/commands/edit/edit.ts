/**
 * `edit FILE`: an encrypted file in the person's editor, or a new plaintext from elsewhere; what did not change keeps its
 * ciphertext. A file that is not there yet is made for the recipients of its rule.
 *
 * Spec: sops-engine §5.4.
 *
 * @module
 */
import { concatBytes, equalBytes } from "../../base/bytes.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { readCapped, readStdinCapped } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { canAsk, choose } from "../../base/ask/prompts.ts";
import type { Session } from "../../base/show/session.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { chooseEncryption, type Encryption } from "../../repository/file/encryption.ts";
import { mayOpenHere } from "../../repository/file/own_keys.ts";
import { editFile, encryptFile, type OpenedFile, openEncryptedFile, writeDecrypted } from "../../sops/mod.ts";
import type { StoreFormat } from "../../sops/metadata/metadata.ts";
import { editText } from "./editing.ts";
import { quotePath } from "../shared/next_step.ts";
import { engineOptionsOf, reportEncryption, reportRule } from "../file/encrypt.ts";
import { exampleOf } from "./example.ts";
import { startMerge } from "./unmerged.ts";
import { type EncryptionFlags, parseEncryptionWish } from "../file/layout_flags.ts";
import { type Opening, type OpeningFlags, openingOf } from "../file/opening.ts";
import { MAX_FILE_BYTES } from "../../repository/file/limits.ts";
import { changeFile, type FileTarget, findTarget, type TypeFlags } from "../file/target.ts";

/** The flags of `edit`. */
export interface EditFlags extends OpeningFlags, EncryptionFlags, Pick<TypeFlags, "inputType" | "outputType"> {
  readonly from?: string;
  readonly showMasterKeys?: boolean;
  readonly dryRun?: boolean;
}

/** The file as it was when the editor opened. */
export interface Start {
  /** Undefined: there is no file yet. */
  readonly content: Uint8Array | undefined;
  /** What stands in the editor. */
  readonly plaintext: Uint8Array;
  /** What is to be done when it is saved. */
  readonly next?: string;
  /** Of a file whose merge is not finished: whether a person has to decide something. */
  readonly merge?: { readonly isClean: boolean };
  /** Encrypts what was saved, and says what is to be told of it afterwards. */
  readonly encrypt: (
    plaintext: Uint8Array,
  ) => Promise<{ readonly bytes: Uint8Array; readonly tell: () => void | Promise<void> }>;
}

/**
 * Edits a file.
 *
 * @param args the file
 * @throws {UserError} as opening, encrypting and writing do; `usage` without a terminal and without `--from`; `not-found`
 * for a folder that is not there; `cancelled` when the person gives up
 */
export async function edit(flags: EditFlags, [file]: readonly string[], session: Session): Promise<number> {
  const { host, report } = session;
  const target = findTarget(session, file, flags);
  const { path } = target;
  if (path === undefined) throw new UserError("usage", "the argument FILE is missing: standard input cannot be edited");
  requireFolder(host, path);
  const opening = openingOf(session, target, flags);
  const content = readCapped(host, path, { maxBytes: MAX_FILE_BYTES });
  const start = content === undefined
    ? await startNew(session, target, { flags, opening })
    : await startMerge(session, { target, content, opening, flags }) ??
      await startExisting(content, { target, flags, opening });
  const plaintext = flags.from === undefined ? undefined : await readPlaintext(host, flags.from);
  if (plaintext !== undefined) {
    if (content !== undefined && equalBytes(plaintext, start.plaintext)) return sayUnchanged(session, target);
    return await save(session, { target, start, flags }, plaintext);
  }
  if (start.merge?.isClean) return await save(session, { target, start, flags }, start.plaintext);
  requireTerminal(host);
  const outside = await findGitRoot(host, host.paths.dirname(path));
  const outcome = await editText(session, {
    bytes: start.plaintext,
    name: host.paths.basename(path),
    maxBytes: MAX_FILE_BYTES,
    ...(outside === undefined ? {} : { outside }),
  }, (saved) => save(session, { target, start, flags }, saved));
  if (outcome !== undefined) return outcome.accepted;
  if (start.merge !== undefined) {
    report.say(`nothing was saved; ${target.name} is not merged yet`);
    return EXIT.failed;
  }
  if (content !== undefined) return sayUnchanged(session, target);
  report.say(`nothing was saved; ${target.name} was not made`);
  return EXIT.done;
}

/** The editor would open, and what was typed could not be saved. */
function requireFolder(host: Host, path: string): void {
  const folder = host.paths.dirname(path);
  const kind = host.files.stat(folder)?.kind;
  if (kind === "directory") {
    if (host.files.stat(path)?.kind !== "directory") return;
    throw new UserError("usage", `cannot edit "${path}": it is a folder, expected a file`);
  }
  throw new UserError("not-found", `cannot edit "${path}": the folder "${folder}" is not there`, {
    hints: [`make it with: mkdir -p "${folder}"`],
  });
}

function requireTerminal(host: Host): void {
  if (canAsk(host) || host.env("SOPS_EDITOR") || host.env("EDITOR")) return; // a script may be its own editor
  throw new UserError("usage", "cannot open an editor: standard input and standard error are no terminal", {
    hints: ["pass --from PATH, or set EDITOR to a program that needs no terminal"],
  });
}

interface StartOptions {
  readonly flags: EditFlags;
  readonly opening: Opening;
}

async function startExisting(
  content: Uint8Array,
  { target, flags, opening }: StartOptions & { readonly target: FileTarget },
): Promise<Start> {
  const opened = await openEncryptedFile(content, opening);
  const text = await writeDecrypted(opened);
  const head = flags.showMasterKeys
    ? new TextEncoder().encode(describeKeys(opened, target.inputFormat))
    : new Uint8Array();
  return {
    content,
    plaintext: concatBytes(head, text),
    async encrypt(plaintext) {
      const bytes = startsWith(plaintext, head) ? plaintext.subarray(head.length) : plaintext;
      return { bytes: await editFile(opened, bytes, opening), tell: (): void => {} };
    },
  };
}

async function startNew(session: Session, target: FileTarget, { flags, opening }: StartOptions): Promise<Start> {
  const format = target.inputFormat;
  const encryption = await chooseEncryption(session.host, target.namedPath, { ...parseEncryptionWish(flags), format });
  if (flags.verbose) reportRule(session, encryption);
  const isForOthers = !await mayOpenHere(session.host, encryption.groups.flat());
  if (flags.from === undefined) sayForWhom(session, target, encryption);
  if (isForOthers) {
    session.report.warning("you could not open it again: no identity on this machine fits");
  }
  return {
    content: undefined,
    ...(isForOthers ? { next: `sopsmith doctor ${quotePath(session.report, target.namedPath)}` } : {}),
    plaintext: new TextEncoder().encode(exampleOf(format)),
    async encrypt(plaintext) {
      const result = await encryptFile(plaintext, {
        ...opening,
        ...engineOptionsOf(encryption),
      });
      const tell = (): void => reportEncryption(session, encryption, { ...result, name: target.name });
      return { bytes: result.bytes, tell };
    },
  };
}

function sayForWhom({ report }: Session, target: FileTarget, { groups, rule }: Encryption): void {
  const names = new Map(rule?.groups.flatMap(({ keys }) => keys.map(({ text, name }) => [text, name])));
  const shown = groups.flat().map((text) => names.get(text) ?? formatShortRecipient(text));
  const from = rule === undefined ? "" : ` (rule ${rule.index + 1})`;
  report.say(`${target.name} is new; it will be encrypted for ${shown.join(", ")}${from}`);
}

/** Comments that name who can read the file; formats without comments have none. */
function describeKeys({ metadata }: OpenedFile, format: StoreFormat): string {
  if (format !== "yaml" && format !== "dotenv" && format !== "ini") return "";
  const lines = metadata.groups.flatMap(({ keys }, index) =>
    keys.map(({ type, text }) => `# ${metadata.groups.length > 1 ? `group ${index + 1}: ` : ""}${type} ${text}\n`)
  );
  return `# who can read this file; what is changed here does not count: sopsmith updatekeys\n${lines.join("")}`;
}

interface SaveOptions {
  readonly target: FileTarget;
  readonly start: Start;
  readonly flags: EditFlags;
}

/** @returns the exit code @throws {UserError} `io` when the file was changed meanwhile and the person cannot be asked */
async function save(session: Session, { target, start, flags }: SaveOptions, plaintext: Uint8Array): Promise<number> {
  const { report } = session;
  const { bytes, tell } = await start.encrypt(plaintext);
  let isOverwriting = false;
  const change = { path: target.path!, dryRun: flags.dryRun, reason: "what was edited" };
  while (true) {
    const { outcome } = await changeFile(session, change, (present) => {
      const isSame = isOverwriting || equalBytes(present, start.content);
      return Promise.resolve({ after: isSame ? bytes : undefined, outcome: isSame });
    });
    if (outcome) break;
    isOverwriting = await mayOverwrite(session, target.path!);
  }
  await tell();
  if (flags.dryRun) return EXIT.done;
  const done = start.merge !== undefined ? "merged" : start.content === undefined ? "made" : "saved";
  report.done(`${done} ${target.name}`);
  if (start.next !== undefined) report.next(start.next);
  return EXIT.done;
}

/** @throws {UserError} `cancelled` when the person gives up, `io` where nobody can be asked */
async function mayOverwrite({ host }: Session, path: string): Promise<true> {
  const changed = new UserError("io", `cannot save "${path}": another program has changed it while it was edited`, {
    hints: ["edit it again: what the other program wrote is kept"],
  });
  if (!canAsk(host)) throw changed;
  const question = {
    heading: `"${path}" was changed by another program while you edited it`,
    text: "which of the two stays",
    instead: "edit it again",
  };
  const answer = await choose(host, question, [
    "what the other program wrote; what you typed is lost",
    "what you typed; what the other program wrote is lost",
  ]);
  if (answer === 0) throw new UserError("cancelled", "nothing was changed");
  return true;
}

function sayUnchanged({ report }: Session, { name }: FileTarget): number {
  report.say(`${name} was not changed`);
  return EXIT.done;
}

/** @param from as typed; `-`: standard input */
async function readPlaintext(host: Host, from: string): Promise<Uint8Array> {
  if (from === "-") return await readStdinCapped(host, { maxBytes: MAX_FILE_BYTES });
  const bytes = readCapped(host, host.paths.resolve(host.cwd, from), { maxBytes: MAX_FILE_BYTES });
  if (bytes !== undefined) return bytes;
  throw new UserError("not-found", `cannot read "${from}": no such file`, { hints: ["check the path of --from"] });
}

function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, head.length), head);
}
