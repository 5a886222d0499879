/**
 * Finds the pages of `tests/cases/`: `<command words joined by _>/<condition>.txt`.
 *
 * @module
 */
import { walk } from "./case_shell.ts";

const CASES_FOLDER = `${import.meta.dirname}/../cases`;

/** A page on disk. */
export interface CaseFile {
  /** Relative to `tests/cases/`, without the ending. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** @returns every page, in the order of names. @throws Error when there is none */
export async function readCases(): Promise<CaseFile[]> {
  const cases: CaseFile[] = [];
  await walk(CASES_FOLDER, "", async (name, info) => {
    const path = `${CASES_FOLDER}/${name}`;
    if (info.isFile && name.endsWith(".txt")) {
      cases.push({ name: name.slice(0, -".txt".length), path, text: await Deno.readTextFile(path) });
    }
  });
  if (cases.length === 0) throw new Error(`no case in ${CASES_FOLDER}`);
  return cases;
}
