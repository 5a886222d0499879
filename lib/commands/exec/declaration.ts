/**
 * `exec-env` and `exec-file` as the command table has them: data, bound to bodies that are loaded when they run.
 * Spec: sops-engine §5.9, §10.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import { FILE, IGNORE_MAC, INPUT_TYPE, READING, TYPES } from "../file/flags.ts";
import type { ExecEnvFlags } from "./env.ts";
import type { ExecFileFlags } from "./file.ts";

/** `exec-env` and `exec-file`. */
export const EXEC_COMMANDS: readonly CommandSpec[] = [
  command<ExecEnvFlags>({
    words: ["exec-env"],
    brief: "Run a command with the values of a file in its environment",
    description: [
      "COMMAND is run by the shell with every top-level value as a variable. Its exit status is the one of sopsmith, and",
      "signals reach it. The values stand nowhere else: not on a command line, not in a file.",
    ],
    arguments: [FILE, { name: "COMMAND", isRequired: true }],
    flags: {
      pristine: { brief: "hand over the values alone, not the environment of the shell" },
      sameProcess: { brief: "accepted for scripts: signals and exit status are always those of the command" },
      inputType: INPUT_TYPE,
      ignoreMac: IGNORE_MAC,
      ...READING,
    },
    refused: {
      user: "changing the user needs rights that this program does not take: run it through sudo -u",
      background: "it would leave a process behind: end the command with & instead",
    },
    examples: [{ line: `sopsmith exec-env secrets/app.env 'printenv PASSWORD'`, purpose: "one command" }],
    load: async () => (await import("./env.ts")).execEnv,
  }),
  command<ExecFileFlags>({
    words: ["exec-file"],
    brief: "Run a command with the values of a file in a private file",
    description: [
      "Every {} in COMMAND becomes the path of a file with the text in clear, readable by you alone, in memory where the",
      "system has such a place, and gone when the command ends.",
    ],
    arguments: [FILE, { name: "COMMAND", isRequired: true }],
    flags: {
      filename: { brief: "what the private file is called", value: "NAME" },
      noFifo: { brief: "accepted for scripts: it is always a regular file" },
      ...TYPES,
      ignoreMac: IGNORE_MAC,
      ...READING,
    },
    refused: {
      user: "changing the user needs rights that this program does not take: run it through sudo -u",
      background: "it would leave the text in clear behind: end the command with & instead",
    },
    examples: [{ line: `sopsmith exec-file secrets/app.json 'jq .host {}'`, purpose: "one command" }],
    load: async () => (await import("./file.ts")).execFile,
  }),
];
