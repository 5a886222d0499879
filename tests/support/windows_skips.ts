/**
 * The tests that Windows cannot run, each with its reason; everything else runs there.
 *
 * @module
 */

/** Why a test is left out on Windows. */
const REASONS = {
  bits: "permission bits and owners: Windows has access lists",
  links: "symlinks need a right that people do not have on Windows",
  shell: "written for a POSIX shell or program",
  signals: "Windows has neither signals nor their exit status",
  open: "a file that is open is removed under its name only where the file system knows how",
  posix: "paths and folders of POSIX systems",
  git: "needs git",
  pattern: "about a path_regex with a bare /, which matches no path on Windows",
  folding: "a pattern for both separators is longer, and cut at another place",
} as const;

/** Names of tests, by reason, by file below `tests/`. */
const SKIPS: Readonly<Record<string, Readonly<Partial<Record<keyof typeof REASONS, RegExp>>>>> = {
  "base/files/edit_files_faults_test.ts": { links: /symlink/, bits: /\bmode\b/ },
  "base/files/edit_files_targets_test.ts": { links: /symlink/, posix: /Deno guards/ },
  "base/files/edit_files_test.ts": { bits: /0600|0640|0644|\bmode\b|\bowner\b|\bgroup\b/ },
  "base/files/lock_test.ts": { open: /next process alone|left-over of mode/, links: /symlink/ },
  "base/files/read_files_test.ts": { links: /symlinks/ },
  "base/files/replace_many_test.ts": {
    links: /symlink/,
    bits: /\bmode\b|somebody else/,
    posix: /cannot be synced/,
  },
  "base/host/deno_host_test.ts": {
    links: /symlink|cwd is/,
    bits: /\bmode\b/,
    posix: /syncDirectory/,
    shell: /^env\(\)|^stdout/,
  },
  "base/host/io_error_test.ts": { posix: /errors of Deno/ },
  "base/host/private_folder_test.ts": {
    bits: /nobody else can enter|others can exchange/,
    posix: /session|under \/run|work tree|first one for a left-over/,
    links: /killed runs have left/,
  },
  "base/host/signals_test.ts": { signals: /a process that gets/ },
  "config/git_root_test.ts": { links: /symlink/ },
  "base/show/report_commands_test.ts": { shell: /as a shell takes them/ },
  "config/atmos/glob_test.ts": { links: /links/ },
  "config/sops_config_find_test.ts": { posix: /100 folders/ },
  "keys/keychain/lock_test.ts": { posix: /runtime folder/ },
  "repository/doctor/other_ssh_keys_test.ts": { posix: /converted key of the host/ },
  "repository/scan/encrypted_files_test.ts": { links: /symlinks/ },
  "repository/scan/governed_files_test.ts": { bits: /could not see/, links: /link/ },
  "repository/scan/ignore_file_test.ts": { git: /git takes/ },
  "repository/scan/work_tree_test.ts": { git: /ByGit/ },
  "base/host/spawn_test.ts": { signals: /for a signal/ },
};

/** The same for pages of `tests/cases/`, by their names. */
const PAGES: Readonly<Partial<Record<keyof typeof REASONS, RegExp>>> = {
  posix: new RegExp(
    "^(?:init/nixos_host_key_closed|keys_file/dev_null|" +
      "nix_store_(?:sign|verify)/store_path|ssh_to_age/descriptors)$",
  ),
  pattern: /^rules_lint\/fix_named$/,
  folding: /^terminal\/reports_\d+$/,
};

/** @returns why the page is left out; undefined when it is not */
export function findPageSkip(name: string): string | undefined {
  const reason = Object.entries(PAGES).find(([, pattern]) => pattern.test(name))?.[0];
  return reason === undefined ? undefined : REASONS[reason as keyof typeof REASONS];
}

/** @returns why the test is left out; undefined when it is not */
export function findSkip(file: string, name: string): string | undefined {
  const patterns = Object.entries(SKIPS[file.replace(/^tests\//, "")] ?? {});
  const reason = patterns.find(([, pattern]) => pattern.test(name))?.[0] as keyof typeof REASONS | undefined;
  return reason === undefined ? undefined : REASONS[reason];
}
