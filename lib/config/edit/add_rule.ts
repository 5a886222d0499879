/**
 * Adds a creation rule to `.sops.yaml`, written as the file writes its rules.
 *
 * Places the rule where it is told; finding the place where it takes effect is for the caller. Pure insertion, except
 * that a `creation_rules` of null or `[]` loses that value. Pure. Spec: sops-config §3.
 *
 * A comment block directly above a rule, and not indented deeper than its dash, belongs to that rule: a new rule goes
 * above it. Deeper comments behind a rule belong to the rule before. A blank line ends both.
 *
 * @module
 */
import { isSeq, type YAMLSeq } from "yaml";
import { InternalError, UserError } from "../../base/error.ts";
import { lineEnd, lineNumberAt, lineStart } from "../../yaml/position.ts";
import { isNullNode, resolveNode } from "../../yaml/resolve.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { checkRecipient, type ConfigEdit, type NewRule } from "./plan.ts";
import { underDash } from "./write_keys.ts";
import { appendInBrackets, appendPair, formatKey, insertInBrackets } from "../../yaml/edit/append.ts";
import { Names } from "./names.ts";
import { planCopy } from "./own_place.ts";
import { proveEdit, readEdited } from "./proof.ts";
import { planAddRecipient } from "./add_recipient.ts";
import { writeRule, type WrittenRule } from "./rule_text.ts";
import { type ListStyle, nearestRules, PLAIN_LIST } from "./style.ts";
import { commentColumn, entryOf, isUnwritten, placeOf } from "../../yaml/entries.ts";
import { indentAt, isFlow, leadingSpace, lineBreakOf, mapColumn } from "../../yaml/edit/lines.ts";
import type { SopsConfig } from "../rules/sops_config.ts";

/**
 * Plans one more creation rule.
 *
 * @param position index of the rule that the new one precedes; the number of rules for the end
 * @returns the proved edit
 * @throws {UserError} `malformed` for a recipient that cannot stand in the file, `refused` for a file whose whole
 * content is a null, or for `keysOfRule` of a rule with several key groups
 * @throws {InternalError} when the proof of the edit fails
 */
export function planAddRule(config: SopsConfig, rule: NewRule, position: number): ConfigEdit {
  rule.recipients.forEach(checkRecipient);
  if (position < 0 || position > config.rules.length) throw new InternalError(`no place ${position} for a rule`);
  const own = withOwnRules(config);
  const planned = planText(own, rule, position);
  const after = readEdited(own, planned.splices);
  proveEdit(config, after, {
    added: {
      index: position,
      rule: {
        pathRegex: rule.pathRegex,
        selectors: rule.selectors,
        macOnlyEncrypted: rule.macOnlyEncrypted,
        keys: planned.rule.keys,
      },
    },
    defined: planned.rule.defined,
  });
  const edit: ConfigEdit = {
    source: after.document.source,
    config: after,
    ruleIndex: position,
    lineNumber: after.rules[position]!.lineNumber,
    name: planned.rule.names[0] ?? "",
  };
  return rule.keysOfRule === undefined ? edit : addRecipients(edit, rule);
}

/** Adds to a rule that has copied keys those of its own. */
function addRecipients(edit: ConfigEdit, rule: NewRule): ConfigEdit {
  const names: string[] = [];
  let { config } = edit;
  for (const recipient of rule.recipients) {
    const added = planAddRecipient(config, edit.ruleIndex, recipient);
    names.push(added.name);
    config = added.config;
  }
  const { lineNumber } = config.rules[edit.ruleIndex]!;
  return { ...edit, source: config.document.source, config, lineNumber, name: names[0] ?? edit.name };
}

/** @returns the same rules; a list of rules that comes by alias or `<<` is the file's own */
export function withOwnRules(config: SopsConfig): SopsConfig {
  const { map, creationRules } = config;
  if (map === undefined || creationRules === undefined || config.rules.length === 0) return config;
  const own = creationRules.owner === map ? creationRules : undefined;
  const copy = planCopy(config, { kind: "pair", map, name: "creation_rules", own });
  return copy === undefined ? config : readEdited(config, copy);
}

interface PlannedRule {
  readonly splices: readonly Splice[];
  readonly rule: WrittenRule;
}

function planText(config: SopsConfig, rule: NewRule, position: number): PlannedRule {
  const { map, creationRules, document } = config;
  const names = new Names(config);
  const list = resolveNode(document, creationRules?.value);
  const plan = (useOffset: number, flow: boolean, place: (rule: WrittenRule) => readonly Splice[]): PlannedRule => {
    const written = writeRule(config, rule, { position, useOffset, flow, names });
    return { splices: [...place(written), ...written.definitions], rule: written };
  };

  if (isSeq(list) && (list.items.length > 0 || isFlow(map!))) {
    const seq = list as YAMLSeq.Parsed;
    if (isFlow(seq)) return plan(seq.range[0], true, (written) => insertFlowRule(config, seq, position, written));
    const at = position < config.rules.length ? placeBefore(config, position) : placeAfter(config, seq);
    return plan(at.offset, false, (written) => insertBlockRule(config, seq, at, position, written));
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

function insertFlowRule(config: SopsConfig, seq: YAMLSeq.Parsed, position: number, written: WrittenRule): Splice[] {
  const next = config.rules[position];
  if (next === undefined) return appendInBrackets(config.document, seq, [written.flow]);
  return insertInBrackets(config.document, entryOf(config.document, next.nodes.item), written.flow);
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

function insertBlockRule(
  config: SopsConfig,
  seq: YAMLSeq.Parsed,
  at: LinePlace,
  position: number,
  written: WrittenRule,
): Splice[] {
  const { document } = config;
  const style: ListStyle = { indent: indentAt(document, seq.range[0]), gap: gapOf(config, position) };
  const lines = underDash(written.lines, style);
  const blank = hasBlankLines(config, position) ? [""] : [];
  const lineBreak = lineBreakOf(document, at.offset);
  const text = at.before
    ? [...lines, ...blank].map((line) => line + lineBreak).join("")
    : [...blank, ...lines].map((line) => lineBreak + line).join("");
  return [{ start: at.offset, end: at.offset, text }];
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
  return /\n[ \t]*\r?\n/.test(document.source.slice(end, start));
}

/** Writes the first rule behind a `creation_rules` that is null, `~` or `[]`. */
function fillRules(config: SopsConfig, written: WrittenRule): Splice[] {
  const { document } = config;
  const entry = config.creationRules!;
  const colon = entryOf(document, entry.key).headEnd;
  const value = entry.value === undefined || isUnwritten(entry.value) ? undefined : entry.value;
  const list = resolveNode(document, value);
  const spansLines = value !== undefined && document.source.slice(value.range[0], value.range[1]).includes("\n");
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
  const needsBreak = end > 0 && source[end - 1] !== "\n" && source.slice(0, end) !== "\ufeff";
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
  return /^\ufeff?(?:(?:[ \t]*#.*|%.*|[ \t]*)\r?\n)*(?:---(?=\s|$))?/.exec(source)![0].length;
}
