/**
 * What of a file is encrypted, against what its rule says: selector and MAC setting. SOPS writes them into a file once and
 * never changes them, so that a key which is added later may stay in clear. Pure. Spec: sops-engine §1.5, §3.9.
 *
 * @module
 */
import { type Rule, SELECTORS } from "../../config/rules/sops_config.ts";
import type { ScannedMetadata } from "./scanned_metadata.ts";

/** A setting that a file and its rule do not have in common; undefined: the side has none. */
export interface SettingDifference {
  /** As both files call it. */
  readonly name: typeof SELECTORS[number] | "mac_only_encrypted";
  readonly file: string | undefined;
  readonly rule: string | undefined;
}

/** @returns the settings of one side, as people read them: `encrypted_regex ^x$ and mac_only_encrypted true`; empty: none */
export function formatSettings(settings: readonly SettingDifference[], side: "file" | "rule"): string {
  return settings.flatMap((setting) => setting[side] === undefined ? [] : [`${setting.name} ${setting[side]}`])
    .join(" and ");
}

/** What SOPS writes into a file whose rule has no selector, and takes a file for that has none. */
export const DEFAULT_SELECTORS = { unencrypted_suffix: "_unencrypted" } as const;

/** @returns the settings that differ; none of a binary file, which has one value and nothing to choose from */
export function compareSettings(
  metadata: Pick<ScannedMetadata, "format" | "selectors" | "macOnlyEncrypted">,
  rule: Pick<Rule, "selectors" | "macOnlyEncrypted">,
): SettingDifference[] {
  if (metadata.format === "binary") return [];
  const [ofFile, ofRule] = [metadata, rule].map(({ selectors }): Rule["selectors"] =>
    Object.keys(selectors).length > 0 ? selectors : DEFAULT_SELECTORS
  );
  const differences = SELECTORS.map((name): SettingDifference => ({
    name,
    file: ofFile?.[name] || undefined,
    rule: ofRule?.[name],
  }));
  const flag = (isOn: boolean): string | undefined => isOn ? "true" : undefined;
  differences.push({
    name: "mac_only_encrypted",
    file: flag(metadata.macOnlyEncrypted),
    rule: flag(rule.macOnlyEncrypted),
  });
  return differences.filter(({ file, rule }) => file !== rule);
}
