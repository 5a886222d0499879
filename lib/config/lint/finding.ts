/**
 * One mistake that was found in a `.sops.yaml`: what, where, how bad, and what to do. Types and the collector that keeps
 * each place to one finding of a kind. Pure. Spec: sops-config §5.
 *
 * @module
 */
import { positionAt, type SourceText } from "../../yaml/position.ts";
import type { Splice } from "../../yaml/edit/splice.ts";
import { LINT_CODES, type LintCode, type Severity } from "./code.ts";

/**
 * What must be so for a finding to be worth telling: the files are used on Windows; the repository is in use, which means
 * that it holds an encrypted file.
 */
export type Circumstance = "windows" | "in-use";

/** A mistake. */
export interface Finding {
  readonly code: LintCode;
  readonly severity: Severity;
  /** Where it is: offset in UTF-16 code units, and the same as people count it. */
  readonly offset: number;
  readonly lineNumber: number;
  readonly column: number;
  /** One sentence: what SOPS makes of it. */
  readonly message: string;
  /** One sentence: what to do; undefined where the message says it. */
  readonly fix?: string;
  /** A change of the text that takes the mistake away and leaves the meaning as it is; undefined where none is safe. */
  readonly repair?: readonly Splice[];
  /** Undefined: it is always worth telling. */
  readonly onlyIf?: Circumstance;
}

/** What a check says of a mistake. */
export interface FindingText {
  readonly message: string;
  readonly fix?: string;
  readonly repair?: readonly Splice[];
  /** Where it is less bad than the table says. */
  readonly severity?: Severity;
  readonly onlyIf?: Circumstance;
}

/** Collects findings; a second one of the same code at the same place is dropped: rules share places by alias. */
export class Findings {
  readonly #text: SourceText;
  readonly #found = new Map<string, Finding>();

  /** @param text the file; offsets count in it */
  constructor(text: SourceText) {
    this.#text = text;
  }

  /** Adds a finding. @returns whether there was none of this code at this place */
  add(code: LintCode, offset: number, text: FindingText): boolean {
    const id = `${code} ${offset}`;
    if (this.#found.has(id)) return false;
    this.#found.set(id, {
      severity: LINT_CODES[code].severity,
      ...text,
      code,
      offset,
      ...positionAt(this.#text, offset),
    });
    return true;
  }

  /** @returns whether there is a finding of one of these codes at a place */
  has(offset: number, ...codes: readonly LintCode[]): boolean {
    return codes.some((code) => this.#found.has(`${code} ${offset}`));
  }

  /** @returns the findings in the order of the file */
  list(): readonly Finding[] {
    return [...this.#found.values()].sort((a, b) => a.offset - b.offset || (a.code < b.code ? -1 : 1));
  }
}

/** @returns a text as a message quotes it: shortened in the middle where it is long */
export function quoteShort(text: string): string {
  const MAX_SHOWN = 60;
  return `"${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 10)}…${text.slice(-9)}` : text}"`;
}
