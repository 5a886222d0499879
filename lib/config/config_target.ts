/**
 * A `.sops.yaml` as the target of an edit, and what an edit does to it. Pure.
 *
 * @module
 */
import type { Change, EditTarget } from "../base/files/edit_files.ts";
import { MAX_CONFIG_BYTES } from "../base/files/read_files.ts";
import type { SopsConfig } from "./rules/sops_config.ts";

/** @param path absolute @returns the target; a new file is readable by all, because it is meant to be committed */
export function configTarget(path: string): EditTarget {
  return { path, maxBytes: MAX_CONFIG_BYTES, newFileMode: 0o644, newFolderMode: 0o755 };
}

/**
 * @param change the config as planned
 * @param reason what is written, for a message about a disk that is full
 * @returns the change of the file; none where the text stays as it is
 */
export function configChanges(
  { changed, after }: { readonly changed: boolean; readonly after: SopsConfig },
  reason: string,
): readonly Change[] {
  return changed ? [{ path: after.path, after: new TextEncoder().encode(after.document.source), reason }] : [];
}
