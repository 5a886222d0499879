/**
 * Private keys in the files of a repository: age identities, ssh keys, PGP keys; in files of their own, and in the text of
 * others.
 *
 * Counts only what is whole: an identity with its checksum, a key that reads as one. What stands for a key in documents
 * does not, nor does the identity of an age plugin, which holds no secret. Keys in the older PEM forms, which TLS servers have
 * as well, count in files that are called like ssh keys. Never shows any of the content. Pure.
 *
 * @module
 */
import { createSearch } from "../../base/byte_search.ts";
import type { Severity } from "../../config/lint/code.ts";
import { UserError } from "../../base/error.ts";
import { classifyIdentity } from "../../keys/age/identity.ts";
import { findPemKey } from "../../keys/ssh/pem_key.ts";
import { parseOpensshPrivateKey } from "../../keys/ssh/private_key.ts";
import { findLineStarts, lineNumberAt } from "../../yaml/position.ts";
import { isProtectedPgpKey } from "./pgp_key.ts";

/** A private key in a file. */
export interface PrivateKeyPlace {
  readonly kind: "age-identity" | "ssh-private-key" | "pgp-private-key";
  readonly severity: Severity;
  readonly lineNumber: number;
  /** What it is, with its article. */
  readonly what: string;
  /** Whether the file is little else than this key. */
  readonly isWhole: boolean;
}

const findAgeStart = createSearch("AGE-SECRET-KEY-");
const findPemStart = createSearch("PRIVATE KEY");

/** @returns whether it is worth looking closer: nearly no file holds such a text */
export function mayHoldPrivateKey(bytes: Uint8Array): boolean {
  return findAgeStart(bytes) !== -1 || findPemStart(bytes) !== -1;
}

/** An age identity, wherever it stands in a line. */
const AGE_IDENTITY = /AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]+/g;

/** A file of identities and comments alone. */
const KEYS_FILE = /^(?:\s*(?:#.*)?\n|\s*AGE-[A-Z0-9-]+\s*(?:\n|$))+$/;

/** A block in armour, also indented, behind comment signs, or with its line breaks as escapes of JSON. */
const BLOCK = /-----BEGIN ((?:OPENSSH |RSA )?PRIVATE KEY|PGP PRIVATE KEY BLOCK)-----([\s\S]*?)-----END \1-----/g;

/** What may stand around a line of a block in a program or a comment; none of it is a sign of Base64 where it stands. */
const BEFORE_LINE = /^\s*(?:#+\s*|(?:\/\/|\*|>|--)\s+)?["'`]?/;
const BEHIND_LINE = /(?:["'`]\s*[+,;.)]*)?\s*\\?\s*$/;

/** How files with ssh keys are called. */
const SSH_NAME = /(?:^|[._-])id_(?:rsa|dsa|ecdsa|ed25519)|ssh/i;

/**
 * @param name of the file, without its folder
 * @returns every private key of a file, in the order of the text
 */
export async function findPrivateKeys(bytes: Uint8Array, name: string): Promise<PrivateKeyPlace[]> {
  const source = new TextDecoder().decode(bytes);
  const text = { path: "", source, lineStarts: findLineStarts(source) };
  const places: PrivateKeyPlace[] = [];
  for (const { 0: identity, index } of source.matchAll(AGE_IDENTITY)) {
    if ("problem" in classifyIdentity(identity)) continue;
    places.push({
      kind: "age-identity",
      severity: "error",
      lineNumber: lineNumberAt(text, index),
      what: "an age identity",
      isWhole: KEYS_FILE.test(source),
    });
  }
  for (const { index, 0: block, 1: label = "", 2: body = "" } of source.matchAll(BLOCK)) {
    const key = await judgeBlock(label, body, name);
    const isWhole = source.replace(block, "").trim() === "";
    if (key !== undefined) places.push({ ...key, lineNumber: lineNumberAt(text, index), isWhole });
  }
  return places.sort((a, b) => a.lineNumber - b.lineNumber);
}

/** @returns undefined for what is no private key, or one of another use */
async function judgeBlock(
  label: string,
  body: string,
  name: string,
): Promise<Pick<PrivateKeyPlace, "kind" | "severity" | "what"> | undefined> {
  const lines = body.replaceAll("\\n", "\n").split("\n").map((line) =>
    line.replace(BEFORE_LINE, "").replace(BEHIND_LINE, "")
  );
  switch (label) {
    case "PGP PRIVATE KEY BLOCK": {
      const isProtected = isProtectedPgpKey(lines);
      if (isProtected === undefined) return undefined;
      return { kind: "pgp-private-key", ...describe("a PGP private key", isProtected) };
    }
    case "OPENSSH PRIVATE KEY": {
      const isProtected = isProtectedOpensshKey(lines);
      return isProtected === undefined ? undefined : {
        kind: "ssh-private-key",
        ...describe("an ssh private key", isProtected),
      };
    }
    default: {
      const key = SSH_NAME.test(name) ? await findPemKey(armoured(label, lines)) : undefined;
      return key === undefined ? undefined : {
        kind: "ssh-private-key",
        ...describe("an ssh private key", key.kind === "encrypted"),
      };
    }
  }
}

function describe(what: string, isProtected: boolean): Pick<PrivateKeyPlace, "severity" | "what"> {
  return isProtected ? { severity: "note", what: `${what} with a passphrase` } : { severity: "error", what };
}

function armoured(label: string, lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode([`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n"));
}

/** @returns undefined for what is no key */
function isProtectedOpensshKey(lines: readonly string[]): boolean | undefined {
  try {
    return parseOpensshPrivateKey(armoured("OPENSSH PRIVATE KEY", lines), "").isEncrypted;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
