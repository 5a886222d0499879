/**
 * The armor of age files: Base64 in lines of 64 letters between a first and a last line, read as strictly as age does.
 * Pure. Reference: age specification, "ASCII armor".
 *
 * @module
 */

const HEAD = "-----BEGIN AGE ENCRYPTED FILE-----";
const TAIL = "-----END AGE ENCRYPTED FILE-----";
const LINE_LETTERS = 64;

const BLANKS = " \t\r\n";

const BODY = /^[A-Za-z0-9+/]*={0,2}$/;

/** @returns the text, with a line break at its end */
export function encodeArmor(file: Uint8Array): string {
  const text = file.toBase64();
  const lines = [HEAD];
  for (let start = 0; start < text.length; start += LINE_LETTERS) lines.push(text.slice(start, start + LINE_LETTERS));
  return `${lines.join("\n")}\n${TAIL}\n`;
}

/** Not by a regular expression: looking for blanks at the end takes the square of the time where many stand elsewhere. */
function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && BLANKS.includes(text.charAt(start))) start++;
  while (start < end && BLANKS.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** @returns the file; undefined for a text that age refuses. White space around it, and CRLF, are allowed. */
export function decodeArmor(text: string): Uint8Array | undefined {
  const lines = trimBlanks(text).split(/\r?\n/);
  if (lines.length < 2 || lines[0] !== HEAD || lines.at(-1) !== TAIL) return undefined;
  const body = lines.slice(1, -1);
  const isLaidOut = body.every((line, index) =>
    index < body.length - 1 ? line.length === LINE_LETTERS : line.length > 0 && line.length <= LINE_LETTERS
  );
  const joined = body.join("");
  if (!isLaidOut || !BODY.test(joined)) return undefined;
  try {
    return Uint8Array.fromBase64(joined, { lastChunkHandling: "strict" });
  } catch {
    return undefined; // padding that is missing, or spare bits that are not zero
  }
}
