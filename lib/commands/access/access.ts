/**
 * `access [PATH|NAME...]`: who can read what, by name. Reads only, but for the picture that was asked for; needs no key.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT, exitCodeOf } from "../../base/exit_code.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { suggest } from "../../base/show/suggest.ts";
import { type AccessRow, groupByFolder } from "../../repository/access/folders.ts";
import { findOwnRecipients } from "../../repository/access/own_recipients.ts";
import { createProjection, type FileAccess, type Reader, Readers } from "../../repository/access/readers.ts";
import { findRepositoryRoot, selectFiles, slashPath, type Unseen } from "../../repository/bulk/selection.ts";
import { parseShard } from "../../repository/bulk/shard.ts";
import { refuseIdentity } from "../../repository/recipients/known.ts";
import { isAsRuleSays } from "../../repository/scan/differences.ts";
import { FileRules, type RuledFile } from "../../repository/scan/file_rules.ts";
import type { SelectionFlags } from "../bulk/flags.ts";
import { noteLeftOut } from "../bulk/left_out.ts";

/** Flags of `access`. */
export interface AccessFlags extends SelectionFlags {
  /** Only these people. */
  readonly name?: readonly string[];
  /** The result as JSON; the report knows it already. */
  readonly json?: boolean;
  /** As a diagram. */
  readonly mermaid?: boolean;
  /** Where a picture is written; `-`: standard output. */
  readonly svg?: string;
}

/** What there is to show. */
export interface AccessView {
  /** Those that were asked for; you first. */
  readonly readers: readonly Reader[];
  /** The files that one of them reads. */
  readonly rows: readonly AccessRow[];
  /** How many encrypted files were looked at. */
  readonly fileCount: number;
}

/**
 * Shows who can read what.
 *
 * @param args files, folders and names; none: the repository and everybody
 * @returns 0; the exit code of the first file that cannot be looked at, if any
 * @throws {UserError} `usage` for a name that nobody has, and for several forms at once; `malformed` for a private key
 */
export async function access(flags: AccessFlags, args: readonly string[], session: Session): Promise<number> {
  const { host, report } = session;
  refuseSeveralForms(flags);
  const { paths, names } = sortArguments(session, args, flags.name ?? []);
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  const own = await findOwnRecipients(host);
  const readers = new Readers(own);
  const files: FileAccess[] = [];
  const unseen: Unseen[] = [];
  let last: RuledFile | undefined;
  for await (const file of selectFiles(host, { rules: new FileRules(host, flags.config), paths, shard })) {
    if ("error" in file) {
      unseen.push(file);
      continue;
    }
    last = file;
    const { path, differences } = file;
    files.push({
      path,
      access: readers.accessOf(file),
      isAsRuleSays: differences === undefined ? undefined : isAsRuleSays(differences),
    });
  }
  const chosen = chooseReaders(readers, names);
  const seen = names.length === 0
    ? files
    : files.filter(({ access }) => chosen.some(({ name }) => access.readers.has(name)));
  const root = findRepositoryRoot(host);
  const labelOf = (path: string): string => slashPath(host, root, path);
  const ordered = byNumberOfFiles(chosen, seen);
  const project = createProjection(new Set(chosen.map(({ name }) => name)));
  const projected = names.length === 0 ? files : files.map((file) => ({ ...file, access: project(file.access) }));
  const rows = groupByFolder(projected, {
    labelOf,
    isAll: paths.length === 0 && shard === undefined,
  }).filter((row) => row.access.readers.size > 0);
  const view: AccessView = { readers: ordered, rows, fileCount: files.length };
  if (flags.mermaid) report.data((await import("./mermaid.ts")).formatMermaid(view));
  else if (flags.svg !== undefined) await (await import("./svg_file.ts")).writePicture(session, view, flags.svg);
  else if (files.length === 1 && last !== undefined && paths.length > 0 && names.length === 0) {
    (await import("./one_file.ts")).showFile(session, last, own);
  } else if (report.format === "text") {
    (await import("./table.ts")).showTable(session, view);
  }
  const failures = unseen.map(({ path, error }) => ({ file: path, error: report.failure(error) }));
  report.json({ ...asJson(ordered, seen), failures });
  saySummary(session, { names, chosen, files, seen });
  await noteLeftOut(session, paths);
  return unseen[0] === undefined ? EXIT.done : exitCodeOf(unseen[0].error.kind);
}

/** You first, then who reads most: people before machines, mostly. */
function byNumberOfFiles(readers: readonly Reader[], files: readonly FileAccess[]): Reader[] {
  const counts = new Map<string, number>();
  for (const { access } of files) {
    for (const name of access.readers.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const rank = ({ name, isYou }: Reader): number => isYou ? Infinity : counts.get(name) ?? 0;
  return readers.toSorted((a, b) => rank(a) === rank(b) ? 0 : rank(b) - rank(a));
}

function refuseSeveralForms({ json, mermaid, svg }: AccessFlags): void {
  const given = [json && "--json", mermaid && "--mermaid", svg !== undefined && "--svg"].filter((flag) => flag);
  if (given.length > 1) throw new UserError("usage", `${given.join(" and ")} are several forms of the result`);
}

/** What lies there is a path, and so is what has a separator; everything else is a name. */
function sortArguments(
  { host }: Session,
  args: readonly string[],
  named: readonly string[],
): { paths: string[]; names: string[] } {
  const isPath = (word: string): boolean =>
    /[/\\]/.test(word) || host.files.stat(host.paths.resolve(host.cwd, word)) !== undefined;
  return { paths: args.filter(isPath), names: [...args.filter((word) => !isPath(word)), ...named] };
}

/** @throws {UserError} `usage` for a name that nobody has */
function chooseReaders(readers: Readers, names: readonly string[]): Reader[] {
  const all = readers.list();
  if (names.length === 0) return all;
  const others = readers.listOthers();
  return [...new Set(names)].flatMap((name): Reader[] => {
    refuseIdentity(name);
    const wanted = name === "you" && all.every((reader) => reader.name !== name)
      ? all.filter(({ isYou }) => isYou)
      : all.filter((reader) => reader.name === name || reader.keys.some(({ text }) => text === name));
    if (wanted.length > 0) return wanted;
    if (name === "you" || others.includes(name)) return [{ name, isYou: name === "you", keys: [] }];
    const near = suggest(name, [...all.map((reader) => reader.name), ...others]);
    throw new UserError(
      "usage",
      `nobody is called "${name}", and there is no such file` + (near === undefined ? "" : `; did you mean "${near}"?`),
      { hints: ["sopsmith access shows everybody"] },
    );
  });
}

function saySummary(
  { report }: Session,
  { names, chosen, files, seen }: {
    readonly names: readonly string[];
    readonly chosen: readonly Reader[];
    readonly files: readonly FileAccess[];
    readonly seen: readonly FileAccess[];
  },
): void {
  const all = formatCount(files.length, "encrypted file");
  if (names.length === 0) report.say(files.length === 0 ? all : `${all}, ${formatCount(chosen.length, "reader")}`);
  else {
    for (const { name, isYou } of chosen) {
      const count = seen.filter(({ access }) => access.readers.has(name)).length;
      report.say(`${name === "you" || !isYou ? name : `${name} (you)`}: ${count} of ${all}`);
    }
  }
  const behind = seen.filter((file) => file.isAsRuleSays === false).length;
  if (behind > 0) {
    report.note(`${formatCount(behind, "file")} ${behind === 1 ? "has" : "have"} other readers than the rule says`);
    report.next("sopsmith status");
  }
}

function asJson(readers: readonly Reader[], files: readonly FileAccess[]): Record<string, unknown> {
  const names = new Set(readers.map(({ name }) => name));
  return {
    readers: readers.map(({ name, isYou, keys }) => ({
      name,
      you: isYou,
      keys: keys.map(({ type, text }) => ({ type, text })),
      files: files.filter(({ access }) => access.readers.has(name)).length,
    })),
    files: files.values().map(({ path, access, isAsRuleSays }) => ({
      file: path,
      readers: Array.from(access.readers, ([name, reading]) => ({ name, reading })).filter(({ name }) =>
        names.has(name)
      ),
      groups: { needed: access.neededGroups, count: access.groupCount },
      asRuleSays: isAsRuleSays ?? null,
    })),
  };
}
