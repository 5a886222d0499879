/**
 * The read model of `.sops.yaml`: what SOPS would understand of the file, with the names people gave and the place
 * where each thing is written.
 *
 * Types only; `sops_config_read.ts` makes it, `lib/config/patterns/matcher.ts` asks it, `lib/config/edit/` plans changes of its text.
 * Spec: sops-engine §1, sops-config §1–2 (SOPS 3.13.2).
 *
 * @module
 */
import type { Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { YamlDocument } from "../../yaml/parse.ts";
import type { MapEntry, WrittenNode } from "../../yaml/resolve.ts";

/** A half-open piece of the source text in UTF-16 code units. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The kinds of key that a SOPS key group holds, named as in `.sops.yaml`. */
export const KEY_TYPES = [
  "age",
  "pgp",
  "kms",
  "gcp_kms",
  "hckms",
  "azure_keyvault",
  "hc_vault_transit_uri",
] as const;

/** One of {@link KEY_TYPES}; `hc_vault` of a key group counts as `hc_vault_transit_uri`. */
export type KeyType = typeof KEY_TYPES[number];

/** One key of a rule, as SOPS would use it. */
export interface RuleKey {
  readonly type: KeyType;
  /** The key as SOPS stores it: the recipient, fingerprint or a readable form of a cloud key. */
  readonly text: string;
  /** Best first: the anchor it is defined with, the comment at the end of its line, the comment line directly above. */
  readonly name?: string;
  /** How it stands in the rule. */
  readonly written: "literal" | "alias" | "anchor";
  /** Where it stands in the source (for an alias: the alias; in a comma string: its own piece). */
  readonly range: Range;
  /** The list item or the whole string it is written in; an alias stays one. */
  readonly node: WrittenNode;
}

/** One key group after `merge:` and removal of duplicates, in the order SOPS uses. */
export interface KeyGroup {
  readonly keys: readonly RuleKey[];
}

/** The six selectors, of which a rule may have one. */
export const SELECTORS = [
  "unencrypted_suffix",
  "encrypted_suffix",
  "unencrypted_regex",
  "encrypted_regex",
  "unencrypted_comment_regex",
  "encrypted_comment_regex",
] as const;

/** One of {@link SELECTORS}. */
export type Selector = typeof SELECTORS[number];

/** Where a key group of `key_groups` stands in the text. */
export interface GroupNodes {
  /** The item of `key_groups` as written; an alias stays one. */
  readonly item: WrittenNode;
  /** The group's mapping, aliases followed. */
  readonly map: YAMLMap.Parsed;
  /** Its keys, `<<` followed. */
  readonly entries: readonly MapEntry[];
}

/** Where a rule stands in the text. */
export interface RuleNodes {
  /** The item of `creation_rules` as written. */
  readonly item: WrittenNode;
  /** The item is an alias to a rule that is written elsewhere. */
  readonly isAlias: boolean;
  /** The rule's mapping, aliases followed. */
  readonly map: YAMLMap.Parsed;
  /** The mapping holds a `<<`. */
  readonly usesMerge: boolean;
  /** Its keys, `<<` followed; `owner` of an entry tells which mapping the pair stands in. */
  readonly entries: readonly MapEntry[];
  /** The groups of `key_groups`, one for each of `Rule.groups`; empty when the flat fields count. */
  readonly groups: readonly GroupNodes[];
}

/** One creation rule. */
export interface Rule {
  /** 0-based; people see `index + 1`. */
  readonly index: number;
  /** 1-based line on which the rule starts. */
  readonly lineNumber: number;
  readonly range: Range;
  /** Undefined or empty: the rule matches every file. */
  readonly pathRegex: string | undefined;
  /** The groups that SOPS would encrypt to: of `key_groups` when it has any, else one group of the flat fields. */
  readonly groups: readonly KeyGroup[];
  /** The non-empty selectors of the rule (more than one is a mistake that SOPS refuses). */
  readonly selectors: Readonly<Partial<Record<Selector, string>>>;
  readonly macOnlyEncrypted: boolean;
  readonly shamirThreshold: number | undefined;
  readonly nodes: RuleNodes;
}

/** A key that the file names: an anchor on a scalar anywhere outside the rules' own literals. */
export interface NamedKey {
  readonly name: string;
  readonly text: string;
  /** Where the scalar stands, without its anchor. */
  readonly range: Range;
  readonly lineNumber: number;
  readonly node: Scalar.Parsed;
  /** The list or mapping that the scalar is written in; undefined for a file that is nothing else. */
  readonly parent: YAMLSeq.Parsed | YAMLMap.Parsed | undefined;
  /** The keys and anchors on the way to it, outermost first: `["keys", "hosts"]`. */
  readonly trail: readonly string[];
}

/** Something a reader should know that is not an error: an unknown key, a second document, … */
export interface ConfigWarning {
  readonly message: string;
  readonly lineNumber: number;
  readonly column: number;
}

/**
 * A `.sops.yaml` as SOPS understands it. Its text is `document.source`, decoded as UTF-8, byte order mark included.
 */
export interface SopsConfig {
  /** Absolute path of the file. */
  readonly path: string;
  readonly document: YamlDocument;
  /** The top-level mapping; undefined for a file without content. */
  readonly map: YAMLMap.Parsed | undefined;
  /** `creation_rules` as written; undefined when absent. Its value may be null or `[]`. */
  readonly creationRules: MapEntry | undefined;
  /** `creation_rules` is a list, be it empty: SOPS then refuses every file that no rule matches. */
  readonly hasCreationRules: boolean;
  readonly rules: readonly Rule[];
  readonly keys: readonly NamedKey[];
  readonly warnings: readonly ConfigWarning[];
}
