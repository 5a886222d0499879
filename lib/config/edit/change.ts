/**
 * The one plan for every change of a `.sops.yaml`: an intent becomes text, the text is read again, and the difference is
 * proved to be what was asked for. Nothing is written. Pure. Spec: sops-config §3.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import { lineNumberAt } from "../../yaml/position.ts";
import type { RuleKey, SopsConfig } from "../rules/sops_config.ts";
import { addRecipients } from "./add.ts";
import { type ConfigDiff, keysOf } from "./diff.ts";
import { Draft } from "./draft.ts";
import {
  askedGroups,
  type ChangeIntent,
  checkRecipients,
  type EditScope,
  type KeysIntent,
  type NewRecipient,
  requireGroup,
} from "./intent.ts";
import { findKind } from "./kinds.ts";
import { collectNames } from "./names.ts";
import { proveChange } from "./proof.ts";
import { removeKey } from "./remove.ts";
import { renameKey } from "./rename.ts";
import { addRule, dropRule } from "./rules.ts";

/** A planned change, proved. */
export interface ConfigChange extends ConfigDiff {
  /** Whether the text differs; without a difference `after` is `before`. */
  readonly changed: boolean;
}

/**
 * Plans a change. Recipients that come are written at once, however many.
 *
 * @throws {UserError} `refused` for a rule with several key groups and no `group`, when a rule or key group would be left
 * without any key, when a key stands in a form that cannot be cut, for a file whose whole content is a null; `usage` for
 * a group that does not exist; `refused` for a file in which a key of the form `? key` is in the way; `malformed` for a recipient that cannot stand in the file; what `renameKey` throws
 * @throws {InternalError} when the proof fails, and for a rule that does not exist
 */
export function planChange(config: SopsConfig, intent: ChangeIntent): ConfigChange {
  try {
    return planProved(config, intent);
  } catch (error) {
    throw error instanceof InternalError ? refusalOfForm(config, error) ?? error : error;
  }
}

/** @returns the refusal of a file with keys in a form that edits keep where they can; undefined for other files */
function refusalOfForm({ document, path }: SopsConfig, cause: InternalError): UserError | undefined {
  const { explicitKeyOffset: offset } = document;
  if (offset === undefined) return undefined;
  const line = lineNumberAt(document, offset);
  return new UserError(
    "refused",
    `cannot change "${path}": line ${line} writes a key as "? key", which is in the way`,
    {
      hints: ['write it as "key: value", like every other key with a ? before it, and run the command again'],
      location: { path, line },
      cause,
    },
  );
}

function planProved(config: SopsConfig, intent: ChangeIntent): ConfigChange {
  const { keys = [], scope = "rule", rename, dropRules = [] } = intent;
  const draft = new Draft(config);
  const { expected } = draft;
  if (rename !== undefined) {
    renameKey(draft, rename);
    expected.renamed = rename;
  }
  for (const part of keys) changeKeys(draft, part, scope);
  for (const index of [...new Set(dropRules)].sort((a, b) => b - a)) {
    dropRule(draft, index);
    expected.dropped.add(index);
  }
  if (intent.addRule !== undefined) addWholeRule(draft, intent.addRule);
  const diff = proveChange(config, draft.config, expected);
  return { ...diff, changed: draft.config.document.source !== config.document.source };
}

/** A rule that copies keys gets those of its own besides. */
function addWholeRule(draft: Draft, { rule, position }: NonNullable<ChangeIntent["addRule"]>): void {
  const { expected } = draft;
  const keys = addRule(draft, { rule, position });
  if (rule.keysOfRule !== undefined) {
    const own = new Draft(draft.config);
    addRecipients(own, { rules: [position], add: rule.recipients, scope: "rule" });
    draft.config = own.config;
    expected.defined.push(...own.expected.defined);
  }
  const copied = new Set(keys.map(({ text }) => text));
  const others = rule.recipients.filter(({ text }) => !copied.has(text));
  expected.added = {
    rule,
    index: position,
    keys: [...keys, ...others.map(({ text }) => ({ type: "age" as const, text }))],
  };
}

function changeKeys(draft: Draft, { add, remove = [], set, ...where }: KeysIntent, scope: EditScope): void {
  for (const text of remove) removeKey(draft, { ...where, text, scope });
  if (add !== undefined) addRecipients(draft, { ...where, add, scope });
  if (set === undefined) return;
  checkRecipients(set);
  for (const asked of askedGroups(draft.config, where)) {
    const group = requireGroup(draft.config, asked, "set");
    setRecipients(draft, { ruleIndex: asked[0], group, wanted: set, scope });
  }
}

/** One group, and who shall be in it. */
interface WantedRecipients {
  readonly ruleIndex: number;
  readonly group: number;
  readonly wanted: readonly NewRecipient[];
  readonly scope: EditScope;
}

/** Those that stay keep their name and place; the others come last, in their order. */
function setRecipients(draft: Draft, { ruleIndex, group, wanted, scope }: WantedRecipients): void {
  const before = draft.config;
  const { groups } = before.rules[ruleIndex]!;
  const where = { rules: [ruleIndex], scope, ...(groups.length > 1 ? { group } : {}) };
  const present = new Map(
    (groups[group]?.keys ?? []).filter(({ type }) => type === "age").map((key) => [key.text, key]),
  );
  const texts = new Set(wanted.map(({ text }) => text));
  const leaving = [...present.values()].filter(({ text }) => !texts.has(text));
  // Those that come are of the kind of those that go.
  const kind = findKind(before, leaving);
  const joining = wanted.filter(({ text }) => !present.has(text))
    .map((recipient) => kind === undefined ? recipient : { owner: kind, ...recipient });
  // Names become free before the new keys need them; one that goes shows the new ones their place.
  const last = joining.length > 0 ? findLastToLeave(leaving, joining) : undefined;
  for (const { text } of leaving.filter((key) => key !== last)) removeKey(draft, { ...where, text });
  addRecipients(draft, { ...where, add: joining });
  if (last === undefined) return;
  removeKey(draft, { ...where, text: last.text });
  takeFreedName(draft, { before, freed: last.name, joining });
}

/** @returns one whose name no other key wants, if there is one */
function findLastToLeave(leaving: readonly RuleKey[], joining: readonly NewRecipient[]): RuleKey | undefined {
  const names = new Set(joining.map(({ name }) => name));
  return leaving.find(({ name }) => name === undefined || !names.has(name)) ?? leaving[0];
}

/** Gives a new key the name that the last old one kept from it. */
function takeFreedName(
  draft: Draft,
  { before, freed, joining }: {
    readonly before: SopsConfig;
    readonly freed: string | undefined;
    readonly joining: readonly NewRecipient[];
  },
): void {
  const recipient = joining.find(({ name }) => name === freed);
  if (freed === undefined || recipient === undefined || collectNames(draft.config).has(freed)) return;
  const name = draft.config.rules.flatMap(keysOf).find(({ text }) => text === recipient.text)?.name;
  if (name === undefined || collectNames(before).has(name)) return;
  renameKey(draft, { from: name, to: freed });
  const { expected } = draft;
  expected.defined = expected.defined.map((key) => key.name === name ? { ...key, name: freed } : key);
}
