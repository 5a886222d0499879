/**
 * How severities of findings look. Pure.
 *
 * @module
 */
import type { Style } from "../../base/show/style.ts";
import type { Severity } from "../../config/lint/code.ts";

/** The style of the word, the same as that of messages of its weight. */
export const SEVERITY_STYLES: Readonly<Record<Severity, Style>> = { error: "bad", warning: "loss", note: "step" };
