/**
 * The names that new recipients of a `.sops.yaml` shall have: the one that a person gave, the one that stood beside the
 * key, the one that the file has for it, else an answer at the terminal.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { askText, canAsk } from "../../base/ask/prompts.ts";
import { holdsIdentity } from "../../base/secret.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import type { Report } from "../../base/show/report.ts";
import type { ConfigDiff } from "../../config/edit/diff.ts";
import type { NewRecipient } from "../../config/edit/intent.ts";
import { keysFormOf } from "../../config/edit/style.ts";
import type { SopsConfig } from "../../config/rules/sops_config.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { isLikeKey, listKnownRecipients, refuseIdentity } from "../../repository/recipients/known.ts";
import type { FoundRecipient } from "../../repository/recipients/lines.ts";
import { holdsAnchorCharacter } from "../../config/rules/anchor_name.ts";

/** A recipient with the name it shall have; the key shortened where the file has it without a name, or no place for one. */
export interface AddedRecipient extends FoundRecipient {
  readonly name: string;
}

/** What is known about names. */
export interface NameChoice {
  /** Has the names of keys that are there already. */
  readonly config: SopsConfig;
  /** The one that a person gave. */
  readonly given?: string;
  /** What to do where a name is missing, imperative. */
  readonly hint: string;
}

/**
 * Names every recipient; several of one name are numbered.
 *
 * @throws {UserError} `usage` for a name that is none, and for a recipient without a name in a file that has names
 */
export async function nameRecipients(
  host: Host,
  found: readonly FoundRecipient[],
  { config, given, hint }: NameChoice,
): Promise<readonly AddedRecipient[]> {
  const known = listKnownRecipients(config);
  const byText = new Map(known.map((key) => [key.text, key]));
  const used = new Map<string, number>();
  const named: AddedRecipient[] = [];
  for (const recipient of found) {
    const same = byText.get(recipient.text);
    const name = given ?? recipient.name ?? same?.name;
    if (name === undefined && (same !== undefined || hasNoNames(config))) {
      named.push({ ...recipient, name: formatShortRecipient(recipient.text) });
      continue;
    }
    const wanted = name ?? await askName(host, recipient, found.length, hint);
    requireName(wanted);
    const count = (used.get(wanted) ?? 0) + 1;
    used.set(wanted, count);
    named.push({ ...recipient, name: count === 1 ? wanted : `${wanted}-${count}` });
  }
  return named;
}

/**
 * @throws {UserError} `usage` for a word that cannot be a name; `malformed` for a private key, of which nothing is shown
 */
export function requireName(name: string): void {
  refuseIdentity(name);
  if (holdsAnchorCharacter(name) && !isLikeKey(name)) return;
  throw new UserError(
    "usage",
    `"${formatShortRecipient(name)}" is no name, expected one with an ASCII letter or digit`,
    {
      hints: ["write a name such as alice or web1"],
    },
  );
}

/** @returns why a typed name is none; undefined when it is one, and for a private key, which is refused at once */
export function findNameProblem(name: string): string | undefined {
  if (holdsIdentity(name) || holdsAnchorCharacter(name) && !isLikeKey(name)) return undefined;
  return "that is no name: a name has a letter or a digit (a to z, 0 to 9), and is no key";
}

/**
 * Says why recipients have other names in a file than they were wanted to have.
 *
 * @param options `mayReplace`: a key whose name is taken may be meant to take the place of the other one
 */
export function reportNames(
  report: Report,
  wanted: readonly Pick<NewRecipient, "text" | "name">[],
  { before, after, mayReplace = false }: Pick<ConfigDiff, "before" | "after"> & { readonly mayReplace?: boolean },
): void {
  const known = listKnownRecipients(before);
  const nameBefore = new Map(known.map((key) => [key.text, key.name]));
  const taken = new Map(known.flatMap((key) => key.names.map((name) => [name, key.text])));
  const nameAfter = new Map(listKnownRecipients(after).map((key) => [key.text, key.name]));
  for (const { text, name } of wanted) {
    const old = nameBefore.get(text);
    const now = nameAfter.get(text) ?? name;
    if (old !== undefined && old !== name) {
      const rename = `sopsmith recipient rename ${quoteForShell(old)} ${quoteForShell(asAnchor(name))}`;
      report.note(`"${name}" is called ${old} here already; to change that: ${rename}`);
    } else if (now !== name && (taken.get(name) ?? text) !== text) {
      const [other, fresh] = [quoteForShell(name), quoteForShell(now)];
      const remove = `sopsmith recipient remove ${other} --all-rules && sopsmith recipient rename ${fresh} ${other}`;
      const how = mayReplace ? `; if it takes its place: ${remove}` : "";
      report.note(`${name} is the name of another key here, so this one is ${now}${how}`);
    } else {
      reportWrittenName(report, name, now);
    }
  }
}

/** Says that a file cannot hold a name as it is: anchors have other characters. Does nothing where it can. */
function reportWrittenName(report: Report, wanted: string, written: string): void {
  if (wanted === written || asAnchor(wanted) !== written) return;
  report.note(`"${wanted}" is written ${written} here, because an anchor of YAML has only letters, digits, - and _`);
}

function asAnchor(name: string): string {
  return name.trim().replace(/[^0-9A-Za-z_-]/gu, "-");
}

/** Where all rules write their keys as texts there is no place for a name, so none is needed. */
function hasNoNames(config: SopsConfig): boolean {
  return config.keys.length === 0 && config.rules.every((rule) => keysFormOf(config.document, rule) === "text");
}

async function askName(host: Host, { text }: FoundRecipient, count: number, hint: string): Promise<string> {
  const short = formatShortRecipient(text);
  if (count === 1 && canAsk(host)) {
    const heading = "keys have names in this file, and nothing says the name of this one";
    return await askText(host, { heading, text: `name for ${short}`, instead: hint, findProblem: findNameProblem });
  }
  throw new UserError("usage", `the recipient ${short} has no name`, { hints: [hint] });
}
