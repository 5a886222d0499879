/**
 * Whether values are shown. Pure but for the variables of the host. Spec: vaults §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";

/** The flag that shows values on a terminal. */
export interface MaskFlags {
  readonly mask?: string;
}

/** What stands in the place of a value, as in atmos. */
export const MASKED = "<MASKED>";

/** @returns whether values are hidden on standard output: on a terminal, unless the person says otherwise */
export function isMasked(host: Host, { mask }: MaskFlags): boolean {
  const said = mask ?? host.env("ATMOS_MASK");
  if (mask !== undefined && mask !== "true" && mask !== "false") {
    throw new UserError("usage", `--mask takes true or false; found "${mask}"`, { hints: ["pass --mask=false"] });
  }
  return host.stdout.isTerminal && said !== "false";
}
