/**
 * Finding `.sops.yaml` as SOPS finds it, and reading it from disk. I/O through the host.
 *
 * Does not decide where a new one goes. Spec: sops-engine §1.1 (SOPS 3.13.2).
 *
 * @module
 */
import { MAX_CONFIG_BYTES, readCapped } from "../base/files/read_files.ts";
import type { Host } from "../base/host/host.ts";
import { decodeYaml } from "../yaml/decode.ts";
import type { SopsConfig } from "./rules/sops_config.ts";
import { parseSopsConfig } from "./rules/sops_config_read.ts";
import { findEntry, foldersUpward } from "./upward.ts";

/** The only name that SOPS reads. */
export const SOPS_CONFIG_NAME = ".sops.yaml";

/** A name that people use by mistake; SOPS warns and ignores it. */
export const IGNORED_CONFIG_NAME = ".sops.yml";

/** How many folders SOPS looks in, the first included. */
const MAX_CANDIDATES = 100;

/** What the walk found. */
export interface FoundSopsConfig {
  /** Absolute path of the `.sops.yaml`; undefined when there is none. It may be a folder: SOPS stops there too. */
  readonly path: string | undefined;
  /** Absolute path of the nearest `.sops.yml` that was passed on the way; undefined when there was none. */
  readonly ignoredYml: string | undefined;
}

/**
 * Walks upward from a folder as SOPS does from its working directory.
 *
 * @param startDirectory absolute path, symlinks not resolved
 */
export function findSopsConfig(host: Host, startDirectory: string): FoundSopsConfig {
  let ignoredYml: string | undefined;
  let candidates = 0;
  for (const folder of foldersUpward(host, startDirectory)) {
    const path = host.paths.join(folder, SOPS_CONFIG_NAME);
    if (findEntry(host, path) !== undefined) return { path, ignoredYml };
    const alternate = host.paths.join(folder, IGNORED_CONFIG_NAME);
    if (ignoredYml === undefined && findEntry(host, alternate) !== undefined) ignoredYml = alternate;
    if (++candidates === MAX_CANDIDATES) break;
  }
  return { path: undefined, ignoredYml };
}

/**
 * Reads a `.sops.yaml` from disk.
 *
 * @param path absolute
 * @returns the read model; undefined when there is no such file
 * @throws {UserError} `malformed` where SOPS would refuse the content or it is too large, `io` or `denied` when it
 * cannot be read (a folder, no permission)
 */
export function readSopsConfigFile(host: Host, path: string): SopsConfig | undefined {
  const bytes = readCapped(host, path, { maxBytes: MAX_CONFIG_BYTES });
  return bytes && parseSopsConfig(decodeYaml(bytes, path), path);
}
