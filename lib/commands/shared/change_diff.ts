/**
 * The change of a file as a preview shows it.
 *
 * @module
 */
import type { Report } from "../../base/show/report.ts";

/** @param path absolute @returns the change as a unified diff, which names the file as the report does; empty for none */
export async function formatChange(report: Report, path: string, before: string, after: string): Promise<string> {
  const { createUnifiedDiff } = await import("../../base/show/diff.ts"); // only a preview needs it
  return createUnifiedDiff(report.path(path), before, after);
}
