/**
 * What is wrong inside an encrypted file: in its metadata, in values that stand in clear or are damaged, and, where an
 * identity opens it that costs nobody anything, in its values as a whole.
 *
 * Nobody is asked for a passphrase, and no plugin or command is run. What is decrypted is compared with the MAC in memory,
 * and dropped: nothing here answers a value. Pure but for the identities that are handed in. Spec: sops-engine §3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatCount, formatSome } from "../../base/show/counts.ts";
import { compilePattern } from "../../config/patterns/matcher.ts";
import { ENCODED_START, findEncodedType } from "../../sops/engine/encoded_value.ts";
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
import { type DamagedKey, listDamagedKeys } from "../../sops/facts/key_damage.ts";
import { type Answer, answerOfFile, answerOfGroup } from "../../sops/key_groups.ts";
import { type AccessDiagnosis, isFree, type KeyDiagnosis } from "./access.ts";
import type { Cause } from "./cause.ts";
import { findVisibleFaults, type PlacedValue } from "../scan/visible_faults.ts";
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
  /**
   * `text`: at what anybody can see; `values`: at the values, too; `all-keys`: each key that an identity here matches is
   * tried, also when another one has opened the file.
   */
  readonly depth: "text" | "values" | "all-keys";
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
  let visible: ContentProblem | undefined;
  try {
    checkVersion(encrypted.metadata.version, file.label);
    const selector = await compileSelector(encrypted.metadata.selectors, compilePattern);
    visible = findVisibleProblem(file, encrypted, selector);
  } catch (error) {
    return stoppedBy(problemOf(error, file, "correct-file"));
  }
  return visible === undefined ? await checkValues(file, encrypted, options) : stoppedBy(visible);
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
  { open, depth }: ContentOptions,
): Promise<ContentCheck> {
  const freeOpen = createFreeOpener(open);
  const damaged = listDamagedKeys(encrypted.metadata.groups);
  const closing = findClosingDamage(file, damaged);
  if (closing !== undefined) return stoppedBy({ kind: "integrity", finding: closing });
  const ofOthers = damaged.map((one) => describeDamage(file, one));
  if (depth === "text") return ofOthers.length === 0 ? UNOPENED : { isOpened: false, findings: ofOthers };
  let opened: OpenedFile;
  try {
    const dataKey = await openDataKey(encrypted.metadata, freeOpen, file.label);
    opened = await openFile(encrypted, { dataKey, compileRegex: compilePattern });
  } catch (error) {
    if (!(error instanceof NoDataKeyError)) return stoppedBy(problemOf(error, file, "restore-file"));
    const [mine] = await tryOwnKeys(file, encrypted, { open: freeOpen, damaged });
    if (mine !== undefined) return stoppedBy({ kind: "integrity", finding: describeDamage(file, mine) });
    return ofOthers.length === 0 ? UNOPENED : { isOpened: false, findings: ofOthers };
  }
  const unusable = depth === "all-keys" ? await tryOwnKeys(file, encrypted, { open: freeOpen, damaged }) : [];
  const findings = [
    ...[...damaged, ...unusable].map((one) => describeDamage(file, one, "rotate-file")),
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
async function tryOwnKeys(
  { access }: ContentFile,
  { metadata }: EncryptedFile,
  { open, damaged }: { readonly open: KeyOpener; readonly damaged: readonly DamagedKey[] },
): Promise<DamagedKey[]> {
  const known = new Set(damaged.map(({ key }) => key));
  const unusable: DamagedKey[] = [];
  for (const [groupIndex, { keys }] of metadata.groups.entries()) {
    for (const [keyIndex, key] of keys.entries()) {
      const own = access.groups[groupIndex]?.[keyIndex];
      const identity: LocalIdentity | undefined = own?.answer === "yes" ? own.identity : undefined;
      if (identity === undefined || !isFree(identity) || known.has(key)) continue;
      const opening = await open(key.text, key.enc, "free");
      if ("dataKey" in opening) continue;
      const state = opening.problem ?? `does not open with the identity from ${identity.origin}`;
      unusable.push({ groupIndex, keyIndex, key, state });
    }
  }
  return unusable;
}

/** Damage that keeps everybody out, or the person whose keys are here. */
function findClosingDamage(file: ContentFile, damaged: readonly DamagedKey[]): Finding | undefined {
  const [first] = damaged;
  if (first === undefined) return undefined;
  const { groups, neededGroups, answer } = file.access;
  const isDamaged = (groupIndex: number, keyIndex: number): boolean =>
    damaged.some((one) => one.groupIndex === groupIndex && one.keyIndex === keyIndex);
  const answerWithout = (answerOf: (key: KeyDiagnosis) => Answer): Answer =>
    answerOfFile(
      groups.map((keys, groupIndex) =>
        answerOfGroup(keys.map((key, keyIndex) => isDamaged(groupIndex, keyIndex) ? "no" : answerOf(key)))
      ),
      neededGroups,
    );
  if (answerWithout(() => "yes") === "no") return describeDamage(file, first);
  if (answer === "no" || answerWithout((key) => key.answer) !== "no") return undefined;
  const mine = damaged.find(({ groupIndex, keyIndex }) => groups[groupIndex]?.[keyIndex]?.answer !== "no");
  return describeDamage(file, mine ?? first);
}

function describeDamage(
  { path, label }: ContentFile,
  { key, state }: DamagedKey,
  repair: "restore-file" | "rotate-file" = "restore-file",
): Finding {
  const message = `"${label}" is encrypted for ${formatShortRecipient(key.text)}, but the data key there ${state}`;
  return { code: "damaged-data-key", message, path, repair: { kind: repair, path } };
}

/** Values that are in clear and should not be, or damaged: told by the text alone. */
function findVisibleProblem(
  { path, label }: ContentFile,
  { file, metadata }: EncryptedFile,
  selector: Selector,
): ContentProblem | undefined {
  const { values, damaged } = findVisibleFaults(file, selector);
  if (values.length > 0) {
    const message = `${nameValues(values, label)} in clear, and should be encrypted`;
    const finding: Finding = { code: "value-in-clear", message, path, repair: { kind: "hide-value", path } };
    return { kind: "integrity", finding };
  }
  const what = damaged.length > 0
    ? nameValues(damaged, label)
    : findEncodedType(metadata.mac) === undefined
    ? `the MAC of "${label}" is`
    : undefined;
  if (what === undefined) return undefined;
  const repair: Repair = { kind: "restore-file", path };
  return { kind: "integrity", finding: { code: "tampered", message: `${what} damaged`, path, repair } };
}

/** @returns `the values of "a" (line 1) and "b" (line 2) in "db.yaml" are` */
function nameValues(values: readonly PlacedValue[], label: string): string {
  const names = values.map(({ name, lineNumber }) =>
    lineNumber === undefined ? `"${name}"` : `"${name}" (line ${lineNumber})`
  );
  const [what, are] = names.length === 1 ? ["the value of", "is"] : ["the values of", "are"];
  return `${what} ${formatSome(names, MAX_NAMED)} in "${label}" ${are}`;
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
  const lineNumber = error.location?.line;
  const repaired: Repair = repair === "correct-file" ? { kind: repair, path, lineNumber } : { kind: repair, path };
  return error.kind === "integrity"
    ? { kind: "integrity", finding: { code: "tampered", message, path, repair: repaired } }
    : { kind: "malformed", finding: { code: "malformed-file", message, path, repair: repaired } };
}

function stoppedBy(problem: ContentProblem): ContentCheck {
  return { isOpened: false, problem, findings: [] };
}
