/**
 * A change of `.sops.yaml` in the making: the text as it is by now, and what the proof shall find at the end. Pure.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import { applySplices, type Splice } from "../../yaml/edit/splice.ts";
import type { RuleKey, SopsConfig } from "../rules/sops_config.ts";
import { parseSopsConfig } from "../rules/sops_config_read.ts";
import type { NewRule, Renaming } from "./intent.ts";

/** The definition of a key by an anchor. */
export interface KeyName {
  readonly name: string;
  readonly text: string;
}

/** The texts of keys that one group shall gain and lose. */
export interface ExpectedKeys {
  readonly gained: Set<string>;
  readonly lost: Set<string>;
}

/** A rule that shall be new. Its one group holds these keys in any order. */
export interface ExpectedRule {
  /** In the new file. */
  readonly index: number;
  readonly rule: Pick<NewRule, "pathRegex" | "selectors" | "macOnlyEncrypted">;
  readonly keys: readonly Pick<RuleKey, "type" | "text">[];
}

/** What shall differ at the end, by indexes in the file before. Nothing else may. */
export class Expected {
  /** By {@link groupId}. */
  readonly groups = new Map<string, ExpectedKeys>();
  /** Groups that share a changed place, by {@link groupId}: they may gain and lose what others must. */
  readonly sharing = new Set<string>();
  /** Keys that lists outside the rules gain or lose, because rules use them. */
  readonly outside = new Set<string>();
  /** Keys that get a definition outside the rules. */
  defined: KeyName[] = [];
  /** Keys whose definition outside the rules may go. */
  readonly forgotten: KeyName[] = [];
  /** A name that becomes another one, wherever it names a key. */
  renamed: Renaming | undefined;
  /** Rules that go. */
  readonly dropped = new Set<number>();
  /** A rule that comes. */
  added: ExpectedRule | undefined;

  /** @returns what a group shall gain and lose, to be added to */
  of(group: string): ExpectedKeys {
    const known = this.groups.get(group) ?? { gained: new Set(), lost: new Set() };
    this.groups.set(group, known);
    return known;
  }
}

/** @returns what stands for a key group of a rule: `rule/group`; of a destination rule `undefined/group` */
export function groupId(ruleIndex: number | undefined, group: number): string {
  return `${ruleIndex}/${group}`;
}

/** The steps of a change leave their result here, one after the other. */
export class Draft {
  readonly expected = new Expected();
  config: SopsConfig;

  constructor(config: SopsConfig) {
    this.config = config;
  }

  /** Goes on with the text that splices give. */
  apply(splices: readonly Splice[]): void {
    this.config = parseEdited(this.config, splices);
  }
}

/**
 * Reads the text that splices give.
 *
 * @throws {InternalError} when it cannot be read; the file before the edit could
 */
export function parseEdited(config: SopsConfig, splices: readonly Splice[]): SopsConfig {
  try {
    return parseSopsConfig(applySplices(config.document.source, splices), config.path);
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    throw new InternalError(`the planned edit of the configuration would give a broken file: ${cause.message}`, {
      cause,
    });
  }
}
