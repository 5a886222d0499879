/**
 * Gives a recipient of `.sops.yaml` another name: its anchor with all aliases, or the comment that names it.
 *
 * Changes names alone: no key, no rule, no other comment. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { isAlias, isMap, isScalar } from "yaml";
import { UserError } from "../../base/error.ts";
import { suggest } from "../../base/show/suggest.ts";
import { formatText, quotingOf } from "../../yaml/edit/quoting.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { placeOf } from "../../yaml/entries.ts";
import { type ResolvedNode, resolveNode } from "../../yaml/resolve.ts";
import { isAnchorName } from "../rules/anchor_name.ts";
import { findNameComment, isInRules, isNameComment } from "../rules/key_name.ts";
import type { SopsConfig } from "../rules/sops_config.ts";
import { keysOf } from "./diff.ts";
import type { Draft } from "./draft.ts";
import { isRenamed, type Renaming } from "./intent.ts";
import { collectNames, RESERVED_NAMES } from "./names.ts";

/**
 * Gives a name another form wherever it names a key; nothing happens when both are the same.
 *
 * @throws {UserError} `not-found` (with the nearest name as a hint) when no key is called so, `exists` when the new name
 * is taken, `usage` when it cannot be written as what the old one is (an anchor, a comment)
 */
export function renameKey(draft: Draft, renaming: Renaming): void {
  const { config } = draft;
  const { from, to } = renaming;
  const anchors = renameAnchors(config, renaming);
  const comments = renameComments(config, renaming);
  if (anchors.length + comments.length === 0) throw notFound(config, from);
  if (from === to) return;
  checkName(config, to, anchors.length > 0 ? "anchor" : "comment");
  draft.apply([...anchors, ...comments]);
}

/** Plans the anchors of keys, their aliases, and the keys of mappings that repeat the anchor. */
function renameAnchors(config: SopsConfig, renaming: Renaming): Splice[] {
  const { document } = config;
  const { from, to } = renaming;
  const nodes = new Set<ResolvedNode>();
  for (const key of config.keys) if (isRenamed(renaming, key)) nodes.add(key.node);
  for (const key of config.rules.flatMap(keysOf)) {
    if (isRenamed(renaming, key) && key.written !== "literal") nodes.add(resolveNode(document, key.node));
  }
  const splices = [...nodes].map((node): Splice => {
    const { start, end } = placeOf(document, node).anchor!;
    return { start: start + 1, end, text: to };
  });
  for (const [alias, target] of document.aliases) {
    if (!isAlias(alias) || !nodes.has(target)) continue;
    const start = alias.range![0] + 1;
    splices.push({ start, end: start + from.length, text: to });
  }
  for (const { parent, node } of config.keys.filter((key) => !isInRules(key))) {
    const pair = isMap(parent) ? parent.items.find(({ value }) => value === node) : undefined;
    if (!nodes.has(node) || !isScalar(pair?.key) || pair.key.source !== from) continue;
    const [start, end] = pair.key.range;
    splices.push({ start, end, text: formatText(to, quotingOf(pair.key), true) });
  }
  return splices;
}

function renameComments(config: SopsConfig, renaming: Renaming): Splice[] {
  const { document } = config;
  const { from, to } = renaming;
  const starts = new Set<number>();
  for (const key of config.rules.flatMap(keysOf)) {
    if (!isRenamed(renaming, key) || key.written !== "literal") continue;
    const comment = findNameComment(document, key.node);
    if (comment !== undefined) starts.add(comment.start);
  }
  return [...starts].map((start) => ({ start, end: start + from.length, text: to }));
}

function checkName(config: SopsConfig, to: string, form: "anchor" | "comment"): void {
  const names = collectNames(config);
  if (names.has(to)) {
    throw new UserError("exists", `cannot take the name "${to}" in "${config.path}": something is called so already`, {
      hints: ["choose a name that the file does not have"],
      location: { path: config.path },
    });
  }
  if (RESERVED_NAMES.has(to)) throw wrongName(config, to, "SOPS has a meaning for it", "choose another name");
  if (form === "anchor" && !isAnchorName(to)) {
    throw wrongName(config, to, "it would be an anchor", "use only letters, digits, - and _");
  }
  if (form === "comment" && (!isNameComment(to) || /\s\s|^\s|\s$|[^\P{C}]/u.test(to))) {
    throw wrongName(
      config,
      to,
      "a comment with it would not be taken for a name",
      "use a few words without punctuation",
    );
  }
}

function wrongName(config: SopsConfig, to: string, problem: string, hint: string): UserError {
  return new UserError("usage", `cannot take the name "${to}" in "${config.path}": ${problem}`, { hints: [hint] });
}

function notFound(config: SopsConfig, from: string): UserError {
  const used = config.rules.flatMap(keysOf).map(({ name }) => name);
  const names = [...config.keys.map(({ name }) => name), ...used].filter((name) => name !== undefined);
  const near = suggest(from, names);
  return new UserError("not-found", `no key is called "${from}" in "${config.path}"`, {
    hints: [near === undefined ? "show the names with: sopsmith recipient list" : `did you mean "${near}"?`],
    location: { path: config.path },
  });
}
