/**
 * `rules list`: the creation rules of a `.sops.yaml`, each with its recipients by name. Reads only.
 * Spec: sops-config §2.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Rule } from "../../config/rules/sops_config.ts";
import { readChosenConfig } from "../../config/config_choice.ts";
import {
  createKeyNamer,
  formatPattern,
  formatSelectors,
  formatThreshold,
  type KeyNamer,
  markingOwn,
  ruleAsJson,
  warnOf,
} from "../shared/rule_text.ts";
import { findOwnRecipients } from "../../repository/access/own_recipients.ts";
import { tableOf } from "../../base/show/table.ts";

/** Flags of `rules list`. */
export interface RulesListFlags {
  /** The `.sops.yaml` to read instead of the nearest one. */
  readonly config?: string;
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/**
 * Lists the rules of the config that counts in the working directory.
 *
 * @throws {UserError} `not-found` without a config, `malformed` when SOPS would refuse it, `io` or `denied`
 */
export async function rulesList(
  flags: RulesListFlags,
  _args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const { config } = readChosenConfig(host, host.cwd, flags.config);
  warnOf(config, report);
  const own = await findOwnRecipients(host);
  const nameOf = markingOwn(createKeyNamer(config), own);
  report.answer([
    `config  ${report.path(config.path)}`,
    config.rules.length === 0
      ? "no creation rules"
      : tableOf(config.rules.map((rule) => rowOf(rule, nameOf)), { yields: [2], styles: ["name", "dim"] }),
  ]);
  report.json({ config: config.path, rules: config.rules.map((rule) => ruleAsJson(rule, own)) });
  return EXIT.done;
}

function rowOf(rule: Rule, nameOf: KeyNamer): string[] {
  const groups = rule.groups.map(({ keys }) => keys.map(nameOf).join(", ") || "nobody");
  const remarks = [formatThreshold(rule), formatSelectors(rule)].filter((remark) => remark);
  return [
    `rule ${rule.index + 1}`,
    `line ${rule.lineNumber}`,
    formatPattern(rule),
    groups.join(" | ") || "nobody",
    ...(remarks.length === 0 ? [] : [`(${remarks.join("; ")})`]),
  ];
}
