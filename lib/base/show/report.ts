/**
 * What a command tells people and scripts: data on stdout, everything else on stderr.
 *
 * Text form follows the product's voice: past tense, then where, then the one next step. It is made to fit the terminal
 * here, so that no command has to think of it. With `--json`, stdout holds exactly one JSON value (the result, or
 * `{error}`), and people's lines stay on stderr. Never given a secret; an identity that slips in is hidden.
 *
 * @module
 */
import { type ErrorKind, type Location, UserError } from "../error.ts";
import { findHome } from "../host/home.ts";
import { type Host, hostWith } from "../host/host.ts";
import { quotePathForShell } from "../shell_word.ts";
import { hideIdentities } from "../secret.ts";
import { Printer } from "./printer.ts";
import { removeMarks } from "./style.ts";
import type { ReportPart, Table } from "./table.ts";
import { escapeControls, escapeJsonControls, escapeName, type Symbols, symbolsFor } from "./terminal.ts";

/** How the result is printed. */
export type ReportFormat = "text" | "json";

/** An error as `--json` shows it. */
export interface ErrorJson {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hints: readonly string[];
  readonly details?: readonly string[];
  readonly location?: Location;
}

/** The messages of one command. */
export class Report {
  readonly format: ReportFormat;
  /** Symbols for stderr. */
  readonly symbols: Symbols;
  readonly #host: Host;
  readonly #messages: Printer;
  readonly #folder: string | undefined;

  /** @param typedIn where the person stands, if that is not the folder of the host: the value of `-C` counts */
  constructor(host: Host, format: ReportFormat = "text", typedIn: Pick<Host, "cwd"> = host) {
    this.format = format;
    const isHere = typedIn === host || typedIn.cwd === host.cwd; // where there is no -C, nobody asks for the folder
    this.#folder = isHere ? undefined : formatTypedPath(hostWith(host, { cwd: typedIn.cwd }), host.cwd);
    this.symbols = symbolsFor(host, host.stderr);
    this.#host = host;
    this.#messages = new Printer(host, host.stderr, "always");
  }

  /**
   * Prints what was asked for: one or more whole lines on stdout. Does nothing with `--json`. Byte for byte for a pipe or
   * file but for identities, so that a diff can be applied; control characters are made visible only for a terminal.
   */
  data(text: string): void {
    const { stdout } = this.#host;
    if (this.format !== "text") return;
    stdout.write(`${hideIdentities(stdout.isTerminal ? escapeControls(text) : text)}\n`);
  }

  /**
   * Prints a report that was asked for, with the colours of messages. Fits the terminal; on a pipe or in a file, where
   * programs read it, every line and row is whole. Does nothing with `--json`.
   */
  answer(parts: readonly ReportPart[]): void {
    if (this.format !== "text") return;
    new Printer(this.#host, this.#host.stdout, "on a terminal").print(parts);
  }

  /**
   * Prints the result of a command run with `--json`; does nothing otherwise.
   *
   * @param value an iterator in it becomes an array; that of a field on top, whose items are made and printed one after
   * the other, may be long
   */
  json(value: unknown): void {
    if (this.format !== "json") return;
    for (const piece of jsonPieces(value)) {
      this.#host.stdout.write(escapeJsonControls(hideIdentities(removeMarks(piece))));
    }
    this.#host.stdout.write("\n");
  }

  /** Says what has been done. */
  done(text: string): void {
    this.#messages.headed(this.symbols.done, text, { style: "good" });
  }

  /** An indented line that belongs to the line above. */
  detail(text: string): void {
    this.#messages.line(`  ${text}`);
  }

  /** Rows that belong to the line above. */
  details(table: Table): void {
    this.#messages.print([{ ...table, indent: `    ${table.indent ?? ""}` }]);
  }

  /** A plain line. */
  say(text: string): void {
    this.#messages.line(text);
  }

  /** The one next step: a command as it is typed, perhaps with a comment behind it, or a sentence. */
  next(step: string): void {
    this.#messages.headed("next:", this.typed(step), { style: "step" });
  }

  /** Something worth knowing. Absolute paths in double quotes are shown as {@link Report.path} shows them. */
  note(text: string): void {
    this.#messages.headed("note:", shortenPaths(this.#host, text), { style: "step" });
  }

  /** Something that may be a mistake. Absolute paths in double quotes are shown as {@link Report.path} shows them. */
  warning(text: string): void {
    this.#messages.headed("warning:", shortenPaths(this.#host, text), { style: "loss" });
  }

  /**
   * Prints an error with its details and hints, on stdout too with `--json`. Absolute paths in double quotes are shown as
   * {@link Report.path} shows them; the `location` of `--json` stays absolute.
   */
  error(error: UserError): void {
    const shown = this.failure(error);
    try {
      this.json({ error: shown });
    } catch (failure) {
      if (!(failure instanceof UserError)) throw failure; // else stdout cannot be written, which may be the very error
    }
  }

  /**
   * Prints an error for people: one of several, where the result of the command tells scripts of all.
   *
   * @returns what `--json` shows of it
   */
  failure(error: UserError): ErrorJson {
    const shown = this.failureAsJson(error);
    this.#messages.headed("error:", shown.message, { style: "bad" });
    for (const line of shown.details ?? []) this.detail(line);
    for (const hint of shown.hints) this.#messages.headed("hint:", hint, { style: "step" });
    return shown;
  }

  /** @returns what `--json` shows of an error, its paths as people see them */
  failureAsJson(error: UserError): ErrorJson {
    const message = shortenPaths(this.#host, error.message);
    const details = error.details.map((line) => shortenPaths(this.#host, line));
    const hints = error.hints.map((line) => this.typed(shortenCommandPaths(this.#host, line)));
    return {
      kind: error.kind,
      message,
      hints,
      ...(details.length === 0 ? {} : { details }),
      ...(error.location === undefined ? {} : { location: error.location }),
    };
  }

  /** @returns a command line or a sentence with one, so that it does the same where the person stands */
  typed(text: string): string {
    const folder = this.#folder;
    if (folder === undefined) return text;
    if (/^(?:mkdir|chmod|mv|ssh-keygen) /.test(text)) return `cd ${folder} && ${text}`;
    return text.replace(/(?<=^|\(|(?:[:;]|&&) )(sopsmith|git) (?=[-\w])/g, `$1 -C ${folder} `);
  }

  /** @returns the path for people: the shortest of relative to the working directory, `~` for home, and absolute */
  path(path: string): string {
    return formatPath(this.#host, path);
  }

  /** @returns the same as a word of a command */
  typedPath(path: string): string {
    return formatTypedPath(this.#host, path);
  }

  /** @returns the same as a unified diff names a file, which has `/` on every system */
  diffPath(path: string): string {
    const shown = this.path(path);
    return this.#host.os === "windows" ? shown.replaceAll("\\", "/") : shown;
  }
}

/** @returns the text with the absolute paths in its double quotes as {@link formatPath} shows them */
export function shortenPaths(host: Host, text: string): string {
  const { isAbsolute } = host.paths;
  return text.replace(/"([^"]+)"/g, (quoted, path) => isAbsolute(path) ? `"${formatPath(host, path)}"` : quoted);
}

/** As {@link shortenPaths}; in a sentence with a command, the paths are quoted as a shell takes them. */
function shortenCommandPaths(host: Host, text: string): string {
  if (!/(?:^|[:;(] ?)(?:sopsmith|git|mkdir|chmod|ssh-keygen|age) /.test(text)) return shortenPaths(host, text);
  const { isAbsolute } = host.paths;
  return text.replace(/"([^"]+)"/g, (quoted, path) => isAbsolute(path) ? formatTypedPath(host, path) : quoted);
}

/** @returns a path as a word of a command */
function formatTypedPath(host: Host, path: string): string {
  return quotePathForShell(findShortestPath(host, path));
}

/**
 * @returns the shortest of: relative to the working directory, with `~` for home, absolute; ties in that order. What would
 * move the text on the screen is made visible
 */
export function formatPath(host: Host, path: string): string {
  return escapeName(findShortestPath(host, path));
}

function findShortestPath(host: Host, path: string): string {
  const { paths } = host;
  const forms = [paths.relative(host.cwd, path) || "."];
  const home = findHome(host);
  if (home && paths.isAbsolute(home) && paths.contains(home, path)) {
    const rest = paths.relative(home, path);
    forms.push(rest === "" ? "~" : `~${paths.separator}${rest}`);
  }
  forms.push(path);
  return forms.reduce((best, form) => form.length < best.length ? form : best);
}

/** About how many UTF-16 code units of JSON are printed at a time. */
const PIECE_LENGTH = 64 * 1024;

/** @returns the lines of a JSON value, without the last line break */
function* jsonPieces(value: unknown): Generator<string, void> {
  const fields = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  if (!fields.some(([, field]) => field instanceof Iterator)) return yield formatJson(value, "");
  let text = "{";
  for (const [name, field] of fields.filter(([, field]) => field !== undefined)) {
    text += `${text === "{" ? "" : ","}\n  ${JSON.stringify(name)}: `;
    if (!(field instanceof Iterator)) {
      text += formatJson(field, "  ");
      continue;
    }
    let count = 0;
    for (const item of field) {
      text += `${count++ === 0 ? "[" : ","}\n    ${formatJson(item, "    ")}`;
      if (text.length < PIECE_LENGTH) continue;
      yield text;
      text = "";
    }
    text += count === 0 ? "[]" : "\n  ]";
  }
  yield `${text}\n}`;
}

function formatJson(value: unknown, indent: string): string {
  const withArrays = (_name: string, field: unknown): unknown => field instanceof Iterator ? Array.from(field) : field;
  return JSON.stringify(value, withArrays, 2).replaceAll("\n", `\n${indent}`);
}
