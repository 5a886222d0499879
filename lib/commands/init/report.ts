/**
 * What `init` tells: which key it is, what was written where, and the next step; with a module for sops-nix where one was
 * asked for.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { Report } from "../../base/show/report.ts";
import { deriveVaultFile } from "../../config/vaults/files.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import type { InitOutcome, InitRequest } from "../../repository/keygen/init_plan.ts";
import { couldBeCommitted } from "../../repository/keygen/keys_place.ts";
import { PREVIEW_RECIPIENT } from "../../repository/keygen/keygen_plan.ts";
import type { ModuleKind } from "../../nix/sops_nix_module.ts";
import { formatSome } from "../../base/show/counts.ts";
import { keysOf } from "../../config/edit/diff.ts";
import { createRuleMatcher, sopsRelativePath } from "../../config/patterns/matcher.ts";
import { formatRuleNumbers } from "../shared/rule_text.ts";
import { formatRule } from "../../repository/rules/rule_choice.ts";
import type { GovernedFile } from "../../repository/scan/governed_files.ts";
import type { ChosenKey } from "./key.ts";
import { reportKeysMode } from "../shared/secret_file_text.ts";
import { formatUpdate, suggestFirstEdit } from "../shared/next_step.ts";
import { reportNames } from "../shared/recipient_naming.ts";
import { describeConfigChange } from "../shared/change_diff.ts";

/** What init did, and what else there is to tell. */
export interface InitResult extends InitOutcome {
  readonly chosen: ChosenKey;
  /** Encrypted files under the rule that the recipient cannot read yet. */
  readonly behind: readonly GovernedFile[];
  readonly moduleKind: ModuleKind | undefined;
  /** Value of `--host`. */
  readonly machine: string | undefined;
}

/** Prints the result on stdout and the guidance on stderr. */
export async function reportInit(session: Session, request: InitRequest, outcome: InitResult): Promise<void> {
  const { host, report } = session;
  const { recipient, config: { before }, chosen, moduleKind } = outcome;
  const changed = outcome.isIdentityAdded || outcome.config.changed || outcome.ignoreLine !== undefined;
  const diff = request.isPreview && outcome.config.changed
    ? await describeConfigChange(report, outcome.config)
    : undefined;
  if (request.isPreview) reportPreview(report, request, outcome);
  else if (changed) reportChange(report, request, outcome);
  else {report.say(
      `${outcome.name} (${formatShortRecipient(recipient)}) is in ${
        outcome.joined.length === 1 ? formatRule(outcome.rule) : formatRuleNumbers(outcome.joined)
      }; nothing changed`,
    );}
  if (request.schema !== undefined && before.document.source !== "") {
    report.note(
      `--schema is for a new .sops.yaml; add the line by hand: # yaml-language-server: $schema=${request.schema}`,
    );
  }
  if (outcome.config.changed) {
    reportNames(report, [{ text: recipient, name: chosen.name }], outcome.config);
  }
  if (!request.isPreview) {
    reportKeysMode(report, chosen.keysPath, outcome.keysMode);
    await reportIgnorance(session, chosen, outcome);
    await reportNext(session, request, outcome);
  }
  const module = moduleKind === undefined
    ? undefined
    : await (await import("./module.ts")).createModule(host, moduleKind, {
      vault: request.vault,
      keysPath: chosen.keysPath,
      config: outcome.config.after,
      machine: outcome.machine,
    });
  report.data(module?.replace(/\n$/, "") ?? diff ?? recipient);
  report.json({
    recipient: recipient === PREVIEW_RECIPIENT ? null : recipient,
    name: outcome.name,
    source: chosen.source,
    changed,
    dryRun: request.isPreview,
    keysFile: chosen.keysPath,
    config: request.vault.recipientsFile,
    rule: { number: outcome.rule.index + 1, pathRegex: outcome.rule.pathRegex ?? null, isNew: outcome.isNewRule },
    ignored: outcome.ignoreLine ?? null,
    filesToUpdate: outcome.behind.map(({ path }) => path),
    joined: outcome.isNewRule ? [] : outcome.joined.map(({ index }) => index + 1),
    ...(diff === undefined ? {} : { diff }),
    ...(module === undefined ? {} : { module }),
  });
}

function reportChange(report: Report, request: InitRequest, { chosen, ...outcome }: InitResult): void {
  const { arrow } = report.symbols;
  const config = report.path(request.vault.recipientsFile);
  report.done(outcome.config.before.document.source === "" ? `set up ${config}` : `set up your key in ${config}`);
  const keysPath = report.path(chosen.keysPath);
  const key = `${outcome.name} (${formatShortRecipient(outcome.recipient)})`;
  switch (chosen.source) {
    case "new":
      report.detail(`key         ${key}${outcome.isIdentityAdded ? ", made" : ""}`); // else another run was faster
      break;
    case "ssh key":
      report.detail(`key         ${key}, converted from the ssh key`);
      break;
    default:
      report.detail(`key         ${key}`);
  }
  if (outcome.isIdentityAdded) {
    report.detail(`private half ${arrow} ${keysPath}   (keep it out of version control, and back it up)`);
  }
  if (outcome.ignoreLine !== undefined) {
    report.detail(
      `ignore rule  ${arrow} .gitignore, ${outcome.ignoreLine}   (so that git leaves the private half alone)`,
    );
  }
  if (outcome.config.changed) {
    const where = outcome.isNewRule
      ? `new rule ${outcome.rule.pathRegex ?? "(every file)"}`
      : outcome.joined.length === 1
      ? `in ${formatRule(outcome.rule)}`
      : `in ${formatRuleNumbers(outcome.joined)}`;
    report.detail(`public half  ${arrow} ${config}, ${where}   (safe to commit)`);
  }
}

function reportPreview(report: Report, request: InitRequest, outcome: InitOutcome): void {
  if (!outcome.config.changed) {
    report.say(`would not change ${report.path(request.vault.recipientsFile)}`);
  }
  if (outcome.isIdentityAdded) {
    report.say(`would write a private key to ${report.path(request.keysTarget.path)}`);
  }
  if (outcome.ignoreLine !== undefined) report.say(`would add ${outcome.ignoreLine} to .gitignore`);
}

/** A line can have no effect: another `.gitignore`, nearer to the file, may take it back. */
async function reportIgnorance(
  session: Session,
  { keysPath }: ChosenKey,
  { ignoreLine }: InitOutcome,
): Promise<void> {
  const { host, report } = session;
  if (ignoreLine === undefined || !await couldBeCommitted(host, await host.files.realPath(keysPath))) return;
  const shown = report.path(keysPath);
  report.warning(`git may commit ${shown} all the same: another .gitignore can take that line back; see git status`);
}

async function reportNext(session: Session, { vault }: InitRequest, outcome: InitResult): Promise<void> {
  const { host, report } = session;
  const { behind, config: { after, changed }, joined } = outcome;
  if (behind.length > 0) {
    const [files, them] = behind.length === 1 ? ["1 encrypted file does", "it"] : [
      `${behind.length} encrypted files do`,
      "them",
    ];
    const readers = formatSome(namesOfReaders(outcome), MAX_NAMED_READERS);
    report.say(
      `${files} not know this key yet: commit ${report.path(after.path)}, and send the next step to somebody who can ` +
        `read ${them} now${readers === "" ? "" : ` (${readers})`}`,
    );
    report.next(formatUpdate(session, behind.map(({ path }) => path)));
    return;
  }
  if (!changed) return;
  const file = deriveVaultFile(vault, { stack: "first", component: undefined }, host);
  const winner = (await createRuleMatcher(after)).findWinner(sopsRelativePath(host.paths, after.path, file));
  if (winner !== undefined && joined.includes(winner)) report.next(await suggestFirstEdit(session, file));
}

/** How many of those are named who can help. */
const MAX_NAMED_READERS = 3;

/** @returns the names of who can read all of the files that the new key cannot, as far as they have names */
function namesOfReaders({ behind, config: { after } }: InitResult): string[] {
  const texts = behind.map(({ metadata }) =>
    new Set(metadata.groups.flatMap(({ keys }) => keys).map(({ text }) => text))
  );
  const common = texts.reduce((a, b) => a.intersection(b));
  const names = new Map([...after.keys, ...after.rules.flatMap(keysOf)].map(({ text, name }) => [text, name]));
  return [...common].flatMap((text) => names.get(text) ?? []);
}
