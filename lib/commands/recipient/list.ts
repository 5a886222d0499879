/**
 * `recipient list`: every public key of `.sops.yaml` by name, the rules that have it, and how many encrypted files it can
 * really read. Reads only. Spec: sops-config §2.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { EXIT } from "../../base/exit_code.ts";
import { readChosenConfig } from "../../config/config_choice.ts";
import { findGovernedFiles } from "../../repository/scan/governed_files.ts";
import { listRecipientUse, type RecipientUse } from "../../repository/recipients/use.ts";
import { findOwnRecipients } from "../../repository/access/own_recipients.ts";
import { formatCount } from "../../base/show/counts.ts";
import { formatKeyKind, formatKeyText, formatRuleNumbers, markOwn, warnOf } from "../shared/rule_text.ts";
import { tableOf } from "../../base/show/table.ts";

/** Flags of `recipient list`. */
export interface RecipientListFlags {
  /** The `.sops.yaml` to read instead of the nearest one. */
  readonly config?: string;
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/** Stands for the name of a key that has none. */
const NAMELESS = "-";

/**
 * Lists the recipients of the config that counts in the working directory.
 *
 * @throws {UserError} `not-found` without a config, `malformed` when SOPS would refuse it, `io` or `denied`
 */
export async function recipientList(
  flags: RecipientListFlags,
  _args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const { config, reason } = readChosenConfig(host, host.cwd, flags.config);
  warnOf(config, report);
  const { files, unseen } = findGovernedFiles(host, { path: config.path, reason });
  for (const { message } of unseen) report.warning(`${message}; encrypted files in it are not counted`);
  const recipients = listRecipientUse(config, files);
  const own = await findOwnRecipients(host);
  report.answer([
    `config  ${report.path(config.path)}`,
    recipients.length === 0
      ? "no recipients"
      : tableOf(recipients.map((recipient) => rowOf(recipient, own.has(recipient))), {
        yields: [2, 0, 1, 3],
        styles: ["name"],
      }),
  ]);
  report.json({
    config: config.path,
    recipients: recipients.map((recipient) => useAsJson(recipient, own.has(recipient))),
  });
  return EXIT.done;
}

function rowOf(recipient: RecipientUse, isYou: boolean): string[] {
  const { name, rules, files, isInConfig } = recipient;
  const remark = isInConfig ? [] : ["(only in files)"];
  return [
    markOwn(name ?? NAMELESS, isYou),
    formatKeyKind(recipient),
    formatKeyText(recipient),
    formatRuleNumbers(rules),
    formatCount(files.length, "file"),
    ...remark,
  ];
}

function useAsJson(recipient: RecipientUse, isYou: boolean): Record<string, unknown> {
  const { type, text, name, names, rules, files, isInConfig } = recipient;
  return {
    name: name ?? null,
    names,
    type,
    kind: formatKeyKind(recipient),
    text,
    rules: rules.map(({ index }) => index + 1),
    files: files.map(({ path }) => path),
    isInConfig,
    you: isYou,
  };
}
