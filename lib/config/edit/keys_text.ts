/**
 * Writes recipients as the value of a new key: `key_groups`, a list or a comma-separated text, in block or flow style.
 *
 * Pure. Spec: sops-config §3.
 *
 * @module
 */
import type { YAMLMap } from "yaml";
import type { NewRecipient } from "./intent.ts";
import { formatItem, formatKey } from "../../yaml/edit/append.ts";
import type { Names, WrittenRecipient } from "./names.ts";
import { formatText, type Quoting } from "../../yaml/edit/quoting.ts";
import type { KeysStyle, ListStyle } from "./style.ts";

/** Recipients, written. */
export interface WrittenKeys {
  /** Block style: the first line starts with the key, the others are indented relative to it. */
  readonly lines: readonly string[];
  /** Flow style: key and value. */
  readonly flow: string;
  /** What each recipient is called, in their order. */
  readonly names: readonly string[];
}

/** What a new key with recipients is. */
export type NewForm =
  /** `age:` with a text, of a rule. */
  | "text"
  /** `age:` with a list, of a key group. */
  | "list"
  /** `key_groups:` with its first group, of a rule. */
  | "key_groups";

/** How and where recipients are written. */
export interface KeysPlace {
  readonly form: NewForm;
  /** They will stand inside brackets. */
  readonly flow: boolean;
  readonly style: KeysStyle;
  readonly names: Names;
  /** Where they will stand: an alias works only behind its anchor. */
  readonly useOffset: number;
  /** A mapping that shows how keys are quoted; undefined when there is none. */
  readonly map: YAMLMap.Parsed | undefined;
}

/** Writes recipients as a new key, or as the value of a key that has none. */
export function writeKeys(recipients: readonly NewRecipient[], place: KeysPlace): WrittenKeys {
  const { form, flow, style, names, useOffset, map } = place;
  const ageKey = formatKey(map, "age");
  const groupsKey = formatKey(map, "key_groups");
  const quoting = ageKey.startsWith('"') ? "double" : style.quoting;
  const asText = form === "text" && style.form !== "list" && !(style.textByAlias && recipients.length === 1);
  if (asText) {
    const texts = recipients.map(({ text }) => text);
    return {
      lines: textLines(ageKey, texts, { style, quoting }),
      flow: `${ageKey}: ${formatText(texts.join(","), quoting, true)}`,
      names: recipients.map((recipient) => names.nameOf(recipient)),
    };
  }
  const written = recipients.map((recipient) =>
    names.write(recipient, { useOffset, quoting, flow: flow || style.flowItems })
  );
  const called = written.map(({ name }) => name);
  if (form === "text" && style.form !== "list" && written[0] !== undefined) {
    const value = `${ageKey}: ${written[0].item.text}`;
    return { lines: [value], flow: value, names: called };
  }
  const age = { lines: listLines(ageKey, written, style), flow: `${ageKey}: ${flowList(written)}`, names: called };
  if (form === "list" || form === "text") return age;
  return {
    lines: [`${groupsKey}:`, ...underDash(age.lines, style.groups)],
    flow: `${groupsKey}: [{${age.flow}}]`,
    names: called,
  };
}

function textLines(
  key: string,
  texts: readonly string[],
  { style, quoting }: { readonly style: KeysStyle; readonly quoting: Quoting },
): string[] {
  if (style.block === undefined) return [`${key}: ${formatText(texts.join(","), quoting, false)}`];
  const indent = " ".repeat(style.block.indent);
  const last = texts.length - 1;
  return [`${key}: ${style.block.header}`, ...texts.map((text, at) => indent + text + (at < last ? "," : ""))];
}

function listLines(key: string, written: readonly WrittenRecipient[], style: KeysStyle): string[] {
  if (style.flowItems) return [`${key}: ${flowList(written)}`];
  return [`${key}:`, ...written.flatMap(({ item }) => underDash([formatItem(item)], style.items))];
}

function flowList(written: readonly WrittenRecipient[]): string {
  return `[${written.map(({ item }) => item.text).join(", ")}]`;
}

/** @returns lines as one item of a block list */
export function underDash(lines: readonly string[], { indent, gap }: ListStyle): string[] {
  const space = " ".repeat(indent);
  return lines.map((line, index) =>
    index === 0 ? `${space}-${gap}${line}` : `${space} ${" ".repeat(gap.length)}${line}`
  );
}
