/**
 * Adds a creation rule to `.sops.yaml`, written as the file writes its rules, and takes whole rules away.
 *
 * Places the rule where it is told; finding the place where it takes effect is for the caller. Pure insertion, except
 * that a `creation_rules` of null or `[]` loses that value. What other rules have of a rule that goes by alias moves on
 * to the first of them. Pure. Spec: sops-config §3.
 *
 * A comment block directly above a rule, and not indented deeper than its dash, belongs to that rule: a new rule goes
 * above it. Deeper comments behind a rule belong to the rule before. A blank line ends both.
 *
 * @module
 */
import { isSeq, type YAMLSeq } from "yaml";
import { InternalError, UserError } from "../../base/error.ts";
import { appendInBrackets, appendPair, formatKey, insertInBrackets } from "../../yaml/edit/append.ts";
import { cutEntry, cutOnlyEntry } from "../../yaml/edit/cut.ts";
import { moveAnchorOut } from "../../yaml/edit/detach.ts";
import { indentAt, isFlow, leadingSpace, lineBreakOf, mapColumn } from "../../yaml/edit/lines.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { commentColumn, entryOf, isUnwritten, placeOf } from "../../yaml/entries.ts";
import { lineEnd, lineNumberAt, lineStart, YAML_LINE_BREAK } from "../../yaml/position.ts";
import { isNullNode, resolveNode } from "../../yaml/resolve.ts";
import type { SopsConfig } from "../rules/sops_config.ts";
import { CUT_OPTIONS, findUsedDefinitions, forgetUnused } from "./definitions.ts";
import { keysOf } from "./diff.ts";
import { type Draft, parseEdited } from "./draft.ts";
import { type ChangeIntent, checkRecipients, type NewRule } from "./intent.ts";
import { underDash } from "./keys_text.ts";
import { Names } from "./names.ts";
import { planCopy } from "./own_copies.ts";
import { writeRule, type WrittenRule } from "./rule_text.ts";
import { type ListStyle, nearestRules, PLAIN_LIST } from "./style.ts";

/**
 * Adds a rule, without the recipients that it has besides the keys of another rule.
 *
 * @returns the keys that it has
 * @throws {UserError} `malformed` for a recipient that cannot stand in the file, `refused` for a file whose whole
 * content is a null, or for `keysOfRule` of a rule with several key groups
 */
export function addRule(
  draft: Draft,
  { rule, position }: NonNullable<ChangeIntent["addRule"]>,
): WrittenRule["keys"] {
  checkRecipients(rule.recipients);
  if (position < 0 || position > draft.config.rules.length) throw new InternalError(`no place ${position} for a rule`);
  draft.config = withOwnRules(draft.config);
  const names = new Names(draft.config, [rule.recipients.map(({ text }) => text)]);
  const { splices, written } = planText(draft.config, { rule, position, names });
  draft.apply([...splices, ...names.planDefinitions()]);
  draft.expected.defined.push(...names.defined);
  return written.keys;
}

/**
 * Takes a rule away, with the comment block directly above it and the definitions that nothing else uses. The last rule
 * leaves an empty list, with which SOPS refuses every file.
 *
 * @throws {InternalError} when there is no such rule
 */
export function dropRule(draft: Draft, index: number): void {
  const rule = draft.config.rules[index];
  if (rule === undefined) throw new InternalError(`no rule ${index + 1} to drop`);
  const candidates = findUsedDefinitions(draft.config, new Set(keysOf(rule).map(({ text }) => text)));
  draft.config = withOwnRules(draft.config);
  for (;;) {
    const moved = moveAnchorOut(draft.config.document, draft.config.rules[index]!.nodes.item);
    if (moved === undefined) break;
    draft.apply(moved);
  }
  draft.apply(planDrop(draft.config, index));
  forgetUnused(draft, candidates);
}

function planDrop({ document, creationRules, rules }: SopsConfig, index: number): Splice[] {
  const entry = entryOf(document, rules[index]!.nodes.item);
  const cut = entry.owner!.items.length > 1
    ? cutEntry(document, entry, CUT_OPTIONS)
    : cutOnlyEntry(document, entry, { ...CUT_OPTIONS, at: entryOf(document, creationRules!.key).headEnd });
  if (cut === undefined) throw new InternalError("a rule that is no entry of its list");
  return cut;
}

/** @returns the same rules; a list of rules that comes by alias or `<<` is the file's own */
function withOwnRules(config: SopsConfig): SopsConfig {
  const { map, creationRules } = config;
  if (map === undefined || creationRules === undefined || config.rules.length === 0) return config;
  const own = creationRules.owner === map ? creationRules : undefined;
  const copy = planCopy(config, { kind: "pair", map, name: "creation_rules", own });
  return copy === undefined ? config : parseEdited(config, copy);
}

interface PlannedRule {
  readonly splices: readonly Splice[];
  readonly written: WrittenRule;
}

/** A rule and where it goes. */
interface RuleToWrite {
  readonly rule: NewRule;
  readonly position: number;
  readonly names: Names;
}

function planText(config: SopsConfig, { rule, position, names }: RuleToWrite): PlannedRule {
  const { map, creationRules, document } = config;
  const list = resolveNode(document, creationRules?.value);
  const plan = (useOffset: number, flow: boolean, place: (rule: WrittenRule) => readonly Splice[]): PlannedRule => {
    const written = writeRule(config, rule, { position, useOffset, flow, names });
    return { splices: place(written), written };
  };

  if (isSeq(list) && (list.items.length > 0 || isFlow(map!))) {
    const seq = list as YAMLSeq.Parsed;
    if (isFlow(seq)) return plan(seq.range[0], true, ({ flow }) => insertFlowRule(config, seq, { position, flow }));
    const at = position < config.rules.length ? placeBefore(config, position) : placeAfter(config, seq);
    const style = { indent: indentAt(document, seq.range[0]), gap: gapOf(config, position) };
    const blank = hasBlankLines(config, position) ? [""] : [];
    return plan(at.offset, false, ({ lines }) => insertLines(config, at, { lines: underDash(lines, style), blank }));
  }
  if (creationRules !== undefined) {
    return plan(creationRules.key.range[1], isFlow(map!), (written) => fillRules(config, written));
  }
  if (map !== undefined && isFlow(map)) {
    return plan(map.range[1], true, (written) => {
      const pair = `${formatKey(map, "creation_rules")}: [${written.flow}]`;
      return appendPair(document, map, { lines: [], flow: pair });
    });
  }
  return plan(document.source.length, false, (written) => appendRules(config, written));
}

function insertFlowRule(
  { document, rules }: SopsConfig,
  seq: YAMLSeq.Parsed,
  { position, flow }: { readonly position: number; readonly flow: string },
): Splice[] {
  const next = rules[position];
  if (next === undefined) return appendInBrackets(document, seq, [flow]);
  return insertInBrackets(document, entryOf(document, next.nodes.item), flow);
}

/** A place for whole lines. */
interface LinePlace {
  readonly offset: number;
  /** The lines go in front of the line that starts at the offset; else behind the line that ends there. */
  readonly before: boolean;
}

function placeBefore(config: SopsConfig, position: number): LinePlace {
  const { document } = config;
  const { start } = entryOf(document, config.rules[position]!.nodes.item);
  const column = indentAt(document, start);
  let line = lineNumberAt(document, start);
  while ((commentColumn(document, line - 1) ?? Infinity) <= column) line--;
  return { offset: lineStart(document, line), before: true };
}

function placeAfter(config: SopsConfig, seq: YAMLSeq.Parsed): LinePlace {
  const { document } = config;
  const column = indentAt(document, seq.range[0]);
  let line = lineNumberAt(document, placeOf(document, seq).end);
  while ((commentColumn(document, line + 1) ?? -1) > column) line++;
  return { offset: lineEnd(document, line), before: false };
}

function insertLines(
  { document }: SopsConfig,
  { offset, before }: LinePlace,
  { lines, blank }: { readonly lines: readonly string[]; readonly blank: readonly string[] },
): Splice[] {
  const lineBreak = lineBreakOf(document, offset);
  const text = before
    ? [...lines, ...blank].map((line) => line + lineBreak).join("")
    : [...blank, ...lines].map((line) => lineBreak + line).join("");
  return [{ start: offset, end: offset, text }];
}

/** @returns the white space behind the dash of the nearest rule that is written as a mapping */
function gapOf(config: SopsConfig, position: number): string {
  const model = nearestRules(config, position)[0];
  if (model === undefined) return PLAIN_LIST.gap;
  return entryOf(config.document, model.nodes.item).gap.replaceAll("\t", " ");
}

/** @returns whether the rules around a place are separated by a blank line */
function hasBlankLines(config: SopsConfig, position: number): boolean {
  const { document, rules } = config;
  if (rules.length < 2) return false;
  const second = Math.min(Math.max(position, 1), rules.length - 1);
  const { end } = entryOf(document, rules[second - 1]!.nodes.item);
  const { start } = entryOf(document, rules[second]!.nodes.item);
  return /(?:\n|\r(?!\n))[ \t]*[\r\n]/.test(document.source.slice(end, start));
}

/** Writes the first rule behind a `creation_rules` that is null, `~` or `[]`. */
function fillRules(config: SopsConfig, written: WrittenRule): Splice[] {
  const { document } = config;
  const entry = config.creationRules!;
  const colon = entryOf(document, entry.key).headEnd;
  const value = entry.value === undefined || isUnwritten(entry.value) ? undefined : entry.value;
  const list = resolveNode(document, value);
  const spansLines = value !== undefined &&
    document.source.slice(value.range[0], value.range[1]).search(YAML_LINE_BREAK) !== -1;
  if (isSeq(list) && list === value && (isFlow(config.map!) || spansLines)) {
    return appendInBrackets(document, list as YAMLSeq.Parsed, [written.flow]);
  }
  if (isFlow(config.map!)) {
    return [{ start: colon, end: value?.range[1] ?? colon, text: ` [${written.flow}]` }];
  }
  const end = value?.range[1] ?? colon;
  const column = indentAt(document, entry.key.range[0]);
  let line = lineNumberAt(document, end);
  while ((commentColumn(document, line + 1) ?? -1) > column) line++;
  const at = lineEnd(document, line);
  const text = underDash(written.lines, { ...topLevelList(config), indent: column + topLevelList(config).indent })
    .map((text) => lineBreakOf(document, at) + text).join("");
  const removed = value === undefined ? [] : [{ start: colon, end, text: "" }];
  return [...removed, { start: at, end: at, text }];
}

/** @returns the style of another list at the top level (`keys:`), for the first rule of a file */
function topLevelList(config: SopsConfig): ListStyle {
  const { document, map } = config;
  const seq = map?.items.map((pair) => pair.value).find((value) =>
    isSeq(value) && !value.flow && value.items.length > 0
  );
  if (seq === undefined || seq === null) return PLAIN_LIST;
  const indent = indentAt(document, seq.range[0]) - mapColumn(document, map!);
  return { indent: Math.max(indent, 0), gap: " " };
}

/** Writes `creation_rules` at the end of the first document of a file that has none. */
function appendRules(config: SopsConfig, written: WrittenRule): Splice[] {
  const { document, map } = config;
  const { source, root } = document;
  if (map === undefined && root.contents !== null && !isUnwritten(root.contents)) refuseNull(config);
  const indent = map === undefined ? "" : leadingSpace(document, lineNumberAt(document, map.range[0]));
  const end = endOfFirstDocument(config);
  const lineBreak = lineBreakOf(document, end);
  const lines = ["creation_rules:", ...underDash(written.lines, topLevelList(config))].map((line) => indent + line);
  const needsBreak = end > 0 && !/[\r\n]/.test(source[end - 1]!) && source.slice(0, end) !== "\ufeff";
  const text = lines.join(lineBreak);
  return [{ start: end, end, text: needsBreak ? lineBreak + text : text + lineBreak }];
}

function refuseNull(config: SopsConfig): never {
  const { document } = config;
  if (!isNullNode(document.root.contents as Parameters<typeof isNullNode>[0])) {
    throw new InternalError("the configuration is no mapping");
  }
  const line = lineNumberAt(document, document.root.contents!.range[0]);
  throw new UserError("refused", `cannot add a rule to "${config.path}": line ${line} says that the file is null`, {
    hints: [`delete line ${line}`],
    location: { path: config.path, line },
  });
}

/** @returns the offset before the `...` or `---` that ends the first document, or the end of the file */
function endOfFirstDocument(config: SopsConfig): number {
  const { document } = config;
  const from = Math.max(document.root.range[0], document.root.contents?.range[1] ?? 0);
  const marker = /^(?:\.\.\.|---)(?=\s|$)/gm;
  marker.lastIndex = config.map === undefined ? firstContentOffset(document.source) : from;
  return marker.exec(document.source)?.index ?? document.source.length;
}

/** @returns the offset behind the directives, comments and `---` that a file starts with */
function firstContentOffset(source: string): number {
  return /^\ufeff?(?:(?:[ \t]*#.*|%.*|[ \t]*)(?:\r?\n|\r))*(?:---(?=\s|$))?/.exec(source)![0].length;
}
