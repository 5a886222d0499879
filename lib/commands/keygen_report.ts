/**
 * What `keygen` tells: where each half went, what is safe to commit, who reads what, and the next step. Spec: vaults §3.
 *
 * @module
 */
import type { Host } from "../base/host.ts";
import type { Report } from "../base/report.ts";
import type { RuleKey } from "../config/sops_config.ts";
import { findSopsConfig } from "../config/sops_config_find.ts";
import { isBuiltIn } from "../config/vault.ts";
import { deriveVaultFile } from "../config/vault_pattern.ts";
import { formatShortRecipient } from "../keys/recipient.ts";
import type { KeygenOutcome, KeygenRequest } from "../repository/keygen_plan.ts";
import { couldBeCommitted } from "../repository/keys_place.ts";
import { formatRule } from "../repository/rule_choice.ts";

/** Prints the result on stdout and the guidance on stderr. */
export async function reportKeygen(
  host: Host,
  report: Report,
  request: KeygenRequest,
  outcome: KeygenOutcome,
): Promise<void> {
  if (request.mode === "preview" && outcome.action !== "kept") {
    await reportPreview(report, request, outcome);
    return;
  }
  if (outcome.action === "kept") reportKept(report, request, outcome);
  else await reportChange(host, report, request, outcome);
  report.data(outcome.recipient);
  report.json({
    vault: request.vault.name,
    action: outcome.action,
    recipient: outcome.recipient,
    keysFile: request.keysPlace.target.path,
    config: request.vault.recipientsFile,
    rule: ruleAsJson(outcome),
    filesToUpdate: outcome.behind.map(({ file }) => file.path),
  });
}

function ruleAsJson({ rule, isNewRule }: KeygenOutcome): Record<string, unknown> {
  return { index: rule.index + 1, line: rule.lineNumber, pathRegex: rule.pathRegex ?? null, isNew: isNewRule };
}

function reportKept(report: Report, { vault, kind }: KeygenRequest, outcome: KeygenOutcome): void {
  const since = outcome.created === undefined ? "" : ` since ${outcome.created.toISOString().slice(0, 10)}`;
  report.say(`vault "${vault.name}" has a key${since}; nothing changed (--force makes another one)`);
  if (kind === "hybrid" && outcome.kind !== "hybrid") report.note("that key is not a post-quantum one");
}

async function reportChange(
  host: Host,
  report: Report,
  request: KeygenRequest,
  outcome: KeygenOutcome,
): Promise<void> {
  const { vault, keysPlace } = request;
  const { arrow } = report.symbols;
  const keysPath = report.path(keysPlace.target.path);
  if (outcome.action === "made") {
    const what = outcome.kind === "hybrid" ? "a post-quantum age key" : "an age key";
    report.done(`made ${what} for vault "${vault.name}"`);
    report.detail(`private half ${arrow} ${keysPath}   (keep it out of version control, and back it up)`);
  } else {
    report.done(`recorded the key of vault "${vault.name}" that was in ${keysPath}`);
  }
  report.detail(`public half  ${arrow} ${describeRule(report, request, outcome)}`);
  await reportWorries(host, report, request, outcome);
  await reportVariables(host, report, request);
  reportOthers(report, outcome);
  reportNext(host, report, request, outcome);
}

function describeRule(report: Report, { vault }: KeygenRequest, outcome: KeygenOutcome): string {
  const { rule, successor, isNewRule } = outcome;
  const path = report.path(vault.recipientsFile);
  if (!isNewRule) return `${path}:${outcome.lineNumber}, in ${formatRule(rule)}   (safe to commit)`;
  if (outcome.configBefore === "") return `${path}, new rule ${rule.pathRegex}   (safe to commit)`;
  const start = `${path}:${outcome.lineNumber}, new rule ${rule.pathRegex}`;
  if (successor === undefined) return `${start}   (safe to commit)`;
  return `${start} placed before ${formatRule(successor)}, which would have won`;
}

async function reportWorries(
  host: Host,
  report: Report,
  { keysPlace }: KeygenRequest,
  { action, kind, keysMode }: KeygenOutcome,
): Promise<void> {
  if (action !== "made") return;
  const { path } = keysPlace.target;
  const shown = report.path(path);
  if (keysMode === "narrowed") report.note(`other users could read ${shown}; its mode is 0600 now`);
  if (keysMode === "wide") report.warning(`other users can read ${shown}; chmod 600 keeps them out`);
  if (keysPlace.inWorkTree !== "refused" && await couldBeCommitted(host, await host.files.realPath(path))) {
    report.warning(`git does not ignore ${shown}; add it to .gitignore before the next commit`);
  }
  if (kind === "hybrid") {
    report.note("a post-quantum key needs SOPS 3.12 and age 1.3 wherever its files are read; rage has none");
  }
}

/** Says which variables plain SOPS needs where it would not find one of the two halves by itself. */
async function reportVariables(host: Host, report: Report, { vault, keysPlace }: KeygenRequest): Promise<void> {
  if (!keysPlace.isFoundBySops) {
    report.note(`for sops itself: export SOPS_AGE_KEY_FILE=${quoteForShell(keysPlace.target.path)}`);
  }
  const found = await findSopsConfig(host, host.cwd);
  if (found?.path !== vault.recipientsFile) {
    report.note(`for sops itself, from this folder: export SOPS_CONFIG=${quoteForShell(vault.recipientsFile)}`);
  }
}

function reportOthers(report: Report, { isNewRule, successor, rule }: KeygenOutcome): void {
  if (!isNewRule || successor === undefined) return;
  const readers = new Set(rule.groups.flatMap(({ keys }) => keys.map(({ text }) => text)));
  const others = successor.groups.flatMap(({ keys }) => keys).filter(({ text }) => !readers.has(text)).map(shownName);
  if (others.length === 0) return;
  const names = others.length === 1 ? others[0] : `${others.slice(0, -1).join(", ")} and ${others.at(-1)}`;
  const verb = others.length === 1 ? "does" : "do";
  const flag = readers.size === 1 ? " (--with-recipients adds them)" : "";
  report.note(
    `new files there are for this key only; ${names} (rule ${successor.index + 1}) ${verb} not get them${flag}`,
  );
}

function shownName({ name, text, type }: RuleKey): string {
  return name ?? (type === "age" ? formatShortRecipient(text) : text);
}

function reportNext(host: Host, report: Report, { vault }: KeygenRequest, { behind }: KeygenOutcome): void {
  const [first] = behind;
  if (first === undefined) {
    const example = { stack: isBuiltIn(vault) ? "first" : "dev", component: "app" };
    report.next(`sops edit ${quoteForShell(report.path(deriveVaultFile(vault, example, host)))}`);
    return;
  }
  const count = behind.length === 1 ? "1 encrypted file does" : `${behind.length} encrypted files do`;
  report.say(`${count} not know this key yet`);
  report.next(`sops updatekeys ${quoteForShell(report.path(first.file.path))}`);
}

async function reportPreview(report: Report, request: KeygenRequest, outcome: KeygenOutcome): Promise<void> {
  const { vault, keysPlace } = request;
  const { createUnifiedDiff } = await import("../base/diff.ts");
  const verb = outcome.action === "made" ? "would make a key in" : "would record the key that is in";
  report.say(`${verb} ${report.path(keysPlace.target.path)}, and change ${report.path(vault.recipientsFile)}:`);
  report.data(createUnifiedDiff(report.path(vault.recipientsFile), outcome.configBefore, outcome.configAfter));
  report.json({ vault: vault.name, action: "preview", config: vault.recipientsFile, rule: ruleAsJson(outcome) });
}

function quoteForShell(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
