/**
 * What `nix store verify` found, for people and for `--json`. Spec: keys §4.
 *
 * @module
 */
import type { UserError } from "../../base/error.ts";
import type { Report } from "../../base/show/report.ts";
import { isTrusted, type Trust } from "../../nix/trust.ts";
import type { ArchiveFinding } from "../../nix/nar_archive.ts";
import { styled } from "../../base/show/style.ts";
import { tableOf } from "../../base/show/table.ts";

/** Why a signature is wrong. */
const WRONG = "over other content, or by another key of that name";

/** What is known of a file that can be read. */
export interface Judgement {
  /** Absolute path of the `.narinfo`. */
  readonly file: string;
  /** The store path that it is about. */
  readonly storePath: string;
  readonly trust: Trust;
  /** Absent when archives were not asked for. */
  readonly archive?: ArchiveFinding;
}

/** What is known of one file; one with an `error` cannot be read as a narinfo. */
export type VerifyFinding = Judgement | { readonly file: string; readonly error: UserError };

/** What comes out of everything that was found. */
export type Verdict = "good" | "bad" | "unknown";

/** How the findings on archives are called in the table. */
const ARCHIVE_WORDS = {
  right: "right",
  stored: "as stored",
  missing: "missing",
  wrong: "wrong",
  unknown: "not checked",
} as const satisfies Record<ArchiveFinding["state"], string>;

/**
 * Prints the table on stdout, and what is wrong, and the result, on stderr.
 *
 * @param needed how many different trusted keys must have signed
 * @returns the verdict; what could not be found out outweighs what is bad
 */
export function reportFindings(report: Report, findings: readonly VerifyFinding[], needed: number): Verdict {
  const hasArchives = findings.some((finding) => "archive" in finding);
  const head = ["trusted", "by", ...(hasArchives ? ["archive"] : []), "store path"];
  const rows = findings.map((finding) => formatRow(finding, needed, report, hasArchives));
  report.answer([tableOf([head.map((word) => styled(word, "dim")), ...rows], { yields: [1] })]);
  for (const finding of findings) reportProblems(finding, report);
  reportResult(report, findings, needed);
  const verdicts = new Set(findings.map((finding) => verdictOf(finding, needed)));
  return verdicts.has("unknown") ? "unknown" : verdicts.has("bad") ? "bad" : "good";
}

/** @returns a finding as `--json` shows it */
export function findingAsJson(finding: VerifyFinding, needed: number): Record<string, unknown> {
  const { file } = finding;
  if ("error" in finding) {
    const { kind, message } = finding.error;
    return { file, storePath: null, isTrusted: false, error: { kind, message } };
  }
  const { storePath, trust, archive } = finding;
  return {
    file,
    storePath,
    isTrusted: isTrusted(trust, needed),
    contentAddress: trust.contentAddress,
    goodKeys: trust.goodKeys,
    wrongKeys: trust.wrongKeys,
    unknownKeys: trust.unknownKeys,
    damagedSignatures: trust.malformedCount,
    ...(archive === undefined ? {} : { archive }),
  };
}

function verdictOf(finding: VerifyFinding, needed: number): Verdict {
  if ("error" in finding) return finding.error.kind === "malformed" ? "bad" : "unknown";
  const state = finding.archive?.state;
  if (state === "unknown") return "unknown";
  return isTrusted(finding.trust, needed) && state !== "missing" && state !== "wrong" ? "good" : "bad";
}

function isTrustedFinding(finding: VerifyFinding, needed: number): boolean {
  return "trust" in finding && isTrusted(finding.trust, needed);
}

function formatRow(finding: VerifyFinding, needed: number, report: Report, hasArchives: boolean): string[] {
  const archive = (word: string): string[] => hasArchives ? [word] : [];
  if ("error" in finding) return [styled("no", "bad"), "cannot be read", ...archive("-"), report.path(finding.file)];
  const { trust, storePath } = finding;
  return [
    isTrusted(trust, needed) ? styled("yes", "good") : styled("no", "bad"),
    describeTrust(trust, needed),
    ...archive(ARCHIVE_WORDS[finding.archive?.state ?? "unknown"]),
    storePath,
  ];
}

/** @returns who vouches for a path, or why nobody does */
function describeTrust(trust: Trust, needed: number): string {
  const { goodKeys, goodCount, wrongKeys, unknownKeys, malformedCount } = trust;
  if (trust.contentAddress !== "own" && trust.hasBlocking) return "nobody (Nix stops at a damaged signature)";
  if (goodCount >= needed) return goodKeys.join(", ");
  if (trust.contentAddress === "own") return "its content";
  if (goodCount > 0) return `${goodKeys.join(", ")} (${goodCount} of ${needed})`;
  if (wrongKeys.length > 0) return `nobody (wrong signature of ${wrongKeys.join(", ")})`;
  if (unknownKeys.length > 0) return `nobody trusted (${unknownKeys.join(", ")})`;
  return malformedCount > 0 ? "nobody (damaged signature)" : "nobody";
}

/** Says what is wrong with a file, whether or not another signature makes up for it. */
function reportProblems(finding: VerifyFinding, report: Report): void {
  if ("error" in finding) {
    report.warning(finding.error.message);
    return;
  }
  const { wrongKeys, malformedCount, contentAddress } = finding.trust;
  const file = `"${finding.file}"`;
  if (wrongKeys.length > 0) report.warning(`${file} has a wrong signature of ${wrongKeys.join(", ")}: ${WRONG}`);
  if (malformedCount > 0) report.warning(`${file} has a Sig line that is no signature`);
  if (contentAddress === "other") report.warning(`${file} has a CA that does not fit its path and NarHash`);
  const { archive } = finding;
  if (archive?.state === "missing") report.warning(`the archive of ${file} is missing`);
  if (archive?.state === "wrong") report.warning(`the archive of ${file} is not what the file says: ${archive.why}`);
  if (archive?.state === "unknown") report.warning(`the archive of ${file} was not checked: ${archive.why}`);
}

function reportResult(report: Report, findings: readonly VerifyFinding[], needed: number): void {
  const stored = countArchives(findings, ["stored"]);
  if (stored > 0) {
    report.note(
      `${countOf(stored, "archive")} compared only as stored (FileHash): the compression is not unpacked here`,
    );
  }
  const untrusted = findings.filter((finding) => !isTrustedFinding(finding, needed)).length;
  const absent = countArchives(findings, ["missing", "wrong"]);
  const unchecked = countArchives(findings, ["unknown"]);
  const archives = [
    ...(absent > 0 ? [`${countOf(absent, "archive")} missing or wrong`] : []),
    ...(unchecked > 0 ? [`${countOf(unchecked, "archive")} not checked`] : []),
  ];
  const trust = describeCount(findings.length, untrusted);
  if (untrusted === 0 && archives.length === 0) report.done(trust);
  else report.say([trust, ...archives].join("; "));
}

function describeCount(count: number, untrusted: number): string {
  if (count === 1) return untrusted === 0 ? "the path is trusted" : "the path is not trusted";
  if (untrusted === 0) return `all ${count} paths are trusted`;
  return `${untrusted} of ${count} paths ${untrusted === 1 ? "is" : "are"} not trusted`;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? " is" : "s are"}`;
}

function countArchives(findings: readonly VerifyFinding[], states: readonly ArchiveFinding["state"][]): number {
  return findings.filter((finding) => "trust" in finding && finding.archive && states.includes(finding.archive.state))
    .length;
}
