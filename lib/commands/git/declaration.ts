/**
 * The commands of git, and those that git calls, as the command table has them: data, bound to bodies that are loaded when
 * they run.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import { FILE } from "../file/flags.ts";
import type { MergeFlags } from "./merge.ts";
import type { SetupFlags } from "./setup.ts";
import type { TextconvFlags } from "./textconv.ts";

/** `git setup`, `git textconv`, `git merge`. */
export const GIT_COMMANDS: readonly CommandSpec[] = [
  command<SetupFlags>({
    words: ["git", "setup"],
    brief: "Let git show and merge the values of encrypted files",
    description: [
      "Adds lines to .gitattributes for the files of the rules and the encrypted files there are, which are to be committed,",
      "and tells this clone what git is to run. Every clone needs that once: git runs nothing that a repository brings along.",
      "Afterwards git diff, log -p and show print values in clear, and git merge, rebase and cherry-pick merge them. No value",
      "in clear is written anywhere.",
    ],
    flags: {
      global: { brief: "tell git for all repositories of this person; leaves .gitattributes alone" },
      undo: { brief: "take the lines and the settings away again" },
      dryRun: { brief: "show the change, write nothing" },
    },
    examples: [
      { line: "sopsmith git setup", purpose: "in a new clone, or when there are new rules" },
      { line: "sopsmith git setup --undo", purpose: "back to how it was" },
    ],
    load: async () => (await import("./setup.ts")).setup,
  }),
  command<TextconvFlags>({
    words: ["git", "textconv"],
    brief: "Print a file in clear for git diff (git calls it)",
    description: [
      "What cannot be decrypted without asking anybody is printed as it is. So is every file while git commit runs: its",
      "diff (commit -v) is written to .git/COMMIT_EDITMSG.",
    ],
    arguments: [FILE],
    flags: {},
    examples: [{ line: "git diff secrets/db.yaml", purpose: "calls it for both versions, after sopsmith git setup" }],
    load: async () => (await import("./textconv.ts")).textconv,
  }),
  command<MergeFlags>({
    words: ["git", "merge"],
    brief: "Merge three versions of an encrypted file (git calls it)",
    description: [
      "Writes the merged file, encrypted, to OURS. Where both sides have changed the same value OURS stays as it is, and the",
      "exit code tells git that PATH is not merged: sopsmith edit PATH then shows both, and finishes the merge.",
    ],
    arguments: ["BASE", "OURS", "THEIRS", "PATH"].map((name) => ({ name, isRequired: true })),
    flags: {
      forBase: { brief: "merge two bases of a merge: what both have changed becomes what BASE has" },
    },
    examples: [{ line: "git merge feature", purpose: "calls it for each encrypted file, after sopsmith git setup" }],
    load: async () => (await import("./merge.ts")).merge,
  }),
];
