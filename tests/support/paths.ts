/**
 * The path rules of each system, whatever system the tests run on.
 *
 * @module
 */
import type { Os } from "../../lib/base/host/host.ts";
import type { Paths } from "../../lib/base/host/paths.ts";
import { POSIX_PATHS } from "../../lib/base/host/posix_paths.ts";
import { WINDOWS_PATHS } from "../../lib/base/host/windows_paths.ts";

/** @returns the path functions of a system */
export function pathsOf(os: Os): Paths {
  return os === "windows" ? WINDOWS_PATHS : POSIX_PATHS;
}
