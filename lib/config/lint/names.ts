/**
 * Finds named keys that no rule uses, and private keys outside of rules. Pure. Spec: sops-config §5 (unused-key).
 *
 * @module
 */
import { isAlias, isNode, isScalar, type Node, visit } from "yaml";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import type { SourceText } from "../../yaml/position.ts";
import { resolveNode, scalarText, type WrittenNode } from "../../yaml/resolve.ts";
import type { Findings } from "./finding.ts";
import type { SopsConfig } from "../rules/sops_config.ts";

/** The top-level keys whose content SOPS uses. */
const USED_KEYS: ReadonlySet<string> = new Set(["creation_rules", "destination_rules"]);

/** Notes every name that nothing uses. */
export function lintNames(config: SopsConfig, findings: Findings): void {
  const used = findUsed(config);
  for (const { name, text, range } of config.keys) {
    if (used.texts.has(text.replaceAll(" ", "")) || used.texts.has(text) || used.anchors.has(name)) continue;
    findings.add("unused-key", range.start, {
      message: `no rule uses "${name}" (${formatShortRecipient(text)})`,
      fix: "add it to a rule, or take the name out",
    });
  }
}

/** What the rules lead to, through every alias: the texts of scalars, and the anchors on the way. */
function findUsed({ document, map }: SopsConfig): { texts: ReadonlySet<string>; anchors: ReadonlySet<string> } {
  const texts = new Set<string>();
  const anchors = new Set<string>();
  const seen = new Set<unknown>();
  const open: unknown[] = (map?.items ?? [])
    .filter(({ key }) => isScalar(key) && USED_KEYS.has(scalarText(key)))
    .map(({ value }) => value);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!isNode(node) || seen.has(node)) continue;
    seen.add(node);
    visit(node, {
      Node(_, inner) {
        if (isAlias(inner)) {
          anchors.add(inner.source);
          open.push(resolveNode(document, inner as unknown as WrittenNode));
        } else if (isScalar(inner)) addTexts(texts, inner);
      },
    });
  }
  return { texts, anchors };
}

/** One scalar may hold several keys, separated by commas. */
function addTexts(texts: Set<string>, scalar: Node): void {
  const text = scalarText(scalar as unknown as Parameters<typeof scalarText>[0]) ?? "";
  for (const part of [text, ...text.split(",")]) {
    texts.add(part.trim());
    texts.add(part.replaceAll(" ", "").trim());
  }
}

const PRIVATE_KEY = /AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----/gi;

/** Notes private keys anywhere in the text, comments included, but for those that stand as recipients. */
export function lintPrivateKeys(text: SourceText, findings: Findings): void {
  for (const { index } of text.source.matchAll(PRIVATE_KEY)) {
    if (findings.has(index, "bad-recipient")) continue;
    findings.add("private-key", index, {
      message: "a private key stands in this file, which is meant to be committed",
      fix: "move it to the keys file, and make a new key if others could read this file",
    });
  }
}
