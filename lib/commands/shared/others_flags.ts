/**
 * The flags that say what happens to the recipients of files that a new rule takes over. Pure. Spec: vaults §3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { OthersPolicy } from "../../repository/rules/rule_plan.ts";

/** The flags. */
export interface OthersFlags {
  /** The new rule has the recipients of the rule that won until now, too. */
  readonly withRecipients?: boolean;
  /** Take encrypted files over although others lose them. */
  readonly onlyMe?: boolean;
}

/** @throws {UserError} `usage` for both */
export function parseOthersPolicy({ withRecipients, onlyMe }: OthersFlags): OthersPolicy {
  if (withRecipients && onlyMe) {
    throw new UserError("usage", "--with-recipients and --only-me contradict each other", {
      hints: ["pass one of them"],
    });
  }
  return withRecipients ? "keep" : onlyMe ? "drop" : "refuse";
}
