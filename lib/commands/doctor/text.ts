/**
 * What `doctor` tells people. Pure.
 *
 * @module
 */
import { isAsRuleSays, type RuleDifferences } from "../../repository/scan/differences.ts";
import type { FileRule } from "../../repository/scan/file_rules.ts";
import {
  type Diagnosis,
  type EncryptedDiagnosis,
  type FileDiagnosis,
  isDrifted,
} from "../../repository/doctor/diagnosis.ts";
import type { KeyDiagnosis } from "../../repository/doctor/access.ts";
import { type ExaminedPlace, FINDING_CODES, type LocalIdentity } from "../../repository/doctor/finding.ts";
import { areSomeForOthers, describeCause, findNextStep, type Speaker } from "./next.ts";
import { createKeyNamer, formatShortKey } from "../shared/rule_text.ts";
import { styled } from "../../base/show/style.ts";
import { type ReportPart, tableOf } from "../../base/show/table.ts";
import { formatVerdict } from "../../base/show/terminal.ts";
import { cutLines, formatCount } from "../../base/show/counts.ts";
import type { Cause } from "../../repository/doctor/cause.ts";

/** How many files or identities of one kind are listed; the others are counted. */
const MAX_LISTED = 10;

/** What SOPS and the person call the key types that are not checked. */
const OTHER_KEYS: Readonly<Record<string, string>> = {
  pgp: "gpg",
  kms: "AWS KMS",
  gcp_kms: "Google Cloud KMS",
  hckms: "HuaweiCloud KMS",
  azure_kv: "Azure Key Vault",
  hc_vault: "Vault",
};

/** @returns the whole report */
export function formatDiagnosis(speaker: Speaker, diagnosis: Diagnosis): ReportPart[] {
  const { files, root } = diagnosis;
  const causes = formatCauses(speaker, diagnosis);
  const next = findNextStep(speaker, diagnosis);
  return [
    ...(root === undefined
      ? files.flatMap((file) => formatFile(speaker, file, diagnosis))
      : formatRepository(speaker, root, diagnosis)),
    ...(concernsAge(diagnosis) ? formatPlaces(speaker, diagnosis) : []),
    ...formatFindings(diagnosis),
    ...causes,
    ...(next === undefined ? [] : [`next: ${speaker.report.typed(next)}`]),
    ...(next === undefined && isHealthy(diagnosis) ? [styled(describeHealth(diagnosis), "good")] : []),
  ];
}

/** Said only of what was looked at. */
function describeHealth({ files }: Diagnosis): string {
  const isWhole = files.every((file) => file.state === "encrypted" && file.isOpened);
  return isWhole ? "nothing is wrong here" : "nothing is wrong with what was checked";
}

/** Whether identities of age play a part at all: they do not in a file that only a cloud key opens. */
function concernsAge({ files, root }: Diagnosis): boolean {
  return root !== undefined || files.length === 0 ||
    files.some((file) => file.state === "encrypted" && file.access.groups.flat().some(({ key }) => key.type === "age"));
}

function isHealthy({ files, findings }: Diagnosis): boolean {
  return findings.length === 0 && files.every((file) => file.state === "encrypted" && !isDrifted(file));
}

/** What a place or a cause tells already is not told twice. */
function formatFindings({ files, findings, root }: Diagnosis): string[] {
  const told = new Set(files.flatMap((file) => {
    const cause = file.state === "encrypted" ? file.cause : undefined;
    if (cause !== undefined && "finding" in cause && isTellingCause(cause.kind, root)) return [cause.finding.message];
    return cause?.kind === "obstacle" ? [JSON.stringify(cause.obstacle.repair)] : [];
  }));
  const untold = findings.filter(({ code, message, repair }) =>
    code !== "other-place" && !told.has(message) && !(repair && told.has(JSON.stringify(repair)))
  );
  return Array.from(Map.groupBy(untold, ({ code }) => code)).flatMap(([code, ofCode]) =>
    cutLines(ofCode.map(({ message }) => `${FINDING_CODES[code]}: ${message}`), MAX_LISTED)
  );
}

/** In a repository, a file that is damaged is one of many: it is told as a problem, not as the cause. */
function isTellingCause(kind: Cause["kind"], root: string | undefined): boolean {
  return kind === "broken-config" || root === undefined;
}

/** @returns whether a file is not what was encrypted, or cannot be read as an encrypted file */
function isBroken(file: FileDiagnosis): boolean {
  const kind = file.state === "encrypted" ? file.cause?.kind : undefined;
  return kind === "integrity" || kind === "malformed";
}

function formatFile(speaker: Speaker, file: FileDiagnosis, diagnosis: Diagnosis): ReportPart[] {
  const head = `${styled(speaker.report.path(file.path), "name")}  (${
    formatRuleOf(speaker, file.fileRule, diagnosis)
  })`;
  switch (file.state) {
    case "plain":
      return [head, "  not encrypted"];
    case "damaged":
      return [head, "  damaged: it has encrypted values, but no metadata that SOPS can read (a merge conflict?)"];
    case "encrypted":
      return [head, ...formatEncrypted(speaker, file)];
  }
}

function formatEncrypted(speaker: Speaker, file: EncryptedDiagnosis): ReportPart[] {
  const { access, differences } = file;
  const groups = access.groups.map((keys) => keys.map((one) => formatKey(speaker, one, file)));
  const isNamed = groups.flat().some(([name]) => name !== "");
  const rows = groups.map((group) => isNamed ? group : group.map((row) => row.slice(1)));
  const parts: ReportPart[] = [tableOf(
    rows.length === 1 ? rows.flat() : rows.flatMap((group, index) => [
      [`group ${index + 1}`],
      ...group.map(([first = "", ...rest]) => [`  ${first}`, ...rest]),
    ]),
    { indent: "  ", yields: isNamed ? [1, 0] : [0] },
  )];
  if (rows.length > 1) parts.push(`  a reader needs a key of ${access.neededGroups} of ${rows.length} groups`);
  if (differences !== undefined && !isAsRuleSays(differences)) {
    parts.push(`  differs from its rule: ${formatDifferences(speaker, differences, file.fileRule)}`);
  }
  return [...parts, `  ${describeAnswer(speaker, file)}`];
}

/** Why the values of a file that somebody has the key of were not looked at. */
function describeUnopened({ access: { groups } }: EncryptedDiagnosis): string {
  const used = groups.flat().flatMap((key) => key.answer === "yes" && key.identity ? [key.identity] : []);
  const command = used.find(({ isFromCommand }) => isFromCommand);
  return command === undefined ? "that would ask for a passphrase" : `${command.origin} would have to run again`;
}

function describeAnswer({ host }: Speaker, file: EncryptedDiagnosis): string {
  switch (file.access.answer) {
    case "yes":
      return file.isOpened
        ? formatVerdict(host, "can be decrypted here", "good")
        : styled(`your key matches; the contents were not checked: ${describeUnopened(file)}`, "loss");
    case "perhaps":
      return styled("may be decrypted here: only trying tells", "loss");
    case "no":
      return formatVerdict(host, "cannot be decrypted here", "bad");
  }
}

function formatRuleOf({ report }: Speaker, { config, rule, problem }: FileRule, { findings }: Diagnosis): string {
  if (problem !== undefined && findings.some(({ message }) => message.includes(problem))) {
    return "its .sops.yaml cannot be read";
  }
  if (config === undefined) return problem ?? "";
  if (rule === undefined) return `no rule of ${report.path(config.path)} matches it`;
  return `rule ${rule.index + 1} of ${report.path(config.path)}, ${rule.pathRegex || "every file"}`;
}

function formatKey(
  { host, names }: Speaker,
  { key, answer, identity }: KeyDiagnosis,
  file: EncryptedDiagnosis,
): string[] {
  const named = names.nameOf(key, file.fileRule.config);
  const answered = describeKeyAnswer(key.type, answer, identity);
  return [
    styled(named.name ?? "", "name"),
    formatShortKey(named),
    answer === "yes"
      ? formatVerdict(host, answered, "good")
      : answer === "no" && key.type === "age"
      ? formatVerdict(host, answered, "dim")
      : answered,
  ];
}

function describeKeyAnswer(type: string, answer: KeyDiagnosis["answer"], identity: LocalIdentity | undefined): string {
  if (type !== "age") return `not checked: ${OTHER_KEYS[type] ?? type} decides`;
  if (answer === "yes") {
    return `yes, from ${identity?.origin}${identity?.isLocked ? ", which asks for its passphrase" : ""}`;
  }
  if (answer === "no") return "no local identity";
  switch (identity?.guess?.kind) {
    case "plugin":
      return `perhaps, by age-plugin-${identity.guess.name} (${identity.origin})`;
    case "protected-list":
      return `perhaps, in ${identity.origin}, which asks for its passphrase`;
    case "command":
      return `perhaps, from ${identity.origin}, which was not asked for it`;
    default:
      return `perhaps, by ${identity?.origin}, whose public half is missing`;
  }
}

function formatDifferences(
  { names }: Speaker,
  { missing, extra, threshold }: RuleDifferences,
  { config }: FileRule,
): string {
  const nameOf = createKeyNamer(config ?? { rules: [], keys: [] });
  const parts = [
    ...missing.map(({ key }) => styled(`+ ${nameOf(key)}`, "good")),
    ...extra.map(({ key }) => styled(`- ${names.format(key)}`, "loss")),
  ];
  if (threshold !== undefined) parts.push(`a key of ${threshold.rule} instead of ${threshold.file} groups`);
  return parts.join(", ");
}

function countAnswers(files: readonly FileDiagnosis[]): Record<KeyDiagnosis["answer"], number> {
  const counts = { yes: 0, perhaps: 0, no: 0 };
  for (const file of files) if (file.state === "encrypted" && !isBroken(file)) counts[file.access.answer]++;
  return counts;
}

function formatRepository(speaker: Speaker, root: string, diagnosis: Diagnosis): ReportPart[] {
  const { files } = diagnosis;
  const { report, names } = speaker;
  const counts = countAnswers(files);
  const path = report.path(root);
  const name = styled(path === "." ? "this repository" : path, "name");
  const lines: ReportPart[] = [`${name}  (${formatCount(files.length, "encrypted file")})`];
  if (counts.yes > 0) lines.push(`  ${styled(`${counts.yes} can be decrypted here`, "good")}`);
  if (counts.perhaps > 0) lines.push(`  ${counts.perhaps} may be decrypted here: only trying tells`);
  const brokenCount = files.filter(isBroken).length;
  if (brokenCount > 0) lines.push(`  ${styled(`${brokenCount} ${brokenCount === 1 ? "is" : "are"} damaged`, "bad")}`);
  if (counts.no > 0) lines.push(`  ${counts.no} cannot`);
  const closed = files.flatMap((file) =>
    file.state === "encrypted" && file.access.answer === "no" && !isBroken(file) ? [file] : []
  );
  const rows = closed.slice(0, MAX_LISTED).map(({ path, metadata }) => {
    const readers = metadata.groups.flatMap(({ keys }) => keys.map((key) => names.format(key)));
    return [report.path(path), `for ${[...new Set(readers)].join(", ")}`];
  });
  if (rows.length > 0) lines.push(tableOf(rows, { indent: "    ", yields: [0] }));
  if (closed.length > MAX_LISTED) lines.push(`    … ${closed.length - MAX_LISTED} more`);
  const different = files.filter(isDrifted);
  if (different.length > 0) {
    lines.push(`  ${different.length} ${different.length === 1 ? "differs from its" : "differ from their"} rule`);
  }
  if (files.length > 0) lines.push(`  ${describeOpened(diagnosis)}`);
  return lines;
}

/** How far the values of a repository were looked at. */
function describeOpened({ files, isTooMany }: Diagnosis): string {
  const openedCount = files.filter((file) => file.state === "encrypted" && file.isOpened).length;
  if (isTooMany) return "values were not checked: name a file or a folder to check them";
  if (openedCount === 0) return "no values were checked";
  const were = openedCount === 1 ? "was opened and holds" : "were opened and hold";
  const isWhole = files.filter((file) => !isBroken(file)).length === openedCount;
  const rest = isWhole ? "" : "; the values of the others were not checked";
  return `${openedCount} ${were} what was encrypted${rest}`;
}

function formatPlaces(speaker: Speaker, { places, elsewhere, sopsVersion }: Diagnosis): ReportPart[] {
  const isUnset = ({ content }: ExaminedPlace): boolean => content.kind === "nothing" && content.reason === "not set";
  const rows = places.filter((place) => !isUnset(place)).map((place) => [place.label, describePlace(speaker, place)]);
  rows.push(...elsewhere.map((place) => [place.label, `${describePlace(speaker, place)}; SOPS does not look there`]));
  const unset = places.filter(isUnset).map(({ label }) => label);
  return [
    "looked in",
    tableOf(rows, { indent: "  ", yields: [0] }),
    ...(unset.length === 0 ? [] : [`  not set: ${unset.join(", ")}`]),
    sopsVersion === undefined ? "sops is not installed (only needed to run sops itself)" : `sops ${sopsVersion}`,
  ];
}

function describePlace({ report, names }: Speaker, { label, path, content, identities }: ExaminedPlace): string {
  const isVariable = label.startsWith("SOPS_");
  const named = isVariable && path !== undefined && content.kind !== "nothing" ? `${report.path(path)}, ` : "";
  const known = identities.flatMap(({ recipient }) => recipient === undefined ? [] : [names.formatLocal(recipient)]);
  switch (content.kind) {
    case "nothing":
      return content.reason;
    case "identities": {
      const shown = known.slice(0, MAX_LISTED).join(", ");
      const rest = known.length > MAX_LISTED ? `, … ${known.length - MAX_LISTED} more` : "";
      const what = identities.length === 0 ? "no identities" : formatCount(identities.length, "identity", "identities");
      return `${named}${what}${shown === "" ? "" : `: ${shown}${rest}`}`;
    }
    case "keychain":
      return "there, and not read";
    case "protected":
      return `${named}protected with a passphrase, so it cannot be told whose keys it has`;
    case "ssh-key": {
      const passphrase = content.isLocked ? " with a passphrase" : "";
      const [native, converted] = identities;
      const own = native?.recipient !== undefined && names.knows(native.recipient) ? `: ${known[0]}` : "";
      return `${named}${content.type}${passphrase}${own}${converted === undefined ? "" : `; converts to ${known[1]}`}`;
    }
    case "unusable":
      return `${named}${content.reason}`;
  }
}

/** Each cause once; where other files of a repository open, only those that can be removed here: some are for others. */
function formatCauses(speaker: Speaker, diagnosis: Diagnosis): string[] {
  const { files, root } = diagnosis;
  const isUsual = areSomeForOthers(diagnosis);
  const causes = new Map<string, number>();
  const closed = files.flatMap((file) => file.state === "encrypted" && file.cause !== undefined ? [file] : []);
  for (const [cause, [file, ...others]] of Map.groupBy(closed, (one) => one.cause)) {
    if (file === undefined || cause === undefined || isUsual && cause.kind !== "obstacle") continue;
    if ("finding" in cause && !isTellingCause(cause.kind, root)) continue;
    const text = describeCause(speaker, cause, file);
    causes.set(text, (causes.get(text) ?? 0) + 1 + others.length);
  }
  return Array.from(
    causes,
    ([text, count]) => causes.size === 1 ? `cause: ${text}` : `cause (${formatCount(count, "file")}): ${text}`,
  );
}
