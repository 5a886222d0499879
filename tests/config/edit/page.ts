/**
 * The golden pages of edits: configuration files before and after, readable side by side.
 *
 * ```text
 * ## What the case shows
 * {"rule": 0}
 * --- before
 * …
 * --- after
 * …
 * --- end
 * ```
 *
 * `␍` stands for a carriage return, `␀` at the end for a missing final newline, `⟨BOM⟩` for a byte order mark; a page's
 * `after` may be `error KIND: message` with its hints instead.
 *
 * @module
 */

/** One case of a page. */
export interface EditCase {
  readonly title: string;
  /** What is asked for; its meaning is the test's. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly before: string;
  /** As written on the page. */
  readonly after: string;
}

/** @returns the names, without ending, of the pages whose names start so */
export function editPages(prefix: string): string[] {
  const names = [...Deno.readDirSync(new URL("edits/", import.meta.url))].map((entry) =>
    entry.name.replace(/\.txt$/, "")
  );
  return names.filter((name) => name.startsWith(prefix)).sort();
}

/** @returns the cases of a page in their order */
export function parseEditPage(page: string): EditCase[] {
  return page.split(/^## /m).slice(1).map((text) => {
    const match = /^(.*)\n(\{.*\})\n--- before\n([^]*?)--- after\n([^]*?)--- end\n\n?$/.exec(text);
    if (match === null) throw new Error(`not a case: ${text.slice(0, 80)}`);
    const [, title, options, before, after] = match as unknown as [string, string, string, string, string];
    return { title, options: JSON.parse(options), before: showText(before), after };
  });
}

/** @returns a page with these cases */
export function formatEditPage(cases: readonly EditCase[]): string {
  return cases.map(({ title, options, before, after }) =>
    `## ${title}\n${JSON.stringify(options)}\n--- before\n${hideText(before)}--- after\n${after}--- end\n`
  ).join("\n");
}

/** @returns text as a page shows it, ending in a newline */
export function hideText(text: string): string {
  const shown = text.replaceAll("\r", "␍").replaceAll("\ufeff", "⟨BOM⟩").replace(
    /[ \t]+$/gm,
    (space) => space.replaceAll(" ", "␠").replaceAll("\t", "␉"),
  );
  return shown === "" || shown.endsWith("\n") ? shown : `${shown}␀\n`;
}

function showText(shown: string): string {
  return shown.replace(/␀\n$/, "").replaceAll("␍", "\r").replaceAll("⟨BOM⟩", "\ufeff").replaceAll("␠", " ")
    .replaceAll("␉", "\t");
}
