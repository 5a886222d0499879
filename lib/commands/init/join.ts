/**
 * Which rules of a repository `init` joins: by its flags, else the only one, else by a question on the terminal. It never
 * adds a rule for files that nobody there keeps. I/O through the host.
 *
 * @module
 */
import { canAsk, chooseSeveral } from "../../base/ask/prompts.ts";
import { UserError } from "../../base/error.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { layOutTable, tableOf } from "../../base/show/table.ts";
import { createRuleMatcher } from "../../config/patterns/matcher.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { requireSameRule, selectRules } from "../../repository/recipients/rules.ts";
import { findGovernedFiles, type GovernedFile } from "../../repository/scan/governed_files.ts";
import { createKeyNamer, formatPattern } from "../shared/rule_text.ts";

/** The flags that say it. */
export interface JoinFlags {
  readonly rule?: readonly string[];
  readonly allRules?: boolean;
}

/** Picks the rules out of a version of the config. */
export type JoinedRules = (config: SopsConfig) => readonly Rule[];

/** What is asked about. */
export interface JoinQuestion {
  readonly config: SopsConfig;
  readonly flags: JoinFlags;
  /** The recipient that joins; undefined for a key that is still to be made. */
  readonly recipient: string | undefined;
  /** The pattern that a rule for the built-in vault has. */
  readonly vaultPattern: string;
}

/**
 * @returns what picks the rules to join
 * @throws {UserError} `usage` for rules that there are not, and for several with nobody to ask; `cancelled` when the
 * person wants none
 */
export async function chooseJoinedRules(session: Session, question: JoinQuestion): Promise<JoinedRules> {
  const { host } = session;
  const { config, flags: { rule = [], allRules = false }, recipient, vaultPattern } = question;
  const named = await selectRules(host.paths, config, { rules: rule, files: [], all: allRules });
  if (named !== undefined) return sameRules(named);
  const has = ({ groups }: Rule): boolean => groups.some(({ keys }) => keys.some(({ text }) => text === recipient));
  const joined = config.rules.filter(has);
  if (joined.length > 0) return sameRules(joined);
  const own = config.rules.filter(({ pathRegex }) => pathRegex === vaultPattern);
  if (config.rules.length === 1 || (own.length === 1 && !canAsk(host))) {
    return sameRules(own.length === 1 ? own : config.rules);
  }
  return sameRules(await askForRules(session, config));
}

function sameRules(rules: readonly Rule[]): JoinedRules {
  return (config) => rules.map((rule) => requireSameRule(config, rule));
}

async function askForRules(session: Session, config: SopsConfig): Promise<readonly Rule[]> {
  const { host, report } = session;
  const counts = await countFiles(session, config);
  const count = config.rules.length;
  if (!canAsk(host)) {
    throw new UserError("usage", `"${config.path}" has ${count} rules, and none was named to join`, {
      details: config.rules.map((rule) =>
        `rule ${rule.index + 1}  ${formatPattern(rule)}  (${formatCount(counts.get(rule) ?? 0, "encrypted file")})`
      ),
      hints: ["pass --rule NUMBER, once for each rule, or --all-rules"],
    });
  }
  const nameOf = createKeyNamer(config);
  const rows = layOutTable(
    tableOf(config.rules.map((rule) => [
      formatPattern(rule),
      formatCount(counts.get(rule) ?? 0, "file"),
      rule.groups.map(({ keys }) => keys.map(nameOf).join(", ")).join(" | ") || "nobody",
    ])),
    Infinity,
  );
  const heading = `${report.path(config.path)} has ${count} rules; your key is added to those that you choose`;
  const question = { heading, text: "which rules", instead: "pass --rule NUMBER or --all-rules" };
  const chosen = new Set(await chooseSeveral(host, question, rows));
  if (chosen.size === 0) throw new UserError("cancelled", "no rule to join; nothing was changed");
  return config.rules.filter(({ index }) => chosen.has(index));
}

async function countFiles({ host, report }: Session, config: SopsConfig): Promise<ReadonlyMap<Rule, number>> {
  const { files, unseen } = findGovernedFiles(host, { path: config.path, reason: "nearest" });
  for (const { message } of unseen) report.warning(`${message}; encrypted files in it are not counted`);
  const matcher = await createRuleMatcher(config);
  const counts = new Map<Rule, number>();
  for (const { comparedPath } of files) {
    const rule = matcher.findWinner(comparedPath);
    if (rule !== undefined) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return counts;
}

/** @returns the encrypted files that the rules win for and the recipient cannot read */
export async function findFilesToUpdate(
  { host }: Session,
  config: SopsConfig,
  { rules, recipient }: { readonly rules: readonly Rule[]; readonly recipient: string },
): Promise<readonly GovernedFile[]> {
  const matcher = await createRuleMatcher(config);
  const { files } = findGovernedFiles(host, { path: config.path, reason: "nearest" });
  return files.filter(({ comparedPath, metadata }) => {
    const winner = matcher.findWinner(comparedPath);
    const keys = metadata.groups.flatMap((group) => group.keys);
    return winner !== undefined && rules.includes(winner) && !keys.some(({ text }) => text === recipient);
  });
}
