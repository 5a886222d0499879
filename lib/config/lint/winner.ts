/**
 * Finds what is wrong with one rule, as a person asks who wins for a file: mistakes for which SOPS encrypts nothing by the
 * rule, or something else than it seems to say. Pure. Spec: sops-config §2, §5 (SOPS 3.13.2).
 *
 * @module
 */
import type { Rule, SopsConfig } from "../rules/sops_config.ts";
import type { LintCode } from "./code.ts";
import { lintEmptiness } from "./emptiness.ts";
import { type Finding, Findings } from "./finding.ts";
import { lintPatterns } from "./patterns.ts";
import { lintRecipients } from "./recipients.ts";
import { lintRules } from "./rules.ts";

/** What SOPS does not encrypt by. */
const REFUSED: ReadonlySet<LintCode> = new Set([
  "bad-recipient",
  "bad-threshold",
  "no-recipients",
  "selector-conflict",
]);

/** @returns the mistakes in a rule that `rules lint` calls errors, in the order of the file */
export async function findRuleErrors(config: SopsConfig, rule: Rule): Promise<readonly Finding[]> {
  const findings = new Findings(config.document);
  const alone = { ...config, rules: [rule] };
  lintRules(alone, findings);
  lintRecipients(alone, () => undefined, findings); // a key that stands twice, also as ssh key, is no error
  lintEmptiness(alone, findings);
  await lintPatterns(alone, findings);
  return findings.list().filter(({ severity }) => severity === "error");
}

/** @returns whether SOPS refuses to encrypt by a rule that has this mistake */
export function isRefusal({ code }: Finding): boolean {
  return REFUSED.has(code);
}
