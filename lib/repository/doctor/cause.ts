/**
 * Why a file does not open on this machine: the one cause that a person can do something about. Pure.
 *
 * @module
 */
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { classifyRecipient } from "../../keys/age/recipient.ts";
import type { FileKey } from "../scan/scanned_metadata.ts";
import { type AccessDiagnosis, bareRecipient, type KeyDiagnosis } from "./access.ts";
import type { Finding, LocalIdentity, Obstacle } from "./finding.ts";

/** Why a file does not open. */
export type Cause =
  /** SOPS reads its configuration even to decrypt, and stops there. */
  | { readonly kind: "broken-config"; readonly finding: Finding }
  /** It is not what was encrypted. */
  | { readonly kind: "integrity"; readonly finding: Finding }
  /** It cannot be read as an encrypted file. */
  | { readonly kind: "malformed"; readonly finding: Finding }
  /** The identity of one of its keys is here, but SOPS does not use it. */
  | {
    readonly kind: "obstacle";
    readonly key: FileKey;
    readonly identity: LocalIdentity;
    readonly obstacle: Obstacle;
  }
  /** Keys of some groups are here, but not of enough. */
  | {
    readonly kind: "groups";
    readonly openGroups: number;
    readonly neededGroups: number;
    readonly isByDefault: boolean;
  }
  /** There is no identity at all. */
  | { readonly kind: "no-identity"; readonly readers: readonly FileKey[] }
  /** There are identities, but the file is not encrypted for them. */
  | {
    readonly kind: "not-a-reader";
    readonly readers: readonly FileKey[];
    /** A recipient of an identity here that SOPS uses: one that the rule knows, else any. */
    readonly mine: string;
    readonly isInRule: boolean;
    /** The rule has it only in a field that SOPS ignores beside `key_groups`. */
    readonly isIgnored: boolean;
  };

/** What says which rule counts for a file. */
export interface CauseContext {
  /** Undefined: there is none, or it cannot be read. */
  readonly config: SopsConfig | undefined;
  /** The rule that wins for the file. */
  readonly rule: Rule | undefined;
  /** All that are on this machine. */
  readonly identities: readonly LocalIdentity[];
}

/** @returns undefined for a file that opens, or may */
export function findCause(access: AccessDiagnosis, { config, rule, identities }: CauseContext): Cause | undefined {
  if (access.answer !== "no") return undefined;
  const closed = access.groups.filter((keys) => keys.every(({ answer }) => answer === "no"));
  const blocked = closed.flat().find(({ identity }) => identity?.obstacle !== undefined);
  if (blocked?.identity?.obstacle !== undefined) {
    const { key, identity } = blocked;
    return { kind: "obstacle", key, identity, obstacle: blocked.identity.obstacle };
  }
  const openGroups = access.groups.length - closed.length;
  const { neededGroups } = access;
  if (openGroups > 0) {
    return { kind: "groups", openGroups, neededGroups, isByDefault: rule?.shamirThreshold === undefined };
  }
  const readers = readersOf(access.groups);
  const mine = identities.flatMap(({ recipient, obstacle }) =>
    recipient === undefined || obstacle !== undefined ? [] : [recipient]
  );
  const ofRule = new Set(rule?.groups.flatMap(({ keys }) => keys.map(({ text }) => bareRecipient(text))) ?? []);
  const ignored = config === undefined || rule === undefined ? "" : ignoredText(config, rule);
  const inRule = mine.find((recipient) => ofRule.has(recipient));
  const inIgnored = mine.find((recipient) => ignored.includes(recipient));
  const chosen = inRule ?? inIgnored ?? mine.find((recipient) => classifyRecipient(recipient) === "x25519") ?? mine[0];
  if (chosen === undefined) return { kind: "no-identity", readers };
  return {
    kind: "not-a-reader",
    readers,
    mine: chosen,
    isInRule: inRule !== undefined,
    isIgnored: inRule === undefined && inIgnored !== undefined,
  };
}

/** Those who can let somebody in: all keys, each once. */
function readersOf(groups: AccessDiagnosis["groups"]): FileKey[] {
  const readers = new Map<string, KeyDiagnosis>();
  for (const diagnosis of groups.flat()) readers.set(`${diagnosis.key.type} ${diagnosis.key.text}`, diagnosis);
  return Array.from(readers.values(), ({ key }) => key);
}

/** @returns what stands in the `age` of a rule that has `key_groups`, which SOPS then ignores; empty when nothing */
function ignoredText({ document }: SopsConfig, { nodes }: Rule): string {
  if (nodes.groups.length === 0) return "";
  const value = nodes.entries.find(({ name }) => name === "age")?.value;
  return value === undefined ? "" : document.source.slice(value.range[0], value.range[1]);
}
