/**
 * `recipient rename OLD NEW`: gives a key of `.sops.yaml` another name, at its definition and wherever it is used. Nobody
 * gains or loses anything. Spec: sops-config §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { changeConfig } from "../../repository/recipients/change.ts";
import { listKnownRecipients, requireKnownRecipient } from "../../repository/recipients/known.ts";
import { planRename } from "../../repository/recipients/plan.ts";
import { requireName } from "../shared/recipient_naming.ts";
import { type ChangeFlags, readConfigFor } from "./rule_choice.ts";
import { changeAsJson } from "./report.ts";
import { describeConfigChange } from "../shared/change_diff.ts";
import { formatRuleNumbers, formatSubject } from "../shared/rule_text.ts";

/** Flags of `recipient rename`. */
export type RecipientRenameFlags = Pick<ChangeFlags, "config" | "dryRun" | "json">;

/**
 * Runs `recipient rename`.
 *
 * @param args the present name or the key, then the new name
 * @returns the exit code
 * @throws {UserError} `usage` for a recipient that the config does not have, a key that has no name, or a new name that is
 * none; `exists` when the new name is taken; what reading and editing the config throws. Nothing has been written then
 */
export async function recipientRename(
  flags: RecipientRenameFlags,
  [wanted = "", to = ""]: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const { chosen, config } = readConfigFor(session, flags);
  requireName(to);
  const key = requireKnownRecipient(config, listKnownRecipients(config), wanted);
  const from = key.names.includes(wanted) ? wanted : key.name;
  if (from === undefined) {
    throw new UserError("usage", `${formatSubject(key)} has no name in "${config.path}"`, {
      hints: ["write one as a comment behind it, or as an anchor before it"],
    });
  }
  const outcome = await changeConfig(host, chosen, {
    mode: flags.dryRun ? "preview" : "write",
    plan: (current) => Promise.resolve(planRename(current, { from, to, text: key.text })),
  });
  const path = report.path(config.path);
  const where = `${path} (${formatRuleNumbers(key.rules)})`;
  if (!outcome.changed) report.say(`the name is ${to} already; nothing changed`);
  else if (flags.dryRun) report.say(`would rename ${from} to ${to} in ${where}`);
  else report.done(`renamed ${from} to ${to} in ${where}`);
  const diff = flags.dryRun ? await describeConfigChange(report, outcome) : undefined;
  if (diff) report.data(diff);
  report.json({ from, to, ...changeAsJson(outcome, diff) });
  return EXIT.done;
}
