/**
 * Recipients as people and `--json` see them, shared by the `recipient` commands. Pure.
 *
 * @module
 */
import type { KeyType, Rule } from "../../config/rules/sops_config.ts";
import { classifyRecipient, formatShortRecipient, type RecipientKind } from "../../keys/age/recipient.ts";

export { formatCount } from "../../base/show/counts.ts";

const KIND_NAMES: Readonly<Record<RecipientKind, string>> = {
  "x25519": "age",
  "hybrid": "age post-quantum",
  "plugin": "age plugin",
  "ssh-ed25519": "ssh-ed25519",
  "ssh-rsa": "ssh-rsa",
};

/** A key that a command is about. */
export interface Subject {
  readonly text: string;
  readonly name?: string;
  /** What it was made from. */
  readonly origin?: string;
}

/** @returns what kind of key it is; of an age recipient that SOPS would refuse, `not a recipient` */
export function formatKeyKind({ type, text }: { readonly type: KeyType; readonly text: string }): string {
  if (type !== "age") return type;
  const kind = classifyRecipient(text);
  return kind === undefined ? "not a recipient" : KIND_NAMES[kind];
}

/** @returns the key shortened, without its kind; the address of a cloud key in full: it means nothing without its middle */
export function formatKeyText({ type, text }: { readonly type: KeyType; readonly text: string }): string {
  if (type !== "age" && type !== "pgp") return text;
  return formatShortRecipient(text).replace(/^ssh-(?:ed25519|rsa) /, "");
}

/** @returns `rule 2`, `rules 1, 3-7`; `no rule` */
export function formatRuleNumbers(rules: readonly Rule[]): string {
  const numbers = rules.map(({ index }) => index + 1);
  const [first] = numbers;
  if (first === undefined) return "no rule";
  const runs: { from: number; to: number }[] = [{ from: first, to: first }];
  for (const number of numbers.slice(1)) {
    const run = runs.at(-1)!;
    if (number === run.to + 1) run.to = number;
    else runs.push({ from: number, to: number });
  }
  const shown = runs.map(({ from, to }) =>
    from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}-${to}`
  );
  return `${numbers.length === 1 ? "rule" : "rules"} ${shown.join(", ")}`;
}

/** @returns `laptop (age1fuxh…x3nq4, from ssh-ed25519 me@laptop)`; a nameless key alone */
export function formatSubject({ text, name, origin }: Subject): string {
  const short = formatShortRecipient(text);
  const facts = [
    ...(name === undefined || name === short ? [] : [short]),
    ...(origin === undefined ? [] : [`from ${origin}`]),
  ];
  return facts.length === 0 ? short : `${name ?? short} (${facts.join(", ")})`;
}
