/**
 * Where a command line stands in a sentence: it is shown in one piece, so that it can be copied. Pure.
 *
 * A command begins at the start of the text, behind a colon, `&&`, `(`, `or`, `run`, `pipe it`, or where another command has ended,
 * with a program that people are told to run. It ends at the end of the text, or outside of quotes at a comma, a
 * semicolon, a parenthesis or the comment of a shell, which is a piece of its own.
 *
 * @module
 */

/** The programs, with the words by which a command is told from prose about the program. */
const START = new RegExp(
  `^(?:${
    [
      String
        .raw`(?:[A-Z_]+=\S+ )*sopsmith (?!(?:cannot|does|finds|has|is|itself|keeps|makes|needs|never|reads|takes|uses|will)\b)[a-z-]`,
      String.raw`sops (?:-|[a-z-]+ (?:[-\w./"'~]*[./A-Z"'-]|--))`,
      "git (?:-C|add|checkout|clone|commit|config|diff|log|merge|mv|restore|rm|show|stash|status)(?= |$)",
      "nix (?:--[a-z-]+ |(?:build|copy|eval|key|run|shell|store) )",
      "(?:export|unset) [A-Z]",
      "set -[a-z]+ ",
      String.raw`(?:age-keygen|age|ssh-add|ssh-keygen|ssh-keyscan) (?:-|\S*[./])`,
      String.raw`icacls \S`,
      String.raw`chmod [\w+=,-]+ \S`,
      String.raw`(?:cp|ls -l|mkdir|mv|rm) \S*[-./~]`,
      String.raw`(?:del|dir|mkdir|move) \S*[.\\"]`,
      String.raw`(?:Get|Move|Remove)-Item \S`,
      String.raw`if \(\$\?\) \{ `,
      String.raw`\$env:[A-Z_]+ ?=`,
      'set "[A-Z_]+=',
    ].join("|")
  })`,
);

/** What a command can stand behind. */
const BEFORE = /(?:^|: |\(|&& |; |, |\b(?:or|run|with|then|by) )$/;

/** Quoted words and a condition of PowerShell, and what ends a command outside of them. */
const END = /^if \(\$\?\) |'[^']*'|"[^"]*"|([,;](?= |$)| \(|\)(?=[ ,;.:]|$)| {2,}#| # )/g;

/** A range of a text: code units, end exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** @returns where command lines and comments behind them stand in the text, in order */
export function findCommands(text: string): TextRange[] {
  const found: TextRange[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    if (BEFORE.test(text.slice(Math.max(0, at - 8), at)) && START.test(rest)) {
      const end = at + lengthOfCommand(rest);
      found.push({ start: at, end });
      const comment = /^ +# /.exec(text.slice(end))?.[0].length;
      if (comment !== undefined) found.push({ start: end + comment - 2, end: text.length });
      at = comment === undefined ? end : text.length;
    } else {
      at++;
    }
  }
  return found;
}

function lengthOfCommand(text: string): number {
  for (const match of text.matchAll(END)) if (match[1] !== undefined) return match.index;
  return text.length;
}
