/**
 * Loaded before the tests on Windows: what `windows_skips.ts` lists is left out, with its reason in the name.
 *
 * @module
 */
import { findSkip } from "./windows_skips.ts";

const declare = Deno.test;

/** Where the test that is being declared stands. */
function declaringFile(): string {
  const lines = (new Error().stack ?? "").split("\n").filter((line) => line.includes("_test.ts"));
  return /\/(tests\/.*_test\.ts)/.exec(lines.at(-1) ?? "")?.[1] ?? "";
}

function declareOnWindows(first: string | Deno.TestDefinition, body?: Deno.TestDefinition["fn"]): void {
  const test: Deno.TestDefinition = typeof first === "string" ? { name: first, fn: body ?? ((): void => {}) } : first;
  const reason = findSkip(declaringFile(), test.name);
  declare(reason === undefined ? test : { ...test, name: `${test.name} [${reason}]`, ignore: true });
}

if (Deno.build.os === "windows") Object.defineProperty(Deno, "test", { value: declareOnWindows, configurable: true });
