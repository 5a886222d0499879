/**
 * What is wrong with an encrypted file, as far as its text and its rule tell: no key is used, and no value is looked at.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatCount, formatSome } from "../../base/show/counts.ts";
import { compilePattern } from "../../config/patterns/matcher.ts";
import { formatList } from "../../base/show/word_list.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { findEncodedType } from "../../sops/engine/encoded_value.ts";
import { compileSelector, type Selector } from "../../sops/engine/selectors.ts";
import { listDamagedKeys } from "../../sops/facts/key_damage.ts";
import type { BlockMetadata } from "../../sops/metadata/fields.ts";
import { parseEncryptedFile } from "../../sops/mod.ts";
import { checkVersion } from "../../sops/sops_file.ts";
import { listWrappedAnew } from "../bulk/key_change.ts";
import { isAsRuleSays, type NamedRuleKey, nameKey, nameRuleKey } from "../scan/differences.ts";
import type { RuledFile } from "../scan/file_rules.ts";
import { compareSettings, formatSettings } from "../scan/settings.ts";
import {
  countLeftInClear,
  findVisibleFaults,
  type LeftInClear,
  type PlacedValue,
  type VisibleFaults,
} from "../scan/visible_faults.ts";
import type { StoreFile } from "../../sops/stores/store.ts";
import type { OwnCheckCode } from "./code.ts";
import { type CheckFinding, finding, forKeys } from "./finding.ts";

/** How many recipients are named. */
const MAX_NAMED = 5;

/** How many values of one file are told one by one. */
const MAX_VALUES = 20;

/** An encrypted file and its rule. */
export type EncryptedFile = Omit<RuledFile, "relativePath">;

/** @returns how the readers of the file differ from those of its rule */
export function checkReaders(file: EncryptedFile): CheckFinding[] {
  const { path, metadata, fileRule: { config, rule, problem, isMissing }, differences } = file;
  if (config === undefined) {
    if (!isMissing) return []; // that it cannot be read is told once, where it stands
    const [found, expected] = [problem ?? "no .sops.yaml is for it", "a .sops.yaml with a rule for it"];
    return [finding("no-config", { path, found, expected, step: "make-config" })];
  }
  if (rule === undefined || differences === undefined) {
    return [finding("no-rule", {
      path,
      found: `no rule of "${config.path}" matches it`,
      expected: "one that says for whom it is encrypted",
      step: "explain-rules",
    })];
  }
  const findings: CheckFinding[] = [];
  const ruleLabel = labelOf(rule, config);
  const program = forKeys(listWrappedAnew(metadata, rule));
  const hasGroups = Math.max(metadata.groups.length, rule.groups.length) > 1;
  const inGroup = (name: string, groupIndex: number): string => hasGroups ? `${name} (group ${groupIndex + 1})` : name;
  const missing = differences.missing.map(({ key, groupIndex }) =>
    inGroup(label(nameRuleKey(key, config, rule)), groupIndex)
  );
  const extra = differences.extra.map(({ key, groupIndex }) => inGroup(label(nameKey(key, config, rule)), groupIndex));
  if (missing.length + extra.length > 0) {
    const found = [
      ...(missing.length === 0 ? [] : [`${formatSome(distinct(missing), MAX_NAMED)} cannot read it`]),
      ...(extra.length === 0 ? [] : [`${formatSome(distinct(extra), MAX_NAMED)} can read it`]),
    ].join(", ");
    const expected = `the recipients of ${ruleLabel}`;
    findings.push(finding("recipients-differ", { path, found, expected, step: "update-keys", ...program }));
  }
  if (differences.threshold !== undefined) {
    const { file: ofFile, rule: ofRule } = differences.threshold;
    const found = `a reader needs keys of ${formatCount(ofFile, "group")}`;
    const expected = `${ofRule}, as ${ruleLabel} says`;
    findings.push(finding("threshold-differs", { path, found, expected, step: "update-keys", ...program }));
  }
  return findings;
}

function labelOf(rule: Rule, config: SopsConfig): string {
  return `rule ${rule.index + 1} of "${config.path}"`;
}

function label({ type, text, name }: NamedRuleKey): string {
  return name ?? (type === "age" || type === "pgp" ? formatShortRecipient(text) : text);
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}

/** Comments that are written for programs, which do not read them where they are encrypted. */
const FOR_PROGRAMS =
  /^!|^\s*(?:yaml-language-server:|yamllint\b|code: language|vim?:|-\*-|renovate:|prettier-ignore|kics-|checkov:|trivy:|nosemgrep|pragma:|gitleaks:|noqa\b|language=|spellchecker:|cspell:|@schema)/;

/** @returns what is in clear and should not be, by the file's own selector and by that of its rule, and what is damaged */
export async function checkContent(file: EncryptedFile, bytes: Uint8Array): Promise<CheckFinding[]> {
  const { path, metadata } = file;
  let encrypted: Awaited<ReturnType<typeof parseEncryptedFile>>;
  let selector: Selector;
  try {
    encrypted = await parseEncryptedFile(bytes, { path, format: metadata.format });
    checkVersion(encrypted.metadata.version, path);
    selector = await compileSelector(encrypted.metadata.selectors, compilePattern);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [malformed(path, error)];
  }
  return [
    ...checkOwnSelector(file, findVisibleFaults(encrypted.file, selector)),
    ...checkDataKeys(file, encrypted.metadata),
    ...await checkSettings(file, encrypted.file),
  ];
}

/** The data keys of which anybody can see that their readers cannot use them, and the MAC. */
function checkDataKeys(
  { path, fileRule: { config, rule } }: EncryptedFile,
  { groups, mac }: BlockMetadata,
): CheckFinding[] {
  const findings = listDamagedKeys(groups).map(({ key, state }) =>
    finding("damaged-data-key", {
      path,
      found: `the data key for ${label(nameKey(key, config, rule))} ${state}`,
      expected: "a data key that this reader can open",
      step: "diagnose",
    })
  );
  if (findEncodedType(mac) !== undefined) return findings;
  const [found, expected] = ["the MAC is damaged", "the encrypted MAC of all values"];
  return [...findings, finding("damaged-value", { path, found, expected, step: "find-whole-version" })];
}

function checkOwnSelector(
  { path, metadata }: EncryptedFile,
  { values, comments, damaged }: VisibleFaults,
): CheckFinding[] {
  const ofPeople = comments.filter(({ text }) => /\S/.test(text) && !FOR_PROGRAMS.test(text));
  return [
    ...describeValues(path, damaged, {
      code: "damaged-value",
      state: "damaged",
      expected: "an encrypted value with all of its parts",
      step: "find-whole-version",
    }),
    ...describeValues(path, values, {
      code: "value-in-clear",
      state: "in clear",
      expected: "encrypted, as the file's selector says",
      step: "restore-then-edit",
    }),
    ...(ofPeople[0] === undefined ? [] : [finding("comment-in-clear", {
      path,
      ...(ofPeople[0].lineNumber === undefined ? {} : { lineNumber: ofPeople[0].lineNumber }),
      found: `${formatCount(ofPeople.length, "comment")} in clear`,
      expected: "encrypted, as the values beside",
      step: "rotate",
      ...forKeys(metadata.groups.flatMap(({ keys }) => keys)),
    })]),
  ];
}

/** What is said of each of some values. */
type ValueFinding = Pick<CheckFinding, "expected" | "step"> & { readonly code: OwnCheckCode; readonly state: string };

/** @returns a finding for each value, the last one for all that are too many */
function describeValues(
  path: string,
  values: readonly PlacedValue[],
  { code, state, expected, step }: ValueFinding,
): CheckFinding[] {
  return values.slice(0, MAX_VALUES).map(({ name, lineNumber }, index) =>
    finding(code, {
      path,
      ...(lineNumber === undefined ? {} : { lineNumber }),
      found: index === MAX_VALUES - 1 && values.length > MAX_VALUES
        ? `${values.length - index} more values are ${state}`
        : `the value of "${name}" is ${state}`,
      expected,
      step,
    })
  );
}

/**
 * The selector is written into a file once. Where that of the rule would encrypt something that is in clear, it matters
 * now; so it does where that of the rule would encrypt nothing of the file, which is meant for another rule then: encrypting
 * anew would put all of it in clear. Else it matters only for what is added later.
 */
async function checkSettings(encrypted: EncryptedFile, file: StoreFile): Promise<CheckFinding[]> {
  const { path, metadata, fileRule: { rule, config }, differences } = encrypted;
  if (rule === undefined || config === undefined || differences === undefined) return [];
  const settings = compareSettings(metadata, rule);
  if (settings.length === 0) return [];
  const selector = await findSelector(rule);
  const [first, ...rest] = selector === undefined ? [] : findVisibleFaults(file, selector).values;
  const values = selector === undefined ? { encrypted: 0, left: 0 } : countLeftInClear(file, selector);
  const isOfOtherRule = values.left > 0 && values.left === values.encrypted;
  const none = `no ${formatList(settings.map(({ name }) => name))}`;
  const other = formatSettings(settings, "file") || none;
  const missed = rest.length === 0 ? "" : ` and ${formatCount(rest.length, "more value", "more values")}`;
  const expected = `${formatSettings(settings, "rule") || none}, as ${labelOf(rule, config)} says`;
  return [finding("selector-differs", {
    path,
    severity: first === undefined && !isOfOtherRule ? "note" : "warning",
    ...(first?.lineNumber === undefined ? {} : { lineNumber: first.lineNumber }),
    found: first === undefined ? other : `${other}, which leaves "${first.name}"${missed} in clear`,
    expected: values.left === 0 ? expected : `${expected}; that would leave ${formatLeft(values)} in clear`,
    // encrypting anew takes the readers of the rule without a question; updatekeys shows who comes and goes, and asks
    step: isOfOtherRule ? "explain-rules" : isAsRuleSays(differences) ? "encrypt-anew" : "update-then-encrypt-anew",
    ...forKeys(rule.groups.flatMap(({ keys }) => keys)),
  })];
}

/** @returns undefined where it cannot be used, which is told elsewhere */
async function findSelector(rule: Rule): Promise<Selector | undefined> {
  try {
    return await compileSelector(rule.selectors, compilePattern);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function formatLeft({ encrypted, left }: LeftInClear): string {
  return left === encrypted ? "all that is encrypted" : `${left} of ${formatCount(encrypted, "encrypted value")}`;
}

/** @returns the finding that a file which should open cannot be read */
export function malformed(path: string, error: UserError): CheckFinding {
  const line = error.location?.line;
  return finding("malformed-file", {
    path,
    ...(line === undefined ? {} : { lineNumber: line }),
    found: withoutPath(error.message),
    expected: "a file that SOPS can read",
    step: "find-whole-version",
  });
}

/** The message without what the place of the finding says: `cannot read "…": `. */
export function withoutPath(message: string): string {
  return message.replace(/^cannot [a-z]+ "[^"]*": /, "").replace(/^line \d+(?:, column \d+)?: /, "");
}
