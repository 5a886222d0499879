/**
 * What people read about a keys file that cannot be used: file and line number, never any of its text. Pure.
 * Spec: vaults §3 (refusals).
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { IDENTITY_PROBLEM_TEXT } from "../age/identity.ts";
import type { FileProblem, KeysFile, KeysProblem, LineProblem } from "./keys_file.ts";
import { nameFile } from "../../base/show/named_file.ts";

/** What was found, to stand after "line 3 is" or "it is", and the one repair. */
interface ProblemText {
  readonly found: string;
  readonly hint: string;
}

const COMMENT_OUT = "correct the line, remove it, or put # at its very start";

const REWRITE = "re-write it with: sopsmith identity import FILE --to FILE";

const FILE_PROBLEMS: Readonly<Record<FileProblem, ProblemText>> = {
  "utf16": {
    found: "UTF-16 text, which SOPS and age cannot read",
    hint: REWRITE,
  },
  "age-encrypted": {
    found: "encrypted with a passphrase",
    hint: "unlock it with: sopsmith identity unprotect FILE; keygen adds to it as it is with --passphrase",
  },
  "text-before-armor": {
    found: "encrypted with a passphrase, but line 1 stands before the armor",
    hint: "remove every line above -----BEGIN AGE ENCRYPTED FILE-----: SOPS and age do not find the armor below them",
  },
  "pem": {
    found: "a private key in PEM form, which is no list of age identities",
    hint: "name another keys file; an ssh key is brought in with: sopsmith identity import --ssh FILE",
  },
};

/** What the file should be, where it is not the list of identities that is wrong. */
const EXPECTED: Readonly<Partial<Record<KeysProblem["problem"], string>>> = {
  "age-encrypted": "expected plain text",
  "text-before-armor": "expected the armor at the very start",
  "utf16": "expected UTF-8",
};

const LINE_PROBLEMS: Readonly<Record<LineProblem, ProblemText>> = {
  "recipient": {
    found: IDENTITY_PROBLEM_TEXT["recipient"],
    hint: "remove the line; a recipient belongs in .sops.yaml",
  },
  "blanks": { found: IDENTITY_PROBLEM_TEXT["blanks"], hint: "remove the white space from the line" },
  "trailing-text": {
    found: IDENTITY_PROBLEM_TEXT["trailing-text"],
    hint: "move the comment to a line of its own that starts with #",
  },
  "lower-case": { found: IDENTITY_PROBLEM_TEXT["lower-case"], hint: "write the identity in upper case" },
  "damaged": {
    found: IDENTITY_PROBLEM_TEXT["damaged"],
    hint: "restore the line from a backup, or put # at its very start",
  },
  "unknown": { found: IDENTITY_PROBLEM_TEXT["unknown"], hint: COMMENT_OUT },
  "byte-order-mark": {
    found: "led by a byte order mark, which SOPS and age cannot read",
    hint: REWRITE,
  },
  "invalid-utf8": { found: "no valid UTF-8", hint: COMMENT_OUT },
  "line-too-long": { found: "longer than SOPS and age can read (64 KiB)", hint: "remove the line" },
};

/** How many problems are listed; one is enough to make SOPS drop the file. */
const MAX_LISTED = 5;

/**
 * Refuses a keys file that SOPS or age would drop, or that text cannot be added to.
 *
 * @throws {UserError} `malformed` with the first line concerned, or `unsupported` for an encrypted file
 */
export function refuseUnusable(file: KeysFile): void {
  const [first, ...more] = file.problems;
  if (first === undefined) return;
  const expected = EXPECTED[first.problem] ?? "expected one identity to a line";
  throw new UserError(
    first.problem === "age-encrypted" ? "unsupported" : "malformed",
    `cannot use the keys file "${file.path}": ${formatProblem(first)}, ${expected}`,
    {
      hints: [nameFile(problemText(first).hint, file.path)],
      details: "lineNumber" in first ? lineDetails(more) : [],
      location: { path: file.path, ...("lineNumber" in first ? { line: first.lineNumber } : {}) },
    },
  );
}

/** @returns what makes SOPS or age drop the file: `line 3 is …` or `it is …`; undefined when nothing */
export function findKeysProblem(file: KeysFile): string | undefined {
  const [first] = file.problems;
  return first && formatProblem(first);
}

function formatProblem(problem: KeysProblem): string {
  const subject = "lineNumber" in problem ? `line ${problem.lineNumber} is` : "it is";
  return `${subject} ${problemText(problem).found}`;
}

function lineDetails(more: readonly KeysProblem[]): string[] {
  const listed = more.slice(0, MAX_LISTED).flatMap((problem) =>
    "lineNumber" in problem ? [`line ${problem.lineNumber} is ${problemText(problem).found}`] : []
  );
  const rest = more.length - listed.length;
  if (rest > 0) listed.push(`… ${rest} more`);
  return [...listed, "SOPS and age ignore every identity of a file with such a line"];
}

function problemText(problem: KeysProblem): ProblemText {
  return "lineNumber" in problem ? LINE_PROBLEMS[problem.problem] : FILE_PROBLEMS[problem.problem];
}
