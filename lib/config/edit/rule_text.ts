/**
 * Writes a new creation rule as the rules near it are written: form of its keys, order, quotes. Pure.
 *
 * Spec: sops-config §3.
 *
 * @module
 */
import { isScalar, type Scalar } from "yaml";
import { InternalError, UserError } from "../../base/error.ts";
import { resolveNode } from "../../yaml/resolve.ts";
import type { NewRule } from "./intent.ts";
import { copyPair, formatFlowPair } from "../../yaml/edit/copy.ts";
import { writeKeys } from "./keys_text.ts";
import { formatKey } from "../../yaml/edit/append.ts";
import type { Names } from "./names.ts";
import type { RuleKey } from "../rules/sops_config.ts";
import { formatText, type Quoting, quotingOf } from "../../yaml/edit/quoting.ts";
import { nearestRules, readKeysStyle } from "./style.ts";
import { KEY_TYPES, type Rule, SELECTORS, type SopsConfig } from "../rules/sops_config.ts";
import { findEntry } from "../../yaml/typed_value.ts";

/** Where a new rule will stand. */
export interface RulePlace {
  /** Index of the rule that it precedes. */
  readonly position: number;
  /** Where in the text: an alias works only behind its anchor. */
  readonly useOffset: number;
  /** It stands inside brackets. */
  readonly flow: boolean;
  readonly names: Names;
}

/** A rule, written. */
export interface WrittenRule {
  /** Block style, as the lines of a mapping without indentation. */
  readonly lines: readonly string[];
  /** Flow style, with its braces. */
  readonly flow: string;
  /** The keys that SOPS will read of it. */
  readonly keys: readonly Pick<RuleKey, "type" | "text">[];
}

/** One pair of the rule. */
interface Field {
  /** Key by which the order of a neighbour is copied. */
  readonly name: string;
  readonly lines: readonly string[];
  readonly flow: string;
}

/**
 * Writes a rule.
 *
 * @throws {UserError} `refused` when `keysOfRule` names a rule with several key groups
 */
export function writeRule(config: SopsConfig, rule: NewRule, place: RulePlace): WrittenRule {
  const near = nearestRules(config, place.position);
  const model = near[0];
  const map = model?.nodes.map ?? config.map;
  const style = readKeysStyle(config, place.position);
  const { names, useOffset, flow } = place;
  const form = style.form === "key_groups" ? "key_groups" : "text";
  const copied = rule.keysOfRule === undefined ? undefined : copyKeys(config, rule.keysOfRule, useOffset);
  const recipients = copied === undefined
    ? writeKeys(rule.recipients, { form, flow, style, names, useOffset, map })
    : { lines: [], flow: "" };
  const keysName = style.form === "key_groups" ? "key_groups" : "age";

  const textField = (name: string, value: string): Field => {
    const key = formatKey(map, name);
    const quoting = quotingFor(config, near, name);
    return {
      name,
      lines: [`${key}: ${formatText(value, quoting, false)}`],
      flow: `${key}: ${formatText(value, quoting, true)}`,
    };
  };
  const flag = `${formatKey(map, "mac_only_encrypted")}: true`;
  const fields: Field[] = [
    textField("path_regex", rule.pathRegex),
    ...SELECTORS.flatMap((name) => rule.selectors[name] ? [textField(name, rule.selectors[name])] : []),
    ...(rule.macOnlyEncrypted ? [{ name: "mac_only_encrypted", lines: [flag], flow: flag }] : []),
    ...(copied?.fields ?? [{ name: keysName, lines: recipients.lines, flow: recipients.flow }]),
  ];
  const ordered = inOrderOf(model, fields);
  return {
    lines: ordered.flatMap((field) => field.lines),
    flow: `{${ordered.map((field) => field.flow).join(", ")}}`,
    keys: copied?.keys ?? rule.recipients.map(({ text }) => ({ type: "age", text })),
  };
}

/** Copies what a rule says about its keys, every type of them. */
function copyKeys(
  config: SopsConfig,
  ruleIndex: number,
  useOffset: number,
): { readonly fields: readonly Field[]; readonly keys: readonly Pick<RuleKey, "type" | "text">[] } {
  const { document, path } = config;
  const rule = config.rules[ruleIndex];
  if (rule === undefined) throw new InternalError(`no rule ${ruleIndex + 1} to take keys from`);
  if (rule.groups.length > 1) {
    throw new UserError(
      "refused",
      `cannot give a new rule the keys of rule ${
        ruleIndex + 1
      } of "${path}": it has ${rule.groups.length} key groups, ` +
        "and a reader needs one key of each",
      { hints: ["leave out the other recipients"], location: { path, line: rule.lineNumber } },
    );
  }
  const names: readonly string[] = rule.nodes.groups.length > 0 ? ["key_groups"] : KEY_TYPES;
  const fields = names.flatMap((name): Field[] => {
    const entry = findEntry(rule.nodes.entries, name);
    if (entry === undefined) return [];
    return [{
      name,
      lines: copyPair(document, entry, { column: 0, useOffset }),
      flow: formatFlowPair(document, entry, useOffset),
    }];
  });
  return { fields, keys: rule.groups.flatMap((group) => group.keys) };
}

/** Sorts the pairs as a neighbour has them; those it lacks stand behind the one they usually follow. */
function inOrderOf(model: Rule | undefined, fields: readonly Field[]): readonly Field[] {
  const order = model?.nodes.entries.filter((entry) => entry.owner === model.nodes.map).map((entry) => entry.name) ??
    [];
  const keyNames: readonly string[] = ["key_groups", ...KEY_TYPES];
  let last = -1;
  const ranks = new Map<Field, number>();
  for (const field of fields) {
    const found = keyNames.includes(field.name)
      ? order.findIndex((name) => keyNames.includes(name))
      : order.indexOf(field.name);
    last = found === -1 ? last : found;
    ranks.set(field, last);
  }
  return fields.toSorted((a, b) => ranks.get(a)! - ranks.get(b)!);
}

/** @returns how the nearest rule that has a key quotes its value; else how it quotes `path_regex` */
function quotingFor(config: SopsConfig, near: readonly Rule[], name: string): Quoting {
  for (const key of [name, "path_regex"]) {
    for (const rule of near) {
      const value = resolveNode(config.document, findEntry(rule.nodes.entries, key)?.value);
      if (isScalar(value)) return quotingOf(value as Scalar);
    }
  }
  return formatKey(near[0]?.nodes.map ?? config.map, name).startsWith('"') ? "double" : "plain";
}
