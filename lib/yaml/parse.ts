/**
 * Strict reading of one YAML file for people's configuration, with positions.
 *
 * Refuses what SOPS refuses (syntax, tabs as indentation, duplicate keys, undefined aliases, control characters) and
 * what would exhaust the machine (deep nesting, alias bombs). Never writes YAML: edits splice the source text. Pure.
 * Reference: go.yaml.in/yaml v3.0.4, the reader of SOPS 3.13.2; spec: sops-engine §1.1.
 *
 * @module
 */
import { Composer, type CST, type Document, Lexer, Parser, type YAMLError } from "yaml";
import type { TokenizedText } from "./entries.ts";
import { findYamlLineStarts, type SourceText } from "./position.ts";
import { type AliasTargets, resolveAliases } from "./resolve.ts";
import { malformedAt, type Refusal } from "./source_error.ts";
import {
  refuseForeignCharacters,
  refuseForeignLexeme,
  refuseForeignNodes,
  refuseForeignVersion,
  refuseTabAtLineStart,
} from "./strictness.ts";
import { describeSyntaxError } from "./syntax_error.ts";

export { decodeYaml } from "./decode.ts";

/** A parsed YAML file. */
export interface YamlDocument extends TokenizedText {
  /** Path as given, for error messages. */
  readonly path: string;
  /** The whole text, byte order mark included; every node range counts UTF-16 code units in it. */
  readonly source: string;
  /** The first document of the file (SOPS reads no other). Its `contents` is null when the file is empty. */
  readonly root: Document.Parsed;
  /** How many documents the file holds; 0 for a file without any content. */
  readonly documentCount: number;
  /** Where the second document starts (its first token); undefined when there is none. */
  readonly secondDocumentOffset: number | undefined;
  /** Where each line starts, ascending, first 0. */
  readonly lineStarts: readonly number[];
  /** Where the first key of the form `? key` starts in the first document; undefined when there is none. */
  readonly explicitKeyOffset: number | undefined;
  /** What each alias of the first document stands for. */
  readonly aliases: AliasTargets;
  /** What was refused and read on behind, in no order; undefined: the first refusal ends the reading. */
  readonly refusals?: Refusal[] | undefined;
}

/** How a file is read. */
export type ParseOptions = Pick<YamlDocument, "refusals">;

/** The most collections inside each other. */
export const MAX_DEPTH = 100;

/** Open tokens of the parser besides the collections: the document and one scalar. */
const OTHER_OPEN_TOKENS = 2;

/**
 * Parses the first document of a YAML file and counts the others.
 *
 * @param source the whole text, as `decodeYaml` gives it
 * @param path for messages
 * @param options `refusals` collects undefined aliases, and what readers of the document refuse
 * @throws {UserError} `malformed`, with location and excerpt, for everything that SOPS would not read, for more than
 * {@link MAX_DEPTH} levels and for aliases that expand to too much
 */
export function parseYaml(source: string, path: string, { refusals }: ParseOptions = {}): YamlDocument {
  const text: SourceText = { path, source, lineStarts: findYamlLineStarts(source) };
  refuseForeignCharacters(text);
  const composed = { ...text, refusals, ...composeFirstDocument(text) };
  const { root } = composed;
  const problem = firstProblem(root);
  if (problem !== undefined) throw describeSyntaxError(text, problem);
  const aliases = resolveAliases(composed);
  refuseForeignNodes(text, root.contents);
  return { ...composed, aliases };
}

const WHITE_SPACE_WITH_TAB = /^ *\t[ \t]*$/;

function isInBrackets(parser: Parser): boolean {
  return parser.stack.some(({ type }) => type === "flow-collection");
}

const BYTE_ORDER_MARK = "\ufeff";

/** What the lexer says before the text of a scalar. */
const SCALAR_FOLLOWS = "\x1f";

function composeFirstDocument(text: SourceText): Omit<YamlDocument, keyof SourceText | "aliases" | "refusals"> {
  const parser = new Parser();
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: "silent", keepSourceTokens: true });
  let root: Document.Parsed | undefined;
  let rootTokens: readonly CST.SourceToken[] = [];
  const comments: number[] = [];
  let documentCount = 0;
  let secondDocumentOffset: number | undefined;
  let isEnded = false;
  let explicitKeyOffset: number | undefined;

  function take(tokens: ReturnType<Parser["next"]>): void {
    for (const token of tokens) {
      if (token.type === "directive" && documentCount === 0) refuseForeignVersion(text, token.offset, token.source);
      if (token.type === "doc-end" && documentCount > 0) isEnded = true;
      if (token.type === "document") {
        if (++documentCount === 1) rootTokens = token.start;
        if (documentCount === 2) {
          secondDocumentOffset = token.offset;
          // After a mistake the parser goes on with what it takes for one more document.
          if (!isEnded && !token.start.some(({ type }) => type === "doc-start")) {
            throw malformedAt(text, token.offset, "text that belongs to no key and no list");
          }
        }
      }
      if (documentCount > 1) continue;
      for (const document of composer.next(token)) root ??= document as Document.Parsed;
    }
  }

  let previous = "";
  for (const lexeme of new Lexer().lex(withLineFeeds(text.source))) {
    if (lexeme === BYTE_ORDER_MARK) {
      parser.offset += lexeme.length; // the parser would not see the indentation behind it
      continue;
    }
    if (documentCount === 0) {
      refuseForeignLexeme(text, parser.offset, { lexeme, previous });
      if (WHITE_SPACE_WITH_TAB.test(lexeme) && !isInBrackets(parser)) refuseTabAtLineStart(text, parser.offset);
    }
    if (lexeme === "?" && previous !== SCALAR_FOLLOWS && documentCount <= 1) explicitKeyOffset ??= parser.offset;
    if (lexeme.startsWith("#") && previous !== SCALAR_FOLLOWS) comments.push(parser.offset);
    take(parser.next(lexeme));
    previous = lexeme;
    if (parser.stack.length > MAX_DEPTH + OTHER_OPEN_TOKENS) {
      throw malformedAt(text, parser.offset - lexeme.length, `more than ${MAX_DEPTH} levels inside each other`);
    }
  }
  take(parser.end());
  for (const document of composer.end(true, text.source.length)) root ??= document as Document.Parsed;
  return { root: root!, rootTokens, comments, documentCount, secondDocumentOffset, explicitKeyOffset };
}

/** A carriage return alone ends a line for go-yaml, and not for the lexer; the offsets stay. */
function withLineFeeds(source: string): string {
  return source.replace(/\r(?!\n)/g, "\n");
}

/** @returns the first error in the text, or the first warning about something that SOPS refuses */
function firstProblem(root: Document.Parsed): YAMLError | undefined {
  const refused = root.warnings.filter(({ code, message }) =>
    code === "BAD_DIRECTIVE" || (code === "TAG_RESOLVE_FAILED" && message.includes("tag:yaml.org,2002:"))
  );
  return [...root.errors, ...refused].sort((a, b) => a.pos[0] - b.pos[0])[0];
}
