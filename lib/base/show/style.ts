/**
 * Colours of parts of a text: marked where the text is made, painted (or taken away) where it is printed.
 *
 * The marks are noncharacters of Unicode, which stand for what a program means by them as long as they stay inside of it;
 * they take no room on the screen, and no output ever holds one. Pure.
 *
 * @module
 */

/** What a part of a text is; each looks the same wherever it is printed. */
export type Style = "name" | "loss" | "dim" | "good" | "bad" | "step";

/** The mark that begins a style, and the attributes that a terminal knows it by (ECMA-48, SGR). */
const STYLES: Readonly<Record<Style, { readonly mark: string; readonly attributes: string }>> = {
  name: { mark: "\ufdd0", attributes: "1" },
  loss: { mark: "\ufdd1", attributes: "1;33" },
  dim: { mark: "\ufdd2", attributes: "2" },
  good: { mark: "\ufdd3", attributes: "32" },
  bad: { mark: "\ufdd4", attributes: "1;31" },
  step: { mark: "\ufdd5", attributes: "1;36" },
};

const END = "\ufdd6";

const ATTRIBUTES = new Map(Object.values(STYLES).map(({ mark, attributes }) => [mark, attributes]));

const MARKS = /[\ufdd0-\ufdd6]/g;

/** @returns the text as one part of this style; styles do not stand in each other */
export function styled(text: string, style: Style): string {
  return text === "" ? "" : STYLES[style].mark + removeMarks(text) + END;
}

/** @returns the text without the marks of its styles */
export function removeMarks(text: string): string {
  return text.replace(MARKS, "");
}

/**
 * @param lines of one text; a style that goes over the end of a line ends there, and begins again in the next
 * @returns the lines with what colours them on a terminal
 */
export function paintLines(lines: readonly string[]): string[] {
  let open = "";
  return lines.map((line) => {
    const start = open === "" ? "" : `\x1b[${open}m`;
    const painted = line.replace(MARKS, (mark) => {
      open = ATTRIBUTES.get(mark) ?? "";
      return open === "" ? "\x1b[0m" : `\x1b[${open}m`;
    });
    return open === "" ? start + painted : `${start}${painted}\x1b[0m`;
  });
}
