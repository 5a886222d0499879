/**
 * Encrypted files whose merge git has not finished: whatever stands there is not what both sides come to. Asks git.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { formatPath } from "../../base/show/report.ts";
import { UnmergedFiles } from "../scan/unmerged.ts";
import type { FileDiagnosis } from "./diagnosis.ts";
import type { Finding } from "./finding.ts";

/** @returns a finding for each file that has encrypted values, in their order; git is asked once for each work tree */
export async function findUnmergedFiles(host: Host, files: readonly FileDiagnosis[]): Promise<Finding[]> {
  const unmerged = new UnmergedFiles(host);
  const findings: Finding[] = [];
  for (const { path, state } of files) {
    if (state === "plain" || !(await unmerged.listAround(host.paths.dirname(path))).has(path)) continue;
    const message = `"${formatPath(host, path)}" is not merged: git keeps the versions of both sides`;
    findings.push({ code: "unmerged", message, path, repair: { kind: "finish-merge", path } });
  }
  return findings;
}
