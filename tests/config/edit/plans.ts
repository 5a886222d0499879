/**
 * Each kind of change by itself, as the tests of edits ask for it, and what it changed rule by rule.
 *
 * @module
 */
import { type ConfigChange, planChange } from "../../../lib/config/edit/change.ts";
import type { ChangeIntent, EditScope, NewRecipient, NewRule } from "../../../lib/config/edit/intent.ts";
import { planNewConfig as planNew } from "../../../lib/config/edit/new_config.ts";
import type { KeyType, RuleKey, SopsConfig } from "../../../lib/config/rules/sops_config.ts";
import { lineNumberAt } from "../../../lib/yaml/position.ts";

/** What else may be said about a recipient. */
interface Options {
  readonly group?: number;
  readonly scope?: EditScope;
}

/** A change of one rule or with one recipient. */
export interface ConfigEdit {
  readonly source: string;
  readonly config: SopsConfig;
  readonly ruleIndex: number;
  /** Of the new text: where the new rule starts or the recipient stands. */
  readonly lineNumber: number;
  readonly name: string;
}

/** A key that came, went or has another name. */
export interface ChangedKey {
  readonly type: KeyType;
  readonly text: string;
  readonly name?: string;
  /** Of the new text; of one that went, of the old text. */
  readonly lineNumber: number;
}

/** A change of several rules. */
export interface ConfigEdits {
  readonly source: string;
  readonly config: SopsConfig;
  /** The rules for which something changed. */
  readonly changes: readonly {
    readonly ruleIndex: number;
    readonly added: readonly ChangedKey[];
    readonly removed: readonly ChangedKey[];
    readonly renamed: readonly ChangedKey[];
  }[];
}

function planEdits(config: SopsConfig, intent: ChangeIntent): ConfigEdits {
  const { before, after, rules } = planChange(config, intent);
  const keysIn = (file: SopsConfig, keys: readonly RuleKey[]): ChangedKey[] =>
    keys.map(({ type, text, name, range }) => {
      const lineNumber = lineNumberAt(file.document, range.start);
      return { type, text, ...(name === undefined ? {} : { name }), lineNumber };
    });
  const changes = rules.filter((rule) =>
    rule.after === undefined || rule.gained.length + rule.lost.length + rule.renamed.length > 0
  ).map((rule) => ({
    ruleIndex: rule.before.index,
    added: keysIn(after, rule.gained),
    removed: keysIn(before, rule.lost),
    renamed: keysIn(after, rule.renamed),
  }));
  return { source: after.document.source, config: after, changes };
}

/** A recipient for one rule. */
export function planAddRecipient(
  config: SopsConfig,
  ruleIndex: number,
  recipient: NewRecipient,
  { scope, ...group }: Options = {},
): ConfigEdit {
  const keys = [{ rules: [ruleIndex], add: [recipient], ...group }];
  return describe(planChange(config, { keys, ...(scope && { scope }) }), ruleIndex, recipient, group.group);
}

function describe(
  { after }: ConfigChange,
  ruleIndex: number,
  recipient: NewRecipient,
  group: number | undefined,
): ConfigEdit {
  const { groups } = after.rules[ruleIndex]!;
  const keys = (group === undefined ? groups : [groups[group]!]).flatMap((found) => found.keys);
  const key = keys.find(({ text }) => text === recipient.text)!;
  return {
    source: after.document.source,
    config: after,
    ruleIndex,
    lineNumber: lineNumberAt(after.document, key.range.start),
    name: key.name ?? recipient.name,
  };
}

/** A recipient for several rules. */
export function planAddRecipientToRules(
  config: SopsConfig,
  rules: readonly number[],
  recipient: NewRecipient,
  { scope, ...group }: Options = {},
): ConfigEdits {
  return planEdits(config, { keys: [{ rules, add: [recipient], ...group }], ...(scope && { scope }) });
}

/** A key that goes. */
export function planRemoveRecipient(
  config: SopsConfig,
  rules: readonly number[],
  text: string,
  { scope, ...group }: Options = {},
): ConfigEdits {
  return planEdits(config, { keys: [{ rules, remove: [text], ...group }], ...(scope && { scope }) });
}

/** Exactly these recipients. */
export function planSetRecipients(
  config: SopsConfig,
  ruleIndex: number,
  recipients: readonly NewRecipient[],
  { scope, ...group }: Options = {},
): ConfigEdits {
  return planEdits(config, { keys: [{ rules: [ruleIndex], set: recipients, ...group }], ...(scope && { scope }) });
}

/** Another name. */
export function planRenameRecipient(config: SopsConfig, from: string, to: string): ConfigEdits {
  return planEdits(config, { rename: { from, to } });
}

/** A rule less. */
export function planDropRule(config: SopsConfig, ruleIndex: number): ConfigEdits {
  return planEdits(config, { dropRules: [ruleIndex] });
}

/** A rule more. */
export function planAddRule(config: SopsConfig, rule: NewRule, position: number): ConfigEdit {
  return describeRule(planChange(config, { addRule: { rule, position } }), rule, position);
}

/** A new file. */
export function planNewConfig(
  path: string,
  rule: NewRule,
  form: Parameters<typeof planNew>[2]["form"],
  purpose: string,
): ConfigEdit {
  return describeRule(planNew(path, rule, { form, purpose }), rule, 0);
}

function describeRule({ after, added }: ConfigChange, { recipients }: NewRule, ruleIndex: number): ConfigEdit {
  const [first] = recipients;
  const key = added!.groups[0]!.keys.find(({ text }) => text === first?.text);
  return {
    source: after.document.source,
    config: after,
    ruleIndex,
    lineNumber: added!.lineNumber,
    name: key?.name ?? first?.name ?? "",
  };
}
