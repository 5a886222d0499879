/**
 * What planners know of the files of a repository. Each question walks once, before the lock is taken; a plan that is made
 * again asks the same questions and walks no more. Reads only.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import type { Progress } from "../../base/show/progress.ts";
import { findVaultFiles, type VaultFiles, type VaultFilesQuestion } from "../scan/vault_files.ts";

/** The answers that were found. */
export class FileIndex {
  readonly #host: Host;
  readonly #progress: Progress;
  readonly #known = new Map<string, Promise<VaultFiles>>();

  /** @param progress counts the folders that are looked through */
  constructor(host: Host, progress: Progress) {
    this.#host = host;
    this.#progress = progress;
  }

  /**
   * Finds the files that a pattern is about; walks only for a question that is new, as when the `.sops.yaml` was changed
   * since it was asked.
   *
   * @throws {UserError} as `findVaultFiles`
   */
  async findFiles(question: VaultFilesQuestion): Promise<VaultFiles> {
    const { configPath, basePath, pathRegex, syntheticPath } = question;
    const id = JSON.stringify([configPath, basePath, pathRegex, syntheticPath]);
    const known = this.#known.get(id) ?? findVaultFiles(this.#host, question, this.#progress);
    this.#known.set(id, known);
    return await known;
  }
}
