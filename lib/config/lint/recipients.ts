/**
 * Finds mistakes in the keys of a rule: none at all, one that SOPS refuses, one that stands there twice, kinds that do not
 * go together. Pure. Spec: sops-config §5, sops-engine §1.4 and §2.1.
 *
 * @module
 */
import { looksLikeIdentity } from "../../base/identity_text.ts";
import { isAlias } from "yaml";
import { classifyRecipient, formatShortRecipient, type RecipientKind } from "../../keys/age/recipient.ts";
import { isRecipient } from "../../keys/age/recipient_parse.ts";
import { findSshKeyProblem, findSshPublicKey } from "../../keys/ssh/public_key.ts";
import type { YamlDocument } from "../../yaml/parse.ts";
import { resolveNode } from "../../yaml/resolve.ts";
import { type Findings, quoteShort } from "./finding.ts";
import { planRemoveRepeated } from "./repair_repeated.ts";
import type { Rule, SopsConfig } from "../rules/sops_config.ts";
import { listWrittenKeys, type WrittenKey } from "../rules/written_keys.ts";

/** @returns the age form of an ssh key; undefined when it has none */
export type SshConverter = (text: string) => string | undefined;

/** Notes what is wrong with the keys of every rule. */
export function lintRecipients({ document, rules }: SopsConfig, convert: SshConverter, findings: Findings): void {
  for (const rule of rules) {
    // of private keys the reader has told
    const groups = listWrittenKeys(document, rule).map((keys) => keys.filter(({ text }) => !looksLikeIdentity(text)));
    const known: WrittenKey[] = [];
    for (const keys of groups) {
      for (const key of keys) lintKey(document, rule, key, findings);
      lintRepeated(document, rule, keys, known, convert, findings);
      lintQuantum(rule, keys, findings);
      known.push(...keys);
    }
  }
  lintNative(document, rules, findings);
}

/** One finding for the whole file: old versions of SOPS read it, or they do not. */
function lintNative(document: YamlDocument, rules: readonly Rule[], findings: Findings): void {
  const keys = rules.flatMap((rule) => listWrittenKeys(document, rule).flat()).filter(({ type, text }) =>
    type === "age" && /^ssh-/.test(classifyRecipient(text) ?? "")
  );
  const count = new Set(keys.map(({ text }) => text)).size;
  const [first] = keys;
  if (first === undefined) return;
  const offset = definitionOf(document, first);
  if (findings.has(offset, "bad-recipient")) return;
  findings.add("ssh-needs-3.10", offset, {
    message: `SOPS before 3.10 refuses ${
      count === 1 ? "an ssh key as a recipient" : `the ${count} ssh keys of this file`
    }`,
    ...(isSsh(first) ? { fix: "use their age form where old versions are in use: sopsmith ssh-to-age" } : {}),
  });
}

/** Where a key is written for good: an alias leads to its definition. */
function definitionOf(document: YamlDocument, { node, range }: WrittenKey): number {
  return isAlias(node) ? resolveNode(document, node).range[0] : range.start;
}

function lintKey(document: YamlDocument, rule: Rule, key: WrittenKey, findings: Findings): void {
  const problem = findKeyProblem(key);
  if (problem === undefined) return;
  const offset = definitionOf(document, key);
  if (findings.has(offset, "bad-recipient", "bad-type", "undefined-alias")) return;
  const shown = key.text === "" ? "an empty recipient" : quoteShort(formatShortRecipient(key.text));
  findings.add("bad-recipient", offset, {
    message: `SOPS refuses ${shown} in rule ${rule.index + 1}: ${problem}`,
    fix: formatKeyFix(key),
  });
}

/** The addresses of keys in services, as SOPS takes them apart; seen with SOPS 3.13.2. */
const ADDRESSES: Readonly<
  Record<string, { readonly name: string; readonly pattern: RegExp; readonly expected: string }>
> = {
  azure_keyvault: {
    name: "address of a key in Azure Key Vault",
    pattern: /^https:\/\/[^/]+\/keys\/[^/]+(?:\/[^/]*)?$/,
    expected: "https://VAULT/keys/NAME/VERSION",
  },
  hc_vault_transit_uri: {
    name: "address of a transit key in Vault",
    pattern: /^https?:\/\/[^/]+\/v1\/.+\/keys\/[^/]+$/,
    expected: "https://HOST/v1/ENGINE/keys/NAME",
  },
};

/** Of a PGP key. */
const FINGERPRINT = /^[0-9A-Fa-f]{40}$/;

/** @returns what is wrong with a key; undefined for a good one, and for types that only their own service can check */
function findKeyProblem({ type, text }: WrittenKey): string | undefined {
  if (type !== "age") {
    if (classifyRecipient(text) !== undefined) return `an age recipient among the ${type} keys`;
    const form = ADDRESSES[type];
    return form === undefined || form.pattern.test(text) ? undefined : `no ${form.name}, expected ${form.expected}`;
  }
  if (isRecipient(text)) return undefined;
  if (text === "") return "an item without text";
  if (FINGERPRINT.test(text.replaceAll(" ", ""))) return "a PGP fingerprint, which belongs under pgp";
  const ssh = findSshPublicKey(text);
  if (ssh !== undefined) return findSshKeyProblem(ssh) ?? "a damaged ssh public key";
  if (/^(?:ecdsa-|sk-|ssh-)/.test(text)) {
    return "a type of ssh key that age does not take, expected ssh-ed25519 or ssh-rsa";
  }
  if (/\s/.test(text)) return "white space inside it, expected keys separated by commas";
  if (/^AGE1/i.test(text) && text !== text.toLowerCase()) return "capital letters, expected small ones";
  if (text.startsWith("age1")) return "its checksum does not fit, so a character is wrong, missing or too many";
  return "no recipient, expected age1… or an ssh key";
}

/** @returns what to do about a key that SOPS refuses */
function formatKeyFix({ type, text }: WrittenKey): string {
  if (type !== "age") {
    if (isRecipient(text)) return "move it to the age keys";
    return ADDRESSES[type] === undefined
      ? "copy the public key again from where it was made"
      : "copy the address again from its service";
  }
  if (FINGERPRINT.test(text.replaceAll(" ", ""))) return "move it to the pgp keys";
  const parts = text.split(/[\s;]+/).filter((part) => part !== "");
  if (parts.length > 1 && parts.every(isRecipient)) return "write a comma between the keys";
  if (text !== text.toLowerCase() && isRecipient(text.toLowerCase())) return "write it in small letters";
  return "copy the public key again from where it was made";
}

/** @param others keys of earlier groups of the rule */
function lintRepeated(
  document: YamlDocument,
  rule: Rule,
  keys: readonly WrittenKey[],
  others: readonly WrittenKey[],
  convert: SshConverter,
  findings: Findings,
): void {
  const place = `rule ${rule.index + 1}`;
  keys.forEach((key, index) => {
    if (key.text === "") return;
    const earlier = keys.slice(0, index);
    const same = earlier.find((other) => isSame(other, key));
    const shown = formatShortRecipient(key.text);
    if (same !== undefined) {
      const [first, second] = [same.name, key.name];
      const isConfused = first !== undefined && second !== undefined && first !== second;
      const repair = isConfused ? undefined : planRemoveRepeated(document, keys, key);
      findings.add("duplicate-recipient", key.range.start, {
        message: isConfused
          ? `"${first}" and "${second}" of ${place} are the same key, ${shown}`
          : `${shown} stands twice in ${place}`,
        fix: isConfused ? `find out whose key it is, and ask the other one for theirs` : "take one of them out",
        ...(repair === undefined ? {} : { repair }),
      });
      return;
    }
    if (others.some((other) => isSame(other, key))) {
      findings.add("duplicate-recipient", key.range.start, {
        message: `${shown} stands in two key groups of ${place}, so one reader counts for both`,
        fix: keys.every((other) => isSame(other, key))
          ? "put the key of another reader in its place"
          : "take it out of one of the groups",
      });
      return;
    }
    const twin = earlier.find((other) => isConvertedTwin(other, key, convert));
    if (twin === undefined) return;
    findings.add("duplicate-recipient", key.range.start, {
      message: `${shown} and ${formatShortRecipient(twin.text)} of ${place} are one key, as ssh key and converted`,
      fix: "keep the age form unless a reader has nothing but the ssh key",
    });
  });
}

function isSame(a: WrittenKey, b: WrittenKey): boolean {
  return a.type === b.type && a.text === b.text;
}

function isConvertedTwin(a: WrittenKey, b: WrittenKey, convert: SshConverter): boolean {
  if (a.type !== "age" || b.type !== "age") return false;
  const [isSshA, isSshB] = [isSsh(a), isSsh(b)];
  if (isSshA && isSshB) return encodedOf(a) === encodedOf(b); // the same ssh key with two comments
  if (!isSshA && !isSshB) return false;
  return isSshA ? convert(a.text) === b.text : convert(b.text) === a.text;
}

/** @returns whether a key is an ssh key that has an age form */
export function isSsh({ type, text }: Pick<WrittenKey, "type" | "text">): boolean {
  return type === "age" && classifyRecipient(text) === "ssh-ed25519";
}

function encodedOf({ text }: WrittenKey): string | undefined {
  return findSshPublicKey(text)?.encoded;
}

const CLASSICAL: ReadonlySet<RecipientKind | undefined> = new Set(["x25519", "ssh-ed25519", "ssh-rsa"]);

function lintQuantum(rule: Rule, keys: readonly WrittenKey[], findings: Findings): void {
  const ageKeys = keys.filter(({ type }) => type === "age");
  const quantum = ageKeys.filter(({ text }) => classifyRecipient(text) === "hybrid").length;
  const classical = ageKeys.filter(({ text }) => CLASSICAL.has(classifyRecipient(text)));
  const [first] = classical;
  if (quantum === 0 || first === undefined) return;
  const [stand, their] = classical.length === 1
    ? ["classical recipient stands", "it"]
    : ["classical recipients stand", "them"];
  findings.add("mixed-quantum", first.range.start, {
    message: `${classical.length} ${stand} beside ${quantum} post-quantum in rule ${rule.index + 1}: ` +
      `the files are no safer than ${their === "it" ? "that one is" : "those are"}`,
    fix: `give ${their} post-quantum keys too: sopsmith keygen --post-quantum`,
  });
}
