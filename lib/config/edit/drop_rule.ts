/**
 * Takes a whole creation rule from `.sops.yaml`, with its own comments and the definitions that nothing else uses.
 *
 * What other rules have of it by alias moves on to the first of them. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import type { ConfigEdits } from "./plan.ts";
import { describeEdits } from "./changes.ts";
import { cutEntry, cutOnlyEntry } from "../../yaml/edit/cut.ts";
import { moveAnchorOut } from "../../yaml/edit/detach.ts";
import { findUsedNames, forgetUnused } from "./forget.ts";
import { proveEdit, readEdited } from "./proof.ts";
import { withOwnRules } from "./add_rule.ts";
import { entryOf } from "../../yaml/entries.ts";
import { COMMENTED_OUT } from "./names.ts";
import type { SopsConfig } from "../rules/sops_config.ts";

/**
 * Plans that a rule goes, with the comment block directly above it. Files that it matched fall to later rules, or to
 * none: telling that is for the caller. The last rule leaves an empty list, with which SOPS refuses every file.
 *
 * @param ruleIndex 0-based
 * @returns the proved edit; `changes` holds the one rule, by its index before, with all its keys as removed
 * @throws {InternalError} when there is no such rule, or when the proof of the edit fails
 */
export function planDropRule(config: SopsConfig, ruleIndex: number): ConfigEdits {
  const rule = config.rules[ruleIndex];
  if (rule === undefined) throw new InternalError(`no rule ${ruleIndex + 1} to drop`);
  const texts = new Set(rule.groups.flatMap(({ keys }) => keys.map(({ text }) => text)));
  const candidates = findUsedNames(config, texts);
  let own = withOwnRules(config);
  for (;;) {
    const moved = moveAnchorOut(own.document, own.rules[ruleIndex]!.nodes.item);
    if (moved === undefined) break;
    own = readEdited(own, moved);
  }
  const { config: after, keys: forgotten } = forgetUnused(readEdited(own, planCut(own, ruleIndex)), candidates, texts);
  proveEdit(config, after, { dropped: ruleIndex, defined: [], forgotten });
  return describeEdits(config, after, ruleIndex);
}

function planCut(config: SopsConfig, ruleIndex: number): Splice[] {
  const { document, creationRules, rules } = config;
  const entry = entryOf(document, rules[ruleIndex]!.nodes.item);
  const options = { commentedOut: COMMENTED_OUT };
  const cut = entry.owner!.items.length > 1
    ? cutEntry(document, entry, options)
    : cutOnlyEntry(document, entry, { ...options, at: entryOf(document, creationRules!.key).headEnd });
  if (cut === undefined) throw new InternalError("a rule that is no entry of its list");
  return cut;
}
