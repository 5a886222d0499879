/**
 * The recipients that a `.sops.yaml` knows: each key once, with the names people gave it and the rules that use it; and
 * which of them a person means by a name or a key.
 *
 * A key that is only defined, in no rule, counts as well. Pure. Spec: sops-config §2.
 *
 * @module
 */
import { keysOf } from "../../config/edit/diff.ts";
import { UserError } from "../../base/error.ts";
import { looksLikeIdentity } from "../../base/identity_text.ts";
import { suggest } from "../../base/show/suggest.ts";
import type { KeyType, Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { classifyRecipient, formatShortRecipient } from "../../keys/age/recipient.ts";

/** A key as the whole file knows it. */
export interface KnownRecipient {
  readonly type: KeyType;
  readonly text: string;
  /** What it is called: the first of `names`. */
  readonly name?: string;
  /** Every name it has: anchors first, then comments. */
  readonly names: readonly string[];
  /** The rules that have it, in the order of the file. */
  readonly rules: readonly Rule[];
}

/** @returns every key of the file once: those that are defined by an anchor first, in the order of the file */
export function listKnownRecipients(config: SopsConfig): readonly KnownRecipient[] {
  const typeByText = new Map(config.rules.flatMap(keysOf).map(({ type, text }) => [text, type]));
  const found = new Map<string, { type: KeyType; text: string; names: Set<string>; rules: Set<Rule> }>();
  const entryOf = (type: KeyType, text: string): { names: Set<string>; rules: Set<Rule> } => {
    const id = `${type} ${text}`;
    const entry = found.get(id) ?? { type, text, names: new Set(), rules: new Set() };
    found.set(id, entry);
    return entry;
  };
  for (const { name, text } of config.keys) {
    const key = asOneKey(text, typeByText);
    if (key !== undefined) entryOf(key.type, key.text).names.add(name);
  }
  for (const rule of config.rules) {
    for (const { type, text, name } of keysOf(rule)) {
      const entry = entryOf(type, text);
      entry.rules.add(rule);
      if (name !== undefined) entry.names.add(name);
    }
  }
  return [...found.values()].map(({ type, text, names, rules }) => {
    const [name] = names;
    return { type, text, ...(name === undefined ? {} : { name }), names: [...names], rules: [...rules] };
  });
}

/**
 * A text with an anchor as one key; a fingerprint may be written with spaces.
 *
 * @returns undefined for a text of several keys
 */
function asOneKey(
  text: string,
  typeByText: ReadonlyMap<string, KeyType>,
): { readonly type: KeyType; readonly text: string } | undefined {
  if (text.includes(",")) return undefined;
  for (const form of [text, text.replaceAll(" ", "")]) {
    const type = typeByText.get(form);
    if (type !== undefined) return { type, text: form };
  }
  const type = guessType(text);
  return { type, text: type === "age" ? text : text.replaceAll(" ", "") };
}

const CLOUD_PREFIXES: readonly (readonly [prefix: RegExp, type: KeyType])[] = [
  [/^arn:aws/, "kms"],
  [/^projects\//, "gcp_kms"],
  [/^https:\/\/[^/]*vault\.azure\./, "azure_keyvault"],
  [/^https?:/, "hc_vault_transit_uri"],
];

/** The type of a key that no rule uses. */
function guessType(text: string): KeyType {
  if (classifyRecipient(text) !== undefined) return "age";
  return CLOUD_PREFIXES.find(([prefix]) => prefix.test(text))?.[1] ?? "pgp";
}

/**
 * Finds the key that a person means.
 *
 * @param wanted a name, the key itself, or the key as it is shown shortened
 * @returns undefined when the file has no such key
 * @throws {UserError} `usage` for a name that several keys have; `malformed` for a private key, of which nothing is shown
 */
export function findKnownRecipient(known: readonly KnownRecipient[], wanted: string): KnownRecipient | undefined {
  refuseIdentity(wanted);
  const exact = known.filter(({ text }) => text === wanted);
  const named = exact.length > 0 ? exact : known.filter(({ names }) => names.includes(wanted));
  const found = named.length > 0 ? named : known.filter(({ text }) => formatShortRecipient(text) === wanted);
  if (found.length < 2) return found[0];
  throw new UserError("usage", `"${wanted}" is the name of ${found.length} recipients`, {
    hints: ["name the one you mean by its key (sopsmith recipient list --json shows the keys in full)"],
    details: found.map((key) => `${formatShortRecipient(key.text)}   ${describeUse(key)}`),
  });
}

/**
 * As {@link findKnownRecipient}, but a key that the file does not have is an error.
 *
 * @throws {UserError} also `usage` when the file has no such key
 */
export function requireKnownRecipient(
  config: Pick<SopsConfig, "path">,
  known: readonly KnownRecipient[],
  wanted: string,
): KnownRecipient {
  const found = findKnownRecipient(known, wanted);
  if (found !== undefined) return found;
  const names = known.flatMap((key) => key.names);
  const near = suggest(wanted, names);
  throw new UserError(
    "usage",
    `no recipient "${isLikeKey(wanted) ? formatShortRecipient(wanted) : wanted}" in "${config.path}"` +
      (near === undefined ? "" : `; did you mean "${near}"?`),
    { hints: ["sopsmith recipient list shows them all"] },
  );
}

/** @returns whether a word is meant as a key and not as the name of one */
export function isLikeKey(text: string): boolean {
  return classifyRecipient(text) !== undefined || looksLikeIdentity(text);
}

/**
 * @throws {UserError} `malformed` for a private key where a name or a public key belongs; nothing of it is shown
 */
export function refuseIdentity(text: string): void {
  if (!looksLikeIdentity(text)) return;
  throw new UserError("malformed", "found a private key, expected the public half of one", {
    hints: [
      "pass the public half, which begins with age1 (sopsmith identity public FILE prints it)",
      "make a new key if the private one now stands in the history of a shell that others can read",
    ],
  });
}

function describeUse({ rules }: KnownRecipient): string {
  if (rules.length === 0) return "in no rule";
  return `${rules.length === 1 ? "rule" : "rules"} ${rules.map(({ index }) => index + 1).join(", ")}`;
}
