/**
 * Nobody takes their own key away by mistake: where a change of the rules would close encrypted files that only the
 * person's own key opens on this machine, it is asked for, or a flag has to say so.
 *
 * @module
 */
import { canAsk, confirm } from "../../base/ask/prompts.ts";
import { UserError } from "../../base/error.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { keysOf } from "../../config/edit/diff.ts";
import { findOwnRecipients } from "../../repository/access/own_recipients.ts";
import type { ChangeOutcome } from "../../repository/recipients/change.ts";

/** The flags of commands that may take a key away. */
export interface OwnKeyFlags {
  /** Take the person's own key away, too. */
  readonly withoutMe?: boolean;
  readonly dryRun?: boolean;
}

/** How many files are named. */
const MAX_NAMED = 5;

/**
 * @param preview the change as it would be
 * @throws {UserError} `refused` where it would close files here, nobody can be asked and no flag says so; `cancelled` when
 * the person says no. Nothing has been written then
 */
export async function requireConsent(session: Session, preview: ChangeOutcome, flags: OwnKeyFlags): Promise<void> {
  if (flags.withoutMe) return;
  const { host, report } = session;
  const own = await findOwnRecipients(host);
  if (own.isEmpty) return;
  const closing = preview.behind.filter(({ file, rule }) => {
    const present = file.metadata.groups.flatMap(({ keys }) => keys);
    return present.some((key) => own.has(key)) && !keysOf(rule).some((key) => own.has(key));
  });
  if (closing.length === 0) return;
  const files = closing.length === 1 ? "this file" : `these ${formatCount(closing.length, "file")}`;
  const what = `this is your own key, the only one here that reads ${files}`;
  const names = closing.slice(0, MAX_NAMED).map(({ file }) => report.path(file.path));
  if (flags.dryRun) return report.warning(`${what}: ${names.join(", ")}`);
  if (!canAsk(host)) {
    throw new UserError("refused", `cannot take a key away: ${what}`, {
      details: [...names, ...(closing.length > MAX_NAMED ? [`… ${closing.length - MAX_NAMED} more`] : [])],
      hints: ["--without-me takes it away on purpose"],
    });
  }
  report.warning(what);
  for (const name of names) report.detail(name);
  const question = { text: "take it away all the same", instead: "pass --without-me" };
  if (!await confirm(host, question)) throw new UserError("cancelled", "nothing was changed");
}
