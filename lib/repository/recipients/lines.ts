/**
 * Recipients with names in a text, line by line: `RECIPIENT # name`, `name RECIPIENT`, a `keys:` list of another
 * `.sops.yaml`, an age recipients file, and every format of ssh public keys (`.pub`, `authorized_keys`, `known_hosts`,
 * `ssh-keyscan`, `github.com/USER.keys`).
 *
 * All or nothing: a line that is no public key refuses the whole text, and no piece of such a line is shown. ssh keys that
 * age cannot use are left out and named. Pure. Spec: keys §1, §3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { looksLikeIdentity, mentionsIdentity } from "../../base/identity_text.ts";
import { cutLines } from "../../base/show/counts.ts";
import { isRecipient, parseRecipient } from "../../keys/age/recipient_parse.ts";
import { convertSshPublicKey } from "../../keys/ssh/convert.ts";
import { parseSshKeyLines, type SshKeyLine } from "../../keys/ssh/key_lines.ts";
import { findConversionObstacle, isSshKeyType } from "../../keys/ssh/key_type.ts";
import { formatSshPublicKey, type SshPublicKey } from "../../keys/ssh/public_key.ts";

/** What becomes of ssh keys: their age form, or kept as they are (which needs SOPS 3.10 or newer everywhere). */
export type SshForm = "converted" | "native";

/** A recipient that was found. */
export interface FoundRecipient {
  /** What stands in `.sops.yaml`. */
  readonly text: string;
  /** What the text calls it: a name or comment on its line, or the comment line above it. */
  readonly name?: string;
  /** What it was made from, for people: `ssh-ed25519 me@laptop`; absent when it stood there as it is. */
  readonly origin?: string;
  /** Of an ssh key that was converted: whose it is, as far as its line tells. */
  readonly convertedFrom?: "host key" | "personal key";
  /** Whose key it is, where the line of an ssh key says so. */
  readonly owner?: "person" | "host";
}

/** A key that was left out. */
export interface SkippedKey {
  readonly lineNumber: number;
  /** Stands after "it is". */
  readonly reason: string;
  /** Whether SOPS takes the key as it is, so that the native form would keep it. */
  readonly isKeptNative: boolean;
}

/** What a text holds, in the order of its lines; a key that stands there twice counts once. */
export interface RecipientLines {
  readonly recipients: readonly FoundRecipient[];
  readonly skipped: readonly SkippedKey[];
}

/** What to do with an ssh key that SOPS takes and that has no age form. */
export const NATIVE_HINT = "--ssh-native keeps RSA keys as they are (SOPS 3.10 and newer)";

/** The longest comment line that counts as the name of the line below, in UTF-16 code units. */
const MAX_NAME_LENGTH = 60;

/** How many bad lines a message names. */
const MAX_SHOWN_LINES = 5;

/** An age recipient, with a name before it (`name`, `name:`, `name =`, `- &name`) or behind it (`# name`, `name`). */
const AGE_LINE =
  /^(?:-\s+)?(?:&?(?<before>[^\s=:#"'&]+)\s*[=:]?\s+)?["']?(?<text>age1[^\s"',#]+)["']?,?(?:\s+#*\s*(?<behind>\S.*))?$/;

/** What the comment of a host key begins with. */
const ROOT = "root@";

/** A line that is no public key. */
interface BadLine {
  readonly lineNumber: number;
  /** Stands after "it is". */
  readonly reason: string;
}

/** A recipient or a left-out key, of one line. */
type LineResult =
  | { readonly kind: "recipient"; readonly recipient: FoundRecipient }
  | { readonly kind: "skipped"; readonly reason: string; readonly isKeptNative: boolean }
  | { readonly kind: "malformed"; readonly reason: string };

/**
 * Reads the recipients of a text.
 *
 * @param source how the text is called in messages: a path, or `standard input`
 * @throws {UserError} `malformed` for a line that is no public key, or a private one
 */
export function parseRecipientLines(text: string, source: string, form: SshForm): RecipientLines {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  const recipients = new Map<string, FoundRecipient>();
  const skipped: SkippedKey[] = [];
  const malformed: BadLine[] = [];
  lines.forEach((raw, i) => {
    const line = raw.trim();
    if (looksLikeIdentity(line) || mentionsIdentity(line)) throw privateKey(source, i + 1);
    if (line === "" || line.startsWith("#") || /^keys:(?:\s*#.*)?$/.test(line)) return;
    const result = parseLine(line, form);
    switch (result.kind) {
      case "skipped":
        skipped.push({ lineNumber: i + 1, reason: result.reason, isKeptNative: result.isKeptNative });
        break;
      case "malformed":
        malformed.push({ lineNumber: i + 1, reason: result.reason });
        break;
      case "recipient": {
        const { recipient } = result;
        const name = recipient.name ?? nameAbove(lines, i);
        if (recipients.has(recipient.text)) break;
        recipients.set(recipient.text, { ...recipient, ...(name === undefined ? {} : { name }) });
      }
    }
  });
  if (malformed.length > 0) throw noRecipients(source, malformed);
  return { recipients: [...recipients.values()], skipped };
}

/**
 * Reads one recipient that somebody typed. Its text is never shown.
 *
 * @throws {UserError} `malformed` for anything but a public key, `unsupported` for one that age cannot use
 */
export function parseTypedRecipient(text: string, form: SshForm): FoundRecipient {
  if (looksLikeIdentity(text)) parseRecipient(text.trim()); // which says so
  const result = parseLine(text.trim(), form);
  switch (result.kind) {
    case "recipient":
      return result.recipient;
    case "malformed":
      throw new UserError("malformed", `cannot use the recipient: it is ${result.reason}`, {
        hints: ["pass a public key: age1…, or an ssh-ed25519 line in quotes"],
      });
    case "skipped":
      throw new UserError("unsupported", `cannot use the recipient: it is ${result.reason}`, {
        hints: result.isKeptNative ? [NATIVE_HINT] : [],
      });
  }
}

function parseLine(line: string, form: SshForm): LineResult {
  const age = AGE_LINE.exec(line)?.groups;
  if (age?.["text"] !== undefined) return parseAgeLine(age["text"], age["before"] ?? age["behind"]);
  const bare = withoutListMarks(line);
  const [sshLine] = parseSshKeyLines(bare);
  if (sshLine === undefined) return { kind: "malformed", reason: "no public key" };
  const { found } = sshLine;
  switch (found.kind) {
    case "malformed":
      return { kind: "malformed", reason: line.split(/\s+/).some(isSshKeyType) ? found.reason : "no public key" };
    case "unusable":
      return { kind: "skipped", reason: found.reason, isKeptNative: false };
    case "key":
      return parseSshLine(bare === line ? sshLine : { ...sshLine, isListed: true }, found.key, form);
  }
}

function parseAgeLine(text: string, name: string | undefined): LineResult {
  if (!isRecipient(text)) return { kind: "malformed", reason: "a recipient with a wrong checksum, letter or length" };
  return { kind: "recipient", recipient: { text, ...(name === undefined ? {} : { name: name.trim() }) } };
}

/** `- &name ssh-ed25519 …` as in a `.sops.yaml`, and `name: ssh-ed25519 …`. */
function withoutListMarks(line: string): string {
  return line.replace(/^-\s+/, "").replace(/^&(\S+\s)/, "$1").replace(/^([^\s:=]+)\s*[:=]\s+/, "$1 ");
}

/** A line of a list of keys, where the word before a key is its name, be it a machine or not. */
type SshLine = SshKeyLine & { readonly isListed?: true };

function parseSshLine(sshLine: SshLine, key: SshPublicKey, form: SshForm): LineResult {
  const obstacle = findConversionObstacle(key.type);
  if (form === "converted" && obstacle !== undefined) return { kind: "skipped", reason: obstacle, isKeptNative: true };
  const name = nameOfSshKey(sshLine);
  const label = sshLine.comment || sshLine.hosts[0];
  const owner = ownerOf(sshLine);
  const known = { ...(name === undefined ? {} : { name }), ...(owner === undefined ? {} : { owner }) };
  if (form === "native") return { kind: "recipient", recipient: { text: formatSshPublicKey(key), ...known } };
  const recipient: FoundRecipient = {
    text: convertSshPublicKey(key),
    ...known,
    origin: label ? `${key.type} ${label}` : key.type,
    convertedFrom: sshLine.hosts.length > 0 || sshLine.comment.startsWith(ROOT) ? "host key" : "personal key",
  };
  return { kind: "recipient", recipient };
}

/** @returns whose key it is: `known_hosts` and `root@web1` are of machines, `me@laptop` is of a person */
function ownerOf({ hosts, comment, isListed }: SshLine): FoundRecipient["owner"] {
  if (comment.startsWith(ROOT) || (hosts.length > 0 && !isListed)) return "host";
  return comment.includes("@") ? "person" : undefined;
}

/**
 * The name of an ssh key: the host that a `known_hosts` line is about, else the comment. The comment `root@web1` is what
 * the host key of web1 carries, so the host is the name.
 */
function nameOfSshKey({ hosts, comment }: SshKeyLine): string | undefined {
  const [host] = hosts;
  if (host !== undefined) return host.replace(/^\[(.*)\](?::\d+)?$/, "$1");
  const plain = comment.replace(/^#\s*/, "");
  return (plain.startsWith(ROOT) ? plain.slice(ROOT.length) || plain : plain) || undefined;
}

/** A comment line directly above, unless it heads several lines. */
function nameAbove(lines: readonly string[], index: number): string | undefined {
  const comment = /^\s*#+\s*(\S.*?)\s*$/.exec(lines[index - 1] ?? "")?.[1];
  const next = (lines[index + 1] ?? "").trim();
  if (comment === undefined || comment.length > MAX_NAME_LENGTH || /[.:]$/.test(comment)) return undefined;
  return next === "" || next.startsWith("#") ? comment : undefined;
}

function privateKey(source: string, lineNumber: number): UserError {
  return new UserError("malformed", `line ${lineNumber} of "${source}" holds a private key, expected public keys`, {
    hints: ["pass the public halves (sopsmith identity public FILE prints them)"],
    location: { path: source, line: lineNumber },
  });
}

function noRecipients(source: string, malformed: readonly BadLine[]): UserError {
  return new UserError("malformed", `cannot read the recipients in "${source}": not every line is a public key`, {
    details: cutLines(
      malformed.map(({ lineNumber, reason }) => `line ${lineNumber}: it is ${reason}`),
      MAX_SHOWN_LINES,
    ),
    hints: ['write one "RECIPIENT # name" to a line; lines that begin with # are comments'],
  });
}
