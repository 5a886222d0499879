/**
 * Writes `docs/lint.md` from the table of mistakes in `lib/config/lint/code.ts`.
 *
 * @module
 */
import {
  type FixPolicy,
  LINT_CODES,
  type LintCode,
  type LintCodeSpec,
  listLintCodes,
} from "../lib/config/lint/code.ts";
import { ROOT } from "./process.ts";

/** Where the text stands, from the root of the repository. */
export const LINT_DOCS_PATH = "docs/lint.md";

const MAX_COLUMNS = 120;

const INTRO = `# Mistakes in .sops.yaml

What \`sopsmith rules lint\` looks for, by code. Codes and severities are stable; wording is not.

- An **error** means that SOPS does something else than the file seems to say, or nothing at all.
- A **warning** is most likely a mistake.
- A **note** is worth knowing. Nothing that sopsmith itself writes is more than a note.

The command ends with 3 when it finds something at or above \`--level\` (default: error). \`--only CODE\` looks for one
kind. \`--fix\` repairs only what leaves the meaning of the file as it is: who reads what.
`;

const FIXES: Readonly<Record<FixPolicy, (code: LintCode) => string>> = {
  always: () => "repaired by `--fix`, unless two names are in play",
  named: (code) => `repaired by \`--fix --only ${code}\``,
  never: () => "for a person to repair",
};

/** @returns the whole text of `docs/lint.md` */
export function formatLintDocs(): string {
  const codes = listLintCodes();
  const list = codes.map((code) =>
    wrapMarkdown(`- [\`${code}\`](#${anchorOf(code)}): ${LINT_CODES[code].meaning}`, "  ")
  );
  return [INTRO, `${list.join("\n")}\n`, ...codes.map((code) => formatSection(code, LINT_CODES[code]))].join("\n");
}

function formatSection(code: LintCode, { severity, fix, meaning, why }: LintCodeSpec): string {
  const sentence = meaning.charAt(0).toUpperCase() + meaning.slice(1);
  return `## ${code}\n\n**${severity}**, ${FIXES[fix](code)}\n\n${wrapMarkdown(`${sentence}.`)}\n\n${
    wrapMarkdown(why)
  }\n`;
}

/** @returns the text with its lines broken as the formatter does it: at 120 columns, and never inside of code */
export function wrapMarkdown(text: string, indent = ""): string {
  const lines = [""];
  for (const word of text.match(/(?:`[^`]*`|\S)+/g) ?? []) {
    const line = lines.at(-1)!;
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= MAX_COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(indent + word);
  }
  return lines.join("\n");
}

/** As GitHub makes it of a heading. */
function anchorOf(code: string): string {
  return code.replaceAll(".", "");
}

if (import.meta.main) await Deno.writeTextFile(`${ROOT}/${LINT_DOCS_PATH}`, formatLintDocs());
