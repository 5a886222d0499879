/**
 * Who can read one file: everybody with their key, and what the rule would change.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { styled } from "../../base/show/style.ts";
import { tableOf } from "../../base/show/table.ts";
import type { OwnRecipients } from "../../repository/access/own_recipients.ts";
import { type NamedRuleKey, nameKey, nameRuleKey } from "../../repository/scan/differences.ts";
import type { RuledFile } from "../../repository/scan/file_rules.ts";
import { countNeededGroups } from "../../sops/threshold.ts";
import { formatKeyName, formatShortKey, markOwn } from "../shared/rule_text.ts";

/** Prints the readers of a file, one a line. */
export function showFile({ report }: Session, file: RuledFile, own: OwnRecipients): void {
  const { path, metadata, differences, fileRule: { config, rule, problem } } = file;
  const place = rule !== undefined && config !== undefined
    ? `rule ${rule.index + 1} of ${report.path(config.path)}`
    : problem ?? "no rule matches it";
  const extra = new Set(differences?.extra.map(({ key }) => key.text));
  const groupCount = metadata.groups.length;
  const neededGroups = countNeededGroups(metadata);
  const reads = neededGroups === 1 ? "reads it" : "reads it with another group";
  const row = (key: NamedRuleKey, groupIndex: number, what: string): string[] => [
    markOwn(formatKeyName(key), own.has(key)),
    key.name === undefined ? "" : formatShortKey(key),
    ...(groupCount > 1 ? [`group ${groupIndex + 1}`] : []),
    what,
  ];
  const rows = metadata.groups.flatMap(({ keys }, groupIndex) =>
    keys.map((key) =>
      row(nameKey(key, config, rule), groupIndex, extra.has(key.text) ? `${reads}; the rule takes it away` : reads)
    )
  );
  const missing = (differences?.missing ?? []).map(({ key, groupIndex }) =>
    row(nameRuleKey(key, config, rule), groupIndex, "cannot read it; the rule adds it")
  );
  report.answer([`${styled(report.path(path), "name")}  (${place})`, tableOf([...rows, ...missing], { indent: "  " })]);
  if (groupCount > 1) report.note(`a reader needs keys of ${neededGroups} of ${groupCount} groups`);
}
