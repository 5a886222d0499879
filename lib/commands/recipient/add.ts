/**
 * `recipient add [NAME] [RECIPIENT…]` and `recipient import FILE`: give public keys to rules of `.sops.yaml`, in the dialect
 * of the file, each by its name.
 *
 * Adding what is there changes nothing. Encrypted files are brought up to date where that is wanted; else the next step does it. Spec: sops-config §3–4,
 * keys §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { Report } from "../../base/show/report.ts";
import { formatList } from "../../base/show/word_list.ts";
import { keysOf } from "../../config/edit/diff.ts";
import type { Rule } from "../../config/rules/sops_config.ts";
import { classifyRecipient, formatShortRecipient, type RecipientKind } from "../../keys/age/recipient.ts";
import { changeConfig, type ChangeOutcome } from "../../repository/recipients/change.ts";
import { listKnownRecipients } from "../../repository/recipients/known.ts";
import { planAdditions } from "../../repository/recipients/plan.ts";
import { type AddedRecipient, reportNames } from "../shared/recipient_naming.ts";
import { type ChangeFlags, chooseGroup, chooseRules, type ReadConfig, readConfigFor } from "./rule_choice.ts";
import { readAddedRecipients, readImportedRecipients, type RecipientSourceFlags } from "./source.ts";
import { reportDefinitions, reportEffect, reportRules } from "./report.ts";
import { formatCount } from "../../base/show/counts.ts";
import { formatRuleNumbers, formatSubject } from "../shared/rule_text.ts";

/** What SOPS needs to encrypt for a kind of key that not every version takes. */
const NEEDS: Readonly<Partial<Record<RecipientKind, string>>> = {
  "hybrid": "SOPS 3.12",
  "plugin": "SOPS 3.10 and its age plugin",
  "ssh-ed25519": "SOPS 3.10",
  "ssh-rsa": "SOPS 3.10",
};

/** How many recipients are listed one by one; the others are counted. */
const MAX_LISTED = 20;

/** Flags of `recipient add`. */
export type RecipientAddFlags = ChangeFlags & RecipientSourceFlags;

/**
 * Runs `recipient add`.
 *
 * @param args a name, a recipient, or both
 * @returns the exit code
 * @throws {UserError} `usage` without a recipient, with two sources, or when it is not clear which rule; `malformed` and
 * `unsupported` for what is no public key, or none that age can use; `refused` for a host key that is not confirmed; what
 * reading and editing the config throws. Nothing has been written then
 */
export async function recipientAdd(
  flags: RecipientAddFlags,
  args: readonly string[],
  session: Session,
): Promise<number> {
  const read = await readConfigFor(session, flags);
  const added = await readAddedRecipients(session, read.config, { ...flags, words: args });
  return await addToRules(session, { ...read, added }, flags);
}

/** Flags of `recipient import`. */
export interface RecipientImportFlags extends ChangeFlags {
  /** Keep ssh keys as they are. */
  readonly sshNative?: boolean;
}

/**
 * Runs `recipient import`.
 *
 * @param args a file, or `-` for standard input
 * @returns the exit code
 * @throws {UserError} `not-found` without the file or a recipient in it; `malformed` and `unsupported` for what is no public
 * key, or none that age can use; `usage` for a recipient without a name, or when it is not clear which rule; what reading
 * and editing the config throws. Nothing has been written then
 */
export async function recipientImport(
  flags: RecipientImportFlags,
  [file = "-"]: readonly string[],
  session: Session,
): Promise<number> {
  const read = await readConfigFor(session, flags);
  const added = await readImportedRecipients(session, read.config, { ...flags, file });
  return await addToRules(session, { ...read, added }, flags);
}

/**
 * Adds and reports.
 *
 * @throws {UserError} `usage` when it is not clear which rule or key group; what editing the config throws
 */
async function addToRules(
  session: Session,
  { chosen, config, added }: ReadConfig & { readonly added: readonly AddedRecipient[] },
  flags: ChangeFlags,
): Promise<number> {
  const { host, report } = session;
  const choice = await chooseRules(host, config, flags);
  const texts = new Set(added.map(({ text }) => text));
  const isWithout = (rule: Rule): boolean => !texts.isSubsetOf(new Set(keysOf(rule).map(({ text }) => text)));
  const group = await chooseGroup(host, { config, rules: (await choice(config)).filter(isWithout) }, flags);
  const scope = flags.shared ? "shared" : "rule";
  const outcome = await changeConfig(host, chosen, {
    mode: flags.dryRun ? "preview" : "write",
    plan: async (current) => planAdditions(current, { rules: await choice(current), add: added, group, scope }),
  });
  reportAdded(report, added, outcome, flags);
  reportRules(report, outcome);
  reportDefinitions(report, outcome, new Set(added.filter(({ owner }) => owner === undefined).map(({ text }) => text)));
  reportNames(report, added, { ...outcome, mayReplace: true });
  reportNameless(report, added, outcome);
  reportConverted(report, added, outcome);
  reportNeeds(report, added, outcome);
  return await reportEffect(session, outcome, { keys: texts, flags });
}

function reportAdded(
  report: Report,
  added: readonly AddedRecipient[],
  outcome: ChangeOutcome,
  { dryRun }: ChangeFlags,
): void {
  const path = report.path(outcome.after.path);
  const gained = new Set(outcome.rules.flatMap((rule) => rule.gained.map(({ text }) => text)));
  const nameAfter = createNamer(outcome);
  const named = added.map((recipient) => ({ ...recipient, name: nameAfter(recipient) }));
  const [there, fresh] = [named.filter(({ text }) => !gained.has(text)), named.filter(({ text }) => gained.has(text))];
  if (fresh.length > 0) {
    const what = fresh.length === 1 ? formatSubject(fresh[0]!) : formatCount(fresh.length, "recipient");
    const rules = outcome.rules.filter((rule) => rule.gained.length > 0).map(({ before }) => before);
    const where = `${rules.length > 1 ? formatCount(rules.length, "rule") : formatRuleNumbers(rules)} in ${path}`;
    if (dryRun) report.say(`would add ${what} to ${where}`);
    else report.done(`added ${what} to ${where}`);
    if (fresh.length > 1) {
      for (const recipient of fresh.slice(0, MAX_LISTED)) report.detail(formatSubject(recipient));
      if (fresh.length > MAX_LISTED) report.detail(`and ${fresh.length - MAX_LISTED} more`);
    }
  }
  if (there.length > 0) {
    const verb = there.length === 1 ? "is" : "are";
    const where = formatRuleNumbers(outcome.rules.map(({ before }) => before));
    const nothing = fresh.length === 0 ? "; nothing changed" : "";
    report.say(`${formatList(there.map(({ name }) => name))} ${verb} in ${where} of ${path} already${nothing}`);
  }
}

/** Says which names the file does not keep: a text of keys, or a list on one line, has no place for them. */
function reportNameless(report: Report, added: readonly AddedRecipient[], { changed, after }: ChangeOutcome): void {
  if (!changed) return;
  const named = new Set(listKnownRecipients(after).filter(({ name }) => name !== undefined).map(({ text }) => text));
  const lost = added.filter(({ text, name }) => !named.has(text) && name !== formatShortRecipient(text));
  if (lost.length === 0) return;
  const what = lost.length === 1 ? `the name ${lost[0]!.name} is` : `${lost.length} names are`;
  report.note(`${what} not kept: the rule has no place for names`);
}

/** SOPS reads ssh keys, but not for recipients that were made from them; sops-nix does so for host keys. */
function reportConverted(report: Report, added: readonly AddedRecipient[], outcome: ChangeOutcome): void {
  const names = added.filter(({ convertedFrom }) => convertedFrom === "personal key")
    .map(createNamer(outcome));
  if (names.length === 0 || !outcome.changed) return;
  report.note(
    `sops does not convert ssh keys by itself; where the private half of ${formatList(names)} is: ` +
      "sopsmith identity import --ssh KEYFILE",
  );
}

/** Says what kinds of keys that are new in this file need of everyone who reads or updates its files. */
function reportNeeds(report: Report, added: readonly AddedRecipient[], outcome: ChangeOutcome): void {
  if (!outcome.changed) return;
  const known = new Set(listKnownRecipients(outcome.before).map(({ text }) => classifyRecipient(text)));
  for (const [kind, recipients] of Map.groupBy(added, ({ text }) => classifyRecipient(text))) {
    const need = kind === undefined || known.has(kind) ? undefined : NEEDS[kind];
    if (need === undefined) continue;
    const [first] = recipients;
    const isOne = recipients.length === 1;
    const what = isOne
      ? `${createNamer(outcome)(first!)} needs`
      : `${formatCount(recipients.length, "recipient")} need`;
    report.note(`${what} ${need} wherever these files are read or updated`);
  }
}

/** @returns tells what the file calls a recipient now; of a file that does not name it, what it was wanted to be called */
function createNamer({ after }: ChangeOutcome): (recipient: AddedRecipient) => string {
  const names = new Map<string, string>();
  for (const { type, text, name } of after.rules.flatMap(keysOf)) {
    if (type === "age" && name !== undefined && !names.has(text)) names.set(text, name);
  }
  return ({ text, name }) => names.get(text) ?? name;
}
