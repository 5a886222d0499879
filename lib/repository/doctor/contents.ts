/**
 * Looks into the encrypted files, one after the other: only one is in memory at a time, and nothing of what it holds is
 * kept. What opens without asking anybody is opened, and of all else it is looked at what anybody can see.
 *
 * Of a whole repository that is done only where it is not large. I/O through the host. Spec: sops-engine §3.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import { Progress } from "../../base/show/progress.ts";
import { formatPath } from "../../base/show/report.ts";
import { createSurroundings } from "../file/keys.ts";
import { MAX_FILE_BYTES } from "../scan/large_file.ts";
import { type AccessDiagnosis, isFree } from "./access.ts";
import { checkContent, type ContentCheck } from "./content.ts";
import type { EncryptedDiagnosis, FileDiagnosis } from "./diagnosis.ts";
import type { Finding } from "./finding.ts";

/** Of how many files of a whole repository the values are checked without being asked to: at about 2 ms each. */
const MAX_UNASKED_CHECKS = 1000;

/** Of how many files of a whole repository that nothing here opens the text is looked at without being asked to. */
const MAX_UNASKED_TEXTS = 10_000;

/** The files with what was found in them. */
export interface ExaminedContents {
  /** In the same order. */
  readonly files: readonly FileDiagnosis[];
  readonly findings: readonly Finding[];
  /** Whether there were so many files that none was opened. */
  readonly isTooMany: boolean;
}

/** @param targets the paths that were asked for; none: the whole repository */
export async function examineContents(
  host: Host,
  files: readonly FileDiagnosis[],
  targets: readonly string[],
): Promise<ExaminedContents> {
  if (targets.length === 0 && countOpening(files) > MAX_UNASKED_CHECKS) return { files, findings: [], isTooMany: true };
  const named = new Set(targets);
  const readsAll = targets.length > 0 || files.length <= MAX_UNASKED_TEXTS;
  const { open } = createSurroundings(host);
  const progress = new Progress(host, "opening encrypted files");
  const findings: Finding[] = [];
  const examined: FileDiagnosis[] = [];
  try {
    for (const file of files) {
      const isNamed = named.has(file.path);
      const depth = file.state !== "encrypted"
        ? undefined
        : isNamed
        ? "all-keys"
        : opensFree(file.access)
        ? "values"
        : readsAll
        ? "text"
        : undefined;
      const bytes = file.state === "encrypted" && depth !== undefined ? readAgain(host, file) : undefined;
      if (file.state !== "encrypted" || depth === undefined || bytes === undefined) {
        examined.push(file);
        continue;
      }
      const { path, access } = file;
      const content = { path, label: formatPath(host, path), bytes, access };
      const check = await withRestorations(host, await checkContent(content, { open, depth }));
      if (check.problem !== undefined) findings.push(check.problem.finding);
      findings.push(...check.findings);
      examined.push(withContent(file, check));
      progress.step();
    }
  } finally {
    progress.end();
  }
  return { files: examined, findings, isTooMany: false };
}

/** Says where a file comes back from, of those that have to. */
async function withRestorations(host: Host, check: ContentCheck): Promise<ContentCheck> {
  const restored = async (finding: Finding): Promise<Finding> => {
    const { repair } = finding;
    if (repair?.kind !== "restore-file" && repair?.kind !== "hide-value") return finding;
    const { findRestoration } = await import("./restoration.ts");
    return { ...finding, repair: { ...repair, from: await findRestoration(host, repair.path) } };
  };
  const { problem } = check;
  return {
    ...check,
    ...(problem === undefined ? {} : { problem: { ...problem, finding: await restored(problem.finding) } }),
    findings: await Promise.all(check.findings.map(restored)),
  };
}

/** @returns how many files an identity here opens without asking anybody */
function countOpening(files: readonly FileDiagnosis[]): number {
  return files.reduce((count, file) => file.state === "encrypted" && opensFree(file.access) ? count + 1 : count, 0);
}

function opensFree({ groups }: AccessDiagnosis): boolean {
  return groups.some((keys) =>
    keys.some(({ answer, identity }) => answer === "yes" && identity !== undefined && isFree(identity))
  );
}

/** @returns undefined for a file that went away, or is not to be read any more: its values count as not checked */
function readAgain(host: Host, { path }: EncryptedDiagnosis): Uint8Array | undefined {
  try {
    const bytes = host.files.read(path, MAX_FILE_BYTES);
    return bytes === undefined || bytes.length > MAX_FILE_BYTES ? undefined : bytes;
  } catch {
    return undefined;
  }
}

function withContent(file: EncryptedDiagnosis, { isOpened, problem }: ContentCheck): EncryptedDiagnosis {
  const { access, cause } = file;
  if (cause?.kind === "broken-config") return { ...file, isOpened };
  if (problem !== undefined) return { ...file, isOpened, access: { ...access, answer: "no" }, cause: problem };
  if (!isOpened || access.answer === "yes") return { ...file, isOpened };
  return { ...file, isOpened, access: { ...access, answer: "yes" }, cause: undefined };
}
