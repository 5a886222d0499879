/**
 * The header of an age file: its stanzas and its MAC, read as strictly as age does, and written as age writes it. Pure.
 * Reference: age specification, "Header".
 *
 * @module
 */
import { decodeBareBase64, encodeBareBase64 } from "../primitives/base64.ts";
import type { Stanza } from "../primitives/stanza.ts";
import { KEY_BYTES } from "../primitives/stanza_crypto.ts";

/** A header as read. */
export interface Header {
  readonly stanzas: Stanza[];
  readonly mac: Uint8Array;
  /** What the MAC is taken over: everything up to and with `---`. */
  readonly authenticated: Uint8Array;
  /** All of the header. */
  readonly bytes: Uint8Array;
  /** Everything after the header: the nonce and the payload. */
  readonly rest: Uint8Array;
}

const VERSION = "age-encryption.org/v1";
const STANZA_START = "-> ";
const MAC_START = "--- ";

/** How many letters a full line of a stanza's body has. */
const LINE_LETTERS = 64;

const LF = 0x0a;

const LATIN1 = new TextDecoder("latin1");

/** Words of printable ASCII, with one blank between them. */
const STANZA_LINE = /^->(?: [\x21-\x7e]+)+$/;

/** @returns undefined for what age refuses as a header; a scrypt stanza that is not alone is refused too */
export function decodeHeader(file: Uint8Array): Header | undefined {
  const lines = new HeaderLines(file);
  if (lines.next() !== VERSION) return undefined;
  const stanzas: Stanza[] = [];
  for (;;) {
    const start = lines.offset;
    const line = lines.next();
    if (line?.startsWith(MAC_START)) {
      const mac = decodeBareBase64(line.slice(MAC_START.length));
      const isAlone = stanzas.length === 1 || stanzas.every(({ args }) => args[0] !== "scrypt");
      if (mac?.length !== KEY_BYTES || stanzas.length === 0 || !isAlone) return undefined;
      const authenticated = file.subarray(0, start + MAC_START.length - 1);
      return {
        stanzas,
        mac,
        authenticated,
        bytes: file.subarray(0, lines.offset),
        rest: file.subarray(lines.offset),
      };
    }
    const args = line === undefined ? undefined : findStanzaArgs(line);
    const body = args && readBody(lines);
    if (args === undefined || body === undefined) return undefined;
    stanzas.push({ args, body });
  }
}

/** @param line without its line break @returns the words of the first line of a stanza; undefined for any other line */
export function findStanzaArgs(line: string): string[] | undefined {
  return STANZA_LINE.test(line) ? line.slice(STANZA_START.length).split(" ") : undefined;
}

/** @returns whether a line ends the body of a stanza; undefined for one that no body has */
export function endsStanzaBody(line: string): boolean | undefined {
  return line.length > LINE_LETTERS ? undefined : line.length < LINE_LETTERS;
}

/** @returns the header without its MAC: what that is taken over */
export function encodeHeaderStart(stanzas: readonly Stanza[]): Uint8Array {
  return new TextEncoder().encode(`${VERSION}\n${stanzas.map(formatStanza).join("")}---`);
}

/** @returns the end of the header, which comes behind {@link encodeHeaderStart} */
export function encodeHeaderEnd(mac: Uint8Array): Uint8Array {
  return new TextEncoder().encode(` ${encodeBareBase64(mac)}\n`);
}

/** @returns a stanza as it stands in headers and in what plugins are told, with a line break at its end */
export function formatStanza({ args, body }: Stanza): string {
  const text = encodeBareBase64(body);
  const lines = [`${STANZA_START}${args.join(" ")}`];
  // A full last line is followed by an empty one: that is how the end of the body is known.
  for (let start = 0; start <= text.length; start += LINE_LETTERS) lines.push(text.slice(start, start + LINE_LETTERS));
  return `${lines.join("\n")}\n`;
}

function readBody(lines: HeaderLines): Uint8Array | undefined {
  let text = "";
  for (;;) {
    const line = lines.next();
    const isLast = line === undefined ? undefined : endsStanzaBody(line);
    if (isLast === undefined) return undefined;
    text += line;
    if (isLast) return decodeBareBase64(text);
  }
}

/** The lines of a file that end with LF, one character for each byte. */
class HeaderLines {
  readonly #file: Uint8Array;
  /** Where the next line starts, in bytes. */
  offset = 0;

  constructor(file: Uint8Array) {
    this.#file = file;
  }

  /** @returns the next line without its LF; undefined where none ends any more */
  next(): string | undefined {
    const end = this.#file.indexOf(LF, this.offset);
    if (end < 0) return undefined;
    const line = LATIN1.decode(this.#file.subarray(this.offset, end));
    this.offset = end + 1;
    return line;
  }
}
