/**
 * Finds what is empty in a `.sops.yaml`: no rule, a rule without a key, a key group without one. Pure.
 * Spec: sops-config §5.
 *
 * @module
 */
import type { Findings } from "./finding.ts";
import type { Rule, SopsConfig } from "../rules/sops_config.ts";

/** Notes what is empty. */
export function lintEmptiness({ creationRules, hasCreationRules, rules }: SopsConfig, findings: Findings): void {
  for (const rule of rules) lintRuleEmptiness(rule, rules, findings);
  if (rules.length > 0) return;
  findings.add("no-rules", creationRules?.key.range[0] ?? 0, {
    message: hasCreationRules
      ? "the list of creation rules is empty: SOPS refuses to encrypt every file"
      : "there are no creation rules: SOPS encrypts only to keys on its command line",
    fix: "add a rule: sopsmith keygen",
  });
}

function lintRuleEmptiness(rule: Rule, rules: readonly Rule[], findings: Findings): void {
  const place = `rule ${rule.index + 1}`;
  if (rule.groups.every(({ keys }) => keys.length === 0)) {
    const offset = rule.nodes.groups[0]?.item.range[0] ?? rule.range.start;
    findings.add("no-recipients", offset, {
      message: `${place} has no recipients, and SOPS encrypts nothing by it`,
      fix: `${formatSplit(rule, rules)}add one: sopsmith recipient add NAME RECIPIENT --rule ${rule.index + 1}`,
    });
    return;
  }
  rule.groups.forEach(({ keys }, index) => {
    const item = rule.nodes.groups[index]?.item;
    if (keys.length > 0 || item === undefined) return;
    findings.add("no-recipients", item.range[0], {
      message: `key group ${index + 1} of ${place} has no keys, and SOPS encrypts nothing by the rule`,
      fix: "take the empty group out, or give it keys",
    });
  });
}

/** @returns what to do where a dash too many makes two rules of one, the pattern in one of them and the keys in the other */
function formatSplit(rule: Rule, rules: readonly Rule[]): string {
  const isRest = (other: Rule | undefined): boolean =>
    rule.pathRegex !== undefined && other !== undefined && other.pathRegex === undefined &&
    other.groups.some(({ keys }) => keys.length > 0) &&
    !other.nodes.entries.some(({ name }) => rule.nodes.entries.some((own) => own.name === name));
  const later = isRest(rules[rule.index + 1])
    ? rules[rule.index + 1]
    : isRest(rules[rule.index - 1])
    ? rule
    : undefined;
  if (later === undefined) return "";
  return `if rule ${later.index + 1} goes on with rule ${later.index}, ` +
    `write spaces for the "- " in line ${later.lineNumber}; else `;
}
