/**
 * What to do about a finding of `check`, as a line to type. I/O through the host: git is asked whether it has a file.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { findGitRoot } from "../../config/git_root.ts";
import type { CheckFinding, CheckStep } from "../../repository/check/finding.ts";
import { readMetadata } from "../../repository/scan/encrypted_files.ts";
import { isTrackedByGit } from "../../repository/scan/work_tree.ts";
import { findConfigToName, formatFileCommand, formatSopsCommand, quotePath } from "../shared/next_step.ts";
import type { CheckFlags } from "./check.ts";

/** Steps that make another file of the one in the work tree. */
type ChangeStep = Extract<
  CheckStep,
  "encrypt" | "encrypt-anew" | "rotate" | "update-keys" | "update-then-encrypt-anew"
>;

/** The commands of each, before the path. */
const CHANGES: Readonly<Record<ChangeStep, readonly string[]>> = {
  "encrypt": ["encrypt -i"],
  "encrypt-anew": ["decrypt -i", "encrypt -i"],
  "rotate": ["rotate -i"],
  "update-keys": ["updatekeys"],
  "update-then-encrypt-anew": ["updatekeys", "decrypt -i", "encrypt -i"],
};

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
      case "correct-then-encrypt": {
        const line = finding.lineNumber === undefined ? "" : `line ${finding.lineNumber} of `;
        return `correct ${line}${path}, then ask check again`;
      }
      case "encrypt":
      case "update-keys":
      case "rotate":
      case "encrypt-anew":
      case "update-then-encrypt-anew":
        return this.#flags.staged
          ? this.#changeStaged(finding.step, finding)
          : CHANGES[finding.step].map((words) => this.#command(`${words} ${path}`, finding)).join(" && ");
      case "restore-then-edit":
        return await this.#isInGit(finding.path)
          ? `git checkout HEAD -- ${path} && sopsmith edit ${path}`
          : `sopsmith doctor ${path}`;
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
      case "diagnose":
        return `sopsmith doctor ${path}`;
      case "find-whole-version":
        return await this.#isInGit(finding.path)
          ? `git log --oneline -- ${path}   # then: git checkout COMMIT -- ${path}`
          : `take ${path} from a backup, or from whoever has it whole`;
      case "merge":
        return `sopsmith edit ${path} && git add ${path}`;
      case "choose-side":
        return `git checkout --ours -- ${path} && git add ${path}   # or --theirs; then make the other changes again`;
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

  /**
   * Commands change the file of the work tree, which may be another one than what is staged: gone, encrypted by now, or
   * in clear again.
   */
  #changeStaged(step: ChangeStep, finding: CheckFinding): string {
    const { path } = finding;
    const { host, report } = this.#session;
    const quoted = quotePath(report, path);
    const isThere = host.files.stat(path) !== undefined;
    const isEncrypted = readMetadata(host, path) !== undefined;
    const changes = !isThere || isEncrypted === (step !== "encrypt")
      ? CHANGES[step]
      : isEncrypted
      ? []
      : CHANGES.encrypt;
    return [
      ...(isThere ? [] : [`git checkout -- ${quoted}`]),
      ...changes.map((words) => this.#command(`${words} ${quoted}`, finding)),
      `git add ${quoted}`,
    ].join(" && ");
  }

  async #isInGit(path: string): Promise<boolean> {
    const { host } = this.#session;
    return await findGitRoot(host, host.paths.dirname(path)) !== undefined;
  }

  #command(words: string, { isForSops = false }: Pick<CheckFinding, "isForSops"> = {}): string {
    const { config } = this.#flags;
    const { host, report } = this.#session;
    const path = config === undefined ? undefined : host.paths.resolve(host.cwd, config);
    return isForSops ? formatSopsCommand(report, words, path) : formatFileCommand(report, words, path);
  }
}
