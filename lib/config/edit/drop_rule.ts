/**
 * Takes a whole creation rule from `.sops.yaml`, with its own comments and the definitions that nothing else uses.
 *
 * What other rules have of it by alias moves on to the first of them. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { isSeq, type YAMLSeq } from "yaml";
import { InternalError } from "../../base/error.ts";
import { resolveNode } from "../../yaml/resolve.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import type { ConfigEdits } from "./plan.ts";
import { describeEdits } from "./changes.ts";
import { cutEntry, cutLastEntry } from "../../yaml/edit/cut.ts";
import { moveAnchorOut } from "../../yaml/edit/detach.ts";
import { findUsedNames, forgetUnused } from "./forget.ts";
import { proveEdit, readEdited } from "./proof.ts";
import { withOwnRules } from "./add_rule.ts";
import { colonEnd } from "../../yaml/edit/places.ts";
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
  const list = resolveNode(document, creationRules?.value);
  if (!isSeq(list)) throw new InternalError("rules without a list of rules");
  const seq = list as YAMLSeq.Parsed;
  const index = (seq.items as unknown[]).indexOf(rules[ruleIndex]!.nodes.item);
  const cut = seq.items.length > 1
    ? cutEntry(document, seq, index)
    : cutLastEntry(document, seq, colonEnd(document, creationRules!.key));
  if (cut === undefined) throw new InternalError("a rule that is no entry of its list");
  return cut;
}
