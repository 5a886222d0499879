/**
 * The shells that can be completed in, and the word by which their scripts call the program. Pure data.
 *
 * @module
 */

/** The shells that there is a script for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** One of {@link SHELLS}. */
export type Shell = typeof SHELLS[number];

/** The first word of the hidden call; no command is named so. */
export const COMPLETE_WORD = "__complete";
