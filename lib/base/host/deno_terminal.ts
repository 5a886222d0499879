/**
 * Lines that a person types on the terminal, read through Deno.
 *
 * The terminal itself edits an open line. A hidden one is read key by key, because only then nothing is shown, and so
 * that Ctrl-C does not leave the terminal mute behind.
 *
 * @module
 */
import { UserError } from "../error.ts";

/** What the keys send that mean something in a hidden line. */
const KEY = { end: 0x04, interrupt: 0x03, erase: 0x7f, backspace: 0x08, eraseLine: 0x15, enter: 0x0d, lineFeed: 0x0a };

/** @see InputStream.readLine */
export async function readTerminalLine(visibility: "open" | "hidden"): Promise<string | undefined> {
  return visibility === "hidden" && Deno.stdin.isTerminal() ? readHiddenLine() : await readOpenLine();
}

/** Does not block: while somebody thinks about the answer, Ctrl-C must still reach who has something to clean up. */
async function readOpenLine(): Promise<string | undefined> {
  const bytes: number[] = [];
  const next = async (): Promise<number | undefined> => {
    const buffer = new Uint8Array(1);
    return await Deno.stdin.read(buffer) === null ? undefined : buffer[0];
  };
  for (let byte = await next(); byte !== KEY.lineFeed; byte = await next()) {
    if (byte === undefined && bytes.length === 0) return undefined;
    if (byte === undefined) break;
    bytes.push(byte);
  }
  return decode(bytes).replace(/\r$/, "");
}

function readHiddenLine(): string | undefined {
  Deno.stdin.setRaw(true);
  const bytes: number[] = [];
  try {
    while (true) {
      const byte = readByte();
      if (byte === KEY.interrupt) throw new UserError("cancelled", "interrupted; nothing was changed");
      if (byte === KEY.enter || byte === KEY.lineFeed) return decode(bytes);
      if (byte === undefined || byte === KEY.end) return bytes.length === 0 ? undefined : decode(bytes);
      if (byte === KEY.erase || byte === KEY.backspace) eraseCharacter(bytes);
      else if (byte === KEY.eraseLine) bytes.length = 0;
      else bytes.push(byte);
    }
  } finally {
    Deno.stdin.setRaw(false);
  }
}

/** An escape sequence of a key (ECMA-48, SS3), a character, or an Escape alone. */
// deno-lint-ignore no-control-regex -- they are what keys send
const KEY_TEXT = /\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|[^]/gu;

/** Longest text of keys that is read at once, in bytes: what is typed while nothing reads comes in one piece. */
const MAX_KEYS_BYTES = 256;

/** @see InputStream.readKeys */
export async function* readTerminalKeys(): AsyncGenerator<string> {
  Deno.stdin.setRaw(true);
  try {
    const buffer = new Uint8Array(MAX_KEYS_BYTES);
    for (let count = await Deno.stdin.read(buffer); count !== null; count = await Deno.stdin.read(buffer)) {
      yield* decode([...buffer.subarray(0, count)]).match(KEY_TEXT) ?? [];
    }
  } finally {
    Deno.stdin.setRaw(false);
  }
}

/** Takes the last character away, all bytes of it. */
function eraseCharacter(bytes: number[]): void {
  let last = bytes.pop();
  while (last !== undefined && (last & 0xc0) === 0x80) last = bytes.pop();
}

function readByte(): number | undefined {
  const buffer = new Uint8Array(1);
  return Deno.stdin.readSync(buffer) === null ? undefined : buffer[0];
}

function decode(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
