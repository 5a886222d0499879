/**
 * The whole examination: the files in question, the identities of this machine, the configuration, and SOPS itself.
 *
 * Reads and asks only; changes nothing and shows no secret. What opens without asking anybody is looked into. I/O through the host. Spec: keys §2.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatSize } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { describeIoError } from "../../base/host/io_error.ts";
import { Progress } from "../../base/show/progress.ts";
import { formatPath, shortenPaths } from "../../base/show/report.ts";
import { formatSome } from "../../base/show/counts.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { findSopsConfig } from "../../config/sops_config_find.ts";
import { holdsTime } from "../../sops/facts/time_values.ts";
import { hasListComment, REFUSES_LIST_COMMENTS } from "../../sops/facts/list_comments.ts";
import { findMetadata } from "../../sops/metadata/metadata.ts";
import { addNeedOfTimes, findNeededVersion, isOlder, type NeededVersion } from "../../sops/facts/needed_version.ts";
import { type Cause, findCause } from "./cause.ts";
import type { ExaminedContents } from "./contents.ts";
import { checkConfigOfSops, type ConfigOfSops } from "./config_of_sops.ts";
import { examineElsewhere } from "./elsewhere.ts";
import { type AccessDiagnosis, bareRecipient, diagnoseAccess } from "./access.ts";
import { findRestoration, type Restoration } from "./restoration.ts";
import type { ExaminedPlace, Finding, LocalIdentity, Repair } from "./finding.ts";
import { examinePlaces, findImportProblem } from "./places.ts";
import { withMissingPlugins } from "./plugins.ts";
import { findUnmergedFiles } from "./unmerged.ts";
import { type ScanNote, scanRepository } from "../scan/encrypted_files.ts";
import { type FileRule, FileRules, type RuledFile } from "../scan/file_rules.ts";
import { MAX_FILE_BYTES } from "../scan/large_file.ts";
import { rememberAnswers } from "../scan/remember.ts";
import { isAsRuleSays } from "../scan/differences.ts";
import type { ScannedMetadata } from "../scan/scanned_metadata.ts";

/** What is the same for all encrypted files with the same metadata and the same rule. */
interface CommonDiagnosis {
  readonly access: AccessDiagnosis;
  /** Undefined for a file that opens, or may. */
  readonly cause: Cause | undefined;
  /** Undefined for a file that every SOPS of the last years reads. */
  readonly needs: NeededVersion | undefined;
}

/** What is known of an encrypted file. */
export interface EncryptedDiagnosis extends CommonDiagnosis, Omit<RuledFile, "relativePath"> {
  readonly state: "encrypted";
  /** Whether an identity opened it without asking anybody, and its values and its MAC are what was encrypted. */
  readonly isOpened: boolean;
}

/** What is known of any other file. */
export interface OtherDiagnosis {
  /** Where a whole version of a damaged file is. */
  readonly from?: Restoration;
  /** `damaged`: it holds encrypted values, but no metadata that SOPS takes. */
  readonly state: "plain" | "damaged";
  /** Absolute. */
  readonly path: string;
  readonly fileRule: FileRule;
}

/** What is known of one file. */
export type FileDiagnosis = EncryptedDiagnosis | OtherDiagnosis;

/** Everything that was found. */
export interface Diagnosis {
  /** In the order of the arguments; those of a folder sorted by path. */
  readonly files: readonly FileDiagnosis[];
  /** The folder whose files were looked for; undefined when files were named, or when there is no repository. */
  readonly root: string | undefined;
  /** In the order of SOPS. */
  readonly places: readonly ExaminedPlace[];
  /** Where SOPS does not look. */
  readonly elsewhere: readonly ExaminedPlace[];
  /** What comes before an identity can be imported; undefined: nothing is in the way. */
  readonly importProblem: Repair | undefined;
  readonly configOfSops: ConfigOfSops;
  /** Value of `--config`. */
  readonly namedConfig: string | undefined;
  /** The version of SOPS that is installed: `3.13.2`; undefined without one. */
  readonly sopsVersion: string | undefined;
  /** Whether a whole repository has so many files that none was opened to check its values. */
  readonly isTooMany: boolean;
  /** Problems first. */
  readonly findings: readonly Finding[];
}

/** A file that was read, and its rule. */
type ReadFile =
  | OtherDiagnosis
  | Pick<EncryptedDiagnosis, "state" | "path" | "metadata" | "fileRule" | "differences"> & {
    /** Told only of files that were named: those of a folder are not kept. */
    readonly hasListComment: boolean;
    /** Told as {@link hasListComment}. */
    readonly hasTime: boolean;
  };

/** In the text of every encrypted value. */
const ENCRYPTED_VALUE = "ENC[AES256_GCM,";

/**
 * Examines files, or the whole repository.
 *
 * @param targets files and folders, absolute; none: the repository that the working folder belongs to
 * @param namedConfig value of `--config`
 * @throws {UserError} `not-found` for a target that does not exist; `io`, `denied`, `unsupported` when it cannot be read
 */
export async function diagnose(
  host: Host,
  targets: readonly string[],
  namedConfig: string | undefined,
): Promise<Diagnosis> {
  const root = targets.length === 0 ? await findRoot(host) : undefined;
  const rules = new FileRules(host, namedConfig);
  const scanned: Finding[] = [];
  const read: ReadFile[] = [];
  for (const target of root === undefined ? targets : [root]) {
    for await (const file of readTarget(host, target, { rules, findings: scanned })) read.push(file);
  }
  const wanted = wantedRecipients(read);
  const places = withMissingPlugins(host, await examinePlaces(host, wanted));
  const others = await examineOtherPlaces(host, places, wanted);
  const known = [...places, ...others].flatMap((place) => place.identities);
  const inKeychain = await examineKeychain(host, read, known);
  const elsewhere = [...others, ...inKeychain];
  const identities = [...known, ...inKeychain.flatMap((place) => place.identities)];
  if (wanted.length > 0) {
    const { findOtherSshKeys } = await import("./other_ssh_keys.ts");
    identities.push(...await findOtherSshKeys(host, wanted, identities));
  }
  const configOfSops = await checkConfigOfSops(host);
  const compared = read.map(createDiagnoser(identities, configOfSops));
  const { files, findings: contents, isTooMany } = await lookInside(host, compared, targets);
  const sopsVersion = await findSopsVersion(host);
  const findings = [
    ...await findUnmergedFiles(host, files),
    ...configOfSops.findings,
    ...places.flatMap((place) => place.findings),
    ...elsewhere.flatMap((place) => place.findings),
    ...contents,
    ...await findMistakes(host, files, { root, configOfSops }),
    ...findTooOld(host, files, sopsVersion),
    ...findRefusedComments(host, read, sopsVersion),
    ...(root === undefined && namedConfig === undefined ? findOtherConfig(host, files, configOfSops) : []),
    ...findWithoutRule(host, files),
    ...scanned,
  ];
  const importProblem = findImportProblem(host, places);
  return { files, root, places, elsewhere, importProblem, configOfSops, namedConfig, sopsVersion, findings, isTooMany };
}

/** Vaults are read only where a file could be theirs; a hand-made copy of a vault's keys file is not told beside it. */
async function examineOtherPlaces(
  host: Host,
  places: readonly ExaminedPlace[],
  wanted: readonly string[],
): Promise<readonly ExaminedPlace[]> {
  if (wanted.length === 0) return await examineElsewhere(host, places);
  const { examineVaultPlaces } = await import("./vault_places.ts");
  const seen = new Set(places.flatMap(({ path, content }) => content.kind === "nothing" ? [] : path ?? []));
  const ofVaults = await examineVaultPlaces(host, (path) => seen.has(path));
  return [...ofVaults, ...await examineElsewhere(host, [...places, ...ofVaults])];
}

/** Only where a file stays closed, and nothing else that is here would open it: it takes a program for each vault. */
async function examineKeychain(
  host: Host,
  files: readonly ReadFile[],
  known: readonly LocalIdentity[],
): Promise<readonly ExaminedPlace[]> {
  const metadata = new Set(files.flatMap((file) => file.state === "encrypted" ? [file.metadata] : []));
  const isClosed = Array.from(metadata, (one) => diagnoseAccess(one, known)).some(({ answer, groups }) =>
    answer === "no" && groups.flat().every(({ identity }) => identity === undefined)
  );
  if (!isClosed) return [];
  const { listVaults } = await import("./vault_places.ts");
  const { examineKeychainPlaces } = await import("./keychain_places.ts");
  return await examineKeychainPlaces(host, listVaults(host));
}

async function lookInside(
  host: Host,
  files: readonly FileDiagnosis[],
  targets: readonly string[],
): Promise<ExaminedContents> {
  if (files.every(({ state }) => state !== "encrypted")) return { files, findings: [], isTooMany: false };
  const { examineContents } = await import("./contents.ts");
  return await examineContents(host, files, targets);
}

/** In every config that the files have their rules in, and in that of a whole repository; what SOPS stops at is told already. */
async function findMistakes(
  host: Host,
  files: readonly FileDiagnosis[],
  { root, configOfSops: { config: own, findings } }: Pick<Diagnosis, "root" | "configOfSops">,
): Promise<Finding[]> {
  const ofFiles = files.flatMap(({ fileRule: { config } }) => config === undefined ? [] : [config]);
  const isOfRepository = own !== undefined && root !== undefined && host.paths.contains(root, own.path);
  const configs = new Set(isOfRepository ? [own, ...ofFiles] : ofFiles);
  if (configs.size === 0) return [];
  const { findRuleMistakes } = await import("./rule_mistakes.ts");
  return await findRuleMistakes(host, [...configs], new Set(findings.flatMap(({ path }) => path ?? [])));
}

/** @returns whether a file is encrypted in another way than its rule says */
export function isDrifted(file: FileDiagnosis): boolean {
  return file.state === "encrypted" && file.differences !== undefined && !isAsRuleSays(file.differences);
}

/** Without a repository and without a `.sops.yaml` nothing is searched: the folder may be a whole home. */
async function findRoot(host: Host): Promise<string | undefined> {
  const root = await findGitRoot(host, host.cwd);
  if (root !== undefined) return root;
  const config = (await findSopsConfig(host, host.cwd)).path;
  return config === undefined ? undefined : host.paths.dirname(config);
}

/** The rules of the files, and what is found on the way to them. */
interface Reading {
  readonly rules: FileRules;
  readonly findings: Finding[];
}

async function* readTarget(host: Host, path: string, reading: Reading): AsyncGenerator<ReadFile, void> {
  let bytes: Uint8Array | undefined;
  try {
    if ((await host.files.stat(path))?.kind === "directory") return yield* readFolder(host, path, reading);
    bytes = await host.files.read(path, MAX_FILE_BYTES);
  } catch (error) {
    throw describeIoError("read", path, error);
  }
  if (bytes === undefined) {
    throw new UserError("not-found", `cannot read "${path}": no such file`, {
      hints: ["check the path for a typing mistake"],
      location: { path },
    });
  }
  if (bytes.length > MAX_FILE_BYTES) {
    const message = `cannot read "${path}": larger than ${formatSize(MAX_FILE_BYTES)}`;
    throw new UserError("unsupported", message, { location: { path } });
  }
  const fileRule = await reading.rules.find(path);
  const metadata = findMetadata(bytes, path);
  const text = new TextDecoder("latin1").decode(bytes);
  if (metadata === undefined) {
    const isDamaged = text.includes(ENCRYPTED_VALUE);
    if (isDamaged) {
      const { explainDamage } = await import("./content.ts");
      const finding = await explainDamage({ path, label: formatPath(host, path), bytes });
      if (finding !== undefined) reading.findings.push(finding);
      yield { state: "damaged", path, fileRule, from: await findRestoration(host, path) };
      return;
    }
    yield { state: "plain", path, fileRule };
    return;
  }
  const differences = reading.rules.compare(metadata, fileRule.rule);
  const hasTime = holdsTime(text, metadata.format);
  const hasComment = metadata.format === "yaml" && hasListComment(text);
  yield { state: "encrypted", path, metadata, fileRule, differences, hasListComment: hasComment, hasTime };
}

async function* readFolder(host: Host, root: string, { rules, findings }: Reading): AsyncGenerator<ReadFile, void> {
  const progress = new Progress(host, "looking for encrypted files, folders");
  const onNote = ({ reason, message }: ScanNote): void => {
    if (reason === "nested-repository") return;
    findings.push({ code: "unreadable-files", message: shortenPaths(host, message) });
  };
  try {
    for await (const file of rules.findAll(scanRepository(host, root, { onNote, progress }))) {
      const { path, metadata, fileRule, differences } = file;
      yield { state: "encrypted", path, metadata, fileRule, differences, hasListComment: false, hasTime: false };
    }
  } finally {
    progress.end();
  }
}

function wantedRecipients(files: readonly ReadFile[]): string[] {
  const metadata = new Set(files.flatMap((file) => file.state === "encrypted" ? [file.metadata] : []));
  const keys = Array.from(metadata).flatMap(({ groups }) => groups.flatMap((group) => group.keys));
  return [...new Set(keys.filter(({ type }) => type === "age").map(({ text }) => bareRecipient(text)))];
}

/** @returns what examines a file; of files with the same metadata and rule it says the same in one object */
function createDiagnoser(
  identities: readonly LocalIdentity[],
  { blocker }: ConfigOfSops,
): (file: ReadFile) => FileDiagnosis {
  const examine = rememberAnswers(({ config, rule }: FileRule, metadata: ScannedMetadata): CommonDiagnosis => {
    const access = diagnoseAccess(metadata, identities);
    const needs = findNeededVersion(metadata);
    if (blocker !== undefined) {
      return { access: { ...access, answer: "no" }, cause: { kind: "broken-config", finding: blocker }, needs };
    }
    return { access, cause: findCause(access, { config, rule, identities }), needs };
  });
  return (file) => {
    if (file.state !== "encrypted") return file;
    const { state, path, metadata, fileRule, differences } = file;
    const common = examine(fileRule, metadata);
    const needs = file.hasTime ? addNeedOfTimes(common.needs) : common.needs;
    return { state, path, metadata, fileRule, differences, isOpened: false, ...common, needs };
  };
}

/** Asks the program for its version, without the question to a server that older ones put. */
async function findSopsVersion(host: Host): Promise<string | undefined> {
  const result = await host.run("sops", ["--version"], { env: { SOPS_DISABLE_VERSION_CHECK: "true" } });
  if (result?.code !== 0) return undefined;
  return /\b(\d+\.\d+\.\d+)\b/.exec(new TextDecoder().decode(result.stdout))?.[1];
}

/** One finding for the newest need, with the first file that has it. */
function findTooOld(host: Host, files: readonly FileDiagnosis[], installed: string | undefined): Finding[] {
  if (installed === undefined) return [];
  let worst: { path: string; needs: NeededVersion } | undefined;
  for (const file of files) {
    const needs = file.state === "encrypted" ? file.needs : undefined;
    if (needs === undefined || !isOlder(installed, needs.version)) continue;
    if (worst === undefined || isOlder(worst.needs.version, needs.version)) worst = { path: file.path, needs };
  }
  if (worst === undefined) return [];
  const { path, needs } = worst;
  const message = `sops ${installed} cannot read "${
    formatPath(host, path)
  }": it needs ${needs.version} for ${needs.reason}`;
  return [{ code: "sops-too-old", message, path }];
}

function findRefusedComments(host: Host, files: readonly ReadFile[], installed: string | undefined): Finding[] {
  const file = files.find((one) => one.state === "encrypted" && one.hasListComment);
  if (file === undefined || installed !== REFUSES_LIST_COMMENTS) return [];
  const message =
    `sops ${installed} refuses "${formatPath(host, file.path)}" (MAC mismatch): it has comments in a list, ` +
    "which every other version reads";
  return [{ code: "sops-refuses-comments", message, path: file.path }];
}

/** @returns whether the file is encrypted, and no rule of a config that has rules matches it: it was moved, or a rule was */
export function isWithoutRule({ state, fileRule: { config, rule } }: FileDiagnosis): boolean {
  return state === "encrypted" && rule === undefined && config !== undefined && config.rules.length > 0;
}

/** One finding for all files that SOPS opens, but for which it does not know the recipients any more. */
function findWithoutRule(host: Host, files: readonly FileDiagnosis[]): Finding[] {
  const strays = files.filter(isWithoutRule);
  const first = strays[0]?.path;
  if (first === undefined) return [];
  const named = formatSome(strays.map(({ path }) => `"${formatPath(host, path)}"`), 1);
  const message = `no rule matches ${named}, so sops refuses to update ${strays.length === 1 ? "it" : "them"}`;
  return [{ code: "no-rule", message, path: first }];
}

/** Where SOPS would encrypt by another config than the nearest one above the file. */
function findOtherConfig(host: Host, files: readonly FileDiagnosis[], { path }: ConfigOfSops): Finding[] {
  const other = files.map(({ fileRule }) => fileRule.config?.path).find((config) =>
    config !== undefined && config !== path
  );
  if (other === undefined) return [];
  const instead = path === undefined ? "would find no .sops.yaml" : `would use "${formatPath(host, path)}"`;
  const message = `sops itself, started here, ${instead}: it searches from the current folder, not from the file`;
  return [{ code: "other-config", message, path: other }];
}
