/**
 * Fails when what is written no longer fits the code: an exported symbol without a doc comment, a generated part of a
 * document that differs from what the program says, a version without a changelog entry, a file name in
 * back-quotes that names nothing, or text that does not belong in the
 * repository (a private key that is not marked as a test key, a path of someone's machine, a package registry's host).
 *
 * `--write` (`deno task docs`) rewrites the generated parts instead.
 *
 * @module
 */
import { EXIT_CODES } from "../lib/base/exit_code.ts";
import { VERSION } from "../lib/base/version.ts";
import { formatUsage } from "../lib/commands/help.ts";
import { COMMANDS } from "../lib/commands/command_table.ts";
import { CHECK_CODES, listCheckCodes, type OwnCheckCode } from "../lib/repository/check/code.ts";
import { sourceFiles } from "./check_layers.ts";
import { wrapMarkdown } from "./lint_docs.ts";
import { outputOf, ROOT, ROOT_URL } from "./process.ts";

/** What the generated parts of documents must hold, by the name in `<!-- generated: name -->` … `<!-- end -->`. */
const GENERATED: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "README.md": {
    commands: () =>
      formatTable([
        ["command", "what it does"],
        ...COMMANDS.map((spec) => [`\`${formatUsage(spec).replace(" [flags]", "")}\``, spec.brief]),
      ]),
    "exit codes": () =>
      formatTable([["code", "meaning"], ...EXIT_CODES.map(({ code, meaning }) => [String(code), meaning])]),
  },
  "docs/check.md": { findings: () => listCheckCodes().map(formatCheckCode).join("\n") },
};

function formatCheckCode(code: OwnCheckCode): string {
  const { severity, meaning, why } = CHECK_CODES[code];
  const sentence = meaning.charAt(0).toUpperCase() + meaning.slice(1);
  return `### ${code}\n\n**${severity}**\n\n${wrapMarkdown(`${sentence}.`)}\n\n${wrapMarkdown(why)}\n`;
}

/** Folders that only this machine has. */
const MACHINE_FOLDERS = [ROOT, Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ROOT];

/** Text that no tracked file may hold. */
const FORBIDDEN: readonly { what: string; pattern: RegExp; isAllowedIn?: (path: string, text: string) => boolean }[] = [
  {
    what: "a private key that is not marked as a test key",
    pattern: /AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{20,}|BEGIN OPENSSH PRIVATE KEY-----(?:\\n|\n)[\w+/\\\n]{200,}/,
    isAllowedIn: (path, text) => path.startsWith("tests/") && /test keys?\b|not a key\b/i.test(text),
  },
  {
    what: "a path of this machine",
    pattern: new RegExp(MACHINE_FOLDERS.map((path) => RegExp.escape(`${path}/`)).join("|")),
  },
  { what: "a package registry's host", pattern: /\b(?:registry\.(?:npmjs|yarnpkg)|npm\.jsr|jsr)\.(?:org|com|io)\b/ },
];

/** Files of other people, kept as they are. */
const FOREIGN = /^tests\/vectors\//;

const GENERATED_PART = /(<!-- generated: ([\w ]+) -->\n)([\s\S]*?)(<!-- end -->)/g;

/** The parts of `deno doc --json` that are read here. */
interface DocOutput {
  readonly nodes: Readonly<
    Record<string, {
      readonly module_doc?: { readonly doc?: string };
      readonly symbols?: readonly {
        readonly name: string;
        readonly declarations: readonly {
          readonly kind: string;
          readonly declarationKind: string;
          readonly location: { readonly line: number };
          readonly jsDoc?: unknown;
        }[];
      }[];
    }>
  >;
}

async function findUndocumented(): Promise<string[]> {
  const problems: string[] = [];
  const output: DocOutput = JSON.parse(await outputOf(Deno.execPath(), ["doc", "--json", ...await sourceFiles()]));
  for (const [url, module] of Object.entries(output.nodes)) {
    const path = url.replace(ROOT_URL, "");
    if (!module.module_doc?.doc) problems.push(`${path}:1: no module comment (with @module) at the head`);
    for (const { name, declarations } of module.symbols ?? []) {
      // A re-export is documented where it comes from; the overloads of a function share one comment.
      const here = declarations.filter(({ kind, declarationKind }) =>
        kind !== "reference" && declarationKind === "export"
      );
      const [first] = here;
      if (first === undefined || here.some(({ jsDoc }) => jsDoc !== undefined)) continue;
      problems.push(`${path}:${first.location.line + 1}: "${name}" has no doc comment`);
    }
  }
  return problems;
}

async function findForbidden(): Promise<string[]> {
  const problems: string[] = [];
  for (const path of (await listTrackedFiles()).filter((name) => !FOREIGN.test(name))) {
    const text = await readIfThere(path);
    if (text === undefined) continue; // removed, but not yet from git's index
    for (const { what, pattern, isAllowedIn } of FORBIDDEN) {
      const found = pattern.exec(text);
      if (found === null || isAllowedIn?.(path, text)) continue;
      problems.push(`${path}:${text.slice(0, found.index).split("\n").length}: ${what}`);
    }
  }
  return problems;
}

/** A file of the project, or a folder with a slash at its end, named in back-quotes. */
const NAMED_PATH = /`((?:lib|tests|scripts|docs|schemas)\/[\w./-]*|(?:[\w-]+\/)*[\w.-]+\.ts)`/g;

/** @returns every file name in back-quotes that names nothing: seen from the root, from `lib/`, or beside the file */
async function findUnknownNames(): Promise<string[]> {
  const problems: string[] = [];
  const paths = await listTrackedFiles();
  const known = new Set(paths.flatMap((path) => [path, ...foldersOf(path)]));
  for (const path of paths) {
    if (!/\.(?:ts|md)$/.test(path) || FOREIGN.test(path) || path === "CHANGELOG.md") continue;
    const text = await readIfThere(path) ?? "";
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    for (const { 1: name = "", index } of text.matchAll(NAMED_PATH)) {
      if (["", "lib/", folder].some((start) => known.has(start + name))) continue;
      problems.push(`${path}:${text.slice(0, index).split("\n").length}: there is no file "${name}"`);
    }
  }
  return problems;
}

/** @returns each folder of a path, with a slash at its end and without */
function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/")).flatMap((folder) => [folder, `${folder}/`]);
}

async function listTrackedFiles(): Promise<string[]> {
  const listed = await outputOf("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  return listed.split("\0").filter((path) => path !== "");
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(`${ROOT}/${path}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** @returns the text of a document with every generated part as it should be. @throws Error on an unknown name */
function withGeneratedParts(path: string, text: string): string {
  return text.replace(GENERATED_PART, (_part, start: string, name: string, _old, end: string) => {
    const generate = GENERATED[path]?.[name];
    if (generate === undefined) throw new Error(`${path}: no generated part is called "${name}"`);
    return `${start}\n${generate()}\n${end}`;
  });
}

async function findOutdated(): Promise<string[]> {
  const problems: string[] = [];
  for (const [path, parts] of Object.entries(GENERATED)) {
    const text = await readIfThere(path) ?? "";
    const names = new Set([...text.matchAll(GENERATED_PART)].map((match) => match[2]));
    for (const name of Object.keys(parts)) {
      if (!names.has(name)) {
        problems.push(`${path}:1: no part between "<!-- generated: ${name} -->" and "<!-- end -->"`);
      }
    }
    if (withGeneratedParts(path, text) !== text) {
      problems.push(`${path}:1: a generated part is outdated: run "deno task docs"`);
    }
  }
  const changelog = await readIfThere("CHANGELOG.md") ?? "";
  if (!changelog.includes(`## [${VERSION}]`)) problems.push(`CHANGELOG.md:1: no entry "## [${VERSION}]"`);
  return problems;
}

/** A Markdown table with aligned columns, as the formatter wants it. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const format = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  const [head = [], ...body] = cells;
  return format(head) + format(widths.map((width) => "-".repeat(width))) + body.map(format).join("");
}

if (Deno.args.includes("--write")) {
  for (const name of Object.keys(GENERATED)) {
    const path = `${ROOT}/${name}`;
    await Deno.writeTextFile(path, withGeneratedParts(name, await Deno.readTextFile(path)));
  }
} else {
  const problems = [
    ...await findOutdated(),
    ...await findUndocumented(),
    ...await findForbidden(),
    ...await findUnknownNames(),
  ];
  for (const problem of problems) Deno.stderr.writeSync(new TextEncoder().encode(`${problem}\n`));
  if (problems.length > 0) Deno.exit(1);
}
