/**
 * Contents of keys files, good and bad, for the reader's own tests and for the comparison with real SOPS.
 *
 * @module
 */
import { MAX_LINE_BYTES } from "../../../lib/keys/file/keys_file.ts";
import { TEST_HYBRID, TEST_PLUGIN, TEST_SSH_ED25519, TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";

const X = TEST_X25519.identity;
const Y = TEST_X25519_OTHER.identity;

/** @returns the text in UTF-16, with or without a byte order mark */
function utf16(text: string, order: "little" | "big", mark: boolean): Uint8Array {
  const units = (mark ? "\ufeff" : "") + text;
  const view = new DataView(new ArrayBuffer(units.length * 2));
  for (let i = 0; i < units.length; i++) view.setUint16(i * 2, units.charCodeAt(i), order === "little");
  return new Uint8Array(view.buffer);
}

function bytes(...parts: (string | number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...new TextEncoder().encode(part)] : part),
  );
}

/** What SOPS reads: the content, and the number of identities. */
export const USABLE_FILES: Readonly<Record<string, readonly [content: string | Uint8Array, entries: number]>> = {
  "an empty file": ["", 0],
  "an empty line": ["\n", 0],
  "an empty line with CRLF": ["\r\n", 0],
  "comments only": [`# nothing yet\n# ${X}\n`, 0],
  "an unended comment of any bytes": [bytes("#", [0, 0xff]), 0],
  "any bytes in a comment": [bytes("# caf", [0xe9, 0, 0xff], "\n", X), 1],
  "every kind of identity": [`${X}\n${TEST_HYBRID.identity}\n${TEST_PLUGIN.identity}\n`, 3],
  "CRLF": [`# c\r\n${X}\r\n\r\n${Y}\r\n`, 2],
  "a carriage return at the end": [`${X}\r`, 1],
  "the same identity twice": [`${X}\n${X}`, 2],
  "a line of the greatest length": [`#${"x".repeat(MAX_LINE_BYTES - 1)}\n${X}\n`, 1],
};

/** What SOPS drops the whole file for: the content, and the problems as `problem@line`. */
export const UNUSABLE_FILES: Readonly<
  Record<string, readonly [content: string | Uint8Array, problems: string, message: RegExp]>
> = {
  "a byte order mark": [bytes([0xef, 0xbb, 0xbf], X), "byte-order-mark@1", /line 1 is led by a byte order mark/],
  "a byte order mark before a comment": [`\ufeff# created\n${X}`, "byte-order-mark@1", /line 1 is led/],
  "a byte order mark in the middle": [`${X}\n\ufeff${Y}`, "byte-order-mark@2", /line 2 is led/],
  "UTF-16, little-endian": [utf16(`# c\r\n${X}\r\n`, "little", true), "utf16", /it is UTF-16/],
  "UTF-16, big-endian": [utf16(`# c\r\n${X}\r\n`, "big", true), "utf16", /it is UTF-16/],
  "UTF-16, little-endian, unmarked": [utf16(`# c\n${X}\n`, "little", false), "utf16", /it is UTF-16/],
  "UTF-16, big-endian, unmarked": [utf16(`${X}\n`, "big", false), "utf16", /it is UTF-16/],
  "an encrypted file": [
    `age-encryption.org/v1\n-> scrypt x 18\n`,
    "age-encrypted",
    /it is encrypted with a passphrase/,
  ],
  "an armored file": ["-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "age-encrypted", /encrypted/],
  "an armored file after an empty line": [
    "\n-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n",
    "text-before-armor",
    /encrypted/,
  ],
  "an ssh private key": ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", "pem", /it is a private key in PEM form/],
  "a recipient": [`${X}\n${TEST_X25519.recipient}\n`, "recipient@2", /line 2 is a recipient/],
  "an ssh public key": [TEST_SSH_ED25519, "recipient@1", /line 1 is a recipient/],
  "a garbage line": [`${X}\nhunter2hunter2\n${Y}\n`, "unknown@2", /line 2 is no age identity/],
  "a leading blank": [` ${X}\n`, "blanks@1", /white space around/],
  "a trailing blank": [`${X} \n`, "blanks@1", /white space around/],
  "a line of blanks": [`${X}\n \t\n`, "blanks@2", /white space/],
  "a blank before a comment": [`${X}\n # laptop\n`, "unknown@2", /line 2/],
  "a trailing comment": [`${X} # laptop\n`, "trailing-text@1", /more text after it/],
  "a damaged identity": [`${X.replace(/.$/, "Q")}\n`, "damaged@1", /wrong checksum or length/],
  "a lower-case identity": [`${X.toLowerCase()}\n`, "lower-case@1", /lower-case letters/],
  "two carriage returns": [`${X}\r\r\n`, "blanks@1", /white space/],
  "carriage returns as line ends": [`${X}\r${Y}\r`, "trailing-text@1", /more text/],
  "invalid UTF-8": [bytes(`${X}\n`, [0xff, 0x41], "\n"), "invalid-utf8@2", /line 2 is no valid UTF-8/],
  "NUL": [`${X}\n\0\n`, "unknown@2", /line 2/],
  "NUL after an identity": [`${X}\0\n`, "damaged@1", /line 1/],
  "a comment that is too long": [`#${"x".repeat(MAX_LINE_BYTES)}\n${X}\n`, "line-too-long@1", /longer than SOPS/],
  "many bad lines": [
    "a\nb\nc\nd\ne\nf\ng\nh\n",
    "unknown@1 unknown@2 unknown@3 unknown@4 unknown@5 unknown@6 unknown@7 unknown@8",
    /line 1/,
  ],
};
