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

type Body = Deno.TestDefinition["fn"];

function declareOnWindows(
  first: string | Deno.TestDefinition,
  second?: Body | Omit<Deno.TestDefinition, "fn" | "name">,
  third?: Body,
): void {
  const [options, body] = typeof second === "function" ? [{}, second] : [second ?? {}, third];
  if (typeof first === "string" && body === undefined) throw new TypeError(`a test without a body: ${first}`);
  const test = typeof first === "string" ? { ...options, name: first, fn: body ?? ((): void => {}) } : first;
  const reason = findSkip(declaringFile(), test.name);
  declare(reason === undefined ? test : { ...test, name: `${test.name} [${reason}]`, ignore: true });
}

if (Deno.build.os === "windows") Object.defineProperty(Deno, "test", { value: declareOnWindows, configurable: true });
