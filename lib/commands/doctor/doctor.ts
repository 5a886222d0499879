/**
 * `doctor [FILE…]`: why a file cannot be decrypted on this machine, or what is wrong on it at all, and the one next step.
 *
 * Looks where SOPS looks, in its order, and where people put keys by mistake. What opens without asking anybody is compared
 * with its MAC in memory; asks for no passphrase, changes nothing, shows no secret, and needs no sops. Spec: keys §2.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { SopsConfig } from "../../config/rules/sops_config.ts";
import { diagnose, type Diagnosis, isDrifted } from "../../repository/doctor/diagnosis.ts";
import { FINDING_CODES } from "../../repository/doctor/finding.ts";
import { KeyNames } from "./names.ts";
import type { Speaker } from "./next.ts";

/** Flags of `doctor`. */
export interface DoctorFlags {
  /** The `.sops.yaml` to read instead of the nearest one above each file. */
  readonly config?: string;
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/**
 * Examines the files, or the repository and the machine.
 *
 * @param args files and folders, relative to the working directory; none: the whole repository
 * @returns 5 when a file is not what was encrypted, or one of its data keys is damaged; 4 when one of the named files cannot be decrypted here, or none of the
 * repository's; 1 for a named file that is not encrypted or malformed, and for a problem in a repository; 3 for mistakes in
 * a config and for a file that differs from its rule; else 0, also where only trying would tell
 * @throws {UserError} `not-found` for a file that does not exist; `io`, `denied` or `unsupported` (too large) for one that
 * cannot be read
 */
export async function doctor(
  flags: DoctorFlags,
  args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const targets = args.map((arg) => host.paths.resolve(host.cwd, arg));
  const diagnosis = await diagnose(host, targets, flags.config);
  const speaker: Speaker = { host, report, names: new KeyNames(configsOf(diagnosis)) };
  if (report.format === "json") {
    report.json((await import("./json.ts")).diagnosisAsJson(speaker, diagnosis));
  } else {
    const { formatDiagnosis } = await import("./text.ts");
    report.answer(formatDiagnosis(speaker, diagnosis));
  }
  return exitCode(diagnosis, targets.length > 0);
}

function configsOf({ files }: Diagnosis): SopsConfig[] {
  const configs = files.flatMap(({ fileRule: { config } }) => config === undefined ? [] : [config]);
  return [...new Set(configs)];
}

function exitCode({ files, findings }: Diagnosis, areNamed: boolean): number {
  const causes = files.flatMap((file) => file.state === "encrypted" && file.cause ? [file.cause.kind] : []);
  if (causes.includes("integrity") || findings.some(({ code }) => code === "damaged-data-key")) return EXIT.integrity;
  const closedCount = causes.length - causes.filter((kind) => kind === "malformed").length;
  if (areNamed ? closedCount > 0 : closedCount > 0 && closedCount === files.length) return EXIT.noIdentity;
  if (causes.includes("malformed") || files.some(({ state }) => state !== "encrypted")) return EXIT.failed;
  const problems = findings.filter(({ code }) => FINDING_CODES[code] === "problem");
  if (!areNamed && problems.some(({ code }) => code !== "rule-mistake")) return EXIT.failed;
  const hasMistake = problems.some(({ code }) => code === "rule-mistake");
  return hasMistake || files.some(isDrifted) ? EXIT.differences : EXIT.done;
}
