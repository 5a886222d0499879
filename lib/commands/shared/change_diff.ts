/**
 * The change of a file as a preview shows it.
 *
 * @module
 */
import type { Report } from "../../base/show/report.ts";
import type { SopsConfig } from "../../config/rules/sops_config.ts";

/**
 * @param path absolute
 * @returns the change as a unified diff, which names the file as the report does, and in which a carriage return alone
 * ends a line; empty for none
 */
export async function describeChange(
  report: Report,
  path: string,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<string> {
  const { createUnifiedDiff } = await import("../../base/show/diff.ts"); // only a preview needs it
  const [old, now] = [before, after].map((text) => text.replace(/\r(?!\n)/g, "\n")) as [string, string];
  return createUnifiedDiff(report.diffPath(path), old, now);
}

/** @returns {@link describeChange} of a `.sops.yaml` */
export async function describeConfigChange(
  report: Report,
  { before, after }: { readonly before: SopsConfig; readonly after: SopsConfig },
): Promise<string> {
  return await describeChange(report, after.path, { before: before.document.source, after: after.document.source });
}
