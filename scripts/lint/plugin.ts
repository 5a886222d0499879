/**
 * The rules of this project that the linter does not have: how many arguments stand in a row, and what a verb promises.
 *
 * @module
 */

/** The most arguments in a row: two, or three whose order is obvious. Options that may be left out do not count. */
const MAX_POSITIONALS = 3;

/** What a reader may take for granted by the first word of a function's name. */
const VERBS: readonly {
  readonly verb: RegExp;
  readonly promise: string;
  readonly isKept: (fn: Signature) => boolean;
}[] = [
  {
    verb: /^parse[A-Z]/,
    promise: "parses what it is given: it takes no host (a function that touches the disk is called readX)",
    isKept: ({ takesHost }) => !takesHost,
  },
  {
    verb: /^format[A-Z]/,
    promise: "makes text of what it is given: it waits for nothing",
    isKept: ({ returns }) => returns === undefined || !returns.includes("Promise<"),
  },
];

/** What a rule looks at. */
interface Signature {
  readonly takesHost: boolean;
  /** The text of the return type, when it is written. */
  readonly returns: string | undefined;
}

const plugin: Deno.lint.Plugin = {
  name: "sopsmith",
  rules: {
    positionals: {
      create: (context) => ({
        "ExportNamedDeclaration > FunctionDeclaration"(node) {
          const count = node.params.length - (node.params.some(isOptional) ? 1 : 0);
          if (count > MAX_POSITIONALS && isProgram(context.filename)) {
            context.report({
              node,
              message: `${count} arguments in a row, at most ${MAX_POSITIONALS}`,
              hint: "take two and an options object; the names then stand at the call",
            });
          }
        },
      }),
    },
    verbs: {
      create: (context) => ({
        "ExportNamedDeclaration > FunctionDeclaration"(node) {
          const name = node.id?.name ?? "";
          const text = (part: Deno.lint.Node): string => context.sourceCode.getText(part);
          const signature: Signature = {
            takesHost: node.params.some((param: Deno.lint.Parameter) =>
              /:\s*(?:Host|Session)\b/.test(text(param as Deno.lint.Node))
            ),
            returns: node.returnType === null || node.returnType === undefined ? undefined : text(node.returnType),
          };
          for (const { verb, promise, isKept } of VERBS) {
            if (isProgram(context.filename) && verb.test(name) && !isKept(signature)) {
              context.report({ node, message: `the name "${name}" says more than it keeps: it ${promise}` });
            }
          }
        },
      }),
    },
  },
};

function isOptional(param: Deno.lint.Parameter): boolean {
  return param.type === "AssignmentPattern" || (param.type === "Identifier" && param.optional === true);
}

/** Scripts and tests are read one at a time. */
function isProgram(filename: string): boolean {
  return /[\\/]lib[\\/]/.test(filename);
}

export default plugin;
