/**
 * The YAML functions of atmos that stand for a text: `!env NAME [default]`, `!repo-root [default]` (also `!git.root`)
 * and `!cwd [path]`.
 *
 * Every other function is refused by name. Runs nothing, reads no file, asks no store. Pure. Spec: vaults §2.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";

/** What functions may ask for. */
export interface FunctionContext {
  readonly host: Pick<Host, "env" | "cwd" | "paths">;
  /** Root of the git work tree that the working directory belongs to; undefined outside of one. */
  readonly gitRoot: string | undefined;
}

/** What came of a function. */
export type FunctionResult =
  | { readonly type: "text"; readonly text: string }
  /** `!env` of a variable that is not set, without default; atmos takes it for empty text. */
  | { readonly type: "unset"; readonly variable: string }
  /** The call is not written as it should be. */
  | { readonly type: "mistake"; readonly problem: string }
  /** It cannot be answered here. `reason` completes "it needs !exec, …". */
  | { readonly type: "refused"; readonly reason: string };

/**
 * @param name with its exclamation mark
 * @param argument the text behind the name, without white space around it
 */
export function callYamlFunction(name: string, argument: string, context: FunctionContext): FunctionResult {
  switch (name) {
    case "!env":
      return readVariable(argument, context);
    case "!repo-root":
    case "!git.root":
      if (context.gitRoot !== undefined) return { type: "text", text: context.gitRoot };
      if (argument !== "") return { type: "text", text: argument };
      return { type: "refused", reason: "which has no answer outside of a git work tree" };
    case "!cwd":
      return { type: "text", text: context.host.paths.resolve(context.host.cwd, argument) };
    default:
      return {
        type: "refused",
        reason: name === "!include.raw" ? "which stands for the whole text of a file" : "which sopsmith never runs",
      };
  }
}

/** One word: quoted with either sign, or up to the next white space. */
const WORD = /"([^"]*)"|'([^']*)'|(\S+)/g;

function readVariable(argument: string, { host }: FunctionContext): FunctionResult {
  const words = [...argument.matchAll(WORD)].map(([, double, single, bare]) => double ?? single ?? bare ?? "");
  const [variable, fallback] = words;
  if (variable === undefined || variable === "") return { type: "mistake", problem: "!env without a variable's name" };
  if (words.length > 2) {
    return { type: "mistake", problem: `!env with ${words.length} words, expected a name and a default` };
  }
  const value = host.env(variable);
  if (value !== undefined) return { type: "text", text: value.trim() };
  return fallback === undefined ? { type: "unset", variable } : { type: "text", text: fallback };
}
