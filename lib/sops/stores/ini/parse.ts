/**
 * INI as the reader inside SOPS takes it, with a place for everything.
 *
 * Its rules are its own: a `#` or `;` anywhere starts a comment, also inside quotes; a key that stands twice counts once;
 * text behind a quoted value or a section header is dropped. What SOPS drops would stay in clear, so a plain file that
 * holds such text is refused; in an encrypted one it is a warning. Errors hold no content. Pure.
 * Spec: sops-engine §4.6 (gopkg.in/ini.v1 v1.67.3).
 *
 * @module
 */
import type { UserError } from "../../../base/error.ts";
import { findLineStarts, lineNumberAt } from "../../../yaml/position.ts";
import { type FlatEntry, unflatten } from "../../metadata/flat.ts";
import type { Comment, Entry, Leaf, Mapping, Range } from "../../tree/tree.ts";
import { errorAt } from "../place_error.ts";
import { joinPieces, type Piece, withoutMarker } from "./comment.ts";
import { goTrim, goTrimEnd, goTrimStart, readKeyName, readSingleLineValue, type ValueText } from "./syntax.ts";
import type { StoreWarning } from "../store.ts";

/** The section that holds the metadata. */
export const METADATA_SECTION = "sops";

/** The section of keys that stand before any header. */
export const DEFAULT_SECTION = "DEFAULT";

/** A comment with all the lines that SOPS takes for one. */
export interface IniComment extends Comment {
  readonly pieces: readonly Piece[];
  /** Where a piece behind a value or a header stands, or would stand. */
  readonly inlineAnchor: number;
  /** Start of the key or header that it belongs to. */
  readonly keyStart: number;
  readonly isOfHeader: boolean;
}

/** A value with the comment of its key. */
export interface IniLeaf extends Leaf {
  readonly comment: IniComment | undefined;
}

/** A section. Its range goes from its header (or first key) to the end of its last key. */
export interface IniSection extends Mapping {
  readonly items: (Entry | Comment)[];
  readonly range: { start: number; end: number };
  /** Where the first key stands, or would stand. */
  contentStart: number;
  /** Whether a header stands above it. */
  readonly hasHeader: boolean;
}

/** An INI file. */
export interface IniText {
  readonly sections: readonly (Entry & { value: IniSection })[];
  readonly metadata: IniSection | undefined;
  readonly block: Mapping | undefined;
  readonly warnings: readonly StoreWarning[];
}

/**
 * Reads an INI file.
 *
 * @param path for messages
 * @throws {UserError} `malformed` with line and column; `unsupported` for what would stay in clear
 */
export function parseIni(source: string, path: string): IniText {
  return new IniReader(source, path).read();
}

class IniReader {
  readonly #source: string;
  readonly #path: string;
  readonly #sections: (Entry & { value: IniSection })[] = [];
  readonly #warnings: { offset: number; problem: string }[] = [];
  readonly #dropped: { offset: number; problem: string; hint: string }[] = [];
  #pieces: Piece[] = [];
  #at: number;

  constructor(source: string, path: string) {
    this.#source = source;
    this.#path = path;
    this.#at = source.startsWith("\ufeff") ? 1 : 0;
  }

  read(): IniText {
    this.#addSection(DEFAULT_SECTION, this.#at, this.#at, false);
    while (this.#at < this.#source.length) this.#readLine();
    this.#endSection();
    const blocks = this.#sections.filter(({ key }) => key === METADATA_SECTION);
    const [metadata] = blocks;
    const block = metadata === undefined ? undefined : this.#readBlock(metadata.value);
    this.#judgeDropped(block !== undefined);
    return {
      sections: this.#sections.filter((section) => !blocks.includes(section)),
      metadata: metadata?.value,
      block,
      warnings: this.#placedWarnings(),
    };
  }

  #readLine(): void {
    const lineStart = this.#at;
    const found = this.#source.indexOf("\n", lineStart);
    const lineEnd = found === -1 ? this.#source.length : found;
    this.#at = Math.min(lineEnd + 1, this.#source.length);
    const line = this.#source.slice(lineStart, lineEnd);
    const start = lineEnd - goTrimStart(line).length;
    if (start === lineEnd) return;
    const text = this.#source.slice(start, lineEnd);
    if (text.startsWith("#") || text.startsWith(";")) {
      this.#pieces.push({ lineStart, start, end: start + goTrim(text).length, isInline: false });
    } else if (text.startsWith("[")) {
      this.#readHeader(start, lineEnd);
    } else {
      this.#readKey(start, lineEnd);
    }
  }

  #readHeader(start: number, lineEnd: number): void {
    const text = this.#source.slice(start, lineEnd);
    const close = text.lastIndexOf("]");
    if (close === -1) throw this.#error(start, "a section header without its `]`");
    const name = text.slice(1, close);
    if (name === "") throw this.#error(start, "a section header without a name");
    if (/\].*[#;]/.test(name)) {
      this.#drop(
        start,
        "a `]` behind a section header, up to which SOPS takes all for the name",
        "take the `]` out of the comment",
      );
    }
    const headerEnd = start + close + 1;
    const piece = this.#pieceBehind(headerEnd, lineEnd, "a section header");
    const own = piece === undefined ? this.#pieces : [...this.#pieces, piece];
    this.#pieces = [];
    if (name === METADATA_SECTION) {
      this.#pieces = own.filter((comment) => !comment.isInline); // they are the end of what stands above
      this.#endSection();
      this.#addSection(name, start, headerEnd, true);
      return;
    }
    const section = this.#addSection(name, start, headerEnd, true);
    const comment = this.#commentOf(own, headerEnd, { keyStart: start, isOfHeader: true });
    if (comment !== undefined) section.items.push(comment);
  }

  #addSection(key: string, start: number, headerEnd: number, hasHeader: boolean): IniSection {
    const contentStart = hasHeader ? this.#at : start;
    const value: IniSection = { kind: "mapping", items: [], range: { start, end: headerEnd }, contentStart, hasHeader };
    this.#sections.push({
      kind: "entry",
      key,
      value,
      ...(hasHeader ? { keyRange: { start: start + 1, end: headerEnd - 1 } } : {}),
    });
    return value;
  }

  /** Comments behind the last key belong to nothing for SOPS; here they are the last of their section. */
  #endSection(): void {
    const section = this.#sections.at(-1)!.value;
    const comment = this.#commentOf(this.#pieces, section.range.end, { keyStart: section.range.end });
    this.#pieces = [];
    if (comment !== undefined && this.#sections.at(-1)!.key !== METADATA_SECTION) section.items.push(comment);
  }

  #readKey(start: number, lineEnd: number): void {
    const text = this.#source.slice(start, lineEnd);
    const name = readKeyName(text);
    if (name === undefined) {
      throw this.#error(
        start,
        /^["`]/.test(text)
          ? "a quote around a key that is not closed, or no `=` behind it"
          : "a line without `=` or `:`",
      );
    }
    if (name.key === "") throw this.#error(start, "a key without a name");
    if (name.key === "-") {
      throw errorAt(
        { path: this.#path, source: this.#source },
        start,
        "a key `-`, which SOPS encrypts and cannot read again",
        {
          kind: "unsupported",
          hints: ["give the key a name"],
        },
      );
    }
    if (name.hasDropped) {
      this.#drop(start, "text between a quoted key and its `=`, which SOPS does not read", "remove the text");
    }
    const valueStart = start + name.length;
    const value = this.#readValue(valueStart, lineEnd);
    const section = this.#sections.at(-1)!.value;
    const comment = this.#commentOf(this.#pieces, value.range.end, { keyStart: start });
    this.#pieces = [];
    const leaf: IniLeaf = { kind: "leaf", value: value.value, range: value.range, comment };
    const entry: Entry = {
      kind: "entry",
      key: name.key,
      value: leaf,
      keyRange: { start, end: start + name.nameLength },
    };
    if (section.range.start === section.range.end) section.range.start = start;
    section.range.end = Math.max(value.range.end, value.lineEnd);
    const earlier = section.items.findIndex((item) => item.kind === "entry" && item.key === name.key);
    if (earlier !== -1) {
      this.#drop(
        start,
        "a key that stands here a second time, whose first value SOPS does not read",
        "remove the line that does not count",
      );
      const hasComment = section.items[earlier + 1]?.kind === "comment";
      section.items.splice(earlier, hasComment ? 2 : 1, entry, ...(comment === undefined ? [] : [comment]));
      return;
    }
    section.items.push(entry);
    if (comment !== undefined) section.items.push(comment);
  }

  /** @returns the value with the end of the line that it ends on; a comment behind it is among the pieces */
  #readValue(offset: number, lineEnd: number): { value: string; range: Range; lineEnd: number } {
    const rest = this.#source.slice(offset, lineEnd);
    const found = readSingleLineValue(this.#at > lineEnd ? `${rest}\n` : rest);
    if (found.kind === "quoted") return this.#finishValue(offset, lineEnd, found);
    if (found.kind === "open") return this.#readMultiline(offset + found.start, found.quote);
    if (found.kind === "continued") return this.#readContinued(offset + found.start, offset + found.end, found.value);
    const start = offset + found.start;
    const end = offset + found.end;
    if (found.commentStart !== undefined) {
      const commentStart = offset + found.commentStart;
      const before = this.#source[commentStart - 1] ?? "";
      if (commentStart > start && (!/\s/.test(before) || /^(?:"[^"]*|'[^']*)$/.test(this.#source.slice(start, end)))) {
        this.#warn(
          commentStart,
          "the value ends at a `#` or `;` here, and the rest is a comment for SOPS; backticks keep it together",
        );
      }
      this.#pieces.push({
        lineStart: commentStart,
        start: commentStart,
        end: commentStart + goTrim(this.#source.slice(commentStart, lineEnd)).length,
        isInline: true,
      });
    }
    return { value: found.value, range: { start, end }, lineEnd: trimmedEnd(this.#source, offset, lineEnd) };
  }

  #finishValue(
    offset: number,
    lineEnd: number,
    { value, start, end }: ValueText,
  ): { value: string; range: Range; lineEnd: number } {
    const behind = offset + end;
    if (goTrim(this.#source.slice(behind, lineEnd)) !== "") {
      this.#drop(
        behind,
        "text behind a quoted value, which SOPS does not read",
        "remove it, or put a comment on a line of its own",
      );
    }
    return { value, range: { start: offset + start, end: behind }, lineEnd: trimmedEnd(this.#source, offset, lineEnd) };
  }

  #readMultiline(start: number, quote: string): { value: string; range: Range; lineEnd: number } {
    const contentStart = start + quote.length;
    for (let at = this.#at; at < this.#source.length;) {
      const found = this.#source.indexOf("\n", at);
      const lineEnd = found === -1 ? this.#source.length : found;
      const last = this.#source.slice(at, lineEnd).lastIndexOf(quote);
      if (last !== -1) {
        const contentEnd = at + last;
        const end = contentEnd + quote.length;
        this.#at = Math.min(lineEnd + 1, this.#source.length);
        const piece = this.#pieceBehind(end, lineEnd, "a quoted value");
        if (piece !== undefined) this.#pieces.push(piece);
        return {
          value: this.#source.slice(contentStart, contentEnd),
          range: { start, end },
          lineEnd: trimmedEnd(this.#source, end, lineEnd),
        };
      }
      at = lineEnd + 1;
    }
    throw this.#error(start, "a quote around a value that is not closed");
  }

  #readContinued(start: number, firstEnd: number, first: string): { value: string; range: Range; lineEnd: number } {
    let value = first;
    let end = firstEnd;
    while (this.#at < this.#source.length) {
      const found = this.#source.indexOf("\n", this.#at);
      const lineEnd = found === -1 ? this.#source.length : found;
      const line = this.#source.slice(this.#at, lineEnd);
      const next = goTrim(line);
      const lineStart = this.#at;
      this.#at = Math.min(lineEnd + 1, this.#source.length);
      if (next === "") break;
      end = lineStart + (line.length - goTrimStart(line).length) + next.length;
      value += next;
      if (!value.endsWith("\\")) break;
      value = value.slice(0, -1);
    }
    return { value, range: { start, end }, lineEnd: end };
  }

  /** @returns the comment between a place and the end of its line; other text there is dropped by SOPS */
  #pieceBehind(offset: number, lineEnd: number, what: string): Piece | undefined {
    const rest = this.#source.slice(offset, lineEnd);
    const marker = rest.search(/[#;]/);
    if (goTrim(marker === -1 ? rest : rest.slice(0, marker)) !== "") {
      this.#drop(offset, `text behind ${what}, which SOPS does not read`, "remove it, or make a comment of it");
    }
    if (marker === -1) return undefined;
    const start = offset + marker;
    return { lineStart: start, start, end: start + goTrim(rest.slice(marker)).length, isInline: true };
  }

  /** A comment behind a header cannot stay there when it is encrypted: SOPS reads a header up to the last `]` of its line. */
  #commentOf(
    pieces: readonly Piece[],
    inlineAnchor: number,
    { keyStart, isOfHeader = false }: { keyStart: number; isOfHeader?: boolean },
  ): IniComment | undefined {
    const [first] = pieces;
    if (first === undefined) return undefined;
    const { start, end, isInline } = first;
    const isPlain = pieces.length === 1 && !(isInline && isOfHeader);
    return {
      kind: "comment",
      text: isPlain ? withoutMarker(this.#source.slice(start, end)) : joinPieces(this.#source, pieces),
      isInline: isPlain && isInline,
      range: { start, end },
      pieces,
      inlineAnchor,
      keyStart,
      isOfHeader,
    };
  }

  #readBlock({ items }: IniSection): Mapping {
    const entries: FlatEntry[] = [];
    for (const item of items) {
      if (item.kind === "comment" || item.value.kind !== "leaf") continue;
      const value = (item.value.value as string).replaceAll("\\n", "\n");
      entries.push({ name: item.key, leaf: { ...item.value, value } });
    }
    const block = unflatten(entries);
    if (block === undefined) {
      throw this.#error(
        this.#sections.find(({ key }) => key === METADATA_SECTION)!.value.range.start,
        "metadata that contradicts itself",
      );
    }
    return block;
  }

  #judgeDropped(isEncrypted: boolean): void {
    const [first] = this.#dropped;
    if (first === undefined) return;
    if (isEncrypted) {
      this.#warnings.push(...this.#dropped);
      return;
    }
    throw errorAt(
      { path: this.#path, source: this.#source },
      first.offset,
      `${first.problem} and would leave in clear`,
      {
        kind: "unsupported",
        hints: [first.hint],
      },
    );
  }

  #drop(offset: number, problem: string, hint: string): void {
    this.#dropped.push({ offset, problem, hint });
  }

  #warn(offset: number, problem: string): void {
    this.#warnings.push({ offset, problem });
  }

  #placedWarnings(): StoreWarning[] {
    if (this.#warnings.length === 0) return [];
    const text = { path: this.#path, source: this.#source, lineStarts: findLineStarts(this.#source) };
    return this.#warnings.map(({ offset, problem }) => ({ lineNumber: lineNumberAt(text, offset), problem }));
  }

  #error(offset: number, problem: string): UserError {
    return errorAt({ path: this.#path, source: this.#source }, offset, problem);
  }
}

function trimmedEnd(source: string, start: number, end: number): number {
  return start + goTrimEnd(source.slice(start, end)).length;
}
