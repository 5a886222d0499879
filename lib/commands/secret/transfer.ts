/**
 * `secret import`, `secret push` and `secret pull`: many secrets at once, from a file or to one.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { readCapped, readStdinCapped, STDIN_NAME } from "../../base/files/read_files.ts";
import { decodeGivenText } from "../../base/utf8.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { formatSecrets, parseExchangeFormat, parseSecrets } from "../../repository/secrets/exchange.ts";
import { changeFile } from "../file/target.ts";
import { isMasked, MASKED, type MaskFlags } from "./mask.ts";
import { readAllSecrets } from "./open.ts";
import { SecretPlaces } from "./places.ts";
import { formatFiles, reportChange, type SecretFlags, setGrouped } from "./target.ts";

/** The flags of `secret import`. */
export interface SecretImportFlags extends SecretFlags {
  readonly format?: string;
  readonly dryRun?: boolean;
}

/** The flags of `secret push`. */
export interface SecretPushFlags extends SecretImportFlags {
  readonly input?: string;
}

/** The flags of `secret pull`. */
export interface SecretPullFlags extends Omit<SecretFlags, "json">, MaskFlags {
  readonly format?: string;
  readonly output?: string;
}

/** Largest file of values that is read, in bytes. */
const MAX_VALUES_BYTES = 16 * 1024 * 1024;

/** @throws {UserError} as reading the values, opening and writing do */
export async function secretImport(
  flags: SecretImportFlags,
  [file = "-"]: readonly string[],
  session: Session,
): Promise<number> {
  return await setFromFile(session, flags, { file, skipsUndeclared: true });
}

/** @throws {UserError} as {@link secretImport}; `not-found` for a name that is not declared */
export async function secretPush(flags: SecretPushFlags, _: readonly string[], session: Session): Promise<number> {
  return await setFromFile(session, flags, { file: flags.input ?? ".env", skipsUndeclared: false });
}

async function setFromFile(
  session: Session,
  flags: SecretImportFlags,
  { file, skipsUndeclared }: { readonly file: string; readonly skipsUndeclared: boolean },
): Promise<number> {
  const { report } = session;
  const values = parseSecrets(await readText(session, file), parseExchangeFormat(flags.format), file);
  const places = new SecretPlaces(session, flags);
  const names = skipsUndeclared ? places.warnOfUndeclared(values.keys()) : [...values.keys()];
  const groups = places.group(names);
  const changed = await setGrouped(session, groups, { values, dryRun: flags.dryRun });
  const rest = changed.length < names.length ? "; the others have these values" : "";
  const text = `${formatCount(changed.length, "secret")} of ${names.length} in ${formatFiles(session, groups.keys())}`;
  if (groups.size === 0) report.say("there is nothing to set");
  else if (!flags.dryRun) report.done(`set ${text}${rest}`);
  reportChange(session, [...groups.keys()], { changed: changed.length > 0 && !flags.dryRun, names: changed });
  return EXIT.done;
}

/** @param file as typed; `-` is standard input @throws {UserError} as {@link secretImport} */
export async function readGivenSecrets(session: Session, file: string): Promise<Map<string, string>> {
  return parseSecrets(await readText(session, file), "env", file);
}

async function readText(session: Session, file: string): Promise<string> {
  const { host } = session;
  const limits = { maxBytes: MAX_VALUES_BYTES };
  if (file === "-" && host.stdin.isTerminal) {
    throw new UserError("usage", "the argument FILE is missing, and standard input is a terminal", {
      hints: ["name a file, or pipe one in"],
    });
  }
  const bytes = file === "-"
    ? await readStdinCapped(host, limits)
    : readCapped(host, host.paths.resolve(host.cwd, file), limits);
  if (bytes === undefined) {
    throw new UserError("not-found", `cannot read "${file}": no such file`, {
      hints: ["check the path for a typing mistake"],
    });
  }
  return decodeGivenText(bytes, file === "-" ? STDIN_NAME : `"${file}"`);
}

/** @throws {UserError} as opening and writing do */
export async function secretPull(flags: SecretPullFlags, _: readonly string[], session: Session): Promise<number> {
  const { host, report } = session;
  const format = parseExchangeFormat(flags.format);
  const secrets = await readAllSecrets(session, new SecretPlaces(session, flags));
  if (flags.output === undefined) {
    const masked = isMasked(host, flags);
    if (masked) report.note("the values are masked on a terminal: --mask=false shows them, -o FILE writes them");
    const shown = masked
      ? secrets.map(({ name }) => ({ name, value: { kind: "leaf", value: MASKED } as const }))
      : secrets;
    host.stdout.write(formatSecrets(shown, format));
    return EXIT.done;
  }
  const path = host.paths.resolve(host.cwd, flags.output);
  const after = new TextEncoder().encode(formatSecrets(secrets, format));
  await changeFile(
    session,
    { path, isPlain: true, reason: "the values in clear" },
    () => Promise.resolve({ after, outcome: undefined }),
  );
  report.done(`wrote ${formatCount(secrets.length, "secret")} to ${report.path(path)}; keep it out of version control`);
  return EXIT.done;
}
