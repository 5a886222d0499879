/**
 * The files of one vault as its rules see them: those that exist, those that are encrypted, and one that could be.
 *
 * Reads only. Spec: vaults §3 (samples).
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { Progress } from "../../base/show/progress.ts";
import { compilePattern, createRuleMatcher, sopsRelativePath } from "../../config/patterns/matcher.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { collectFiles, type ScannedFile, type ScanNote, scanRepository } from "./encrypted_files.ts";

/** An encrypted file, with the path that SOPS compares with `path_regex`. */
export interface VaultFile {
  readonly comparedPath: string;
  readonly file: ScannedFile;
}

/** What was found. Paths are as SOPS compares them with `path_regex`. */
export interface VaultFiles {
  /** Existing files that the pattern matches, sorted, and the synthetic one last. */
  readonly samples: readonly string[];
  /** Those of them that are encrypted. */
  readonly encrypted: readonly VaultFile[];
  /** Folders and files that could not be read, so that encrypted ones among them are missing here. */
  readonly unseen: readonly ScanNote[];
}

/** Where the files of a vault are looked for. */
export interface VaultFilesQuestion {
  /** Absolute path of the `.sops.yaml`, which need not exist. */
  readonly configPath: string;
  /** The vault's base path. */
  readonly basePath: string;
  readonly pathRegex: string;
  /** Absolute path of a file that the vault could have. */
  readonly syntheticPath: string;
}

/**
 * @throws {UserError} `malformed` when the pattern does not compile; `unsupported` when the folder of the configuration
 * lies so that no pattern can name the files
 */
export async function findVaultFiles(
  host: Host,
  question: VaultFilesQuestion,
  progress: Progress,
): Promise<VaultFiles> {
  const { configPath, basePath, pathRegex, syntheticPath } = question;
  const compared = (path: string): string => sopsRelativePath(host.paths, configPath, path);
  const configFolder = host.paths.dirname(configPath);
  const root = host.paths.contains(configFolder, basePath) ? configFolder : basePath;
  const start = host.paths.join(root, ...literalFolders(pathRegex, root === configFolder));
  const existing: string[] = [];
  const matches = await compilePattern(pathRegex);
  const sample = compared(syntheticPath);
  if (!matches(sample)) throw unnameable(configPath, sample, pathRegex);
  const accepts = (relativePath: string): boolean => {
    const path = compared(host.paths.join(start, relativePath));
    const isMatch = matches(path);
    if (isMatch) existing.push(path);
    return isMatch;
  };
  const { files, unseen } = collectFiles((onNote) => scanRepository(host, start, { accepts, onNote, progress }));
  return {
    samples: [...existing.sort(), sample],
    encrypted: files.map((file) => ({ comparedPath: compared(file.path), file })),
    unseen,
  };
}

/** @returns the encrypted files below the folder of the configuration that one rule wins for */
export async function findEncryptedFilesOfRule(
  host: Host,
  config: SopsConfig,
  { rule, progress }: { readonly rule: Rule; readonly progress: Progress },
): Promise<VaultFile[]> {
  const folder = host.paths.dirname(config.path);
  const matcher = await createRuleMatcher(config);
  const accepts = (relativePath: string): boolean => matcher.findWinner(relativePath) === rule;
  const files: VaultFile[] = [];
  for (const file of scanRepository(host, folder, { accepts, progress })) {
    files.push({ comparedPath: file.relativePath, file });
  }
  return files;
}

function unnameable(configPath: string, sample: string, pathRegex: string): UserError {
  return new UserError(
    "unsupported",
    `cannot name the files of the vault in "${configPath}": SOPS sees one as "${sample}", which ${pathRegex} does not match`,
    { hints: ["set recipients_file to a .sops.yaml at the base path"], location: { path: configPath } },
  );
}

/** @returns the folders that every match of an anchored pattern lies in, so that nothing else needs to be walked */
function literalFolders(pathRegex: string, isRelative: boolean): string[] {
  const literal = isRelative ? /^\^((?:[\w-]|\\\.)+(?:\/(?:[\w-]|\\\.)+)*)\//.exec(pathRegex)?.[1] : undefined;
  return literal === undefined ? [] : literal.replaceAll("\\", "").split("/");
}
