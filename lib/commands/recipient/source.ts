/**
 * The recipients of `recipient add`, `import` and `set`: the words that were typed, where keys come from, and the name that
 * each shall have.
 *
 * I/O through the host. Spec: keys §3.
 *
 * @module
 */
import { quoteForShell } from "../../base/shell_word.ts";
import type { Host } from "../../base/host/host.ts";
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import type { SopsConfig } from "../../config/rules/sops_config.ts";
import {
  findKnownRecipient,
  isLikeKey,
  listKnownRecipients,
  refuseIdentity,
  requireKnownRecipient,
} from "../../repository/recipients/known.ts";
import { type FoundRecipient, parseTypedRecipient, type SshForm } from "../../repository/recipients/lines.ts";
import { readRecipientFile, readSshKeyFile } from "../../repository/recipients/source.ts";
import { findNamedWord, joinNames, type NamedWord } from "../shared/recipient_words.ts";
import { type AddedRecipient, nameRecipients, requireName } from "../shared/recipient_naming.ts";

/** The flags that say where recipients come from. */
export interface RecipientSourceFlags {
  /** A file of recipients, or `-`. */
  readonly from?: string;
  /** An ssh key file, public or private. */
  readonly sshKey?: string;
  /** A machine to ask for its host key. */
  readonly sshHost?: string;
  /** The host key's fingerprint, which answers the question. */
  readonly fingerprint?: string;
  /** A file as `github.com/USER.keys`, or `-`. */
  readonly githubKeys?: string;
  /** Keep ssh keys as they are. */
  readonly sshNative?: boolean;
  /** What the recipient shall be called. */
  readonly name?: string;
  readonly dryRun?: boolean;
}

/** What was typed behind the command: names and recipients. */
interface TypedWords {
  readonly words: readonly string[];
}

/** How many left-out keys are named; the others are counted. */
const MAX_SHOWN_SKIPPED = 3;

/** One source, ready to be read. */
type Source = () => Promise<readonly FoundRecipient[]>;

/**
 * Reads the recipients of `recipient add` from exactly one source; without a source every word is the name of a key that
 * the config knows.
 *
 * @throws {UserError} `usage` for no source, two sources, or a recipient without a name; what reading the source throws;
 * `refused` for a host key that is not confirmed or has another fingerprint
 */
export async function readAddedRecipients(
  session: Session,
  config: SopsConfig,
  { words: args, ...flags }: RecipientSourceFlags & TypedWords,
): Promise<readonly AddedRecipient[]> {
  const { host } = session;
  const typed = args.flatMap((word) => findNamedWord(word) ?? []);
  if (typed.length > 0) {
    const rest = args.filter((word) => findNamedWord(word) === undefined);
    const others = rest.length === 0 ? [] : await readAddedRecipients(session, config, { ...flags, words: rest });
    return [...await nameTyped(host, typed, { config, flags }), ...others];
  }
  const words = splitWords(args);
  const [source, ...others] = findSources(session, flags, words.keys);
  if (flags.fingerprint !== undefined && flags.sshHost === undefined) {
    throw new UserError("usage", "--fingerprint goes with --ssh-host");
  }
  if (others.length > 0) {
    throw new UserError("usage", "the recipient is given twice", {
      hints: ["pass one of RECIPIENT, --from, --ssh-key, --ssh-host and --github-keys"],
    });
  }
  if (source === undefined) return findByNames(config, words.names, flags);
  const given = oneName(words, flags);
  const choice = { config, ...(given === undefined ? {} : { given }), hint: "pass --name NAME" };
  return await nameRecipients(host, await source(), choice);
}

/** Keys that were typed with their names. */
async function nameTyped(
  host: Host,
  typed: readonly NamedWord[],
  { config, flags }: { readonly config: SopsConfig; readonly flags: Pick<RecipientSourceFlags, "sshNative"> },
): Promise<readonly AddedRecipient[]> {
  const named: AddedRecipient[] = [];
  for (const { name, key } of typed) {
    refuseIdentity(name);
    const found = parseTypedRecipient(key, flags.sshNative ? "native" : "converted");
    named.push(...await nameRecipients(host, [found], { config, given: name, hint: "" }));
  }
  return named;
}

/**
 * Reads the recipients of `recipient set`: names that the config knows, keys, and those of a file.
 *
 * @throws {UserError} as {@link readAddedRecipients}
 */
export async function readExactRecipients(
  session: Session,
  config: SopsConfig,
  { words, ...flags }: Pick<RecipientSourceFlags, "from" | "sshNative"> & TypedWords,
): Promise<readonly AddedRecipient[]> {
  const { host } = session;
  const recipients = listKnownRecipients(config);
  const joined = joinNames(words, (name) => findKnownRecipient(recipients, name) !== undefined);
  const typed = joined.flatMap((word) => findNamedWord(word) ?? []);
  const { names, keys } = splitWords(joined.filter((word) => findNamedWord(word) === undefined));
  const known = requireAgeKeys(config, names);
  const found: FoundRecipient[] = [];
  for (const source of findSources(session, flags, keys)) found.push(...await source());
  const hint = "add it with a name first: sopsmith recipient add NAME RECIPIENT";
  const all = [
    ...known,
    ...await nameTyped(host, typed, { config, flags }),
    ...await nameRecipients(host, found, { config, hint }),
  ];
  if (all.length > 0) return all;
  throw new UserError("usage", "no recipient to set", {
    hints: ["name every recipient that the rule shall have: sopsmith recipient set alice bob --rule 1"],
  });
}

/**
 * Reads the recipients of `recipient import`.
 *
 * @param file relative to the working directory, or `-`
 * @throws {UserError} as {@link readAddedRecipients}
 */
export async function readImportedRecipients(
  session: Session,
  config: SopsConfig,
  { file, ...flags }: Pick<RecipientSourceFlags, "sshNative"> & { readonly file: string },
): Promise<readonly AddedRecipient[]> {
  const { host } = session;
  const recipients = await readFile(session, file, sshFormOf(flags));
  return await nameRecipients(host, recipients, { config, hint: 'write one "RECIPIENT # name" to a line' });
}

function sshFormOf({ sshNative }: Pick<RecipientSourceFlags, "sshNative">): SshForm {
  return sshNative ? "native" : "converted";
}

function findSources(session: Session, flags: RecipientSourceFlags, keys: readonly string[]): Source[] {
  const { host } = session;
  const { from, githubKeys, sshKey, sshHost, fingerprint, dryRun } = flags;
  const form = sshFormOf(flags);
  const sources: Source[] = [];
  if (keys.length > 0) sources.push(() => Promise.resolve(keys.map((key) => parseTypedRecipient(key, form))));
  for (const file of [from, githubKeys]) {
    if (file !== undefined) sources.push(() => readFile(session, file, form));
  }
  if (sshKey !== undefined) sources.push(async () => [await readSshKeyFile(host, sshKey, form)]);
  if (sshHost !== undefined) {
    sources.push(async () => {
      const { readConfirmedHostKey } = await import("./ssh_host.ts");
      return [await readConfirmedHostKey(session, sshHost, { fingerprint, isPreview: dryRun ?? false, form })];
    });
  }
  return sources;
}

/** Names the keys of a file that were left out. */
async function readFile(session: Session, file: string, form: SshForm): Promise<readonly FoundRecipient[]> {
  const { host, report } = session;
  const { recipients, skipped } = await readRecipientFile(host, file, form);
  for (const { lineNumber, reason } of skipped.slice(0, MAX_SHOWN_SKIPPED)) {
    report.note(`left out line ${lineNumber}: it is ${reason}`);
  }
  const rest = skipped.length - MAX_SHOWN_SKIPPED;
  if (rest > 0) report.note(`left out ${rest} more keys of such types`);
  return recipients;
}

/** The one name that a person gave, as a word or with `--name`. */
function oneName({ names }: RecipientWords, flags: RecipientSourceFlags): string | undefined {
  const given = flags.name === undefined ? names : [...names, flags.name];
  for (const name of given) requireName(name);
  const [name = "", first] = given;
  if (first === undefined) return given[0];
  throw new UserError("usage", `"${name}" and "${first}" are two names for one recipient`, {
    hints: ["pass one name and one key; a public key begins with age1, ssh-ed25519 or ssh-rsa"],
  });
}

/** Names alone stand for keys that the config knows by them. */
function findByNames(
  config: SopsConfig,
  names: readonly string[],
  flags: Pick<RecipientSourceFlags, "name">,
): readonly AddedRecipient[] {
  const known = listKnownRecipients(config);
  const [first = flags.name, second] = names;
  const isFirstKnown = first !== undefined && findKnownRecipient(known, first) !== undefined;
  if (!isFirstKnown) {
    // two words of which the first is nothing known: the second was meant as a key
    if (second !== undefined) {
      if (findKnownRecipient(known, second) === undefined) parseTypedRecipient(second, "converted");
      else requireAgeKeys(config, [second]);
    }
    throw new UserError("usage", first === undefined ? "no recipient to add" : `no recipient is given for "${first}"`, {
      hints: [
        `pass its public key: sopsmith recipient add ${first ?? "NAME"} age1…`,
        "or name a source: --from, --ssh-key, --ssh-host or --github-keys",
      ],
    });
  }
  if (flags.name !== undefined) {
    throw new UserError("usage", `"${first}" has a name already`, {
      hints: [`change it with: sopsmith recipient rename ${quoteForShell(first)} ${quoteForShell(flags.name)}`],
    });
  }
  return requireAgeKeys(config, names);
}

/** @throws {UserError} `usage` for a name that the config does not know, `unsupported` for a key of another type */
function requireAgeKeys(config: SopsConfig, names: readonly string[]): readonly AddedRecipient[] {
  const known = listKnownRecipients(config);
  return names.map((wanted) => {
    const { type, text, name = wanted } = requireKnownRecipient(config, known, wanted);
    if (type === "age") return { text, name };
    throw new UserError(
      "unsupported",
      `cannot use "${wanted}": it is a key of type ${type}, expected an age recipient`,
    );
  });
}

/** What was typed. */
export interface RecipientWords {
  readonly names: readonly string[];
  /** Public keys by the way they begin; an ssh key with its Base64 and its comment, without quotes only one as `me@host`. */
  readonly keys: readonly string[];
}

const SSH_TYPE = /^ssh-(?:ed25519|rsa)$/;

/**
 * Tells keys from names.
 *
 * @throws {UserError} `malformed` for a private key, of which nothing is shown
 */
export function splitWords(words: readonly string[]): RecipientWords {
  const names: string[] = [];
  const keys: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!.trim();
    refuseIdentity(word);
    if (SSH_TYPE.test(word) && words[i + 1] !== undefined) {
      const length = words[i + 2]?.includes("@") ? 3 : 2;
      keys.push(words.slice(i, i + length).join(" "));
      i += length - 1;
    } else if (isLikeKey(word)) keys.push(word);
    else names.push(word);
  }
  return { names, keys };
}
