/**
 * `rules add PATTERN [RECIPIENT…]`: adds a creation rule to `.sops.yaml` where it takes effect, in the form of the file.
 *
 * A pattern that has a rule gets its recipients into that rule. Never touches an encrypted file: the next step does.
 * Spec: sops-config §3–4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { runEdit } from "../../base/files/edit_files.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { Progress } from "../../base/show/progress.ts";
import type { NewRecipient } from "../../config/edit/intent.ts";
import { type Selector, SELECTORS } from "../../config/rules/sops_config.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { readChosenConfig } from "../../config/config_choice.ts";
import {
  findKnownRecipient,
  isLikeKey,
  type KnownRecipient,
  listKnownRecipients,
  refuseIdentity,
  requireKnownRecipient,
} from "../../repository/recipients/known.ts";
import { findNamedWord, joinNames } from "../shared/recipient_words.ts";
import { type FoundRecipient, parseTypedRecipient, type SshForm } from "../../repository/recipients/lines.ts";
import {
  createRuleAdditionPlanner,
  readFilesFor,
  type RuleAdditionRequest,
} from "../../repository/rules/rule_addition.ts";
import { warnOf } from "../shared/rule_text.ts";
import { type OwnKeyFlags, requireConsentToRules } from "../shared/own_key.ts";
import { reportRuleAddition, type RuleAdditionResult } from "./add_report.ts";
import { type OthersFlags, parseOthersPolicy } from "../shared/others_flags.ts";
import { FileIndex } from "../../repository/rules/file_index.ts";
import { findFilesOfRule } from "../../repository/rules/vault_rule.ts";
import { compareWithRule, isAsRuleSays } from "../../repository/scan/differences.ts";
import { configTarget } from "../../config/config_target.ts";

/** Flags of `rules add`. */
export interface RulesAddFlags extends OthersFlags, OwnKeyFlags {
  readonly unencryptedSuffix?: string;
  readonly encryptedSuffix?: string;
  readonly unencryptedRegex?: string;
  readonly encryptedRegex?: string;
  readonly unencryptedCommentRegex?: string;
  readonly encryptedCommentRegex?: string;
  readonly macOnlyEncrypted?: boolean;
  /** A file that the rule is for. */
  readonly example?: string;
  /** Keep ssh keys as they are. */
  readonly sshNative?: boolean;
  /** The `.sops.yaml` to change instead of the nearest one. */
  readonly config?: string;
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
}

/**
 * Runs `rules add`.
 *
 * @param args the pattern, then recipients: names that the file knows, public keys with a name as `NAME=KEY`
 * @returns the exit code
 * @throws {UserError} `usage` without a pattern or recipient, for a name that the file does not know, or two selectors;
 * `malformed` for a pattern that does not compile or what is no public key; `not-found` without a config; `refused` when
 * somebody would lose encrypted files, or the rule would never win
 */
export async function rulesAdd(
  flags: RulesAddFlags,
  [pathRegex, ...words]: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const others = parseOthersPolicy(flags);
  const selectors = parseSelector(flags);
  if (!pathRegex) {
    throw new UserError("usage", "no pattern for the rule", {
      hints: ["write one for the path below the folder of the .sops.yaml, or '.*' for every file"],
    });
  }
  if (words.length === 0 && others !== "keep") {
    throw new UserError("usage", "no recipient for the rule", {
      hints: [
        "name the recipients: sopsmith rules add PATTERN RECIPIENT...",
        "or pass --with-recipients for those of the rule that won until now",
      ],
    });
  }
  const { config } = readChosenConfig(host, host.cwd, flags.config);
  warnOf(config, report);
  const known = listKnownRecipients(config);
  const form: SshForm = flags.sshNative ? "native" : "converted";
  const progress = new Progress(host, "looking for encrypted files, folders");
  const request: RuleAdditionRequest = {
    configPath: config.path,
    pathRegex,
    recipients: joinNames(words, (name) => findKnownRecipient(known, name) !== undefined).map((word) =>
      parseRecipientWord(word, config, known, form)
    ),
    selectors,
    macOnlyEncrypted: flags.macOnlyEncrypted,
    others,
    example: flags.example === undefined ? undefined : host.paths.resolve(host.cwd, flags.example),
    index: new FileIndex(host, progress),
  };
  const mode = flags.dryRun ? "preview" : "write";
  try {
    await readFilesFor(host, request, config);
    const targets = [configTarget(config.path)];
    const add = async (mode: "write" | "preview"): Promise<RuleAdditionResult> => {
      const outcome = await runEdit(host, { mode, targets }, createRuleAdditionPlanner(host, request));
      const files = await findFilesOfRule(host, outcome, { pathRegex, progress });
      const behind = files.filter(({ file }) => !isAsRuleSays(compareWithRule(file.metadata, outcome.rule)));
      progress.end(); // what is said or asked next starts on an empty line
      return { ...outcome, behind, mode };
    };
    if (others === "drop") { // else no file loses a reader
      const { behind, rule } = await add("preview");
      await requireConsentToRules(session, behind.map(({ file }) => ({ file, rule })), flags);
    }
    await reportRuleAddition(session, request, await add(mode));
  } finally {
    progress.end();
  }
  return EXIT.done;
}

function parseSelector(flags: RulesAddFlags): Readonly<Partial<Record<Selector, string>>> | undefined {
  const values: Readonly<Record<Selector, string | undefined>> = {
    unencrypted_suffix: flags.unencryptedSuffix,
    encrypted_suffix: flags.encryptedSuffix,
    unencrypted_regex: flags.unencryptedRegex,
    encrypted_regex: flags.encryptedRegex,
    unencrypted_comment_regex: flags.unencryptedCommentRegex,
    encrypted_comment_regex: flags.encryptedCommentRegex,
  };
  const given = SELECTORS.filter((name) => values[name] !== undefined);
  const [first, second] = given;
  if (first === undefined) return undefined;
  if (second !== undefined) {
    const [a, b] = [first, second].map((name) => `--${name.replaceAll("_", "-")}`);
    throw new UserError("usage", `${a} and ${b} contradict each other`, {
      hints: ["pass one of them: SOPS takes only one selector in a rule"],
    });
  }
  return { [first]: values[first] };
}

/** A name that the file knows, a key that it knows, or `NAME=KEY`. */
function parseRecipientWord(
  word: string,
  config: Parameters<typeof requireKnownRecipient>[0],
  known: readonly KnownRecipient[],
  form: SshForm,
): NewRecipient {
  refuseIdentity(word);
  const typed = findNamedWord(word);
  if (typed !== undefined) return { ...keyOf(parseTypedRecipient(typed.key, form)), name: typed.name };
  const found = isLikeKey(word)
    ? parseTypedRecipient(word, form)
    : requireAgeRecipient(requireKnownRecipient(config, known, word), word);
  const ownName = known.find(({ text }) => text === found.text)?.name ?? found.name;
  if (ownName !== undefined) return { ...keyOf(found), name: ownName };
  throw new UserError("usage", `the recipient ${formatShortRecipient(found.text)} has no name`, {
    hints: [`write a name before it: NAME=${formatShortRecipient(found.text)}`],
  });
}

function keyOf({ text, owner }: Pick<FoundRecipient, "text" | "owner">): Pick<NewRecipient, "text" | "owner"> {
  return { text, ...(owner === undefined ? {} : { owner }) };
}

function requireAgeRecipient(found: KnownRecipient, word: string): KnownRecipient {
  if (found.type === "age") return { ...found, name: found.name ?? word };
  throw new UserError(
    "unsupported",
    `cannot add "${word}": it is a key of type ${found.type}, expected an age recipient`,
    {
      hints: ["write the rule by hand, or pass --with-recipients for the keys of the rule that won until now"],
    },
  );
}
