/**
 * Nobody takes their own key away by mistake: where a change would close encrypted files that only the person's own key
 * opens on this machine, it is asked for, or a flag has to say so. Decisions 027 and 039.
 *
 * @module
 */
import { canAsk, confirm } from "../../base/ask/prompts.ts";
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import type { Rule } from "../../config/rules/sops_config.ts";
import { findOwnRecipients, type OwnRecipients } from "../../repository/access/own_recipients.ts";
import type { ScannedFile } from "../../repository/scan/encrypted_files.ts";
import { countNeededGroups } from "../../sops/threshold.ts";

/** The flags of commands that may take a key away. */
export interface OwnKeyFlags {
  /** Take the person's own key away, too. */
  readonly withoutMe?: boolean;
  readonly dryRun?: boolean;
}

/** Whom a file is for. */
export interface Readership {
  readonly groups: readonly { readonly keys: readonly { readonly text: string }[] }[];
  /** Of how many groups a reader needs a key. */
  readonly neededGroups: number;
}

/** A file, whom it is for, and whom it will be for. */
export interface ReaderChange {
  /** Absolute. */
  readonly path: string;
  readonly before: Readership;
  readonly after: Readership;
}

/** An encrypted file that is not as its rule says. */
interface RuledChange {
  readonly file: Pick<ScannedFile, "path" | "metadata">;
  readonly rule: Rule;
}

/** How many files are named. */
const MAX_NAMED = 5;

/**
 * @returns false where the person says no
 * @throws {UserError} `refused` where files here would be closed, nobody can be asked and no flag says so; nothing may have
 * been written then
 */
export async function requireConsent(
  { host, report }: Session,
  changes: readonly ReaderChange[],
  flags: OwnKeyFlags,
): Promise<boolean> {
  if (flags.withoutMe || changes.length === 0) return true;
  const closing = await findClosing(host, changes);
  if (closing.length === 0) return true;
  const files = closing.length === 1 ? "this file" : `these ${formatCount(closing.length, "file")}`;
  const what = `this is your own key, the only one here that reads ${files}`;
  const named = closing.slice(0, MAX_NAMED).map(({ path }) => report.path(path));
  const rest = closing.length > MAX_NAMED ? [`… ${closing.length - MAX_NAMED} more`] : [];
  if (flags.dryRun) {
    report.warning(`${what}: ${[...named, ...rest].join(", ")}`);
    return true;
  }
  if (!canAsk(host)) {
    throw new UserError("refused", `cannot take a key away: ${what}`, {
      details: [...named, ...rest],
      hints: ["--without-me takes it away on purpose"],
    });
  }
  report.warning(what);
  for (const line of [...named, ...rest]) report.detail(line);
  const heading = `without it, nothing on this machine opens ${closing.length === 1 ? "it" : "them"} any more`;
  return await confirm(host, { heading, text: "take it away all the same", instead: "pass --without-me" });
}

/**
 * The same for a change of rules, by the encrypted files that are not as their rule says then.
 *
 * @throws {UserError} also `cancelled` where the person says no
 */
export async function requireConsentToRules(
  session: Session,
  behind: readonly RuledChange[],
  flags: OwnKeyFlags,
): Promise<void> {
  const changes = behind.map(({ file: { path, metadata }, rule }) => (
    { path, before: readershipOf(metadata), after: readershipOf(rule) }
  ));
  if (!await requireConsent(session, changes, flags)) throw new UserError("cancelled", "nothing was changed");
}

/** @returns the changes after which a file that a key of the person opens is closed to them */
export async function findClosing(host: Host, changes: readonly ReaderChange[]): Promise<readonly ReaderChange[]> {
  const own = await findOwnRecipients(host);
  return changes.filter((change) => isClosing(change, own));
}

/** @param holder a rule, or the metadata of a file */
export function readershipOf(
  holder: Pick<Readership, "groups"> & { readonly shamirThreshold: number | undefined },
): Readership {
  return { groups: holder.groups, neededGroups: countNeededGroups(holder) };
}

/**
 * Whether a key of the person goes, and with it the last one, or the last that makes up enough groups. A threshold that
 * rises takes nothing away: others have to help from now on, and that is what it is for.
 */
function isClosing({ before, after }: ReaderChange, own: OwnRecipients): boolean {
  const countOwn = ({ groups }: Readership): number =>
    groups.filter(({ keys }) => keys.some((key) => own.has(key))).length;
  const [nowCount, thenCount] = [countOwn(before), countOwn(after)];
  if (thenCount >= nowCount) return false;
  return thenCount === 0 || nowCount >= before.neededGroups && thenCount < after.neededGroups;
}
