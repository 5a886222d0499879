/**
 * `git setup`: lines of `.gitattributes` for everybody, and settings of git for this clone. I/O through the host.
 *
 * Form: gitattributes(5).
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import { formatCount, formatSome } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { VERSION } from "../../base/version.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { addAttributeLines, removeAttributeLines } from "../../repository/git/attributes.ts";
import { type Coverage, findCoverage } from "../../repository/git/coverage.ts";
import {
  type ConfigScope,
  driverSettings,
  findMissingSettings,
  findSections,
  removeSections,
  writeSettings,
} from "../../repository/git/drivers.ts";
import { isTrackedByGit } from "../../repository/scan/work_tree.ts";
import { changeFile } from "../file/target.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { quotePath } from "../shared/next_step.ts";

/** The flags of `git setup`. */
export interface SetupFlags {
  readonly global?: boolean;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
}

const ATTRIBUTES_NAME = ".gitattributes";

/** The name by which the program is started. */
const PROGRAM_NAME = "sopsmith";

/** How many files a note names. */
const MAX_NAMED = 3;

/** What is set up, and how. */
interface Run {
  readonly scope: ConfigScope;
  /** Absolute path of the work tree; undefined: it does not matter. */
  readonly root: string | undefined;
  readonly flags: SetupFlags;
}

/**
 * Sets git up, or undoes that.
 *
 * @throws {UserError} `not-found` outside of a work tree and without git; `io`, `denied` where something cannot be written
 */
export async function setup(flags: SetupFlags, _args: readonly string[], session: Session): Promise<number> {
  const { host } = session;
  const root = flags.global ? undefined : findGitRoot(host, host.cwd);
  if (root === undefined && !flags.global) {
    throw new UserError("not-found", `cannot set git up for "${host.cwd}": it is in no work tree of git`, {
      hints: ["go into a repository, or make one with: git init", "sopsmith git setup --global is for all of them"],
    });
  }
  const run: Run = { scope: flags.global ? "global" : "local", root, flags };
  return await (flags.undo ? undoSetup : doSetup)(session, run);
}

async function doSetup(session: Session, run: Run): Promise<number> {
  const { host, report } = session;
  const { scope, root, flags } = run;
  const missing = await findMissingSettings(host, driverSettings(await findProgram(host)), scope);
  const coverage = root === undefined ? undefined : await findCoverage(host, root);
  const isAdded = root !== undefined && coverage !== undefined && await addLines(session, { root, coverage, flags });
  if (flags.dryRun) {
    for (const { key, value } of missing) report.data(`git config --${scope} ${key} ${quoteForShell(value)}`);
  } else await writeSettings(host, missing, scope);
  if (coverage !== undefined) sayOthers(session, coverage);
  if (missing.length === 0 && !isAdded) {
    report.say("git is set up already; nothing changed");
    return EXIT.done;
  }
  if (flags.dryRun) return EXIT.done;
  report.done("git shows the values of encrypted files, and merges them");
  if (isAdded) report.detail(`${ATTRIBUTES_NAME}: which files, for everybody who has the repository`);
  if (missing.length > 0) report.detail(`${describeScope(scope)}: what git runs for them, ${describeReach(scope)}`);
  if (isAdded) report.next(`git add ${quotePath(report, host.paths.join(root, ATTRIBUTES_NAME))}`);
  return EXIT.done;
}

async function undoSetup(session: Session, { scope, root, flags }: Run): Promise<number> {
  const { host, report } = session;
  const isRemoved = root !== undefined && await removeLines(session, root, flags);
  const sections = await findSections(host, scope);
  if (flags.dryRun) {
    for (const section of sections) report.data(`git config --${scope} --remove-section ${section}`);
  } else await removeSections(host, sections, scope);
  if (!isRemoved && sections.length === 0) {
    report.say("git was not set up here; nothing changed");
    return EXIT.done;
  }
  if (flags.dryRun) return EXIT.done;
  report.done("git treats encrypted files as any other file again");
  const path = root === undefined ? undefined : host.paths.join(root, ATTRIBUTES_NAME);
  if (isRemoved && path !== undefined && await isTrackedByGit(host, path)) {
    report.next(`git add ${quotePath(report, path)}`);
  }
  return EXIT.done;
}

/** @returns whether something is to be added */
async function addLines(
  session: Session,
  { root, coverage, flags }: { readonly root: string; readonly coverage: Coverage; readonly flags: SetupFlags },
): Promise<boolean> {
  if (coverage.lines.length === 0) return false;
  const { outcome } = await changeAttributes(session, { root, flags }, (before) => {
    return addAttributeLines(before, coverage.lines);
  });
  return outcome;
}

/** @returns whether something is to be removed; a file with nothing else in it goes */
async function removeLines(session: Session, root: string, flags: SetupFlags): Promise<boolean> {
  const { host } = session;
  const { outcome } = await changeAttributes(session, { root, flags }, (before) => {
    return before === undefined ? undefined : removeAttributeLines(before);
  });
  const path = host.paths.join(root, ATTRIBUTES_NAME);
  if (outcome && !flags.dryRun && host.files.lstat(path)?.size === 0) host.files.remove(path);
  return outcome;
}

/** @param plan answers the new content; the same content changes nothing */
async function changeAttributes(
  session: Session,
  { root, flags }: { readonly root: string; readonly flags: SetupFlags },
  plan: (before: Uint8Array | undefined) => Uint8Array | undefined,
): Promise<{ readonly outcome: boolean }> {
  const path = session.host.paths.join(root, ATTRIBUTES_NAME);
  if (session.host.files.lstat(path)?.kind === "symlink") {
    throw new UserError("refused", `cannot change "${path}": it is a symlink, which git does not follow`, {
      hints: ["put a file in its place, and run the command again"],
      location: { path },
    });
  }
  const change = { path, dryRun: flags.dryRun, reason: "the attributes of encrypted files" };
  return await changeFile(session, change, (before) => {
    const after = plan(before);
    const isChange = after !== undefined && after !== before;
    return Promise.resolve({ after: isChange ? after : undefined, outcome: isChange });
  });
}

/** Says which files git will not treat as encrypted ones, and why. */
function sayOthers({ report }: Session, { others, lines, fileCount }: Coverage): void {
  const names = others.map(({ path, driver, value }) => `${path} (${driver}: ${value})`);
  if (names.length > 0) {
    report.note(`other lines of .gitattributes count for ${formatSome(names, MAX_NAMED)}; they were left alone`);
  }
  if (lines.length > 0 || fileCount > 0) return;
  report.note(`there is ${formatCount(0, "encrypted file")}, and no rule that names some: run it again when there is`);
}

function describeScope(scope: ConfigScope): string {
  return scope === "local" ? ".git/config" : "your configuration of git";
}

function describeReach(scope: ConfigScope): string {
  return scope === "local" ? "in this clone alone (in every other one: sopsmith git setup)" : "in every repository";
}

/**
 * The name alone survives an update of the program, so it is taken where it leads to this version.
 *
 * @returns the words that start this program, quoted for the shell that git runs them with
 */
async function findProgram(host: Host): Promise<string> {
  const result = await host.run(PROGRAM_NAME, ["--version"]);
  const isNamed = result?.code === 0 && new TextDecoder().decode(result.stdout).trim() === VERSION;
  return isNamed ? PROGRAM_NAME : host.program().map(quoteForShell).join(" ");
}
