/**
 * The regular expression engine, for the patterns that the automaton leaves alone. Loaded by `matcher.ts` when the first one is
 * met, and by nothing else: it costs as much as an empty program. Pure. Why: `docs/decisions/008-regex-engine-on-demand.md`.
 *
 * @module
 */
import { RE2JS } from "re2js";

/**
 * Compiles a pattern in RE2 syntax.
 *
 * @throws Error of the engine when Go would not compile it
 */
export function compileRe2(pattern: string): Pick<RE2JS, "test"> {
  return RE2JS.compile(pattern);
}
