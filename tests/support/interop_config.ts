/**
 * What the tests of `keygen` on real `.sops.yaml` files share: the files, a repository around one of them, and ways to
 * say what an edit did to it that do not lean on the code that edits.
 *
 * @module
 */
import { parseAllDocuments } from "yaml";
import { createRuleMatcher, type RuleMatcher } from "../../lib/config/patterns/matcher.ts";
import type { Rule } from "../../lib/config/rules/sops_config.ts";
import { parseSopsConfig } from "../../lib/config/rules/sops_config_read.ts";
import { decodeYaml } from "../../lib/yaml/decode.ts";
import { run } from "../../main.ts";
import { type TestHost, testHost, type TestHostOptions } from "./test_host.ts";

/** The vault of these tests: no file of a corpus has a rule for exactly its files. */
export const VAULT_CONFIG = `secrets:
  providers:
    zz-new:
      kind: sops/age
      spec:
        file: secrets/zz-new/{{ .atmos_stack }}.enc.yaml
`;

/** Path of a file of that vault, as SOPS compares it. */
export const VAULT_FILE = "secrets/zz-new/dev.enc.yaml";

/** One run of `keygen` in a repository. */
export interface KeygenRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** `.sops.yaml` afterwards; undefined when there is none. */
  readonly config: Uint8Array | undefined;
}

/** @returns a host whose working folder holds this `.sops.yaml` and, unless told otherwise, the vault's configuration */
export function repositoryOf(content: string | Uint8Array, options: TestHostOptions = {}): Promise<TestHost> {
  return testHost({ ...options, files: { ".sops.yaml": content, "sopsmith.yaml": VAULT_CONFIG, ...options.files } });
}

/** Runs `keygen` in process, in the host's working folder. */
export async function keygenIn(host: TestHost, ...flags: string[]): Promise<KeygenRun> {
  const start = host.output.length;
  const exitCode = await run(["keygen", ...flags], host);
  const written = host.output.slice(start);
  const textOf = (stream: string): string =>
    written.filter((piece) => piece.stream === stream).map((piece) => piece.text).join("");
  let config: Uint8Array | undefined;
  try {
    config = await Deno.readFile(host.path(".sops.yaml"));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return { exitCode, stdout: textOf("stdout"), stderr: textOf("stderr"), config };
}

/** @returns the rules of a `.sops.yaml` given as bytes, ready to be asked */
export function rulesOf(content: Uint8Array): Promise<RuleMatcher> {
  return createRuleMatcher(parseSopsConfig(decodeYaml(content, "/work/.sops.yaml"), "/work/.sops.yaml"));
}

/** @returns what a path resolves to, as text that two configurations can be compared by */
export function resolutionOf(rules: RuleMatcher, path: string): string {
  const rule = rules.findWinner(path);
  if (rule === undefined) return "no rule";
  const { pathRegex, groups, selectors, macOnlyEncrypted, shamirThreshold } = rule;
  const keys = groups.map((group) => group.keys.map(({ type, text }) => `${type} ${text}`));
  return JSON.stringify({ pathRegex, keys, selectors, macOnlyEncrypted, shamirThreshold });
}

/** What the `yaml` package alone makes of the first document of a file: the second opinion beside {@link rulesOf}. */
export function plainValueOf(content: Uint8Array): Record<string, unknown> {
  // A carriage return alone ends a line for SOPS; the package does not see indentation behind a byte order mark.
  const text = new TextDecoder().decode(content).replace(/\r(?!\n)/g, "\n");
  const [document] = parseAllDocuments(text, { merge: true, logLevel: "silent" });
  const value = document === undefined || !("toJS" in document) ? null : document.toJS({ maxAliasCount: -1 });
  return value ?? {};
}

/** Paths that files of a repository have, in and beside the places that rules speak of. */
const COMMON_PATHS = [
  "secrets.yaml",
  "secrets/zz.enc.yaml",
  "secrets/zz-new/readme.md",
  "secrets/zz-other/dev.enc.yaml",
  "secrets/a.secret",
  "hosts/a/secrets.yaml",
  "k8s/app.sops.yaml",
  "config.json",
  ".env",
  "größe/a.yaml",
];

/** @returns paths to ask before and after an edit: common ones, and one that matches each rule where one can be made up */
export function probePaths(rules: RuleMatcher): string[] {
  const made = rules.config.rules.map(exampleOf).filter((path, index) =>
    path !== "" && rules.matches(rules.config.rules[index]!, path)
  );
  return [...new Set([...COMMON_PATHS, ...made])].filter((path) => !path.startsWith("secrets/zz-new/dev"));
}

/** @returns a path that the pattern of a rule probably matches */
function exampleOf({ pathRegex = "" }: Rule): string {
  return pathRegex
    .replace(/^\^|^\(\^\|\/\)|\$$/g, "")
    .replace(/\[[^\]]*\](?:[+*?]|\{\d\})?/g, (part) => part.includes("/") && !part.startsWith("[^") ? "/" : "x")
    .replace(/\\?\.[*+]\??/g, "x")
    .replace(/\((?:\?:)?([^()|]*)\|[^()]*\)/g, "$1")
    .replace(/[()]/g, "")
    .replace(/\w\?/g, "")
    .replace(/\\(.)/g, "$1")
    .replace(/[$^*+?]/g, "")
    .replace(/\/$/, "/x");
}

/**
 * Says how a text became another one by putting text in, never by taking any away.
 *
 * @returns how many lines of `before` had something put into them, 1 also when what was put in has line breaks; 0 when only
 * whole lines were added (a line break that was missing at the end may be there now); infinity when a line was lost,
 * changed otherwise or moved
 */
export function countExtendedLines(before: Uint8Array, after: Uint8Array): number {
  const [old, all] = [linesOf(before), linesOf(after)];
  while (old.length > 0 && old[0] === all[0]) [old, all].forEach((lines) => lines.shift());
  while (old.length > 0 && old.at(-1) === all.at(-1)) [old, all].forEach((lines) => lines.pop());
  // costs[j]: the cost of finding the lines of `old` from the current one on in the lines of `all` from j on
  let costs = new Array<number>(all.length + 1).fill(0);
  for (const line of old.toReversed()) {
    const next = new Array<number>(all.length + 1).fill(Infinity);
    for (let j = all.length - 1; j >= 0; j--) {
      next[j] = Math.min(next[j + 1]!, costs[j + 1]! + costOf(line, all[j]!));
    }
    costs = next;
  }
  const isOneInsertion = costOf(old.join(""), all.join("")) === 1;
  return Math.min(costs[0]!, isOneInsertion ? 1 : Infinity);
}

/** @returns the lines of a file with their line breaks, one character for each byte */
function linesOf(content: Uint8Array): string[] {
  const text = Array.from(content, (byte) => String.fromCharCode(byte)).join("");
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}

function costOf(line: string, other: string): number {
  if (line === other || (!line.endsWith("\n") && (other === `${line}\n` || other === `${line}\r\n`))) return 0;
  let start = 0;
  while (start < line.length && line[start] === other[start]) start++;
  return other.length > line.length && other.endsWith(line.slice(start)) ? 1 : Infinity;
}
