/**
 * Opens the data key of a SOPS file: one armored age file for each recipient, tried with every identity of this machine.
 *
 * What is free comes first, and what a person has to do something for (a passphrase, a touch) comes last and only where it
 * may help; no identity is left out, because nothing promises that the recipient noted in a file is the one that it is
 * encrypted for. I/O through the host. Spec: sops-engine §2.2, §2.3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Identity } from "../primitives/stanza.ts";
import { createStanzaCrypto } from "../primitives/busy_crypto.ts";
import type { StanzaCrypto } from "../primitives/stanza_crypto.ts";
import { AGE_FILE_PROBLEM_TEXT, type AgeFileProblem, openWithFileKey, readAgeFile, unwrapWith } from "./age_file.ts";
import type { Header } from "./header.ts";

/** What trying an identity costs a person. */
export type IdentityCost =
  /** Nothing. */
  | "free"
  /** A passphrase, but only for a file that names the key itself. */
  | "passphrase-if-named"
  /** A program that the person has configured, and that may ask for something. */
  | "command"
  /** A passphrase, whatever the file is. */
  | "passphrase"
  /** A plugin, and with it perhaps a device. */
  | "plugin";

/** An identity of this machine, or a place of several that is opened when it is needed. */
export interface UsableIdentity {
  /** Where it comes from, for people: a path or a variable. */
  readonly origin: string;
  readonly cost: IdentityCost;
  /** The types of stanza that it can be for; undefined when only trying tells. */
  readonly stanzaTypes?: readonly string[];
  /** @returns the recipient that it belongs to; undefined when that cannot be told without opening it */
  findRecipient(): Promise<string | undefined>;
  /** @returns whether a recipient looks as if this identity were for it, where {@link findRecipient} cannot tell */
  suits?(recipient: string): boolean;
  /**
   * Opens it; asked once for each recipient, and remembers what it has.
   *
   * @throws {UserError} what a person or a program fails at
   */
  open(recipient: string): Promise<readonly Identity[]>;
}

/** How far a {@link KeyOpener} goes: with a file for several recipients, all are tried free before a person is asked. */
export type Effort =
  /** What costs nobody anything. */
  | "free"
  /** Also what looks as if it were for the recipient: a plugin of its name, a passphrase that the file asks for, a command. */
  | "likely"
  /** Everything. */
  | "all";

/** An identity that did not open the data key. */
export interface Attempt {
  readonly origin: string;
  /** Why; absent: it is for another recipient. */
  readonly error?: UserError;
}

/** What opening a data key came to. */
export type KeyOpening =
  | { readonly dataKey: Uint8Array }
  | {
    /** What is wrong with the encrypted key itself, to stand after "its data key": no identity would open it. */
    readonly problem?: string;
    /** The same by its kind. */
    readonly problemKind?: AgeFileProblem;
    readonly attempts: readonly Attempt[];
  };

/**
 * @param recipient as noted in the file
 * @param encrypted the armored age file
 * @param effort absent: `all`
 * @throws {UserError} `cancelled` when the person gives up at a question
 */
export type KeyOpener = (recipient: string, encrypted: string, effort?: Effort) => Promise<KeyOpening>;

/** The ranks of what is tried, and how far each effort goes. */
const RANKS = { matching: 0, free: 1, named: 2, command: 3, suiting: 4, passphrase: 5, plugin: 6 } as const;
const LAST_RANK: Readonly<Record<Effort, number>> = { free: RANKS.free, likely: RANKS.suiting, all: RANKS.plugin };

/** @returns what opens data keys with the identities, which are loaded once for all of them */
export function createKeyOpener(
  { identities }: { readonly identities: readonly UsableIdentity[] },
  crypto: StanzaCrypto = createStanzaCrypto(),
): KeyOpener {
  const ofRecipient = indexByRecipient(identities);
  return async (recipient, encrypted, effort = "all") => {
    const file = readAgeFile(encrypted);
    if (typeof file === "string") return damaged(file, []);
    const attempts: Attempt[] = [];
    const matching = await ofRecipient(recipient);
    for (const identity of order(identities, { recipient, file, matching, effort })) {
      const { origin } = identity;
      try {
        const fileKey = await unwrap(identity, recipient, file);
        if (fileKey === undefined) {
          attempts.push({ origin });
          continue;
        }
        const opened = await openWithFileKey(crypto, fileKey, file);
        return typeof opened === "string" ? damaged(opened, attempts) : { dataKey: opened };
      } catch (error) {
        if (!(error instanceof UserError) || error.kind === "cancelled") throw error;
        attempts.push({ origin, error });
      }
    }
    return { attempts };
  };
}

function damaged(problemKind: AgeFileProblem, attempts: readonly Attempt[]): KeyOpening {
  return { problem: AGE_FILE_PROBLEM_TEXT[problemKind], problemKind, attempts };
}

async function unwrap(identity: UsableIdentity, recipient: string, file: Header): Promise<Uint8Array | undefined> {
  for (const opened of await identity.open(recipient)) {
    const fileKey = await unwrapWith(opened, file);
    if (fileKey !== undefined) return fileKey;
  }
  return undefined;
}

/** What decides the order. */
interface Wanted {
  readonly recipient: string;
  readonly file: Header;
  /** The identity that belongs to the recipient. */
  readonly matching: UsableIdentity | undefined;
  readonly effort: Effort;
}

/** @returns the identities to try; those of one rank in the order of SOPS */
function order(identities: readonly UsableIdentity[], wanted: Wanted): readonly UsableIdentity[] {
  const types = new Set(wanted.file.stanzas.map(({ args }) => args[0]));
  return identities
    .filter(({ stanzaTypes }) => stanzaTypes === undefined || stanzaTypes.some((type) => types.has(type)))
    .map((identity) => ({ identity, rank: rankOf(identity, wanted) }))
    .filter(({ rank }) => rank <= LAST_RANK[wanted.effort])
    .sort((a, b) => a.rank - b.rank)
    .map(({ identity }) => identity);
}

function rankOf(identity: UsableIdentity, { recipient, matching }: Wanted): number {
  switch (identity.cost) {
    case "free":
      return identity === matching ? RANKS.matching : RANKS.free;
    case "passphrase-if-named":
      return RANKS.named;
    case "command":
      return RANKS.command;
    case "passphrase":
      return RANKS.passphrase;
    case "plugin":
      return identity.suits?.(recipient) ? RANKS.suiting : RANKS.plugin;
  }
}

/** Recipients are derived when the first data key is to be opened, and only where there is a choice. */
function indexByRecipient(
  identities: readonly UsableIdentity[],
): (recipient: string) => Promise<UsableIdentity | undefined> {
  const free = identities.filter(({ cost }) => cost === "free");
  let index: Promise<ReadonlyMap<string, UsableIdentity>> | undefined;
  const build = async (): Promise<ReadonlyMap<string, UsableIdentity>> => {
    const found = new Map<string, UsableIdentity>();
    for (const identity of free) {
      const recipient = await identity.findRecipient();
      if (recipient !== undefined && !found.has(recipient)) found.set(recipient, identity);
    }
    return found;
  };
  return async (recipient) => free.length < 2 ? free[0] : (await (index ??= build())).get(recipient);
}
