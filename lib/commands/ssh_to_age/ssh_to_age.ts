/**
 * `ssh-to-age`: converts ed25519 ssh keys to age keys, with the flags of the program of that name.
 *
 * All or nothing: where a line is no ssh public key, no recipient is printed; keys of other types are left out, with one
 * line on stderr each. Never shows any text of the input but names. I/O through the host. Spec: keys §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Report } from "../../base/show/report.ts";
import { hideIdentities } from "../../base/secret.ts";
import { escapeControls } from "../../base/show/terminal.ts";
import { cutLines } from "../../base/show/counts.ts";
import { convertSshPublicKey, findConvertedRecipient } from "../../keys/ssh/convert.ts";
import { findSshFingerprint } from "../../keys/ssh/fingerprint.ts";
import { namesOfSshKey, parseSshKeyLines, type SshKeyLine } from "../../keys/ssh/key_lines.ts";
import { adviseConversion, findConversionObstacle, refuseUnconvertible } from "../../keys/ssh/key_type.ts";
import type { SshPublicKey } from "../../keys/ssh/public_key.ts";
import { decodeSshText, looksLikePrivateKeyFile } from "../../keys/ssh/armour.ts";
import type { PassphraseFlagValues } from "../shared/passphrase_flags.ts";
import { findNamedFile, readSshToAgeInput, type SshToAgeInput } from "./input.ts";

/** The flags of `ssh-to-age`. */
export interface SshToAgeFlags extends PassphraseFlagValues {
  readonly in?: string;
  readonly out?: string;
  readonly privateKey?: boolean;
  readonly names?: boolean;
  readonly stdinpass?: boolean;
  readonly json?: boolean;
}

/** Largest input of public keys, in bytes: a `known_hosts` of 10,000 hosts with three keys each takes half of it. */
const MAX_PUBLIC_BYTES = 16 * 1024 * 1024;

/** How many bad lines a message names. */
const MAX_SHOWN_LINES = 5;

/** A recipient, the key that it was, and what that is called. */
interface ConvertedLine {
  readonly recipient: string;
  readonly key: SshPublicKey;
  readonly names: readonly string[];
}

/** A line that gives no recipient. */
interface OtherLine {
  readonly line: SshKeyLine;
  /** Stands after "it is". */
  readonly reason: string;
}

/** What the lines of an input are. */
interface SortedLines {
  readonly converted: readonly ConvertedLine[];
  /** Sound keys that have no age form. */
  readonly skipped: readonly OtherLine[];
  readonly malformed: readonly OtherLine[];
}

/**
 * Runs `ssh-to-age`.
 *
 * @returns the exit code
 * @throws {UserError} `malformed` for a line that is no ssh public key; `unsupported` when every key is of another type
 * than ed25519; `not-found` without the file or a key in it; `refused` for an output file that is the input or holds a
 * private key; `io`, `denied`; with `--private-key` also what `convertPrivateKey()` throws
 */
export async function sshToAge(
  flags: SshToAgeFlags,
  _args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  if (flags.privateKey) {
    const { convertPrivateKey } = await import("./private.ts");
    return await convertPrivateKey(flags, session);
  }
  const input = await readSshToAgeInput(session, findNamedFile(host, flags.in), MAX_PUBLIC_BYTES);
  const { converted, skipped, malformed } = looksLikePrivateKeyFile(input.bytes)
    ? await readPublicHalf(input, report)
    : sortLines(parseSshKeyLines(decodeSshText(input.bytes)));
  if (malformed.length > 0) throw noPublicKey(malformed, input);
  const areOtherTypes = skipped.length > 0 && skipped.every(({ line }) => isOtherType(line));
  if (converted.length === 0 && !areOtherTypes) throw nothingToConvert(skipped, input);
  for (const { line, reason } of skipped) reportSkipped(report, line, reason);
  if (converted.length > 0) await printRecipients(converted, input, flags, session);
  report.json({
    recipients: await Promise.all(converted.map(async ({ recipient, names, key }) => ({
      recipient,
      names,
      fingerprint: await findSshFingerprint(key) ?? null,
    }))),
    skipped: skipped.map(({ line, reason }) => ({ line: line.lineNumber, names: namesOfSshKey(line), reason })),
  });
  return EXIT.done;
}

/** The public half of a private key file needs no passphrase. */
async function readPublicHalf({ bytes, name }: SshToAgeInput, report: Report): Promise<SortedLines> {
  const { parseOpensshPrivateKey } = await import("../../keys/ssh/private_key.ts");
  const { publicKey, type } = parseOpensshPrivateKey(bytes, name);
  refuseUnconvertible(type, `"${name}"`);
  if (publicKey === undefined) return { converted: [], skipped: [], malformed: [] };
  report.note(`"${name}" is a private key; this is its public half (--private-key converts the private half)`);
  return {
    converted: [{ recipient: convertSshPublicKey(publicKey), key: publicKey, names: [] }],
    skipped: [],
    malformed: [],
  };
}

function sortLines(lines: readonly SshKeyLine[]): SortedLines {
  const converted: ConvertedLine[] = [];
  const skipped: OtherLine[] = [];
  const malformed: OtherLine[] = [];
  for (const line of lines) {
    const { found } = line;
    if (found.kind === "malformed") malformed.push({ line, reason: found.reason });
    else if (found.kind === "unusable") skipped.push({ line, reason: found.reason });
    else {
      const obstacle = findConversionObstacle(found.key.type);
      const recipient = findConvertedRecipient(found.key);
      if (obstacle !== undefined) skipped.push({ line, reason: obstacle });
      else if (recipient === undefined) malformed.push({ line, reason: "an ed25519 key that is damaged" });
      else converted.push({ recipient, key: found.key, names: namesOfSshKey(line) });
    }
  }
  return { converted, skipped, malformed };
}

async function printRecipients(
  converted: readonly ConvertedLine[],
  { path: inputPath }: SshToAgeInput,
  flags: SshToAgeFlags,
  session: Session,
): Promise<void> {
  const { host, report } = session;
  const path = findNamedFile(host, flags.out);
  const lines = converted.map(({ recipient, names }) => {
    return flags.names && names.length > 0 ? `${recipient} # ${escapeControls(names.join(", "))}` : recipient;
  });
  if (path === undefined) return report.data(lines.join("\n"));
  const { writeRecipients } = await import("./output.ts");
  const text = hideIdentities(lines.map((line) => `${line}\n`).join(""));
  await writeRecipients(host, { path, ...(inputPath && { inputPath }) }, text);
  report.done(`wrote ${lines.length === 1 ? "the recipient" : `${lines.length} recipients`} to ${report.path(path)}`);
}

/** In the words of the program that the command is named after, whose scripts may look for them. */
function reportSkipped(report: Report, line: SshKeyLine, reason: string): void {
  if (isOtherType(line)) {
    report.say(
      `skipped key: got ${typeOf(line)} key type, but only ed25519 keys are supported: ${describeLine(line)}`,
    );
  } else report.note(`skipped ${describeLine(line)}: it is ${reason}`);
}

/** Whether that program skips the key; it fails for certificates and keys on a device, of which there is more to say. */
function isOtherType(line: SshKeyLine): boolean {
  return /^(?:ssh-rsa|ssh-dss|ecdsa-sha2-)/.test(typeOf(line));
}

function typeOf({ found }: SshKeyLine): string {
  return found.kind === "unusable" ? found.type : found.kind === "key" ? found.key.type : "";
}

function describeLine(line: SshKeyLine): string {
  const names = namesOfSshKey(line).join(", ");
  return names === "" ? `line ${line.lineNumber}` : `line ${line.lineNumber} (${names})`;
}

/** What was found on the lines behind the first, for a message that names the first. */
function describeOthers(others: readonly OtherLine[]): string[] {
  return cutLines(others.map(({ line, reason }) => `line ${line.lineNumber} is ${reason}`), MAX_SHOWN_LINES);
}

function noPublicKey([first, ...others]: readonly OtherLine[], { name }: SshToAgeInput): UserError {
  const line = first?.line.lineNumber ?? 1;
  return new UserError("malformed", `cannot convert "${name}": line ${line} is ${first?.reason}`, {
    details: describeOthers(others),
    hints: ["pass ssh public keys, one to a line"],
    location: { path: name, line },
  });
}

function nothingToConvert([first, ...others]: readonly OtherLine[], { name, bytes, path }: SshToAgeInput): UserError {
  const location = { path: name };
  if (first === undefined) {
    const found = bytes.length === 0 ? "is empty" : "holds no key";
    return new UserError("not-found", `nothing to convert: "${name}" ${found}`, {
      hints: path === undefined
        ? ["check the command before the pipe; ssh-keyscan prints nothing for a host that does not answer"]
        : [],
      location,
    });
  }
  const { lineNumber } = first.line;
  const type = typeOf(first.line);
  const message = others.length === 0
    ? `cannot convert "${name}": it is ${first.reason}`
    : `no key in "${name}" converts: line ${lineNumber} is ${first.reason}`;
  return new UserError("unsupported", message, {
    details: describeOthers(others),
    hints: findConversionObstacle(type) === undefined ? [] : [adviseConversion(type)],
    location: { ...location, line: lineNumber },
  });
}
