/**
 * What is wrong in a repository, told without any private key: one file after the other, in bounded memory.
 *
 * Every question is answered for a file by itself and its `.sops.yaml`, so that shares of a repository find together what a run
 * over the whole finds. Nothing is decrypted: values and MAC are not compared. I/O through the host.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { lintIgnoredName, lintSopsConfig } from "../../config/lint/lint.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { parseEncryptedFile, parseSopsFile } from "../../sops/mod.ts";
import { holdsEncryptedLeaf } from "../scan/visible_faults.ts";
import { findMetadata } from "../../sops/metadata/metadata.ts";
import { holdsEncryptedValue } from "../../sops/metadata/markers.ts";
import { decodeYaml } from "../../yaml/decode.ts";
import type { Unseen } from "../bulk/selection.ts";
import type { FileRules } from "../scan/file_rules.ts";
import { MetadataPool } from "../scan/scanned_metadata.ts";
import { checkContent, checkReaders, malformed, withoutPath } from "./encrypted.ts";
import { type CheckFinding, finding } from "./finding.ts";
import { judgePlainFile } from "./plain.ts";
import { findPrivateKeys, mayHoldPrivateKey } from "./private_keys.ts";

/** A file to look at. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** `config`: a `.sops.yaml`; `ignored-config`: a `.sops.yml`, which SOPS does not read. */
  readonly kind: "file" | "config" | "ignored-config";
  readonly bytes: Uint8Array;
  /** Whether git has several versions of it, because a merge did not come to an end. */
  readonly isUnmerged?: boolean;
  /** The same file in the last commit, where it is known and differs. */
  readonly committed?: Uint8Array | undefined;
}

/** What was looked at. */
export interface CheckCounts {
  files: number;
  encrypted: number;
  /** Plain files that a rule matches and of which nothing says that they are secret, by rule. */
  readonly unjudged: Map<Rule, { readonly config: SopsConfig; count: number }>;
}

/** One run. */
export class Check {
  readonly counts: CheckCounts = { files: 0, encrypted: 0, unjudged: new Map() };
  readonly #host: Host;
  readonly #rules: FileRules;
  readonly #pool = new MetadataPool();

  /** @param host whose files are looked at @param rules of the same files */
  constructor(host: Host, rules: FileRules) {
    this.#host = host;
    this.#rules = rules;
  }

  /** @returns what is wrong with each file, in their order; what cannot be looked at as it is */
  async *run(files: AsyncIterable<FoundFile | Unseen>): AsyncGenerator<CheckFinding | Unseen, void> {
    for await (const file of files) {
      if ("error" in file) {
        yield file;
        continue;
      }
      this.counts.files++;
      yield* await this.#look(file);
    }
  }

  async #look(file: FoundFile): Promise<CheckFinding[]> {
    switch (file.kind) {
      case "config": {
        const folder = this.#host.paths.dirname(file.path);
        return await checkConfig(file, findGitRoot(this.#host, folder) === folder);
      }
      case "ignored-config":
        return lintIgnoredName(file.path).findings.map(({ code, severity, message }) => ({
          code,
          severity,
          path: file.path,
          found: message,
          expected: 'its rules in a ".sops.yaml"',
          step: "rename-config",
        }));
      case "file":
        return [...await this.#checkFile(file), ...await this.#checkKeys(file)];
    }
  }

  async #checkKeys({ path, bytes }: FoundFile): Promise<CheckFinding[]> {
    if (!mayHoldPrivateKey(bytes)) return [];
    const places = await findPrivateKeys(bytes, this.#host.paths.basename(path));
    return places.map(({ kind, severity, lineNumber, what, isWhole }) =>
      finding(kind, {
        path,
        severity,
        lineNumber,
        found: what,
        expected: "no private key in the repository",
        step: isWhole ? "take-out" : "decide",
      })
    );
  }

  async #checkFile(file: FoundFile): Promise<CheckFinding[]> {
    const { path, bytes, isUnmerged } = file;
    const metadata = this.#pool.find(bytes, path)?.metadata;
    const isEncrypted = metadata !== undefined || holdsEncryptedValue(bytes);
    if (metadata !== undefined) this.counts.encrypted++;
    if (isEncrypted) {
      const lineNumber = findConflict(bytes);
      if (lineNumber !== undefined || isUnmerged) return [conflict(file, { lineNumber, step: "merge" })];
    }
    if (metadata !== undefined) {
      const fileRule = await this.#rules.find(path);
      const ruled = { path, metadata, fileRule, differences: this.#rules.compare(metadata, fileRule.rule) };
      return [...await checkContent(ruled, bytes), ...checkReaders(ruled)];
    }
    return isEncrypted ? await this.#checkDamaged(file) : await this.#checkPlain(file);
  }

  /** A file with encrypted values and no metadata: damaged, where the values stand as values and not in a text. */
  async #checkDamaged(file: FoundFile): Promise<CheckFinding[]> {
    const { path, bytes } = file;
    try {
      const { file: parsed } = await parseSopsFile(bytes, { path });
      if (parsed.block !== undefined) await parseEncryptedFile(bytes, { path });
      else if (holdsEncryptedLeaf(parsed)) return [withoutMetadata(path)];
      else return await this.#checkPlain(file);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const wasEncrypted = file.committed !== undefined && findMetadata(file.committed, path) !== undefined;
      const isYamlOfSops = /^(?:sops:|sops_|\[sops\]| *"sops":)/m.test(new TextDecoder().decode(bytes));
      return wasEncrypted || isYamlOfSops ? [malformed(path, error)] : [];
    }
    return [];
  }

  async #checkPlain({ path, bytes, committed }: FoundFile): Promise<CheckFinding[]> {
    const { config, rule } = await this.#rules.find(path);
    if (config === undefined) return [];
    const { comparedPath } = await this.#rules.configOf(path);
    const wasEncrypted = committed !== undefined && findMetadata(committed, path) !== undefined;
    const judged = await judgePlainFile({ path, comparedPath, bytes, rule, config, wasEncrypted });
    if (judged === "unjudged" && rule !== undefined) {
      const known = this.counts.unjudged.get(rule) ?? { config, count: 0 };
      known.count++;
      this.counts.unjudged.set(rule, known);
      return [];
    }
    return judged === undefined || judged === "unjudged" ? [] : [judged];
  }
}

/** The three marks that a merge leaves, each at the start of a line, in their order. */
const MARKS = [/^<{7} /, /^={7}$/, /^>{7} /] as const;

/** @returns the line of the first mark; undefined unless all three are there */
function findConflict(bytes: Uint8Array): number | undefined {
  const text = new TextDecoder("latin1").decode(bytes);
  if (!text.includes("<<<<<<< ")) return undefined;
  let [seen, first] = [0, 0];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (!MARKS[seen]!.test(line)) continue;
    if (seen === 0) first = index + 1;
    if (++seen === MARKS.length) return first;
  }
  return undefined;
}

/** @param step where git has the versions of both sides; else an earlier version has to be found */
function conflict(
  { path, isUnmerged }: FoundFile,
  { lineNumber, step }: { readonly lineNumber: number | undefined; readonly step: "merge" | "choose-side" },
): CheckFinding {
  return finding("merge-conflict", {
    path,
    ...(lineNumber === undefined ? {} : { lineNumber }),
    found: "a merge that did not come to an end",
    expected: "one version",
    step: isUnmerged ? step : "find-whole-version",
  });
}

function withoutMetadata(path: string): CheckFinding {
  return finding("malformed-file", {
    path,
    found: "encrypted values without the metadata that opens them",
    expected: "a file that SOPS can read",
    step: "find-whole-version",
  });
}

/** A place that another program fills in. */
const TEMPLATE = /\$\{\w+\}|\{\{.*\}\}|<%.*%>/;

/** @param isAtRoot whether SOPS reads the file as it is; below, one with places to fill in is a template */
async function checkConfig(file: FoundFile, isAtRoot: boolean): Promise<CheckFinding[]> {
  const { path, bytes, isUnmerged } = file;
  const lineNumber = findConflict(bytes);
  if (lineNumber !== undefined || isUnmerged) return [conflict(file, { lineNumber, step: "choose-side" })];
  try {
    const source = decodeYaml(bytes, path);
    if (!isAtRoot && TEMPLATE.test(source)) return [];
    const { findings } = await lintSopsConfig(source, path, { place: "found", files: undefined });
    return findings.filter(({ severity, onlyIf }) => severity === "error" && onlyIf === undefined).map((
      { code, severity, lineNumber, message, fix },
    ) => ({
      code,
      severity,
      path,
      lineNumber,
      found: message,
      expected: fix ?? "rules that do what they say",
      step: "lint",
    }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const line = error.location?.line;
    return [finding("unreadable-config", {
      path,
      ...(line === undefined ? {} : { lineNumber: line }),
      found: withoutPath(error.message),
      expected: "rules that can be read",
      step: "lint",
    })];
  }
}
