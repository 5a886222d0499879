/**
 * Passphrases: where one comes from, and how often it may be mistyped.
 *
 * A passphrase comes from the place that the person names (a descriptor, a file, standard input), else from an
 * environment variable, else it is asked for on the terminal. It is never taken from an argument, which every process of
 * the machine could read. Why descriptors have to be pipes: `docs/decisions/011-passphrases.md`. I/O through the host.
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { Host } from "../host/host.ts";
import { describeIoError } from "../host/io_error.ts";
import { askSecret, type SecretQuestion } from "./prompts.ts";
import { Secret } from "../secret.ts";

/** Longest passphrase read from a file or descriptor, in bytes; OpenSSH and age know no limit, people do. */
const MAX_PASSPHRASE_BYTES = 64 * 1024;

/** How often a passphrase may be typed before the command gives up, as ssh has it. */
const MAX_TRIES = 3;

/** A place that a passphrase is read from, to its end; line breaks at the end do not count. */
export type PassphraseSource =
  /** Not 0, which is standard input. */
  | { readonly from: "descriptor"; readonly number: number }
  /** A regular file, a named pipe, or what a shell makes of `<(command)`. The path is absolute. */
  | { readonly from: "file"; readonly path: string }
  | { readonly from: "standard input" };

/** What was read: a pipe is empty the second time. Kept as long as its source, so one source serves several keys. */
const readTexts = new WeakMap<PassphraseSource, Secret>();

/** Which passphrase is wanted, and what may answer. */
export interface PassphraseRequest {
  /** What it opens, as it stands in the question and in messages: `"~/.ssh/id_ed25519"`. */
  readonly object: string;
  /** The place that the person has named; absent: the variable, then the terminal. */
  readonly source?: PassphraseSource | undefined;
  /** The environment variable that answers; an empty value counts as unset. */
  readonly variable?: string;
  /** What to do where nobody can be asked: `set SSH_TO_AGE_PASSPHRASE, or pass --passphrase-file FILE`. */
  readonly instead: string;
}

/**
 * Gets the passphrase of something that exists.
 *
 * @throws {UserError} `usage` when nothing answers and there is no terminal; `cancelled` when the person gives up;
 * `malformed` for text that is not UTF-8 or too long; `io`, `denied`, `not-found` when the source cannot be read
 */
export async function readPassphrase(host: Host, request: PassphraseRequest): Promise<Secret> {
  return await findGiven(host, request) ?? await askSecret(host, questionOf(request));
}

/**
 * Gets the passphrase for something new: typed twice where it is typed, never empty, and one line that can be typed later.
 *
 * @throws {UserError} as {@link readPassphrase}; `refused` for an empty one; `cancelled` when the person has typed two
 * different ones three times
 */
export async function readNewPassphrase(host: Host, request: PassphraseRequest): Promise<Secret> {
  const given = await findGiven(host, request);
  if (given !== undefined) return refuseUntypable(given);
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const first = refuseUntypable(await askSecret(host, questionOf(request)));
    if (first.equals(await askSecret(host, { ...questionOf(request), text: "the same once more" }))) return first;
    host.stderr.write("these were two different ones\n");
  }
  throw new UserError("cancelled", `no passphrase: two different ones ${MAX_TRIES} times`);
}

/**
 * Gets a passphrase and tries it; where it is typed, a wrong one may be typed again.
 *
 * @param attempt returns undefined for a wrong passphrase
 * @returns what the attempt returned
 * @throws {UserError} `denied` for a wrong passphrase; what {@link readPassphrase} and the attempt throw
 */
export async function unlockWithPassphrase<Opened>(
  host: Host,
  request: PassphraseRequest,
  attempt: (passphrase: Secret) => Promise<Opened | undefined>,
): Promise<Opened> {
  const given = await findGiven(host, request);
  const tries = given === undefined ? MAX_TRIES : 1;
  for (let number = 1; number <= tries; number++) {
    const opened = await attempt(given ?? await askSecret(host, questionOf(request)));
    if (opened !== undefined) return opened;
    if (number < tries) host.stderr.write("wrong passphrase\n");
  }
  throw new UserError("denied", `cannot open ${request.object}: wrong passphrase`, {
    hints: given === undefined ? [] : [`check the passphrase that ${describeGiver(request)} holds`],
  });
}

/** @returns the passphrase that needs no question; undefined when there is none, or when it would be typed visibly */
async function findGiven(host: Host, { source, variable }: PassphraseRequest): Promise<Secret | undefined> {
  if (source?.from === "standard input" && host.stdin.isTerminal) return undefined;
  if (source !== undefined) return await readSource(host, source);
  const value = variable === undefined ? undefined : host.env(variable);
  return value ? new Secret(value) : undefined;
}

async function readSource(host: Host, source: PassphraseSource): Promise<Secret> {
  const known = readTexts.get(source);
  if (known !== undefined) return known;
  const passphrase = new Secret(await readText(host, source));
  readTexts.set(source, passphrase);
  return passphrase;
}

async function readText(host: Host, source: PassphraseSource): Promise<string> {
  const bytes = await readBytes(host, source);
  if (bytes.length > MAX_PASSPHRASE_BYTES) throw unusable(source, `longer than ${MAX_PASSPHRASE_BYTES} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/[\r\n]+$/, "");
  } catch {
    throw unusable(source, "not UTF-8 text");
  }
}

async function readBytes(host: Host, source: PassphraseSource): Promise<Uint8Array> {
  switch (source.from) {
    case "standard input":
      return await host.stdin.read(MAX_PASSPHRASE_BYTES);
    case "descriptor":
      return readDescriptor(host, source.number);
    case "file":
      return readFile(host, source.path);
  }
}

function readFile(host: Host, path: string): Uint8Array {
  let bytes: Uint8Array | undefined;
  try {
    bytes = host.files.read(path, MAX_PASSPHRASE_BYTES);
  } catch (error) {
    throw describeIoError("read the passphrase from", path, error);
  }
  if (bytes !== undefined) return bytes;
  throw new UserError("not-found", `cannot read the passphrase from "${path}": no such file`, {
    hints: ["check the path for a typing mistake"],
    location: { path },
  });
}

/** Deno opens a descriptor of this process only when it is a pipe. */
function readDescriptor(host: Host, number: number): Uint8Array {
  try {
    const bytes = host.files.read(`/dev/fd/${number}`, MAX_PASSPHRASE_BYTES);
    if (bytes !== undefined) return bytes;
  } catch (error) {
    throw notAPipe(number, error);
  }
  throw notAPipe(number);
}

function notAPipe(number: number, cause?: unknown): UserError {
  return new UserError(
    "io",
    `cannot read the passphrase from descriptor ${number}: it is not open or not a pipe, expected a pipe`,
    { hints: [`write ${number}< <(COMMAND) instead of ${number}<FILE, or pass --passphrase-file FILE`], cause },
  );
}

function unusable(source: PassphraseSource, found: string): UserError {
  return new UserError("malformed", `cannot use the passphrase from ${describeSource(source)}: it is ${found}`);
}

function describeGiver({ source, variable }: PassphraseRequest): string {
  return source === undefined ? `the variable ${variable}` : describeSource(source);
}

function describeSource(source: PassphraseSource): string {
  switch (source.from) {
    case "standard input":
      return source.from;
    case "descriptor":
      return `descriptor ${source.number}`;
    case "file":
      return `"${source.path}"`;
  }
}

function questionOf({ object, instead }: PassphraseRequest): SecretQuestion {
  return { text: `passphrase of ${object}`, instead };
}

/** What cannot be typed at a prompt is no passphrase: SOPS and age take a line there, without control characters. */
function refuseUntypable(passphrase: Secret): Secret {
  const text = passphrase.revealText();
  if (text === "") throw new UserError("refused", "the passphrase is empty, expected at least one character");
  if (/[\n\r\u2028\u2029]/.test(text)) {
    throw new UserError(
      "refused",
      "the passphrase has more than one line, and could not be typed later, expected one",
      {
        hints: ["pass its line alone: --passphrase-file <(pass show NAME | head -n 1)"],
      },
    );
  }
  if (!/\p{Cc}/u.test(text)) return passphrase;
  throw new UserError("refused", "the passphrase has a control character, and could not be typed later, expected none");
}
