/**
 * The program: `--version`, the command that was typed, and what an error becomes.
 *
 * The only file that sets the exit status; `run` is what tests call. What reads the rest of the command line is loaded
 * when there is some.
 *
 * @module
 */
import { createDenoHost } from "./lib/base/host/deno_host.ts";
import { isWorker, serveWork } from "./lib/base/host/workers.ts";
import { InternalError, UserError } from "./lib/base/error.ts";
import { EXIT, exitCodeOf } from "./lib/base/exit_code.ts";
import { type Host, hostWith } from "./lib/base/host/host.ts";
import { findRuntimeProblem } from "./lib/base/host/runtime.ts";
import { Printer } from "./lib/base/show/printer.ts";
import { Report, type ReportFormat } from "./lib/base/show/report.ts";
import { COMPLETE_WORD } from "./lib/commands/completion/shell.ts";

/**
 * Runs the program.
 *
 * @param args the words after the program's name
 * @param host the machine it runs on
 * @returns the exit code, one of `EXIT_CODES`
 */
export async function run(args: readonly string[], host: Host): Promise<number> {
  const format = args.includes("--json") ? "json" : "text";
  const place = { host };
  try {
    return await runArguments(args, place, format);
  } catch (error) {
    return reportError(error, place.host, { format, typedIn: host });
  }
}

/** @param place its host is that of the folder named by `-C`, once that is known */
async function runArguments(args: readonly string[], place: { host: Host }, format: ReportFormat): Promise<number> {
  const { host } = place;
  const [first] = args;
  if (first === "--version" || first === "-v") {
    host.stdout.write(`${(await import("./lib/base/version.ts")).VERSION}\n`);
    return EXIT.done;
  }
  if (first === COMPLETE_WORD) {
    const { COMMANDS, GROUPS } = await import("./lib/commands/command_table.ts");
    const { answerCompletion } = await import("./lib/commands/completion/answer.ts");
    return await answerCompletion(args.slice(1), { commands: COMMANDS, groups: GROUPS }, host);
  }
  const { parseCommandLine } = await import("./lib/commands/command_line.ts");
  const typed = await parseCommandLine(args, {
    show: (help) => new Printer(host, host.stdout, "always").print(help),
    exists: (path) => host.files.stat(host.paths.resolve(host.cwd, path)) !== undefined,
  });
  if (typed === undefined) return EXIT.done;
  const inner = typed.folders.reduce((at, folder) => at.in(folder), host);
  requireFolder(inner, typed.folders);
  const body = await typed.spec.load();
  place.host = inner;
  const report = new Report(inner, format, host);
  const sayWaiting = (text: string): void => report.note(text);
  return await body(typed.flags, typed.args, { host: hostWith(inner, { sayWaiting }), report });
}

function requireFolder(host: Host, folders: readonly string[]): void {
  if (folders.length === 0) return;
  const kind = host.files.stat(host.cwd)?.kind;
  if (kind === "directory") return;
  const found = kind === undefined ? "no such folder" : "it is a file, expected a folder";
  throw new UserError("not-found", `cannot run in "${host.cwd}": ${found}`);
}

/** @returns the exit code */
function reportError(
  error: unknown,
  host: Host,
  { format, typedIn }: { readonly format: ReportFormat; readonly typedIn: Host },
): number {
  try {
    return showError(error, host, new Report(host, format, typedIn));
  } catch (failure) {
    if (!(failure instanceof UserError)) throw failure;
    // What a report looks at cannot be read, which may be the very error: it is shown as if no variable were set.
    const blind = hostWith(host, { env: () => undefined });
    return showError(error, blind, new Report(blind, format));
  }
}

function showError(error: unknown, host: Host, report: Report): number {
  const isDebugging = Boolean(host.env("SOPSMITH_DEBUG"));
  if (error instanceof UserError) {
    report.error(error);
    if (isDebugging && error.cause !== undefined) report.detail(String(error.cause));
    return exitCodeOf(error.kind);
  }
  report.error(
    new UserError("unsupported", "sopsmith stopped at a mistake of its own; nothing more was written", {
      hints: ["run the command again with SOPSMITH_DEBUG=1 and report what it prints (it may name your files)"],
    }),
  );
  if (isDebugging) report.detail(error instanceof Error ? error.stack ?? error.message : String(error));
  return EXIT.internal;
}

/**
 * Runs the program with what was typed, and ends it; all output is written by then, so nothing else is waited for. Every
 * file that starts the program calls this, also in a thread that helps: there it does the work that it is sent.
 */
export async function start(): Promise<void> {
  if (isWorker()) return serveWork(async () => (await import("./lib/repository/bulk/tasks.ts")).BULK_TASKS);
  const host = await createDenoHost();
  const problem = findRuntimeProblem();
  // Deno would end with 0 if it came to wait for nothing before there is an answer.
  addEventListener("beforeunload", () => {
    const error = new InternalError("nothing is left to wait for, and there is no answer");
    Deno.exit(reportError(error, host, { format: "text", typedIn: host }));
  });
  Deno.exit(problem === undefined ? await run(Deno.args, host) : showError(problem, host, new Report(host, "text")));
}

// Not waited for: Deno tells `beforeunload` nothing of a module that has not come to its end.
if (import.meta.main) void start();
