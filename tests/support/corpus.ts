/**
 * Whole `.sops.yaml` files for tests: `corpus`, real ones that others have written and that are read beside the
 * repository, in `../shared/corpus`; and those of this project, `corpus_own`, with odd layouts, and with what SOPS refuses.
 *
 * Where the real ones are missing, tests of all files go on with the others, and those of the real ones alone are left out
 * visibly ({@link corpusTest}); where `SOPSMITH_INTEROP=required` is set that is a failure.
 *
 * @module
 */
import { assertEquals } from "./assert.ts";
import { peerTest } from "./peers.ts";

/** Where files are kept. */
export type ConfigFolder = "corpus" | "corpus_own" | "corpus_own/refused" | "corpus_own/stricter";

/** Real files and own ones, all of which SOPS reads. */
export const CONFIG_FOLDERS: readonly ConfigFolder[] = ["corpus", "corpus_own"];

/** A `.sops.yaml`, byte for byte. */
export interface ConfigFile {
  readonly name: string;
  readonly content: Uint8Array;
}

const CORPUS = new URL("../../../shared/corpus/", import.meta.url);

/** How many real files there are. */
const CORPUS_FILES = 31;

/** Whether the real files are there. */
export const HAS_CORPUS: boolean = isDirectory(CORPUS);

const IS_REQUIRED = Deno.env.get("SOPSMITH_INTEROP") === "required";

/** @returns the files of a folder, sorted by name; none of the real ones where they are missing and may be */
export function readConfigFiles(folder: ConfigFolder): ConfigFile[] {
  if (folder === "corpus" && !HAS_CORPUS && !IS_REQUIRED) return [];
  const url = folder === "corpus" ? CORPUS : new URL(`../${folder}/`, import.meta.url);
  const names = Array.from(Deno.readDirSync(url), ({ name }) => name).filter((name) => name.endsWith(".sops.yaml"));
  if (folder === "corpus") assertEquals(names.length, CORPUS_FILES);
  if (names.length === 0) throw new Error(`no files in ${url}`);
  return names.sort().map((name) => ({ name, content: Deno.readFileSync(new URL(name, url)) }));
}

/** @returns the text of a real file. @throws when it is missing */
export function readCorpusText(name: string): string {
  return Deno.readTextFileSync(new URL(name, CORPUS));
}

/** Declares a test of the real files alone. @param peers programs that it needs besides */
export function corpusTest(
  name: string,
  peers: readonly string[],
  body: (t: Deno.TestContext) => Promise<void>,
): void {
  if (HAS_CORPUS || IS_REQUIRED) peerTest(name, peers, body);
  else Deno.test({ name: `${name} [needs ../shared/corpus]`, ignore: true, fn: body });
}

function isDirectory(url: URL): boolean {
  try {
    return Deno.statSync(url).isDirectory;
  } catch {
    return false;
  }
}
