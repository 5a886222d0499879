/**
 * Findings of `check` in the Static Analysis Results Interchange Format, for the code scanning of forges and for editors.
 * Pure. Format: SARIF 2.1.0 (OASIS Standard, 27 March 2020), sections 3.13 to 3.30.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { shortenPaths } from "../../base/show/report.ts";
import { VERSION } from "../../base/version.ts";
import { type CheckCode, isLintCode, specOfCode } from "../../repository/check/code.ts";
import { findRepositoryRoot, type Unseen } from "../../repository/bulk/selection.ts";
import type { TellableFinding } from "./check.ts";

/** What stands for the root of the repository; forges know the name. */
const ROOT_ID = "%SRCROOT%";

/**
 * @param findings with their next steps
 * @param unseen what could not be looked at, which makes the run an incomplete one
 * @returns one log with one run
 */
export function formatSarif(host: Host, findings: readonly TellableFinding[], unseen: readonly Unseen[]): string {
  const root = findRepositoryRoot(host);
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [{
      tool: {
        driver: {
          name: "sopsmith",
          version: VERSION,
          semanticVersion: VERSION,
          rules: codes.map(describeCode),
        },
      },
      columnKind: "utf16CodeUnits",
      invocations: [{
        executionSuccessful: unseen.length === 0,
        toolExecutionNotifications: unseen.map(({ path, error }) => ({
          level: "error",
          message: { text: shortenPaths(host, error.message) },
          locations: [{ physicalLocation: { artifactLocation: locate(host, root, path) } }],
        })),
      }],
      results: findings.map((finding) => ({
        ruleId: finding.code,
        ruleIndex: codes.indexOf(finding.code),
        level: finding.severity,
        message: { text: describeFinding(host, finding) },
        locations: [{
          physicalLocation: {
            artifactLocation: locate(host, root, finding.path),
            region: { startLine: finding.lineNumber ?? 1 }, // forges show nothing without a line
          },
        }],
      })),
    }],
  };
  return JSON.stringify(log, undefined, 2);
}

function describeFinding(host: Host, { found, expected, next }: TellableFinding): string {
  return `${shortenPaths(host, found)}; expected: ${shortenPaths(host, expected)}. Next: ${next}`;
}

function describeCode(code: CheckCode): Record<string, unknown> {
  const { severity, meaning, why } = specOfCode(code);
  return {
    id: code,
    name: code.replace(/(?:^|-)([a-z])/g, (_, letter) => letter.toUpperCase()),
    shortDescription: { text: meaning },
    fullDescription: { text: why },
    help: { text: `${why} (docs/${isLintCode(code) ? "lint" : "check"}.md)` },
    defaultConfiguration: { level: severity },
    properties: { tags: ["security", "sops"] },
  };
}

/** @returns the address of a file, from the root of the repository where it lies in it */
function locate({ paths }: Host, root: string, path: string): Record<string, unknown> {
  const encode = (name: string): string => name.split(paths.separator).map(encodeURIComponent).join("/");
  if (!paths.contains(root, path)) return { uri: `file://${path.startsWith("/") ? "" : "/"}${encode(path)}` };
  return { uri: encode(paths.relative(root, path)), uriBaseId: ROOT_ID };
}
