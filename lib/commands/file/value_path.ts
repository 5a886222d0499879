/**
 * The place of a value as people type it: SOPS's brackets, or keys with dots where no key needs more. Pure.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatTreePath, parseTreePath, type PathStep } from "../../sops/mod.ts";

/** A whole number without leading zeros: the index of a list item. */
const INDEX = /^(?:0|[1-9]\d{0,8})$/;

/**
 * @param text `["db"]["hosts"][0]`, or `db.hosts.0`
 * @throws {UserError} `usage` when it is neither
 */
export function parseValuePath(text: string): PathStep[] {
  if (text.startsWith("[")) return parseTreePath(text);
  const parts = text.split(".");
  if (parts.every((part) => part !== "" && !/[[\]"'\s]/.test(part))) {
    return parts.map((part) => INDEX.test(part) ? Number(part) : part);
  }
  throw new UserError("usage", "cannot read the path of the value", {
    hints: [`write it as '["key"]["other key"][0]'`],
  });
}

/** @returns the path with dots, where {@link parseValuePath} reads it the same; else with brackets */
export function formatValuePath(path: readonly PathStep[]): string {
  const isPlain = path.length > 0 &&
    path.every((step) =>
      typeof step === "number" ? step < 1e9 : step !== "" && !/[.[\]"'\s]/.test(step) && !INDEX.test(step)
    );
  return isPlain ? path.join(".") : formatTreePath(path);
}
