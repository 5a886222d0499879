/**
 * Finds mistakes in the regular expressions of rules: those that do not compile, match more than they seem to, or match
 * nothing on Windows. Pure. Spec: sops-config §5.
 *
 * @module
 */
import { isScalar } from "yaml";
import { UserError } from "../../base/error.ts";
import type { YamlDocument } from "../../yaml/parse.ts";
import type { WrittenNode } from "../../yaml/resolve.ts";
import { type Findings, quoteShort } from "./finding.ts";
import { repairPattern } from "./repair_pattern.ts";
import { compilePattern, type PatternTest } from "../patterns/matcher.ts";
import { formatEitherSeparator } from "../patterns/path_regex.ts";
import { samplePaths } from "../patterns/samples.ts";
import { listPatternTokens, parsePatternTree } from "../patterns/tree.ts";
import { type Rule, type Selector, SELECTORS, type SopsConfig } from "../rules/sops_config.ts";
import { findEntry, valueOf } from "../../yaml/typed_value.ts";

/** Compiled patterns by rule: undefined for one that does not compile. */
export type CompiledRules = ReadonlyMap<Rule, PatternTest | undefined>;

const EVERY_PATH: PatternTest = () => true;

/**
 * Notes what is wrong with the regular expressions of every rule.
 *
 * @returns the compiled patterns
 */
export async function lintPatterns(config: SopsConfig, findings: Findings): Promise<CompiledRules> {
  const compiled = new Map<Rule, PatternTest | undefined>();
  for (const rule of config.rules) {
    const matches = await compileField(config, rule, "path_regex", rule.pathRegex, findings);
    compiled.set(rule, matches);
    if (matches !== undefined && rule.pathRegex) lintWidePattern(rule, rule.pathRegex, matches, findings);
    if (rule.pathRegex) lintStart(rule, rule.pathRegex, findings);
    for (const selector of REGEX_SELECTORS) {
      await compileField(config, rule, selector, rule.selectors[selector], findings);
      lintBlanks(rule, selector, findings);
    }
  }
  lintSeparators(config.document, config.rules.filter((rule) => compiled.get(rule) !== undefined), findings);
  return compiled;
}

/** A blank right behind or before the edge of an alternative, where no class and no quantifier gives it a meaning. */
const BLANK_AT_EDGE = /(?:^|[(|^]|\(\?:)[ \t]+(?=[^\s*+?{])|[^\s\\][ \t]+(?=[|)$]|$)/;

function lintBlanks(rule: Rule, selector: Selector, findings: Findings): void {
  const pattern = rule.selectors[selector];
  if (pattern === undefined || !BLANK_AT_EDGE.test(pattern)) return;
  const entry = findEntry(rule.nodes.entries, selector);
  const effect = selector.startsWith("encrypted")
    ? "SOPS leaves what it is meant for in clear"
    : "SOPS leaves nothing out";
  findings.add("blank-in-regex", entry?.value?.range[0] ?? rule.range.start, {
    message: `${selector} of rule ${rule.index + 1} looks for a blank at the edge of a name, so ${effect}: ` +
      quoteShort(pattern),
    fix: "take the blanks at the start and end of each alternative out",
  });
}

/** SOPS compares the path below the folder of the config, which never begins with a dot and a slash. */
function lintStart(rule: Rule, pattern: string, findings: Findings): void {
  const [start] = /^\^?\\?\.(?:\/|\[(?:\/|\\\\){2}\])/.exec(pattern) ?? [];
  if (start === undefined) return;
  const entry = findEntry(rule.nodes.entries, "path_regex");
  const [offset] = entry?.value?.range ?? [rule.range.start];
  findings.add("path-from-here", offset, {
    message:
      `path_regex of rule ${rule.index + 1} begins with ${start} and matches nothing at the root: SOPS compares the ` +
      "path below the folder of the .sops.yaml, without ./ before it",
    fix: `write ^ instead of ${start}`,
    ...(start.startsWith("^") ? {} : { severity: "warning" as const }),
  });
}

const REGEX_SELECTORS: readonly Selector[] = SELECTORS.filter((selector) => selector.endsWith("_regex"));

/** @returns undefined for a pattern that does not compile */
async function compileField(
  { document }: SopsConfig,
  rule: Rule,
  field: "path_regex" | Selector,
  pattern: string | undefined,
  findings: Findings,
): Promise<PatternTest | undefined> {
  if (!pattern) return EVERY_PATH;
  try {
    return await compilePattern(pattern);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const reason = error.message.replace(/^cannot read the pattern ".*?": (?=[^"]*(?:"|$))/s, "");
    const value = valueOf(document, findEntry(rule.nodes.entries, field));
    const [start, end] = value?.range ?? [rule.range.start, rule.range.start];
    const blamed = /`([^`]+)`?$/.exec(reason)?.[1] ?? "";
    const inside = blamed === "" || blamed === pattern ? -1 : document.source.slice(start, end).indexOf(blamed);
    findings.add("bad-regex", start + Math.max(inside, 0), {
      message: `${field} of rule ${rule.index + 1} is no RE2 regular expression, ${effectOf(field)}: ${reason}`,
      fix: "write it in the syntax of RE2, which has no look-ahead and no back-references",
    });
    return undefined;
  }
}

/** What SOPS makes of a pattern that does not compile; seen with SOPS 3.13.2. */
function effectOf(field: "path_regex" | Selector): string {
  if (field === "path_regex") return "and SOPS stops at it for every file that no earlier rule matches";
  return field.startsWith("encrypted") ? "and SOPS leaves every value in clear" : "and SOPS encrypts every value";
}

/** Endings of file names that people write into patterns. */
const ENDING = String.raw`(?:enc|sops|ya\?ml|yaml|yml|json|env|ini|txt|bin|pem|key|conf|toml)`;

/** A file ending, possibly several as alternatives, at the end of a pattern. */
const LAST_ENDING = new RegExp(String.raw`(?:\\\.|\[\.\]|\.)\(?(?:\?:)?${ENDING}(?:\|${ENDING})*\)?$`);

/** A file ending right behind a dot. */
const ENDING_AHEAD = new RegExp(String.raw`^\(?(?:\?:)?${ENDING}(?![\w*+?])`);

function lintWidePattern(rule: Rule, pattern: string, matches: PatternTest, findings: Findings): void {
  const dots = findBareDots(pattern);
  const goesOn = LAST_ENDING.test(pattern);
  if (dots.length === 0 && !goesOn) return;
  const example = findUnmeant(pattern, dots, goesOn, matches);
  const causes = [
    ...(dots.length > 0 ? ["an unescaped dot takes any character"] : []),
    ...(goesOn ? ["without $ the path may go on"] : []),
  ];
  const entry = findEntry(rule.nodes.entries, "path_regex");
  const [offset] = entry?.value?.range ?? [rule.range.start];
  findings.add("unanchored-regex", offset, {
    message: `path_regex of rule ${rule.index + 1} matches more than it seems to` +
      `${example === undefined ? "" : `, for example ${quoteShort(example)}`}: ${causes.join(", and ")}`,
    // in double quotes \. stops SOPS, and [/\\] is an open class
    fix: [
      ...(dots.length > 0 ? [`write ${isDoubleQuoted(entry?.value) ? "[.]" : String.raw`\.`} for a dot`] : []),
      ...(goesOn ? ["write $ at the end"] : []),
    ]
      .join(", and "),
  });
}

function isDoubleQuoted(value: WrittenNode | undefined): boolean {
  return isScalar(value) && value.type === "QUOTE_DOUBLE";
}

/** @returns where dots stand that take any character and look as if they were the dot of a file ending */
function findBareDots(pattern: string): readonly number[] {
  const dots: number[] = [];
  for (const { index, text } of listPatternTokens(pattern)) {
    if (text === "." && ENDING_AHEAD.test(pattern.slice(index + 1))) dots.push(index);
  }
  return dots;
}

/** @returns a path that the pattern matches and its author had not in mind; undefined when none is found */
function findUnmeant(
  pattern: string,
  dots: readonly number[],
  goesOn: boolean,
  matches: PatternTest,
): string | undefined {
  const unmeant = listPatternTokens(pattern).map(({ index, text }) => {
    if (dots.includes(index)) return "-";
    return text === "." && !/[*+?{]/.test(pattern[index + 1] ?? "") ? "\\." : text;
  });
  const tree = parsePatternTree(unmeant.join(""));
  if (tree === undefined) return undefined;
  return samplePaths(tree).map((path) => goesOn ? `${path}.old` : path).find(matches);
}

/**
 * One finding for the whole file: a file is used on Windows, or it is not. Where some of its patterns take a backslash it
 * is; else that is for others to know.
 */
function lintSeparators(document: YamlDocument, rules: readonly Rule[], findings: Findings): void {
  const concerned = rules.flatMap((rule) => {
    const entry = findEntry(rule.nodes.entries, "path_regex");
    const written = rule.pathRegex && formatEitherSeparator(rule.pathRegex);
    return entry?.value === undefined || !written || written === rule.pathRegex
      ? []
      : [{ value: entry.value, written }];
  });
  const [first] = concerned;
  if (first === undefined) return;
  const places = new Map(concerned.map((place) => [place.value, place.written]));
  const repair = [...places].flatMap(([value, written]) =>
    isScalar(value) ? repairPattern(document, value, written) : []
  );
  const either = concerned.every(({ value }) => isDoubleQuoted(value))
    ? String.raw`[/\\\\]`
    : String.raw`[/\\], in single quotes,`;
  const which = concerned.length === 1 ? "a path_regex" : `${concerned.length} rules have a path_regex`;
  findings.add("windows-path", first.value.range[0], {
    message: `${which} with a bare /, which matches no path on Windows`,
    fix: `write ${either} for / if the files are used on Windows (--fix --only windows-path does it)`,
    ...(repair.length === 0 ? {} : { repair }),
    ...(rules.some(({ pathRegex }) => pathRegex?.includes("\\\\")) ? {} : { onlyIf: "windows" }),
  });
}
