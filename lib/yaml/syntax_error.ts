/**
 * What is wrong with a piece of YAML, in the words of the person who wrote it instead of the parser's. Pure.
 *
 * @module
 */
import type { ErrorCode, YAMLError } from "yaml";
import type { UserError } from "../base/error.ts";
import { lineEnd, lineNumberAt, lineStart, type SourceText } from "./position.ts";
import { malformedAt } from "./source_error.ts";

/** What each code of the parser means when neither its message nor the text at its place says more. */
const PROBLEMS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "an alias with an anchor or a tag of its own",
  BAD_ALIAS: "an anchor or an alias without a name",
  BAD_COLLECTION_TYPE: "a tag that does not fit its value",
  BAD_DIRECTIVE: "a `%` directive that SOPS does not read",
  BAD_DQ_ESCAPE: "an unknown escape sequence in double quotes",
  BAD_INDENT: "a line that is not indented like its neighbours",
  BAD_PROP_ORDER: "an anchor or a tag in the wrong place",
  BAD_SCALAR_START: "text that starts with a reserved character and needs quotes",
  BLOCK_AS_IMPLICIT_KEY: "a `: ` inside the value of another key: wrong indentation, or text that needs quotes",
  BLOCK_IN_FLOW: "a list or a mapping without brackets inside brackets",
  DUPLICATE_KEY: "a key that stands here a second time",
  IMPOSSIBLE: "text that cannot be read as YAML",
  KEY_OVER_1024_CHARS: "a key that is too long",
  MISSING_CHAR: "a character is missing before this place",
  MULTILINE_IMPLICIT_KEY: "text without a `: ` where a key was expected",
  MULTIPLE_ANCHORS: "a second anchor on one value",
  MULTIPLE_DOCS: "a second document",
  MULTIPLE_TAGS: "a second tag on one value",
  NON_STRING_KEY: "a key that is not text",
  RESOURCE_EXHAUSTION: "too many levels inside each other",
  TAB_AS_INDENT: "a tab used as indentation, where YAML allows only spaces",
  TAG_RESOLVE_FAILED: "a value that does not fit its tag",
  UNEXPECTED_TOKEN: "text that belongs to no key and no list",
};

/** Words of the parser's messages that say more than the code, the first that fits counts. */
const BY_MESSAGE: readonly (readonly [words: RegExp, problem: string])[] = [
  [/Missing closing .quote/, "a quote that is not closed before this place"],
  [
    /must be sufficiently indented|end with a [\]}]/,
    "a bracket that is not closed, or a line inside it that is not indented",
  ],
  [/Missing , /, "a comma that is missing before this place"],
  [/Implicit map keys need/, "text without a `: ` where a key was expected"],
  [/Sequence item without -/, "a line without a `- ` in a list"],
  [/Comments must be separated/, "a `#` without a space before it"],
  [/Missing space after :/, "a `:` without a space behind it"],
  [/Block collection cannot start/, "content behind a `---`, expected it on the next line"],
  [/Block scalar header/, "text behind a `|` or `>`, expected it on the next line"],
  [/block sequence may not be used as an implicit map key/, "a list item where a key was expected"],
];

/** What the text at the place tells, for the codes that say little themselves. */
const BY_TEXT: readonly (readonly [text: RegExp, problem: string])[] = [
  [/^-(?:\s|$)/, "a list item where a key was expected"],
  [/^[\]}]/, "a closing bracket without an opening one"],
  [/^,/, "a comma with nothing before it"],
];

/** Text that goes on behind a finished value, on the same line. */
const BEHIND_VALUE = "text behind the end of a value";

/** @returns the error for a problem that the parser found, to be thrown by the caller */
export function describeSyntaxError(text: SourceText, error: YAMLError): UserError {
  const offset = placeOf(text, error);
  const here = text.source.slice(offset, offset + 2);
  const problem = BY_MESSAGE.find(([words]) => words.test(error.message))?.[1] ??
    (error.code === "UNEXPECTED_TOKEN" || error.code === "MULTILINE_IMPLICIT_KEY"
      ? BY_TEXT.find(([start]) => start.test(here))?.[1]
      : undefined) ??
    (/at node end/.test(error.message) && !startsLine(text, offset) ? BEHIND_VALUE : PROBLEMS[error.code]);
  return malformedAt(text, offset, problem);
}

/** The parser's place, moved from the start of a line to its first character and from behind the last line into it. */
function placeOf(text: SourceText, error: YAMLError): number {
  const offset = Math.min(error.pos[0], text.source.length);
  if (error.code === "TAB_AS_INDENT") return offset;
  const lineNumber = lineNumberAt(text, offset);
  const end = lineEnd(text, lineNumber);
  if (offset === text.source.length && lineNumber > 1 && lineStart(text, lineNumber) === offset) {
    return lineEnd(text, lineNumber - 1);
  }
  if (!startsLine(text, offset)) return offset;
  const indentation = /^ */.exec(text.source.slice(offset, end))?.[0].length ?? 0;
  return offset + indentation < end ? offset + indentation : offset;
}

function startsLine(text: SourceText, offset: number): boolean {
  return text.source.slice(lineStart(text, lineNumberAt(text, offset)), offset).trim() === "";
}
