/**
 * Encrypted files whose merge git has not finished: whatever stands there is not what both sides come to. Asks git.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { formatPath } from "../../base/show/report.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { listUnmerged } from "../scan/unmerged.ts";
import type { FileDiagnosis } from "./diagnosis.ts";
import type { Finding } from "./finding.ts";

/** @returns a finding for each file that has encrypted values, in their order; git is asked once for each work tree */
export async function findUnmergedFiles(host: Host, files: readonly FileDiagnosis[]): Promise<Finding[]> {
  const roots = new Map<string, ReadonlySet<string>>();
  const findings: Finding[] = [];
  for (const { path, state } of files) {
    const root = findGitRoot(host, host.paths.dirname(path));
    if (root === undefined || state === "plain") continue;
    const unmerged = roots.get(root) ?? await listUnmerged(host, root);
    roots.set(root, unmerged);
    if (!unmerged.has(path)) continue;
    const message = `"${formatPath(host, path)}" is not merged: git keeps the versions of both sides`;
    findings.push({ code: "unmerged", message, path, repair: { kind: "finish-merge", path } });
  }
  return findings;
}
