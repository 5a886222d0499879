/**
 * Looks for every kind of mistake in a `.sops.yaml` that `code.ts` lists. Pure.
 *
 * The file is read once, by a reader that collects what SOPS would refuse; each check has a file of its own and looks at
 * the model. `fix.ts` plans repairs. Spec: sops-config §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { parseSopsConfig } from "../rules/sops_config_read.ts";
import { type Finding, Findings } from "./finding.ts";
import { lintEmptiness } from "./emptiness.ts";
import { lintKeys } from "./unknown_keys.ts";
import { lintNames, lintPrivateKeys } from "./names.ts";
import { lintPatterns } from "./patterns.ts";
import { lintReach } from "./reach.ts";
import { lintRefused } from "./refused.ts";
import { isSsh, lintRecipients, type SshConverter } from "./recipients.ts";
import { lintRules } from "./rules.ts";
import type { SopsConfig } from "../rules/sops_config.ts";
import { findLineStarts, type SourceText } from "../../yaml/position.ts";

/** How a file came to be looked at, which is what SOPS makes of its name and place. */
export type ConfigPlace =
  /** SOPS finds it from the root of the repository, or it is named to SOPS. */
  | "found"
  /** It lies below the root, where SOPS finds it only when started there. */
  | "below-root"
  /** It is a `.sops.yml`. */
  | "ignored-name";

/** What is known of the file besides its text. */
export interface LintSurroundings {
  readonly place: ConfigPlace;
  /** Paths of the repository's files as SOPS compares them; undefined: nothing is said about files. */
  readonly files: readonly string[] | undefined;
}

/** What was found in one file. */
export interface LintResult {
  readonly text: SourceText;
  /** What was read of it; undefined for a file that was not looked into. */
  readonly config: SopsConfig | undefined;
  /** In the order of the file. */
  readonly findings: readonly Finding[];
  /** Whether SOPS can read the file; without, nothing can be repaired. */
  readonly isReadable: boolean;
}

/**
 * Looks for mistakes.
 *
 * @param source the whole text, as `decodeYaml` gives it
 * @param path absolute, for messages
 * @throws {UserError} `malformed` for what is no YAML at all
 */
export async function lintSopsConfig(
  source: string,
  path: string,
  surroundings: LintSurroundings,
): Promise<LintResult> {
  const config = parseSopsConfig(source, path, { refusals: [] });
  const { document } = config;
  const isReadable = document.refusals?.length === 0;
  const findings = new Findings(document);
  lintPlace(surroundings.place, findings);
  lintRefused(document, findings);
  lintRules(config, findings);
  lintKeys(config, findings);
  lintRecipients(config, await loadConverter(config), findings);
  lintNames(config, findings);
  const compiled = await lintPatterns(config, findings);
  if (isReadable) { // else something may be missing only because it was refused
    lintEmptiness(config, findings);
    lintReach(compiled, surroundings.files, findings);
  }
  lintPrivateKeys(document, findings);
  return { text: document, config, findings: findings.list(), isReadable };
}

const IGNORED_NAME = "SOPS does not read a file of this name";

/** @returns what there is to say of a `.sops.yml` beside a `.sops.yaml`; its content is not looked at */
export function lintIgnoredName(path: string): LintResult {
  const text: SourceText = { path, source: "", lineStarts: findLineStarts("") };
  const findings = new Findings(text);
  findings.add("wrong-name", 0, {
    message: IGNORED_NAME,
    fix: 'move its rules to the ".sops.yaml" that SOPS reads, or remove it',
  });
  return { text, config: undefined, findings: findings.list(), isReadable: false };
}

function lintPlace(place: ConfigPlace, findings: Findings): void {
  switch (place) {
    case "found":
      return;
    case "ignored-name":
      findings.add("wrong-name", 0, {
        message: IGNORED_NAME,
        fix: 'rename it to ".sops.yaml"',
      });
      return;
    case "below-root":
      findings.add("wrong-name", 0, {
        message:
          "SOPS finds this file only when it is started in its folder or below, not at the root of the repository",
        fix: "start SOPS there, or pass --config",
        severity: "note",
      });
  }
}

/** The conversion is loaded only for files that hold ssh keys. */
async function loadConverter({ rules }: SopsConfig): Promise<SshConverter> {
  const known = new Map<string, string>();
  const keys = rules.flatMap(({ groups }) => groups).flatMap(({ keys }) => keys).filter(isSsh);
  if (keys.length === 0) return () => undefined;
  const { convertSshPublicKey } = await import("../../keys/ssh/convert.ts");
  const { findSshKeyProblem, findSshPublicKey } = await import("../../keys/ssh/public_key.ts");
  for (const { text } of keys) {
    const key = findSshPublicKey(text);
    if (key === undefined || findSshKeyProblem(key) !== undefined) continue;
    try {
      known.set(text, convertSshPublicKey(key));
    } catch (error) {
      if (!(error instanceof UserError)) throw error; // a point that nothing can be encrypted to
    }
  }
  return (text) => known.get(text);
}
