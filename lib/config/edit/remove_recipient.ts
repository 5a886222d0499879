/**
 * Takes a recipient from rules of `.sops.yaml`, with the comments that describe it and its unused definition.
 *
 * Never leaves a rule or a key group empty, never changes another rule (unless the shared place is asked for), never
 * leaves an alias without its anchor. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import { isMerge, writtenEntries, type WrittenNode } from "../../yaml/resolve.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import type { ConfigEdits, EditScope } from "./plan.ts";
import { describeEdits, noEdits } from "./changes.ts";
import { cutEntry, cutOnlyEntry } from "../../yaml/edit/cut.ts";
import { cutPiece } from "../../yaml/edit/comma_text.ts";
import { moveAnchorOut } from "../../yaml/edit/detach.ts";
import { findUsedNames, forgetUnused } from "./forget.ts";
import { askedGroups } from "./group.ts";
import { findHeldKeys, groupsWith, type HeldKey, type HeldQuery, type PairStep } from "./held_keys.ts";
import { withOwnPlaces } from "./own_place.ts";
import { proveEdit, readEdited } from "./proof.ts";
import { findReadings, isSeenOutside, readerOf, type Reading, type Readings } from "./readings.ts";
import { entriesOf, entryOf, placeOf } from "../../yaml/entries.ts";
import { COMMENTED_OUT } from "./names.ts";
import type { SopsConfig } from "../rules/sops_config.ts";

/** What else may be said about a recipient that goes. */
export interface RemoveRecipientOptions {
  /** 0-based index of the key group; absent: every group that has it. */
  readonly group?: number;
  /** Default `rule`. */
  readonly scope?: EditScope;
}

/**
 * Plans that rules lose a recipient.
 *
 * A place that several rules share is edited itself when all of them are named, or when `scope` is `shared`; else the
 * named rules get their own copy without the recipient. Rules that do not have it stay as they are.
 *
 * @param ruleIndexes 0-based, in any order
 * @param text the key as `RuleKey.text` has it, of any type
 * @returns the proved edit; the old text when no named rule has the key
 * @throws {UserError} `refused` when a rule or key group would be left without any key, or when the key stands in the
 * file in a form that cannot be cut (escape sequences); `usage` for a group that no named rule has
 * @throws {InternalError} when the proof of the edit fails
 */
export function planRemoveRecipient(
  config: SopsConfig,
  ruleIndexes: readonly number[],
  text: string,
  options: RemoveRecipientOptions = {},
): ConfigEdits {
  const { group, scope = "rule" } = options;
  const query: HeldQuery = { text, groups: askedGroups(config, ruleIndexes, group) };
  const must = new Set(groupsWith(config, query).map(({ reader }) => reader));
  if (must.size === 0) return noEdits(config);
  refuseEmpty(config, config, must, text);

  const texts = new Set([text]);
  const candidates = findUsedNames(config, texts);
  const { config: cut, changed, isOutside } = new Removal(config, query, scope).run();
  refuseEmpty(config, cut, changed, text);
  const { config: after, keys: forgotten } = forgetUnused(cut, candidates, texts);
  proveEdit(config, after, {
    losses: { text, must, may: scope === "rule" ? new Set() : changed },
    defined: [],
    forgotten,
    ...(isOutside ? { sharedText: text } : {}),
  });
  return describeEdits(config, after);
}

/** Refuses to leave nothing in one of these groups of the file before, as it is planned. */
function refuseEmpty(before: SopsConfig, planned: SopsConfig, groups: ReadonlySet<string>, text: string): void {
  for (const rule of before.rules) {
    rule.groups.forEach((_, at) => {
      if (!groups.has(`${rule.index}/${at}`)) return;
      const rest = planned.rules[rule.index]?.groups[at]?.keys.filter((key) => key.text !== text) ?? [];
      if (rest.length > 0) return;
      const place = rule.groups.length > 1 ? `key group ${at + 1} of rule ${rule.index + 1}` : `rule ${rule.index + 1}`;
      throw new UserError("refused", `cannot leave ${place} of "${before.path}" without any key`, {
        hints: [
          rule.groups.length > 1
            ? `add another recipient to it first: sopsmith recipient add … --rule ${rule.index + 1} --group ${at + 1}`
            : "add another recipient to it first, or drop the rule: sopsmith recipient remove … --drop-rule",
        ],
        location: { path: before.path, line: rule.lineNumber },
      });
    });
  }
}

interface Removed {
  readonly config: SopsConfig;
  /** `rule/group` of each group whose keys may have changed. */
  readonly changed: ReadonlySet<string>;
  /** Whether a place outside the rules lost the key. */
  readonly isOutside: boolean;
}

/** Removes in rounds, one key of each place in a round: every round reads the text of the last one. */
class Removal {
  #config: SopsConfig;
  #readings: Readings;
  readonly #query: HeldQuery;
  readonly #scope: EditScope;
  readonly #changed = new Set<string>();
  #isOutside = false;

  constructor(config: SopsConfig, query: HeldQuery, scope: EditScope) {
    this.#config = config;
    this.#readings = findReadings(config);
    this.#query = query;
    this.#scope = scope;
  }

  run(): Removed {
    // Each round takes a key or moves an anchor off one; the file has no more of either than nodes.
    for (let rest = this.#config.document.source.length; rest > 0; rest--) {
      this.#readings = this.#part();
      const held = findHeldKeys(this.#config, this.#readings, this.#query);
      if (held.length === 0) return { config: this.#config, changed: this.#changed, isOutside: this.#isOutside };
      this.#note(held);
      this.#config = readEdited(this.#config, this.#planRound(held));
    }
    throw new InternalError("a recipient comes back after every removal");
  }

  /** Gives the named rules their own places where only they shall change. */
  #part(): Readings {
    if (this.#scope === "shared") return findReadings(this.#config);
    const own = withOwnPlaces(
      this.#config,
      (config, readings) => findHeldKeys(config, readings, this.#query).map(({ reading }) => reading),
    );
    this.#config = own.config;
    return own.readings;
  }

  #note(held: readonly HeldKey[]): void {
    for (const { reading } of held) {
      for (const sharer of this.#readings.sharing(reading)) this.#changed.add(readerOf(sharer));
      if (isSeenOutside(this.#config, reading.end)) this.#isOutside = true;
    }
  }

  #planRound(held: readonly HeldKey[]): Splice[] {
    const { document } = this.#config;
    const places = new Set<unknown>();
    const splices: Splice[] = [];
    let moved: Splice[] | undefined;
    for (const one of held) {
      const place = one.kind === "item" ? one.list : one.kind === "piece" ? one.scalar : one.step.own!.value;
      if (places.has(place)) continue;
      const { part, cut } = this.#planCut(one);
      const move = part && moveAnchorOut(document, part);
      if (move === undefined) {
        places.add(place);
        splices.push(...cut);
      } else moved ??= move;
    }
    return splices.length > 0 ? splices : moved!;
  }

  /** @returns the splices, and the part of the file that they take away */
  #planCut(held: HeldKey): { readonly part: WrittenNode | undefined; readonly cut: readonly Splice[] } {
    const { document } = this.#config;
    if (held.kind === "piece") {
      const cut = cutPiece(document, held.scalar, this.#query.text);
      if (cut === undefined) throw this.#cannotCut(held);
      return { part: undefined, cut };
    }
    const { step } = held;
    if (held.kind === "value") {
      const value = step.own!.value!;
      return { part: value, cut: this.#cutPair(step, held.reading) ?? emptyText(this.#config, value) };
    }
    const item = held.list.items[held.index] as WrittenNode;
    if (held.list.items.length === 1) {
      const pair = step.own?.value === held.list ? this.#cutPair(step, held.reading) : undefined;
      if (pair !== undefined) return { part: held.list, cut: pair };
      const at = entryOf(document, step.own!.key).headEnd;
      const cut = cutOnlyEntry(document, entriesOf(document, held.list)[0]!, { at, commentedOut: COMMENTED_OUT });
      if (cut === undefined) throw this.#cannotCut(held);
      return { part: item, cut };
    }
    const cut = cutEntry(document, entriesOf(document, held.list)[held.index]!, { commentedOut: COMMENTED_OUT });
    if (cut === undefined) throw this.#cannotCut(held);
    return { part: item, cut };
  }

  /** @returns undefined when the key must stay: nothing else is in its mapping, or a `<<` could bring it back */
  #cutPair(step: PairStep, reading: Reading): Splice[] | undefined {
    const { document } = this.#config;
    const { map, own, name } = step;
    const isMerged = writtenEntries(document, map).some(isMerge) ||
      this.#readings.sharing({ ...reading, end: step }).some(({ steps }) => {
        const before = steps[steps.indexOf(step) - 1];
        return before?.kind === "pair" && before.name === name;
      });
    if (isMerged || map.items.length < 2) return undefined;
    return cutEntry(document, entryOf(document, own!.key), { commentedOut: COMMENTED_OUT });
  }

  #cannotCut({ key }: HeldKey): UserError {
    const { path, document } = this.#config;
    const name = key.name === undefined ? "the key" : `"${key.name}"`;
    return new UserError(
      "refused",
      `cannot remove ${name} from "${path}": it is written in a form that cannot be cut`,
      {
        hints: ["write the keys on lines of their own, without escape sequences, and run the command again"],
        location: { path, line: document.lineStarts.findLastIndex((start) => start <= key.range.start) + 1 },
      },
    );
  }
}

/** Plans a text without keys in the place of one. */
function emptyText(config: SopsConfig, value: WrittenNode): Splice[] {
  return [{ start: placeOf(config.document, value).start, end: value.range[1], text: "''" }];
}
