/**
 * What `keygen` tells: where each half went, what is safe to commit, who reads what, and the next step. Spec: vaults §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { Report } from "../../base/show/report.ts";
import { formatSome } from "../../base/show/counts.ts";
import { formatList } from "../../base/show/word_list.ts";
import { keysOf } from "../../config/edit/diff.ts";
import { IGNORED_CONFIG_NAME } from "../../config/sops_config_find.ts";
import { findEntry } from "../../config/upward.ts";
import { createRuleMatcher, sopsRelativePath } from "../../config/patterns/matcher.ts";
import { firstPath } from "../../config/vaults/files.ts";
import { formatKeychainEntry } from "../../keys/keychain/entry.ts";
import { isRecipient } from "../../keys/age/recipient_parse.ts";
import { compareWithRule, type NamedRuleKey, nameKey, nameRuleKey } from "../../repository/scan/differences.ts";
import type { VaultFile } from "../../repository/scan/vault_files.ts";
import { type KeygenOutcome, type KeygenRequest, PREVIEW_RECIPIENT } from "../../repository/keygen/keygen_plan.ts";
import type { KeysPlace } from "../../repository/keygen/keys_place.ts";
import { findPartRules } from "../../repository/rules/earlier_rules.ts";
import { formatRule } from "../../repository/rules/rule_choice.ts";
import { formatKeyCommandExport } from "../shared/vault_identity.ts";
import { reportNames } from "../shared/recipient_naming.ts";
import { reportKeysMode, warnOfCommit } from "../shared/secret_file_text.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { formatBehind, suggestFirstEdit, suggestLint, suggestUpdate } from "../shared/next_step.ts";
import { formatKeyName } from "../shared/rule_text.ts";
import { describeConfigChange } from "../shared/change_diff.ts";

/** What keygen did, and the encrypted files under the rule that the recipient cannot read yet. */
export interface KeygenResult extends KeygenOutcome {
  readonly behind: readonly VaultFile[];
}

/** Prints the result on stdout and the guidance on stderr. */
export async function reportKeygen(
  session: Session,
  request: KeygenRequest,
  outcome: KeygenResult,
): Promise<void> {
  const { report } = session;
  const isPreview = request.isPreview && outcome.change !== undefined;
  if (isPreview) reportPreview(report, request, outcome);
  else if (outcome.change === undefined) reportKept(report, request, outcome);
  else await reportChange(session, request, outcome);
  const diff = isPreview ? await describeConfigChange(report, outcome.config) : undefined;
  report.data(diff ?? outcome.recipient);
  report.json({
    vault: request.vault.name,
    changed: outcome.change !== undefined,
    change: outcome.change ?? null,
    dryRun: request.isPreview,
    recipient: outcome.recipient === PREVIEW_RECIPIENT ? null : outcome.recipient,
    ...placeAsJson(request.keysPlace),
    config: request.vault.recipientsFile,
    rule: ruleAsJson(outcome),
    filesToUpdate: outcome.behind.map(({ file }) => file.path),
    ...(diff === undefined ? {} : { diff }),
  });
}

function placeAsJson({ target, keychain }: KeysPlace): Record<string, unknown> {
  return keychain === undefined ? { keysFile: target.path } : { keysFile: null, keychain };
}

function formatPlace(report: Report, { target, keychain }: KeysPlace): string {
  return keychain === undefined ? report.path(target.path) : `the ${formatKeychainEntry(keychain)}`;
}

/** What to do with the private half. */
function formatCare({ keychain, isProtected }: KeysPlace): string {
  if (keychain !== undefined) return "back it up";
  const care = "keep it out of version control, and back it up";
  return isProtected ? `protected, for SOPS 3.10 and newer; ${care}` : care;
}

function ruleAsJson({ rule, isNewRule }: KeygenOutcome): Record<string, unknown> {
  return { number: rule.index + 1, line: rule.lineNumber, pathRegex: rule.pathRegex ?? null, isNew: isNewRule };
}

function reportKept(report: Report, { vault, kind }: KeygenRequest, outcome: KeygenOutcome): void {
  const since = outcome.created === undefined ? "" : ` since ${outcome.created.toISOString().slice(0, 10)}`;
  report.say(`vault "${vault.name}" has a key${since}; nothing changed (--force makes another one)`);
  if (kind === "hybrid" && outcome.kind !== "hybrid") report.note("that key is not a post-quantum one");
}

async function reportChange(
  session: Session,
  request: KeygenRequest,
  outcome: KeygenResult,
): Promise<void> {
  const { report } = session;
  const { vault, keysPlace } = request;
  const { arrow } = report.symbols;
  const place = formatPlace(report, keysPlace);
  if (outcome.change === "made") {
    const what = outcome.kind === "hybrid" ? "a post-quantum age key" : "an age key";
    report.done(`made ${what} for vault "${vault.name}"`);
    report.detail(`private half ${arrow} ${place}   (${formatCare(keysPlace)})`);
  } else {
    report.done(`recorded the key of vault "${vault.name}" that was in ${place}`);
  }
  report.detail(`public half  ${arrow} ${describeRule(report, request, outcome)}`);
  if (outcome.config.changed) {
    reportNames(report, [{ text: outcome.recipient, name: request.name }], outcome.config);
  }
  await reportHindrances(session, request, outcome);
  await reportWorries(session, request, outcome);
  reportVariables(session, request);
  reportOthers(report, request, outcome);
  reportParts(report, outcome);
  await reportNext(session, request, outcome);
}

function describeRule(report: Report, { vault, name }: KeygenRequest, outcome: KeygenOutcome): string {
  const { rule, lineNumber, successor, isNewRule, recipient, config: { before, after } } = outcome;
  const path = report.path(vault.recipientsFile);
  // Its key is called as the vault, unless the person has given it another name.
  const written = name === vault.name ? undefined : nameRuleKey({ type: "age", text: recipient }, after, rule).name;
  const as = written === undefined ? "" : `, as ${written}`;
  if (!isNewRule) return `${path}:${lineNumber}${as}, in ${formatRule(rule)}   (safe to commit)`;
  if (before.document.source === "") return `${path}${as}, new rule ${rule.pathRegex}   (safe to commit)`;
  const start = `${path}:${lineNumber}${as}, new rule ${rule.pathRegex}`;
  if (successor === undefined) return `${start}   (safe to commit)`;
  return `${start} placed before ${formatRule(successor)}, which would have won`;
}

/** @returns the keys of the rule that SOPS cannot read */
function findRefused({ rule, recipient }: KeygenOutcome): NamedRuleKey[] {
  const ageKeys = keysOf(rule).filter(({ type }) => type === "age");
  return ageKeys.filter(({ text }) => text !== recipient && !isRecipient(text));
}

/** Says what keeps SOPS from using the rule. */
async function reportHindrances(
  session: Session,
  { vault }: KeygenRequest,
  outcome: KeygenOutcome,
): Promise<void> {
  const { rule, config: { before }, files: { unseen } } = outcome;
  const { host, report } = session;
  for (const { message } of unseen) {
    report.warning(`${message}; encrypted files in it were not considered`);
  }
  const ignored = host.paths.join(host.paths.dirname(vault.recipientsFile), IGNORED_CONFIG_NAME);
  if (before.document.source === "" && await findEntry(host, ignored) !== undefined) {
    report.warning(`SOPS does not read "${ignored}"; move its rules to "${vault.recipientsFile}"`);
  }
  const refused = findRefused(outcome);
  if (refused.length === 0) return;
  report.warning(
    `SOPS cannot read ${formatNames(refused)} in rule ${
      rule.index + 1
    }, and encrypts nothing by it until that is corrected`,
  );
}

async function reportWorries(
  session: Session,
  { keysPlace }: KeygenRequest,
  { change, kind, keysMode }: KeygenOutcome,
): Promise<void> {
  const { report } = session;
  if (change !== "made") return;
  const { path } = keysPlace.target;
  reportKeysMode(report, path, keysMode);
  if (keysPlace.keychain === undefined && keysPlace.inWorkTree !== "refused") await warnOfCommit(session, path);
  if (kind === "hybrid") {
    report.note("a post-quantum key needs SOPS 3.12 and age 1.3 wherever its files are read; rage has none");
  }
}

/** Says which variable plain SOPS needs where it would not find the private half by itself. */
function reportVariables({ host, report }: Session, { vault, keysPlace }: KeygenRequest): void {
  if (keysPlace.keychain !== undefined) {
    report.note(`for sops itself: ${formatKeyCommandExport(host, vault)}`);
  } else if (!keysPlace.isFoundBySops) {
    report.note(`for sops itself: export SOPS_AGE_KEY_FILE=${quoteForShell(keysPlace.target.path)}`);
  }
}

function reportOthers(report: Report, { isPreview }: KeygenRequest, outcome: KeygenOutcome): void {
  const { takenFrom, rule } = outcome;
  const readers = new Set(keysOf(rule).map(({ text }) => text));
  const others = takenFrom.flatMap(keysOf).filter(({ text }) => !readers.has(text));
  const [first] = takenFrom;
  if (first === undefined || others.length === 0) return;
  const isOne = new Set(others.map(({ text }) => text)).size === 1;
  const added = takenFrom.length === 1 ? "them" : `those of rule ${first.index + 1}`;
  const remedy = isPreview
    ? `--with-recipients adds ${added}`
    : `add ${isOne ? "that key" : "their keys"} to the new rule to share`;
  const whose = readers.size === 1 ? "its key" : "the recipients of its rule";
  const verb = isOne ? "does" : "do";
  report.note(`new files of this vault are for ${whose} only; ${formatNames(others)} ${verb} not get them (${remedy})`);
}

/** How many rules a note names. */
const MAX_NAMED_RULES = 3;

/** Says which files of the vault are not for its key, because other rules come first. */
function reportParts(report: Report, { config: { after }, rule, pathRegex, recipient }: KeygenOutcome): void {
  const parts = findPartRules(after, { rule, pathRegex, recipient });
  if (parts.length === 0) return;
  const [comes, their] = parts.length === 1 ? ["comes", "its"] : ["come", "their"];
  report.note(
    `${formatSome(parts.map(formatRule), MAX_NAMED_RULES)} ${comes} first, and ${
      parts.length === 1 ? "keeps" : "keep"
    } ${their} part of this vault's files: those are not for its key`,
  );
}

function formatNames(keys: readonly NamedRuleKey[]): string {
  return formatList(keys.map(formatKeyName));
}

async function reportNext(
  session: Session,
  { vault }: KeygenRequest,
  result: KeygenResult,
): Promise<void> {
  const { host, report } = session;
  const { behind, rule, config: { after } } = result;
  if (findRefused(result).length > 0) {
    report.next(await suggestLint(session, vault.recipientsFile));
    return;
  }
  if (behind.length === 0) {
    const file = firstPath(vault, host);
    const winner = (await createRuleMatcher(after)).findWinner(sopsRelativePath(host.paths, after.path, file));
    if (winner === rule) report.next(await suggestFirstEdit(session, file, vault.recipientsFile));
    return;
  }
  report.say(formatBehind(behind.length));
  // An update takes the files from those whom they are encrypted to and the rule does not have.
  const leaving = behind.flatMap(({ file }) => compareWithRule(file.metadata, rule).extra.map(({ key }) => key));
  const others = new Map(leaving.map((key) => [key.text, nameKey(key, after, rule)]));
  if (others.size > 0) {
    report.warning(`that takes ${behind.length === 1 ? "it" : "them"} away from ${formatNames([...others.values()])}`);
  }
  report.next(await suggestUpdate(session, behind.map(({ file }) => file.path), { config: vault.recipientsFile }));
}

function reportPreview(report: Report, request: KeygenRequest, outcome: KeygenOutcome): void {
  const { vault, keysPlace } = request;
  const verb = outcome.change === "made" ? "would make a key in" : "would record the key that is in";
  const change = outcome.config.before.document.source === "" ? "make" : "change";
  report.say(`${verb} ${formatPlace(report, keysPlace)}, and ${change} ${report.path(vault.recipientsFile)}`);
  reportOthers(report, request, outcome);
  reportParts(report, outcome);
}
