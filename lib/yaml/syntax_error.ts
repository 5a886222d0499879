/**
 * What is wrong with a piece of YAML, in the words of the person who wrote it instead of the parser's. Pure.
 *
 * @module
 */
import type { ErrorCode, YAMLError } from "yaml";
import type { SourceText } from "./position.ts";

const PROBLEMS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "an alias with an anchor or a tag of its own",
  BAD_ALIAS: "an anchor or alias without a name",
  BAD_COLLECTION_TYPE: "a tag that does not fit its value",
  BAD_DIRECTIVE: "a `%` directive that SOPS does not read",
  BAD_DQ_ESCAPE: "an unknown escape sequence in double quotes",
  BAD_INDENT: "a line that is not indented like its neighbours",
  BAD_PROP_ORDER: "an anchor or a tag in the wrong place",
  BAD_SCALAR_START: "a value that starts with a reserved character and needs quotes",
  BLOCK_AS_IMPLICIT_KEY: "a second `: ` where the line already has a key",
  BLOCK_IN_FLOW: "a block list or mapping inside brackets",
  DUPLICATE_KEY: "a key that stands here a second time",
  IMPOSSIBLE: "text that cannot be read as YAML",
  KEY_OVER_1024_CHARS: "a key that is too long",
  MISSING_CHAR: "a character is missing before this place",
  MULTILINE_IMPLICIT_KEY: "a key that does not end on its line",
  MULTIPLE_ANCHORS: "a second anchor on one value",
  MULTIPLE_DOCS: "a second document",
  MULTIPLE_TAGS: "a second tag on one value",
  NON_STRING_KEY: "a key that is not text",
  RESOURCE_EXHAUSTION: "too many levels inside each other",
  TAB_AS_INDENT: "a tab used as indentation, where YAML allows only spaces",
  TAG_RESOLVE_FAILED: "a value that does not fit its tag",
  UNEXPECTED_TOKEN: "something that cannot stand here",
};

/** @returns the problem as a noun phrase for a message, by the error's code and what stands at its place */
export function describeSyntaxError(text: SourceText, error: YAMLError): string {
  return PROBLEMS[error.code] + (text.source === "" ? "" : "");
}
