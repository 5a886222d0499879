/**
 * `rotate FILE`, one file: every value encrypted anew under another data key, for the recipients of the file.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import { canAsk, confirm } from "../../base/ask/prompts.ts";
import type { Session } from "../../base/show/session.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { parseRecipient } from "../../keys/age/recipient_parse.ts";
import { splitRecipients } from "../../repository/file/encryption.ts";
import { findStrangers } from "../../repository/file/strangers.ts";
import { FileRules } from "../../repository/scan/file_rules.ts";
import { type EncryptedFile, parseEncryptedFile, rotateFile } from "../../sops/mod.ts";
import { changeKeys, type NamedKeys } from "../../sops/metadata/keys.ts";
import type { MetadataKey, MetadataKeyType } from "../../sops/metadata/metadata.ts";
import { readershipOf, requireConsent } from "../shared/own_key.ts";
import { formatKeyName } from "../shared/rule_text.ts";
import { type OpeningFlags, openingOf } from "./opening.ts";
import { REMOVED_CAN_READ, warnOfLostComments } from "./report.ts";
import { type FileTarget, findTarget, type OutputFlags, produce, type TypeFlags } from "./target.ts";

/** The flags of `rotate` for one file. */
export interface RotateFileFlags
  extends OpeningFlags, OutputFlags, KeyFlags, Pick<TypeFlags, "inputType" | "outputType"> {
  readonly yes?: boolean;
  readonly withoutMe?: boolean;
}

/** The flags that add keys and take keys away. */
export interface KeyFlags {
  readonly addAge?: string;
  readonly rmAge?: string;
  readonly rmPgp?: string;
  readonly rmKms?: string;
  readonly rmGcpKms?: string;
  readonly rmHckms?: string;
  readonly rmAzureKv?: string;
  readonly rmHcVaultTransit?: string;
}

/** The flags that take keys away, and the type of key that each is for. */
const REMOVALS = {
  rmAge: "age",
  rmPgp: "pgp",
  rmKms: "kms",
  rmGcpKms: "gcp_kms",
  rmHckms: "hckms",
  rmAzureKv: "azure_kv",
  rmHcVaultTransit: "hc_vault",
} as const satisfies Partial<Record<keyof KeyFlags, MetadataKeyType>>;

/**
 * Rotates the data key of a file.
 *
 * @throws {UserError} as opening and writing do; `refused` for recipients that the rule does not know; `usage` when a
 * group would be left without recipients
 */
export async function rotateOneFile(flags: RotateFileFlags, file: string, session: Session): Promise<number> {
  const { report } = session;
  const target = findTarget(session, file, flags);
  const { added, removed } = parseKeyFlags(flags);
  const opening = openingOf(session, target, flags);
  let isAnswered = flags.yes ?? false;
  let hasConsent = false;
  let isSomebodyRemoved = false;
  const lostCommentCount = await produce(
    session,
    { target, ...flags, reason: "the file under a new data key" },
    async (content) => {
      const encrypted = await parseEncryptedFile(content, opening);
      isSomebodyRemoved = warnOfAbsent(session, encrypted, removed);
      if (!hasConsent && flags.inPlace) await requireOwnConsent(session, target, { encrypted, flags, added, removed });
      hasConsent = true;
      if (!isAnswered) await refuseStrangers(session, target, { encrypted, flags, named: [...added, ...removed] });
      isAnswered = true;
      const { bytes, lostCommentCount } = await rotateFile(content, { ...opening, added, removed });
      return { bytes, outcome: lostCommentCount };
    },
  );
  warnOfLostComments(session, lostCommentCount, target.name);
  if (flags.inPlace && !flags.dryRun) {
    report.done(`rotated the data key of ${target.name}`);
    if (isSomebodyRemoved) report.note(REMOVED_CAN_READ);
  }
  return EXIT.done;
}

/** @throws {UserError} `malformed` for what is no recipient, `usage` for an empty one */
export function parseKeyFlags(flags: KeyFlags): { readonly added: MetadataKey[]; readonly removed: MetadataKey[] } {
  const added = parseKeys("age", flags.addAge);
  for (const { text } of added) parseRecipient(text);
  return { added, removed: typedEntries(REMOVALS).flatMap(([flag, type]) => parseKeys(type, flags[flag])) };
}

function typedEntries<Name extends string, Value>(record: Readonly<Record<Name, Value>>): [Name, Value][] {
  return Object.entries(record) as [Name, Value][];
}

function parseKeys(type: MetadataKeyType, list: string | undefined): MetadataKey[] {
  return list === undefined || list === "" ? [] : splitRecipients(list).map((text) => ({ type, text }));
}

/** @returns whether any of the keys is there to be removed */
function warnOfAbsent(
  { report }: Session,
  { metadata, path }: EncryptedFile,
  removed: readonly MetadataKey[],
): boolean {
  const present = new Set(metadata.groups.flatMap(({ keys }) => keys.map(({ text }) => text)));
  const absent = removed.filter(({ text }) => !present.has(text));
  for (const { text } of absent) report.warning(`"${path}" is not encrypted for ${formatShortRecipient(text)}`);
  return absent.length < removed.length;
}

interface KeyWish extends Required<NamedKeys> {
  readonly encrypted: EncryptedFile;
  readonly flags: RotateFileFlags;
}

/** @throws {UserError} also `cancelled` where the person says no */
async function requireOwnConsent(
  session: Session,
  { namedPath }: FileTarget,
  { encrypted: { metadata }, flags, added, removed }: KeyWish,
): Promise<void> {
  const before = readershipOf(metadata);
  const after = { ...before, groups: changeKeys(metadata.groups, { added, removed }) };
  const isRefused = after.groups.some(({ keys }) => keys.length === 0); // which the rotation says
  const changes = removed.length === 0 || isRefused ? [] : [{ path: namedPath, before, after }];
  if (!await requireConsent(session, changes, flags)) throw new UserError("cancelled", "nothing was changed");
}

interface Question {
  readonly encrypted: EncryptedFile;
  readonly flags: RotateFileFlags;
  /** Keys that the person has named. */
  readonly named: readonly MetadataKey[];
}

/** An entry that somebody has written into the file by hand must not get the new data key without a word. */
async function refuseStrangers(
  session: Session,
  target: FileTarget,
  { encrypted, flags, named }: Question,
): Promise<void> {
  const { host, report } = session;
  const { strangers, problem } = await findStrangers(new FileRules(host, flags.config), target.namedPath, {
    metadata: encrypted.metadata,
    ignored: new Set(named.map(({ text }) => text)),
  });
  if (problem !== undefined) {
    report.warning(`the recipients of ${target.name} are not compared with a rule: ${problem}`);
    return;
  }
  if (strangers.length === 0) return;
  const names = strangers.map(formatKeyName).join(", ");
  if (canAsk(host) && await askForStrangers(host, names, target.name)) return;
  throw new UserError(
    "refused",
    `cannot rotate "${encrypted.path}": it is also for ${names}, which its rule does not know`,
    {
      hints: [
        `take them away with: sopsmith updatekeys "${encrypted.path}"`,
        "or pass --yes to give them the new data key as well",
      ],
    },
  );
}

async function askForStrangers(host: Host, names: string, file: string): Promise<boolean> {
  return await confirm(host, {
    heading: `the rule of ${file} does not know ${names}`,
    text: "give them the new data key all the same",
    instead: "pass --yes",
  });
}
