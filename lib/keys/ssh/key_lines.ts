/**
 * The public keys in a text, line by line: `.pub` files, `authorized_keys`, `known_hosts`, what `ssh-keyscan` prints, and
 * what `github.com/USER.keys` serves.
 *
 * A line that holds no usable key keeps its place in the list, with the reason. Pure. Spec: keys §3. Format: sshd(8),
 * "AUTHORIZED_KEYS FILE FORMAT" and "SSH_KNOWN_HOSTS FILE FORMAT".
 *
 * @module
 */
import { looksLikeIdentity } from "../../base/identity_text.ts";
import { describeSshKeyType, findConversionObstacle, isSshKeyType } from "./key_type.ts";
import { classifySshKey, findSshPublicKey, SSH_KEY_PROBLEM_TEXT, type SshPublicKey } from "./public_key.ts";
import { decodePaddedBase64, SshReader } from "./wire.ts";

/** A line that is neither blank nor a comment. */
export interface SshKeyLine {
  /** Counted from 1. */
  readonly lineNumber: number;
  /** Of `known_hosts` and `ssh-keyscan`: names, addresses and patterns, without those that are hashed. */
  readonly hosts: readonly string[];
  /** Whether the line names a host by a hash only. */
  readonly isHashed: boolean;
  /** What stands after the key; empty when there is nothing. */
  readonly comment: string;
  readonly found: FoundSshKey;
}

/** What stands on a line. */
export type FoundSshKey =
  /** A key that age takes: ed25519, or RSA of at least 2048 bits. */
  | { readonly kind: "key"; readonly key: SshPublicKey }
  /** A sound line, but nothing to encrypt for: `reason` stands after "it is". */
  | { readonly kind: "unusable"; readonly type: string; readonly reason: string }
  /** No ssh public key, or a damaged one: `reason` stands after "it is" and holds none of the line. */
  | { readonly kind: "malformed"; readonly reason: string };

/** The options of `authorized_keys`, in lower case, up to an equals sign. */
const OPTIONS: ReadonlySet<string> = new Set(
  ("agent-forwarding cert-authority command environment expiry-time from no-agent-forwarding no-port-forwarding no-pty " +
    "no-touch-required no-user-rc no-x11-forwarding permitlisten permitopen port-forwarding principals pty restrict " +
    "tunnel user-rc verify-required x11-forwarding").split(" "),
);

/** A word and the blanks around it; a part in double quotes may hold blanks, and quotes behind a backslash. */
const WORD = /\s*((?:[^\s"]|"(?:\\.|[^"\\])*"?)+)\s*/y;

/** What separates options: a comma that is not in double quotes. */
const OPTION = /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g;

/** How OpenSSH marks a host name that is hashed: salt and hash follow. */
const HASHED_HOST = "|1|";

const AUTHORITY = "the key of a certificate authority, not of a host or person";

/** A line, split before the name of the key's type. */
interface SplitLine {
  readonly marker: string;
  readonly options: readonly string[];
  readonly hosts: readonly string[];
  readonly type: string;
  /** The Base64 of the key, then the comment. */
  readonly rest: string;
}

/**
 * @param text LF or CRLF, with or without a byte order mark
 * @returns one entry for every line that is not blank and no comment, in their order
 */
export function parseSshKeyLines(text: string): SshKeyLine[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  return lines.flatMap((line, index) => {
    const content = line.trim();
    return content === "" || content.startsWith("#") ? [] : [parseLine(content, index + 1)];
  });
}

/** @returns what to call the key: its hosts; its comment where it has none; nothing where it has neither */
export function namesOfSshKey({ hosts, comment }: SshKeyLine): readonly string[] {
  if (hosts.length > 0) return hosts;
  return comment === "" ? [] : [comment];
}

function parseLine(line: string, lineNumber: number): SshKeyLine {
  const split = splitLine(line);
  if (split === undefined) {
    return {
      lineNumber,
      hosts: [],
      isHashed: false,
      comment: "",
      found: { kind: "malformed", reason: describeOther(line) },
    };
  }
  const hosts = split.hosts.filter((host) => !host.startsWith(HASHED_HOST));
  const comment = /^\S+\s+(.*)$/s.exec(split.rest)?.[1] ?? "";
  return { lineNumber, hosts, isHashed: hosts.length < split.hosts.length, comment, found: findKey(split) };
}

function splitLine(line: string): SplitLine | undefined {
  const bare = { marker: "", options: [], hosts: [] };
  const [first, afterFirst] = takeWord(line);
  if (isSshKeyType(first)) return { ...bare, type: first, rest: afterFirst };
  const [second, afterSecond] = takeWord(afterFirst);
  if (isSshKeyType(second)) {
    const options = findOptions(first);
    const where = options === undefined ? { hosts: splitHosts(first) } : { options };
    return { ...bare, ...where, type: second, rest: afterSecond };
  }
  const [third, afterThird] = takeWord(afterSecond);
  if (!first.startsWith("@") || !isSshKeyType(third)) return undefined;
  return { ...bare, marker: first, hosts: splitHosts(second), type: third, rest: afterThird };
}

function takeWord(text: string): readonly [word: string, rest: string] {
  WORD.lastIndex = 0;
  const match = WORD.exec(text);
  return match === null ? ["", ""] : [match[1] ?? "", text.slice(WORD.lastIndex)];
}

function splitHosts(word: string): string[] {
  return word.split(",").filter((host) => host !== "");
}

/** @returns the names of the options of an `authorized_keys` line, in lower case; undefined when the word is something else */
function findOptions(word: string): string[] | undefined {
  const names = Array.from(word.matchAll(OPTION), ([option]) => option.split("=")[0]?.toLowerCase() ?? "");
  return names.every((name) => OPTIONS.has(name)) ? names : undefined;
}

function findKey({ marker, options, type, rest }: SplitLine): FoundSshKey {
  const encoded = takeWord(rest)[0];
  const damaged = { kind: "malformed", reason: `${describeSshKeyType(type)} that is damaged or cut short` } as const;
  if (findTypeInside(encoded) !== type) return damaged;
  if (marker === "@revoked") return { kind: "unusable", type, reason: "a revoked key" };
  if (marker === "@cert-authority" || options.includes("cert-authority")) {
    return { kind: "unusable", type, reason: AUTHORITY };
  }
  const key = findSshPublicKey(`${type} ${rest}`);
  if (key === undefined) {
    return { kind: "unusable", type, reason: findConversionObstacle(type) ?? describeSshKeyType(type) };
  }
  switch (classifySshKey(key)) {
    case "sound":
      return { kind: "key", key };
    case "small":
      return { kind: "unusable", type, reason: SSH_KEY_PROBLEM_TEXT.small };
    default:
      return damaged;
  }
}

function findTypeInside(encoded: string): string | undefined {
  const bytes = decodePaddedBase64(encoded);
  return bytes === undefined ? undefined : new SshReader(bytes).text();
}

function describeOther(line: string): string {
  if (line.startsWith("-----BEGIN ")) return "the beginning of a private key";
  if (looksLikeIdentity(line)) return "an age identity, the private half of a key";
  if (/^age1[a-z0-9]/.test(line)) return "an age recipient already";
  return "no ssh public key";
}
