/**
 * What is wrong inside an encrypted file: in its metadata, in values that stand in clear, and, where an identity opens it
 * that costs nobody anything, in its values as a whole.
 *
 * Nobody is asked for a passphrase, and no plugin or command is run. What is decrypted is compared with the MAC in memory,
 * and dropped: nothing here answers a value. Pure but for the identities that are handed in. Spec: sops-engine §3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatCount, formatSome } from "../../base/show/counts.ts";
import { compilePattern } from "../../config/patterns/matcher.ts";
import { ENCODED_START } from "../../sops/engine/encoded_value.ts";
import { compileSelector, type Selector } from "../../sops/engine/selectors.ts";
import {
  type EncryptedFile,
  type KeyOpener,
  type KeyOpening,
  NoDataKeyError,
  openDataKey,
  type OpenedFile,
  openFile,
  parseEncryptedFile,
  parseSopsFile,
} from "../../sops/mod.ts";
import { checkVersion } from "../../sops/sops_file.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { findLineStarts, lineNumberAt } from "../../yaml/position.ts";
import { type AccessDiagnosis, isFree } from "./access.ts";
import type { Cause } from "./cause.ts";
import { findInClear } from "../scan/values_in_clear.ts";
import type { Finding, LocalIdentity, Repair } from "./finding.ts";

/** How many values or lines are named. */
const MAX_NAMED = 3;

/** What looking into a file came to. */
export interface ContentCheck {
  /** Whether an identity opened it, and its values and MAC were compared. */
  readonly isOpened: boolean;
  /** Why nobody decrypts it; absent: nothing is known that would stop a reader. */
  readonly problem?: ContentProblem;
  /** What does not stop a reader. */
  readonly findings: readonly Finding[];
}

/** Why nobody decrypts a file. */
export type ContentProblem = Extract<Cause, { kind: "integrity" | "malformed" }>;

/** A file to look into. */
export interface ContentFile {
  /** Absolute. */
  readonly path: string;
  /** The path for people; its ending tells the format. */
  readonly label: string;
  readonly bytes: Uint8Array;
  readonly access: AccessDiagnosis;
}

/** How far it is looked. */
export interface ContentOptions {
  readonly open: KeyOpener;
  /** Whether each key that an identity here matches is tried, also when another one has opened the file. */
  readonly triesAllKeys: boolean;
}

const WHOLE: ContentCheck = { isOpened: true, findings: [] };
const UNOPENED: ContentCheck = { isOpened: false, findings: [] };

/** @returns what is wrong; where several things are, the one that a reader would meet first */
export async function checkContent(file: ContentFile, options: ContentOptions): Promise<ContentCheck> {
  let encrypted: EncryptedFile;
  try {
    encrypted = await parseEncryptedFile(file.bytes, { path: file.label });
  } catch (error) {
    return stoppedBy(problemOf(error, file, repairOfText(error)));
  }
  let inClear: ContentProblem | undefined;
  try {
    checkVersion(encrypted.metadata.version, file.label);
    const selector = await compileSelector(encrypted.metadata.selectors, compilePattern);
    inClear = findValuesInClear(file, encrypted, selector);
  } catch (error) {
    return stoppedBy(problemOf(error, file, "correct-file"));
  }
  return inClear === undefined ? await checkValues(file, encrypted, options) : stoppedBy(inClear);
}

/**
 * Says what is wrong with a file that has encrypted values and no metadata that SOPS takes. It is restored as a whole.
 *
 * @returns undefined when there is nothing that would be its metadata
 */
export async function explainDamage(file: Omit<ContentFile, "access">): Promise<Finding | undefined> {
  const options = { path: file.label };
  try {
    if ((await parseSopsFile(file.bytes, options)).file.block === undefined) return undefined;
    await parseEncryptedFile(file.bytes, options);
    return undefined;
  } catch (error) {
    const { code, message, path } = problemOf(error, file, "restore-file").finding;
    return { code, message, path: path ?? file.path };
  }
}

async function checkValues(
  file: ContentFile,
  encrypted: EncryptedFile,
  { open, triesAllKeys }: ContentOptions,
): Promise<ContentCheck> {
  const freeOpen = createFreeOpener(open);
  let opened: OpenedFile;
  try {
    const dataKey = await openDataKey(encrypted.metadata, freeOpen, file.label);
    opened = await openFile(encrypted, { dataKey, compileRegex: compilePattern });
  } catch (error) {
    if (!(error instanceof NoDataKeyError)) return stoppedBy(problemOf(error, file, "restore-file"));
    const [damaged] = await findDamagedKeys(file, encrypted, freeOpen);
    return damaged === undefined ? UNOPENED : stoppedBy({ kind: "integrity", finding: damaged });
  }
  const findings = [
    ...(triesAllKeys ? await findDamagedKeys(file, encrypted, freeOpen, "rotate-file") : []),
    ...findCommentsInClear(file, opened),
    ...findWrongRecipient(file),
  ];
  return findings.length === 0 ? WHOLE : { isOpened: true, findings };
}

/** Never goes further than what is free, and tries each key once, however often it is asked. */
function createFreeOpener(open: KeyOpener): KeyOpener {
  const known = new Map<string, Promise<KeyOpening>>();
  return (recipient, encrypted) => {
    const id = `${recipient}\n${encrypted}`;
    const opening = known.get(id) ?? open(recipient, encrypted, "free");
    known.set(id, opening);
    return opening;
  };
}

/** The keys whose identity is here and free, and does not open them all the same. */
async function findDamagedKeys(
  { path, label, access }: ContentFile,
  { metadata }: EncryptedFile,
  open: KeyOpener,
  repair: "restore-file" | "rotate-file" = "restore-file",
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [groupIndex, { keys }] of metadata.groups.entries()) {
    for (const [keyIndex, key] of keys.entries()) {
      const known = access.groups[groupIndex]?.[keyIndex];
      const identity: LocalIdentity | undefined = known?.answer === "yes" ? known.identity : undefined;
      if (identity === undefined || !isFree(identity)) continue;
      const opening = await open(key.text, key.enc, "free");
      if ("dataKey" in opening) continue;
      const state = opening.problem ?? `does not open with the identity from ${identity.origin}`;
      const message = `"${label}" is encrypted for ${formatShortRecipient(key.text)}, but the data key there ${state}`;
      findings.push({ code: "damaged-data-key", message, path, repair: { kind: repair, path } });
    }
  }
  return findings;
}

/** Values that the selector names, and that are not encrypted: told by the text alone. */
function findValuesInClear(
  { path, label }: ContentFile,
  { file }: EncryptedFile,
  selector: Selector,
): ContentProblem | undefined {
  const names = findInClear(file, selector).values.map(({ name, lineNumber }) =>
    lineNumber === undefined ? `"${name}"` : `"${name}" (line ${lineNumber})`
  );
  if (names.length === 0) return undefined;
  const what = names.length === 1 ? "the value of" : "the values of";
  const message = `${what} ${formatSome(names, MAX_NAMED)} in "${label}" ${
    names.length === 1 ? "is" : "are"
  } in clear, and should be encrypted`;
  return {
    kind: "integrity",
    finding: { code: "value-in-clear", message, path, repair: { kind: "hide-value", path } },
  };
}

/** Comments that were added by hand: no part of the MAC, and for everybody to read. */
function findCommentsInClear({ path, label }: ContentFile, { file: { source }, leftComments }: OpenedFile): Finding[] {
  const inClear = leftComments.filter((comment) => !comment.text.startsWith(ENCODED_START));
  if (inClear.length === 0) return [];
  const text = { path, source, lineStarts: findLineStarts(source) };
  const lines = inClear.flatMap(({ range }) => range === undefined ? [] : [`${lineNumberAt(text, range.start)}`]);
  const place = lines.length === 0 ? "" : ` (${lines.length === 1 ? "line" : "lines"} ${formatSome(lines, MAX_NAMED)})`;
  const message = `${formatCount(inClear.length, "comment")} in "${label}"${place} ${
    inClear.length === 1 ? "is" : "are"
  } in clear, beside encrypted values`;
  return [{ code: "comment-in-clear", message, path }];
}

/** A file that opens with a key that its metadata does not name. */
function findWrongRecipient({ path, label, access }: ContentFile): Finding[] {
  if (access.groups.flat().some(({ answer }) => answer !== "no")) return [];
  const message = `a key on this machine opens "${label}", though its metadata names it for others only`;
  return [{ code: "wrong-recipient", message, path, repair: { kind: "restore-file", path } }];
}

/** The repairs that a mistake in a file takes. */
type FileRepair = Extract<Repair, { kind: "restore-file" | "correct-file" }>["kind"];

/** A text that cannot be parsed is corrected at its place; metadata that lacks something has lost it. */
function repairOfText(error: unknown): FileRepair {
  return error instanceof UserError && error.location?.line !== undefined ? "correct-file" : "restore-file";
}

/** @throws what is no mistake in the file */
function problemOf(
  error: unknown,
  { path, label }: Pick<ContentFile, "path" | "label">,
  repair: FileRepair,
): ContentProblem {
  if (!(error instanceof UserError)) throw error;
  const message = error.message.includes(label) ? error.message : `in "${label}": ${error.message}`;
  return error.kind === "integrity"
    ? { kind: "integrity", finding: { code: "tampered", message, path, repair: { kind: repair, path } } }
    : { kind: "malformed", finding: { code: "malformed-file", message, path, repair: { kind: repair, path } } };
}

function stoppedBy(problem: ContentProblem): ContentCheck {
  return { isOpened: false, problem, findings: [] };
}
