/**
 * The text around a private key: takes the content out of the form of OpenSSH, and recognises every other form by its
 * first line, to say what it is and how it is repaired.
 *
 * Never puts any of the content into a message. Pure. Spec: keys §3. Format: RFC 7468; PROTOCOL.key of OpenSSH.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { nameFile } from "../../base/show/named_file.ts";
import { refuseUnconvertible } from "./key_type.ts";
import { decodeSshText } from "./armour.ts";
import { decodePaddedBase64 } from "./wire.ts";

const BEGIN = /^-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----$/;

const OPENSSH_LABEL = "OPENSSH PRIVATE KEY";

/** Types by the label of the old form, which names them (RFC 1421, PKCS #1, SEC 1). */
const OLD_LABELS: Readonly<Record<string, string>> = {
  "RSA PRIVATE KEY": "ssh-rsa",
  "DSA PRIVATE KEY": "ssh-dss",
  "EC PRIVATE KEY": "ecdsa-sha2-nistp256",
};

/** Types by the object identifier near the start of the general form (PKCS #8), in hex. */
const IDENTIFIERS: readonly (readonly [identifier: string, type: string])[] = [
  ["06092a864886f70d010101", "ssh-rsa"],
  ["06072a8648ce380401", "ssh-dss"],
  ["06072a8648ce3d0201", "ecdsa-sha2-nistp256"],
];

/** Where the object identifier of the general form ends at the latest, in bytes. */
const IDENTIFIER_END = 32;

/**
 * Takes the binary content out of a private key file.
 *
 * @param bytes the whole file, at most as long as its reader allows
 * @param name the file's path, or what else the source is called
 * @throws {UserError} `unsupported` for a private key in another form; `malformed` for anything else
 */
export function decodeOpensshForm(bytes: Uint8Array, name: string): Uint8Array {
  const lines = decodeSshText(bytes).split(/\r\n|\r|\n/).map((line) => line.trim());
  const begin = lines.findIndex((line) => BEGIN.test(line));
  const label = BEGIN.exec(lines[begin] ?? "")?.[1];
  if (label === undefined) throw noPrivateKey(lines, name);
  const end = lines.indexOf(`-----END ${label}-----`, begin);
  const body = lines.slice(begin + 1, end < 0 ? undefined : end);
  if (label !== OPENSSH_LABEL) refuseOtherForm(label, body, name);
  const content = end < 0 ? undefined : decodePaddedBase64(body.join(""));
  if (content === undefined) throw damagedPrivateKey(name);
  return content;
}

/** @param name the file's path @returns the error for a private key file whose content is not whole */
export function damagedPrivateKey(name: string): UserError {
  return new UserError("malformed", `cannot read "${name}": the private key is damaged or cut short`, {
    hints: ["take the file from a backup, or copy it again as a whole"],
    location: { path: name },
  });
}

/**
 * @param options of `ssh-keygen`
 * @param name the file's path, or what else the source is called
 * @returns the command that writes the file anew; `FILE` stands for a name that cannot be typed as it is
 */
export function repairCommand(options: string, name: string): string {
  return nameFile(`ssh-keygen ${options} -f FILE`, name);
}

function noPrivateKey(lines: readonly string[], name: string): UserError {
  const fail = (found: string, ...hints: string[]): UserError =>
    new UserError("malformed", `cannot read "${name}": it is ${found}, expected an ssh private key`, {
      hints,
      location: { path: name },
    });
  const firstLine = lines.find((line) => line !== "");
  if (firstLine === undefined) return fail("empty");
  if (/^(?:ssh-|ecdsa-|sk-)\S+\s+AAAA/.test(firstLine)) {
    return fail("a public key", "name the file of the private half, which has the same name without .pub");
  }
  if (lines.some((line) => line.startsWith("AGE-SECRET-KEY-"))) return fail("an age identity already");
  if (firstLine.startsWith("PuTTY-User-Key-File-")) {
    const step = "convert it first: puttygen FILE -O private-openssh -o NEW_FILE, where NEW_FILE does not exist yet";
    return fail("a key of PuTTY", nameFile(step, name)); // puttygen overwrites without asking
  }
  return fail("something else");
}

function refuseOtherForm(label: string, body: readonly string[], name: string): never {
  const type = OLD_LABELS[label] ?? (label === "PRIVATE KEY" ? findTypeInside(body) : undefined);
  if (type !== undefined) refuseUnconvertible(type, `"${name}"`);
  throw new UserError(
    "unsupported",
    `cannot read "${name}": it is a private key in the form "${label}", expected "${OPENSSH_LABEL}"`,
    {
      hints: [`bring it into the form of OpenSSH (an ed25519 key needs OpenSSH 9.6): ${repairCommand("-p", name)}`],
      location: { path: name },
    },
  );
}

function findTypeInside(body: readonly string[]): string | undefined {
  const start = decodePaddedBase64(body.join(""))?.subarray(0, IDENTIFIER_END).toHex();
  return IDENTIFIERS.find(([identifier]) => start?.includes(identifier))?.[1];
}
