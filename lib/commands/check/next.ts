/**
 * What to do about a finding of `check`, as a line to type. I/O through the host: git is asked whether it has a file.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import type { CheckFinding } from "../../repository/check/finding.ts";
import { listUnmerged } from "../../repository/scan/unmerged.ts";
import { isTrackedByGit } from "../../repository/scan/work_tree.ts";
import { findConfigToName, formatFileCommand, quotePath } from "../shared/next_step.ts";
import type { CheckFlags } from "./check.ts";

/** Makes the lines of one run. */
export class StepText {
  readonly #session: Session;
  readonly #flags: Pick<CheckFlags, "config" | "staged">;

  constructor(session: Session, flags: Pick<CheckFlags, "config" | "staged">) {
    this.#session = session;
    this.#flags = flags;
  }

  /** @returns a line for a shell, with a comment where it takes more */
  async format(finding: CheckFinding): Promise<string> {
    const { report, host } = this.#session;
    const path = quotePath(report, finding.path);
    switch (finding.step) {
      case "encrypt":
        return this.#change(`encrypt -i ${path}`, path);
      case "update-keys":
        return this.#change(`updatekeys ${path}`, path);
      case "rotate":
        return this.#change(`rotate -i ${path}`, path);
      case "encrypt-anew":
        return `sopsmith decrypt -i ${path} && ${this.#change(`encrypt -i ${path}`, path)}`;
      case "restore-then-edit":
        return `git checkout HEAD -- ${path} && sopsmith edit ${path}`;
      case "explain-rules":
        return `${this.#command(`rules explain ${path}`)}   # then move the file, or add a rule for it`;
      case "lint": {
        const config = await findConfigToName(host, finding.path, host.paths.join(host.cwd, "x"));
        return formatFileCommand(report, "rules lint", config);
      }
      case "make-config":
        return "sopsmith init   # then add the readers of the file to its rule";
      case "rename-config": {
        const target = host.paths.join(host.paths.dirname(finding.path), ".sops.yaml");
        const isThere = host.files.stat(target) !== undefined;
        return isThere ? `rm ${path}   # when its rules are in .sops.yaml` : `mv ${path} ${quotePath(report, target)}`;
      }
      case "find-whole-version":
        return `git log --oneline -- ${path}   # then: git checkout COMMIT -- ${path}`;
      case "merge":
        return await this.#isUnmerged(finding.path)
          ? `sopsmith edit ${path} && git add ${path}`
          : `git log --oneline -- ${path}   # then: git checkout COMMIT -- ${path}`;
      case "choose-side":
        return await this.#isUnmerged(finding.path)
          ? `git checkout --ours -- ${path} && git add ${path}   # or --theirs; then make the other changes again`
          : `git log --oneline -- ${path}   # then: git checkout COMMIT -- ${path}`;
      case "decide":
        return `sopsmith check --exclude ${path}   # if it is for tests; else take it out, and make a new key`;
      case "take-out":
        return await isTrackedByGit(host, finding.path)
          ? `git rm --cached ${path}   # then make a new key, and rotate what this one reads`
          : finding.code === "age-identity"
          ? `sopsmith identity import ${path} && rm ${path}`
          : `mv ${path} ~/`;
    }
  }

  /** A command that changes a file, which then has to be staged again. */
  #change(words: string, path: string): string {
    return this.#command(words) + (this.#flags.staged ? ` && git add ${path}` : "");
  }

  #command(words: string): string {
    const { config } = this.#flags;
    const { host, report } = this.#session;
    return formatFileCommand(report, words, config === undefined ? undefined : host.paths.resolve(host.cwd, config));
  }

  async #isUnmerged(path: string): Promise<boolean> {
    const { host } = this.#session;
    return (await listUnmerged(host, host.paths.dirname(path))).has(path);
  }
}
