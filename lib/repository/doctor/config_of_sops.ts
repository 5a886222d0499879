/**
 * The `.sops.yaml` that SOPS reads when it is started here: from the working folder, not from the file. It stops SOPS when
 * it is broken, whatever is asked for.
 *
 * I/O through the host. Spec: sops-engine §1.1.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { mentionsIdentity } from "../../base/identity_text.ts";
import { MAX_CONFIG_BYTES } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { formatPath, shortenPaths } from "../../base/show/report.ts";
import { findConfigOfSops, readExistingConfig } from "../../config/config_choice.ts";
import { findSopsConfig } from "../../config/sops_config_find.ts";
import type { SopsConfig } from "../../config/rules/sops_config.ts";
import type { Finding } from "./finding.ts";

/** The configuration that SOPS reads when it is started in the working folder. */
export interface ConfigOfSops {
  /** Absolute; undefined when SOPS finds none. */
  readonly path: string | undefined;
  /** What it says; undefined when there is none, or it cannot be read. */
  readonly config?: SopsConfig;
  /** Why SOPS stops at it, whatever it is asked to do. */
  readonly blocker?: Finding;
  readonly findings: readonly Finding[];
}

/** Looks at the config that SOPS itself would read. */
export async function checkConfigOfSops(host: Host): Promise<ConfigOfSops> {
  const path = await findConfigOfSops(host);
  const { ignoredYml } = await findSopsConfig(host, host.cwd);
  const findings: Finding[] = [];
  if (ignoredYml !== undefined) {
    const message = `SOPS ignores "${formatPath(host, ignoredYml)}": it reads .sops.yaml only`;
    findings.push({ code: "ignored-config-name", message, path: ignoredYml });
  }
  if (path === undefined) return { path, findings };
  const read = await readOrExplain(host, path);
  if (typeof read !== "string") return { path, config: read, findings };
  const problem = read;
  if (await holdsIdentity(host, path)) {
    // SOPS looks at recipients only when it encrypts.
    const repair = { kind: "replace-identity", path } as const;
    return { path, findings: [...findings, { code: "private-key-in-config", message: problem, path, repair }] };
  }
  const message = `SOPS reads its configuration even to decrypt, and stops: ${problem}`;
  const blocker: Finding = { code: "unreadable-config", message, path, repair: { kind: "correct-file", path } };
  return { path, blocker, findings: [blocker, ...findings] };
}

/** @returns the config, or why it cannot be read, for people */
async function readOrExplain(host: Host, path: string): Promise<SopsConfig | string> {
  try {
    return await readExistingConfig(host, path);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return shortenPaths(host, error.message);
  }
}

async function holdsIdentity(host: Host, path: string): Promise<boolean> {
  try {
    const bytes = await host.files.read(path, MAX_CONFIG_BYTES);
    return bytes !== undefined && mentionsIdentity(new TextDecoder().decode(bytes));
  } catch {
    return false; // it has just been told that the file cannot be read
  }
}
