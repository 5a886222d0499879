/**
 * The configuration as it bears on decrypting: the `.sops.yaml` that SOPS reads when it is started here, which stops it
 * when it is broken, and for each file the rule that counts and how the file differs from it.
 *
 * Mistakes inside the rules are for `rules lint`. I/O through the host. Spec: sops-engine §1.1, sops-config §2.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { mentionsIdentity } from "../../base/identity_text.ts";
import { MAX_CONFIG_BYTES } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { formatPath, shortenPaths } from "../../base/show/report.ts";
import { createRuleMatcher, type RuleMatcher, sopsRelativePath } from "../../config/patterns/matcher.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { findSopsConfig, readSopsConfigFile } from "../../config/sops_config_find.ts";
import type { ScannedMetadata } from "../scan/scanned_metadata.ts";
import { chooseConfig, findConfigOfSops } from "../../config/config_choice.ts";
import { compareWithRule, type RuleDifferences } from "../scan/differences.ts";
import type { Finding } from "./finding.ts";

/** What the configuration says of one file. */
export interface FileRule {
  /** Undefined: there is none, or it cannot be read. */
  readonly config?: SopsConfig;
  /** The rule that wins; undefined when none does. */
  readonly rule?: Rule;
  /** Why there is no config, for people. */
  readonly problem?: string;
}

/** The configuration that SOPS reads when it is started in the working folder. */
export interface ConfigOfSops {
  /** Absolute; undefined when SOPS finds none. */
  readonly path: string | undefined;
  /** Why SOPS stops at it, whatever it is asked to do. */
  readonly blocker?: Finding;
  readonly findings: readonly Finding[];
}

/** A config with its matcher, or why it cannot be read. */
type ReadConfig = { readonly config: SopsConfig; readonly matcher: RuleMatcher } | { readonly problem: string };

/** An identity, also in lower case. */

/** Finds the rules of many files; every config is read once. */
export class FileRules {
  readonly #host: Host;
  readonly #named: string | undefined;
  readonly #paths = new Map<string, Promise<{ path: string } | { problem: string }>>();
  readonly #configs = new Map<string, Promise<ReadConfig>>();

  /** @param named value of `--config`; undefined when not given */
  constructor(host: Host, named: string | undefined) {
    this.#host = host;
    this.#named = named;
  }

  /** @param file absolute path */
  async find(file: string): Promise<FileRule> {
    const folder = this.#host.paths.dirname(file);
    const choice = this.#paths.get(folder) ?? this.#choose(folder);
    this.#paths.set(folder, choice);
    const chosen = await choice;
    if ("problem" in chosen) return { problem: chosen.problem };
    const reading = this.#configs.get(chosen.path) ?? this.#read(chosen.path);
    this.#configs.set(chosen.path, reading);
    const read = await reading;
    if ("problem" in read) return { problem: read.problem };
    const rule = read.matcher.findWinner(sopsRelativePath(this.#host.paths, chosen.path, file));
    return { config: read.config, ...(rule === undefined ? {} : { rule }) };
  }

  async #choose(folder: string): Promise<{ path: string } | { problem: string }> {
    return await orProblem(
      this.#host,
      async () => ({ path: (await chooseConfig(this.#host, folder, this.#named)).path }),
    );
  }

  async #read(path: string): Promise<ReadConfig> {
    return await orProblem(this.#host, async () => {
      const config = await readSopsConfigFile(this.#host, path);
      if (config === undefined) throw new UserError("not-found", `cannot read "${path}": no such file`);
      return { config, matcher: await createRuleMatcher(config) };
    });
  }
}

/** @returns how the file differs from its rule; undefined without a rule */
export function differencesOf(metadata: ScannedMetadata, { rule }: FileRule): RuleDifferences | undefined {
  return rule && compareWithRule(metadata, rule);
}

/** Looks at the config that SOPS itself would read: from the working folder, not from the file. */
export async function checkConfigOfSops(host: Host): Promise<ConfigOfSops> {
  const path = await findConfigOfSops(host);
  const findings: Finding[] = [];
  const { ignoredYml } = await findSopsConfig(host, host.cwd);
  if (ignoredYml !== undefined) {
    const shown = formatPath(host, ignoredYml);
    findings.push({
      code: "ignored-config-name",
      message: `SOPS ignores "${shown}": it reads .sops.yaml only`,
      path: ignoredYml,
    });
  }
  if (path === undefined) return { path, findings };
  const read = await orProblem(host, async () => {
    if (await readSopsConfigFile(host, path) !== undefined) return {};
    throw new UserError("not-found", `cannot read "${path}": no such file`);
  });
  if (!("problem" in read)) return { path, findings };
  if (await holdsIdentity(host, path)) {
    // SOPS looks at recipients only when it encrypts.
    findings.push({
      code: "private-key-in-config",
      message: read.problem,
      path,
      repair: { kind: "replace-identity", path },
    });
    return { path, findings };
  }
  const message = `SOPS reads its configuration even to decrypt, and stops: ${read.problem}`;
  const blocker: Finding = { code: "unreadable-config", message, path, repair: { kind: "correct-file", path } };
  return { path, blocker, findings: [blocker, ...findings] };
}

async function holdsIdentity(host: Host, path: string): Promise<boolean> {
  try {
    const bytes = await host.files.read(path, MAX_CONFIG_BYTES);
    return bytes !== undefined && mentionsIdentity(new TextDecoder().decode(bytes));
  } catch {
    return false; // it has just been told that the file cannot be read
  }
}

/** @returns what the work returns, or the message of the UserError that it throws, with paths as people see them */
async function orProblem<T extends object>(host: Host, work: () => Promise<T>): Promise<T | { problem: string }> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { problem: shortenPaths(host, error.message) };
  }
}
