/**
 * The mistakes in each `.sops.yaml` that the examined files have their rules in, as `rules lint` finds them: a file that
 * opens today is no whole story where SOPS encrypts the next version of it for the wrong people, or not at all.
 *
 * Errors only: warnings are for who asks for them. Reads nothing but what is known already. Spec: sops-config §5.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { formatPath } from "../../base/show/report.ts";
import { findChosenConfig } from "../../config/config_choice.ts";
import { lintSopsConfig } from "../../config/lint/lint.ts";
import type { SopsConfig } from "../../config/rules/sops_config.ts";
import type { Finding } from "./finding.ts";

/**
 * @param told absolute paths of configs whose state is a finding already
 * @returns one finding for each error, by config, in the order of its lines
 */
export async function findRuleMistakes(
  host: Host,
  configs: readonly SopsConfig[],
  told: ReadonlySet<string>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const seen = new Set(told);
  const nearest = findChosenConfig(host, host.cwd);
  for (const { path, document } of configs) {
    if (seen.has(path)) continue;
    seen.add(path);
    const { findings: found } = await lintSopsConfig(document.source, path, { place: "found", files: undefined });
    const repair = { kind: "lint-config", path, isNearest: path === nearest } as const;
    for (const { severity, onlyIf, lineNumber, message } of found) {
      if (severity !== "error" || onlyIf !== undefined) continue;
      findings.push({
        code: "rule-mistake",
        message: `in "${formatPath(host, path)}", line ${lineNumber}: ${message}`,
        path,
        repair,
      });
    }
  }
  return findings;
}
