/**
 * `secret set NAME[=VALUE]`: one secret of a vault, made or changed.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { readStdinCapped } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { askSecret } from "../../base/ask/prompts.ts";
import type { Session } from "../../base/show/session.ts";
import { decodeGivenText } from "../../base/utf8.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { parseSecretName } from "../../repository/secrets/values.ts";
import { SecretPlaces } from "./places.ts";
import { formatSecretCommand, reportChange, type SecretFlags, setSecrets } from "./target.ts";

/** The flags of `secret set`. */
export interface SecretSetFlags extends SecretFlags {
  readonly stdin?: boolean;
  /** Of atmos, where it means nothing either. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** Largest value that is read, in bytes. */
const MAX_VALUE_BYTES = 16 * 1024 * 1024;

/**
 * Sets a secret.
 *
 * @throws {UserError} `usage` for a value from two places or from none; as finding, opening and writing the file do
 */
export async function secretSet(
  flags: SecretSetFlags,
  [argument = ""]: readonly string[],
  session: Session,
): Promise<number> {
  const { report } = session;
  const equals = argument.indexOf("=");
  const name = parseSecretName(equals === -1 ? argument : argument.slice(0, equals));
  const inline = equals === -1 ? undefined : argument.slice(equals + 1);
  if (inline !== undefined && flags.stdin) {
    throw new UserError("usage", `the value of "${name}" comes from two places, expected one`, {
      hints: [`leave the value out: sopsmith secret set ${name} --stdin`],
    });
  }
  const target = new SecretPlaces(session, flags).of(name);
  const value = inline ?? await readValue(session.host, name, flags);
  if (inline !== undefined) {
    report.warning("the value stands in the history of your shell now, and other processes could see it");
    report.note(`next time, pipe it: ${formatSecretCommand(target, `set ${quoteForShell(name)} --stdin`)}`);
  }
  const { isNew, changed } = await setSecrets(session, target, {
    values: new Map([[name, value]]),
    dryRun: flags.dryRun,
  });
  const file = report.path(target.path);
  if (!flags.dryRun) {
    if (changed.length === 0) report.say(`${name} in ${file} has that value`);
    else report.done(isNew ? `made ${file} with ${name}` : `set ${name} in ${file}`);
  }
  reportChange(session, [target], { changed: changed.length > 0 && !flags.dryRun, names: [name] });
  return EXIT.done;
}

async function readValue(host: Host, name: string, { stdin }: SecretSetFlags): Promise<string> {
  if (!stdin) {
    const instead = `pass --stdin and pipe it in, or ${name}=VALUE`;
    const heading = "what you type is encrypted, and not shown";
    return (await askSecret(host, { heading, text: `value of ${name}`, instead })).revealText();
  }
  if (host.stdin.isTerminal) {
    throw new UserError("usage", "--stdin reads standard input, which is a terminal", {
      hints: ["pipe the value in, or leave --stdin out to be asked"],
    });
  }
  const bytes = await readStdinCapped(host, { maxBytes: MAX_VALUE_BYTES });
  return decodeGivenText(bytes, "the value").replace(/(?:\r?\n)+$/, "");
}
