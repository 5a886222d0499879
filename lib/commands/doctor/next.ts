/**
 * Why a file does not open, in one sentence, and the one next step. Pure.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import type { Report } from "../../base/show/report.ts";
import { formatList } from "../../base/show/word_list.ts";
import { sopsRelativePath } from "../../config/patterns/matcher.ts";
import { quoteMeta } from "../../config/patterns/path_regex.ts";
import { nameKey } from "../../repository/scan/differences.ts";
import type { Cause } from "../../repository/doctor/cause.ts";
import {
  type Diagnosis,
  type EncryptedDiagnosis,
  type FileDiagnosis,
  isDrifted,
  isWithoutRule,
} from "../../repository/doctor/diagnosis.ts";
import { findMissingPlugin } from "../../repository/doctor/plugins.ts";
import type { Restoration } from "../../repository/doctor/restoration.ts";
import { type Finding, FINDING_CODES, type Repair } from "../../repository/doctor/finding.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import type { FileKey } from "../../repository/scan/scanned_metadata.ts";
import type { KeyNames } from "./names.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { formatKeyCommandExport } from "../shared/vault_identity.ts";
import { formatFileCommand, formatUpdate, quotePath } from "../shared/next_step.ts";

/** For a person without any identity; it comes behind the command that makes one. */
const OTHER_MACHINE = "   # or, with a key from another machine: sopsmith identity import FILE";

/** What is to be done first, whatever else there is. */
const URGENT_CAUSES: readonly Cause["kind"][] = ["broken-config", "integrity", "malformed", "obstacle"];

/** How many readers are named. */
const MAX_NAMED_READERS = 3;

/** What the sentences are made with. */
export interface Speaker {
  readonly host: Host;
  readonly report: Report;
  readonly names: KeyNames;
}

/** @returns the sentence behind `cause:` */
export function describeCause(speaker: Speaker, cause: Cause, { access, fileRule }: EncryptedDiagnosis): string {
  const { names } = speaker;
  switch (cause.kind) {
    case "broken-config":
    case "integrity":
    case "malformed":
      return cause.finding.message;
    case "obstacle": {
      const { identity, obstacle } = cause;
      if (identity.guess?.kind === "keychain") {
        return `${identity.origin} may have a key of the file, but ${obstacle.reason}`;
      }
      if (identity.guess?.kind === "plugin") {
        return `${identity.origin} has an identity for age-plugin-${identity.guess.name}, but ${obstacle.reason}`;
      }
      const isConverted = obstacle.repair.kind === "convert-ssh-key" || obstacle.repair.kind === "use-host-key";
      const holder = isConverted ? "converts to" : "has";
      return `${identity.origin} ${holder} the key of ${names.format(cause.key)}, but ${obstacle.reason}`;
    }
    case "groups": {
      const accident = cause.isByDefault && fileRule.rule !== undefined
        ? "; perhaps two groups were not meant (each item of key_groups is one)"
        : "";
      return `a reader needs a key of ${cause.neededGroups} of ${access.groups.length} groups, ` +
        `and here is only a key of ${cause.openGroups}${accident}`;
    }
    case "no-identity":
      return "SOPS finds no identity on this machine";
    case "not-a-reader": {
      const key = cause.isIgnored ? formatShortRecipient(cause.mine) : names.formatLocal(cause.mine);
      if (cause.isInRule) return `the rule has your key ${key}, but the file was encrypted without it`;
      if (cause.isIgnored) {
        return `your key ${key} stands in the age of a rule that has key_groups, where SOPS ignores it`;
      }
      return `the file is not encrypted for your key ${key}`;
    }
  }
}

/** @returns what to type or do, in one line; undefined when nothing is to be done */
export function findNextStep(speaker: Speaker, diagnosis: Diagnosis): string | undefined {
  const { findings, places, elsewhere } = diagnosis;
  const problem = repairOf(findings, "problem");
  const closed = diagnosis.files.filter((file) => file.state === "encrypted" && file.cause !== undefined);
  const urgent = URGENT_CAUSES.map((kind) => closed.find((file) => causeOf(file)?.kind === kind))
    .find((file) => file !== undefined);
  if (urgent !== undefined) return stepForFile(speaker, urgent, diagnosis);
  const [first] = closed;
  const isForOthers = areSomeForOthers(diagnosis);
  if (first !== undefined && !isForOthers) {
    const isHelpless = causeOf(first)?.kind === "no-identity";
    // Only what is wrong with an identity could be why there is none.
    const ofIdentities = new Set([...places, ...elsewhere].flatMap((place) => place.findings));
    const reason = repairOf(findings.filter((finding) => ofIdentities.has(finding)), "problem");
    return isHelpless && reason !== undefined
      ? describeRepair(speaker, reason)
      : stepForFile(speaker, first, diagnosis);
  }
  if (problem !== undefined) return describeRepair(speaker, problem);
  const codes = diagnosis.findings.map(({ code }) => code);
  if (codes.includes("sops-too-old") || codes.includes("sops-refuses-comments")) return "install a newer sops";
  return findSmallStep(speaker, diagnosis);
}

/** In a whole repository of which something opens, it is usual that other files do not. */
export function areSomeForOthers({ root, files }: Diagnosis): boolean {
  return root !== undefined && encryptedIn(files).some(({ access }) => access.answer === "yes");
}

/** What can be done where nothing is broken. */
function findSmallStep(speaker: Speaker, diagnosis: Diagnosis): string | undefined {
  const { files, findings, places, root } = diagnosis;
  const odd = files.find(({ state }) => state !== "encrypted");
  if (odd !== undefined) return stepForFile(speaker, odd, diagnosis);
  const warning = repairOf(findings, "warning");
  if (warning !== undefined) return describeRepair(speaker, warning);
  const unsure = encryptedIn(files).find(({ access }) => access.answer === "perhaps");
  if (unsure !== undefined && root === undefined) return formatTrial(speaker, unsure);
  const locked = encryptedIn(files).find(mayOpenHere);
  const behind = files.filter((file) => file.state === "encrypted" && file.access.answer === "yes" && isDrifted(file));
  const [one] = behind;
  if (one !== undefined) {
    const config = configToName(one, diagnosis);
    const together = behind.filter((file) => configToName(file, diagnosis) === config).map(({ path }) => path);
    return formatUpdate(speaker, together, { config, otherCount: behind.length - together.length });
  }
  if (locked !== undefined) return formatTrial(speaker, locked);
  const drifted = encryptedIn(files).find(isDrifted);
  if (drifted?.access.answer === "no") return stepForReaders(speaker, drifted, diagnosis);
  const stray = files.find(isWithoutRule);
  if (stray?.state === "encrypted") return stepForStray(speaker, stray, diagnosis);
  const unopened = encryptedIn(files).find(({ isOpened }) => !isOpened);
  if (unopened !== undefined && root === undefined) return formatTrial(speaker, unopened);
  const hasIdentity = places.some(({ identities }) => identities.length > 0);
  return files.length === 0 && !hasIdentity ? `sopsmith keygen${OTHER_MACHINE}` : undefined;
}

/** Whether an identity of this machine may open a file, and only trying tells. */
function mayOpenHere({ access: { answer, groups } }: EncryptedDiagnosis): boolean {
  return answer === "perhaps" && groups.flat().some((key) => key.answer === "perhaps" && key.identity !== undefined);
}

/** For a file that is only for others, and not as its rule says. */
function stepForReaders({ report, names }: Speaker, file: EncryptedDiagnosis, diagnosis: Diagnosis): string {
  const readers = formatReaders(names, file.metadata.groups.flatMap(({ keys }) => keys));
  const update = `updatekeys ${quotePath(report, file.path)}`;
  return `ask ${readers} to run: ${formatFileCommand(report, update, configToName(file, diagnosis))}`;
}

function encryptedIn(files: readonly FileDiagnosis[]): EncryptedDiagnosis[] {
  return files.flatMap((file) => file.state === "encrypted" ? [file] : []);
}

/** Only this tells, where a passphrase, a service that only sops calls, a plugin or a command is needed: nothing of the content is shown. */
function formatTrial({ report }: Speaker, { path, access }: EncryptedDiagnosis): string {
  const keys = access.groups.flat();
  const isForService = keys.every(({ key, answer }) => key.type !== "age" || answer === "no");
  return `${isForService ? "sops" : "sopsmith"} decrypt ${quotePath(report, path)} > /dev/null`;
}

/** The `.sops.yaml` of a file, where the person has named one. */
function configToName({ fileRule: { config } }: FileDiagnosis, { namedConfig }: Diagnosis): string | undefined {
  return namedConfig === undefined ? undefined : config?.path;
}

/** The rule that a file lacks, for those who can read it now; where they cannot all be named, what the rules are. */
function stepForStray({ host, report }: Speaker, file: EncryptedDiagnosis, diagnosis: Diagnosis): string | undefined {
  const { config } = file.fileRule;
  if (config === undefined) return undefined;
  const other = configToName(file, diagnosis);
  const flag = other === undefined ? "" : ` --config ${quotePath(report, other)}`;
  const [keys = [], ...groups] = file.metadata.groups.map((group) => group.keys.map((key) => nameKey(key, config)));
  const names = keys.flatMap(({ type, name }) => type === "age" && name !== undefined ? [quoteForShell(name)] : []);
  if (groups.length > 0 || names.length < keys.length) {
    return `sopsmith rules explain ${quotePath(report, file.path)}${flag}   # then move the file, or add a rule for it`;
  }
  const pattern = `^${quoteMeta(sopsRelativePath(host.paths, config.path, file.path))}$`;
  return `sopsmith rules add ${quoteForShell(pattern)} ${names.join(" ")}${flag}   # or move the file`;
}

function causeOf(file: FileDiagnosis): Cause | undefined {
  return file.state === "encrypted" ? file.cause : undefined;
}

function stepForFile(speaker: Speaker, file: FileDiagnosis, diagnosis: Diagnosis): string | undefined {
  const path = quotePath(speaker.report, file.path);
  const command = (words: string): string =>
    formatFileCommand(speaker.report, `${words} ${path}`, configToName(file, diagnosis));
  switch (file.state) {
    case "plain":
      return file.fileRule.rule === undefined ? undefined : command("encrypt -i");
    case "damaged":
      return formatRestoration(path, file.from);
    case "encrypted":
      if (file.cause?.kind === "obstacle" && diagnosis.importProblem !== undefined && isImport(file.cause)) {
        return describeRepair(speaker, diagnosis.importProblem);
      }
      return file.cause && forDevices(speaker, file.cause) + stepForCause(speaker, file.cause, file, { command, path });
  }
}

function stepForCause(
  speaker: Speaker,
  cause: Cause,
  { access, fileRule: { config, rule } }: EncryptedDiagnosis,
  { command, path }: { readonly command: (words: string) => string; readonly path: string },
): string {
  const { report, names } = speaker;
  const place = config === undefined || rule === undefined
    ? undefined
    : `${report.path(config.path)}:${rule.lineNumber}`;
  switch (cause.kind) {
    case "broken-config":
    case "integrity":
    case "malformed":
      return describeRepair(speaker, cause.finding.repair ?? { kind: "correct-file", path: cause.finding.path ?? "" });
    case "obstacle":
      return describeRepair(speaker, cause.obstacle.repair);
    case "groups": {
      if (cause.isByDefault && place !== undefined) {
        const readers = `somebody who has a key of ${access.neededGroups} groups`;
        return `join the groups of the rule (${place}) into one; then ${readers} runs: ${command("updatekeys")}`;
      }
      const closed = access.groups.filter((keys) => keys.every(({ answer }) => answer === "no"));
      const missing = cause.neededGroups - cause.openGroups;
      const holders = formatReaders(names, closed.flat().map(({ key }) => key));
      return `bring a key of ${missing} more ${missing === 1 ? "group" : "groups"} to this machine: ${holders}`;
    }
    case "no-identity":
      return `${rule === undefined ? "sopsmith keygen --with-recipients" : formatJoin()}${OTHER_MACHINE}`;
    case "not-a-reader": {
      const readers = formatReaders(names, cause.readers);
      if (cause.isInRule) return `ask ${readers} to run: ${command("updatekeys")}`;
      if (cause.isIgnored) {
        return `move it into key_groups (${place}); then ask ${readers} to run: ${command("updatekeys")}`;
      }
      if (rule === undefined) {
        return `ask ${readers} to run: sopsmith rotate -i --add-age ${quoteForShell(cause.mine)} ${path}`;
      }
      const name = names.nameOfLocal(cause.mine);
      const me = name === undefined ? `NAME ${quoteForShell(cause.mine)}` : quoteForShell(name);
      return `ask ${readers} to run: sopsmith recipient add ${me} --file ${path} && ${command("updatekeys")}`;
    }
  }
}

function isImport({ obstacle: { repair } }: Extract<Cause, { kind: "obstacle" }>): boolean {
  return repair.kind === "import-keys" || repair.kind === "convert-ssh-key";
}

/** A key of a device may be the person's own: without its plugin, and so without an identity here, nothing tells. */
function forDevices({ host, names }: Speaker, cause: Cause): string {
  const readers = cause.kind === "no-identity" || cause.kind === "not-a-reader" ? cause.readers : [];
  for (const key of readers) {
    const program = key.type === "age" ? findMissingPlugin(host, key.text) : undefined;
    if (program !== undefined) return `install ${program} if ${names.format(key)} is your key; else: `;
  }
  return "";
}

/** Makes a key and adds it to the rules of others, under the name that the person has on this machine. */
function formatJoin(): string {
  return 'sopsmith init --name "$USER"';
}

function describeRepair(speaker: Speaker, repair: Repair): string {
  const { report } = speaker;
  switch (repair.kind) {
    case "convert-ssh-key":
      return `sopsmith identity import --ssh ${quotePath(speaker.report, repair.path)}`;
    case "rewrite-ssh-key":
      return `ssh-keygen -p -f ${quotePath(speaker.report, repair.path)}`;
    case "use-host-key":
      return `export SOPS_AGE_KEY=$(sudo sopsmith ssh-to-age --private-key -i ${quoteForShell(repair.path)})`;
    case "import-keys":
      return `sopsmith identity import ${quotePath(speaker.report, repair.path)}`;
    case "set-variable": {
      const set = `export ${repair.variable}=${quoteForShell(repair.path)}`;
      return repair.unset === undefined ? set : `unset ${repair.unset}; ${set}`;
    }
    case "set-key-command":
      return formatKeyCommandExport(speaker.host, repair.vault);
    case "move-variable": {
      const { from, to } = repair;
      return `export ${to}="$${from}"; unset ${from}`;
    }
    case "unset-variable":
      return `unset ${repair.variable}`;
    case "correct-file":
      return `correct ${repair.lineNumber === undefined ? "" : `line ${repair.lineNumber} of `}${
        report.path(repair.path)
      }`;
    case "lint-config":
      return formatFileCommand(report, "rules lint", repair.isNearest ? undefined : repair.path);
    case "set-up":
      return repair.step;
    case "mend-link": {
      const path = quotePath(report, repair.path);
      return `bring back what it points to (ls -l ${path}), or remove the symlink: rm ${path}`;
    }
    case "name-ssh-key":
      return "put the ssh key where it was, or name it: export SOPS_AGE_SSH_PRIVATE_KEY_FILE=KEYFILE";
    case "finish-merge":
      return `sopsmith edit ${quotePath(report, repair.path)}`;
    case "correct-variable":
      return `correct ${repair.lineNumber === undefined ? "" : `line ${repair.lineNumber} of `}${repair.variable} ` +
        "where it is set, and do not unset it: it holds a private key";
    case "restore-file":
      return formatRestoration(quotePath(report, repair.path), repair.from);
    case "rotate-file":
      return `sopsmith rotate -i ${quotePath(report, repair.path)}`;
    case "hide-value": {
      const path = quotePath(report, repair.path);
      const restored = formatRestoration(path, repair.from);
      const isHere = repair.from === "index"; // else the file has to come back first, in a way that nobody can type
      return `write the value down, then ${restored}; then put it in${
        isHere ? ` with: sopsmith edit ${path}` : " again"
      }`;
    }
    case "replace-identity":
      return `put the public half into ${report.path(repair.path)}, and make a new key if others could read it`;
    case "show-access":
      return `icacls ${quotePath(report, repair.path)}`;
    case "close-access": {
      const only = `/inheritance:r /grant:r *${repair.person}:F`;
      return `icacls ${quotePath(report, repair.path)} ${only} /remove:g ${
        repair.others.map((sid) => `*${sid}`).join(" ")
      }`;
    }
    case "close-file":
      return `chmod 600 ${quotePath(speaker.report, repair.path)}`;
    case "untrack-file": {
      const path = quotePath(speaker.report, repair.path);
      return `git rm --cached ${path}; then make a new key, and rotate what the old one can read`;
    }
    case "try-command":
      return `run the command of ${repair.variable} by hand, and see what it says`;
  }
}

/** What works in the state in which git has the file. */
function formatRestoration(path: string, from: Restoration | undefined): string {
  switch (from) {
    case "index":
      return `restore it: git checkout -- ${path}`;
    case "history":
      return `take it from an older commit: git log --oneline -- ${path}`;
    default:
      return `take ${path} from a backup, or from whoever has it whole`;
  }
}

function repairOf(findings: readonly Finding[], severity: "problem" | "warning"): Repair | undefined {
  return findings.find(({ code, repair }) => FINDING_CODES[code] === severity && repair !== undefined)?.repair;
}

function formatReaders(names: KeyNames, readers: readonly FileKey[]): string {
  const shown = [...new Set(readers.map((key) => names.format(key)))];
  if (shown.length > MAX_NAMED_READERS) return `${shown.slice(0, MAX_NAMED_READERS).join(", ")} or another reader`;
  return formatList(shown, "or") || "a reader";
}
