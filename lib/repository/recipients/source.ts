/**
 * Where the recipients of `recipient add` and `recipient import` come from: a file, standard input, an ssh key file, or
 * the keys that GitHub serves for a user.
 *
 * No network. Of a private ssh key only the public part is used, which needs no passphrase; nothing of it is ever shown.
 * I/O through the host. Spec: keys §1, §3.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import { readCapped, readStdinCapped, STDIN_NAME } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { refuseUnconvertible } from "../../keys/ssh/key_type.ts";
import { formatSshPublicKey } from "../../keys/ssh/public_key.ts";
import { type FoundRecipient, NATIVE_HINT, parseRecipientLines, type RecipientLines, type SshForm } from "./lines.ts";

/** Largest file of recipients, in bytes: a `known_hosts` of 10,000 hosts with three keys each takes half of it. */
const MAX_RECIPIENT_BYTES = 16 * 1024 * 1024;

/** What stands for standard input on the command line. */
const STDIN_MARK = "-";

/** A text of recipients, and what it is called. */
interface SourceText {
  readonly text: string;
  readonly name: string;
}

/**
 * Reads the recipients of a file or of standard input. Those without a name of their own in a file `alice.keys`, as
 * `github.com/alice.keys` is saved, are called `alice`.
 *
 * @param file relative to the working directory, or `-`
 * @throws {UserError} `not-found` without the file or without a recipient in it, `malformed` for a line that is no public
 * key, `unsupported` when every key is one that age cannot use, `io` or `denied`
 */
export async function readRecipientFile(host: Host, file: string, form: SshForm): Promise<RecipientLines> {
  const { text, name } = await readSource(host, file);
  const lines = parseRecipientLines(text, name, form);
  if (lines.recipients.length === 0) throw nothingFound(name, lines);
  const owner = /^(.+)\.keys$/.exec(host.paths.basename(file))?.[1];
  if (owner === undefined) return lines;
  return { ...lines, recipients: lines.recipients.map((recipient) => ({ name: owner, ...recipient })) };
}

/**
 * Reads one ssh key: a public key file, or a private one, of which the public half is taken: from the `.pub` file beside
 * it, which has the comment, else from the part of the key file that is not encrypted.
 *
 * @param file relative to the working directory
 * @throws {UserError} `not-found`, `malformed`, `unsupported` for a type of key that age cannot use, `io` or `denied`
 */
export async function readSshKeyFile(host: Host, file: string, form: SshForm): Promise<FoundRecipient> {
  const path = host.paths.resolve(host.cwd, file);
  const bytes = readBytes(host, path);
  const text = new TextDecoder().decode(bytes);
  if (!text.trimStart().startsWith("-----BEGIN ")) return only(path, parseRecipientLines(text, path, form));
  const publicPath = `${path}.pub`;
  const publicBytes = readCapped(host, publicPath, { maxBytes: MAX_RECIPIENT_BYTES });
  if (publicBytes !== undefined) {
    return only(publicPath, parseRecipientLines(new TextDecoder().decode(publicBytes), publicPath, form));
  }
  const { parseOpensshPrivateKey } = await import("../../keys/ssh/private_key.ts");
  const { type, publicKey } = parseOpensshPrivateKey(bytes, path);
  if (publicKey === undefined || form === "converted") refuseUnconvertible(type, `"${path}"`);
  if (publicKey === undefined) throw new InternalError("an ssh key that converts, without a public half");
  return only(path, parseRecipientLines(formatSshPublicKey(publicKey), path, form));
}

function only(path: string, lines: RecipientLines): FoundRecipient {
  const [recipient, ...others] = lines.recipients;
  if (recipient === undefined) throw nothingFound(path, lines);
  if (others.length === 0) return recipient;
  throw new UserError("malformed", `cannot use "${path}": it holds ${others.length + 1} keys, expected one`, {
    hints: ["pass it with --from, or import it with: sopsmith recipient import FILE"],
    location: { path },
  });
}

async function readSource(host: Host, file: string): Promise<SourceText> {
  if (file !== STDIN_MARK) {
    const path = host.paths.resolve(host.cwd, file);
    return { text: new TextDecoder().decode(readBytes(host, path)), name: path };
  }
  const bytes = await readStdinCapped(host, { maxBytes: MAX_RECIPIENT_BYTES });
  return { text: new TextDecoder().decode(bytes), name: STDIN_NAME };
}

function readBytes(host: Host, path: string): Uint8Array {
  const bytes = readCapped(host, path, { maxBytes: MAX_RECIPIENT_BYTES });
  if (bytes !== undefined) return bytes;
  throw new UserError("not-found", `cannot read "${path}": no such file`, { location: { path } });
}

function nothingFound(name: string, { skipped }: RecipientLines): UserError {
  const [first] = skipped;
  if (first === undefined) {
    return new UserError("not-found", `no recipient in "${name}"`, { hints: ["check that it is the right file"] });
  }
  const others = skipped.length > 1 ? [`and ${skipped.length - 1} more of types that do not convert`] : [];
  const isNative = skipped.some(({ isKeptNative }) => isKeptNative);
  return new UserError("unsupported", `no key in "${name}" can be used: line ${first.lineNumber} is ${first.reason}`, {
    details: others,
    hints: [
      isNative ? NATIVE_HINT : "make an ed25519 key: ssh-keygen -t ed25519",
    ],
  });
}
