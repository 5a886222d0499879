/**
 * A `.sops.yaml` as the target of an edit. Pure.
 *
 * @module
 */
import type { EditTarget } from "../base/files/edit_files.ts";
import { MAX_CONFIG_BYTES } from "../base/files/read_files.ts";

/** @param path absolute @returns the target; a new file is readable by all, because it is meant to be committed */
export function configTarget(path: string): EditTarget {
  return { path, maxBytes: MAX_CONFIG_BYTES, newFileMode: 0o644, newFolderMode: 0o755 };
}
