/**
 * Where SOPS looks for identities on each operating system, and where a new one goes when a vault does not say.
 *
 * Pure: nothing is opened, no command is run, and the rules of any system can be asked for on any other. Paths are as
 * SOPS builds them: a relative variable stays relative (to the working directory), `~` is not expanded.
 * Spec: keys §2, sops-engine §2.3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { findHome } from "../../base/host/home.ts";
import type { Os } from "../../base/host/host.ts";
import type { Paths } from "../../base/host/paths.ts";
import { findLiteralMistake } from "./literal_path.ts";
import { Secret } from "../../base/secret.ts";

/** What the rules need to know of the machine; a `Host` has it all. */
export interface KeysEnvironment {
  readonly os: Os;
  readonly paths: Paths;
  /** @returns the variable's value, undefined when it is not set */
  env(name: string): string | undefined;
}

/** Every place that SOPS tries, in its order. */
export const KEYS_SOURCES = [
  "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
  "SOPS_AGE_SSH_PRIVATE_KEY_CMD",
  "~/.ssh/id_ed25519",
  "~/.ssh/id_rsa",
  "SOPS_AGE_KEY",
  "SOPS_AGE_KEY_FILE",
  "SOPS_AGE_KEY_CMD",
  "user-config",
] as const;

/** One of {@link KEYS_SOURCES}. */
export type KeysSource = typeof KEYS_SOURCES[number];

/** One place that SOPS tries. `reason` says why it is this one, as half a sentence for people. */
export type KeysPlace =
  | { readonly source: KeysSource; readonly kind: "file"; readonly path: string; readonly reason: string }
  /** The identities themselves, any number to a line. */
  | { readonly source: KeysSource; readonly kind: "text"; readonly text: Secret; readonly reason: string }
  /** A command line that prints identities; run without a shell. */
  | { readonly source: KeysSource; readonly kind: "command"; readonly command: string; readonly reason: string }
  /** Nothing there to try. */
  | { readonly source: KeysSource; readonly kind: "none"; readonly reason: string };

/** The user's configuration folder, or why there is none. */
export type UserConfigDir =
  | { readonly path: string; readonly reason: string }
  | { readonly problem: string; readonly hint: string };

/** The keys file that a new identity goes to when nothing else is said. */
export interface DefaultKeysFile {
  readonly source: "SOPS_AGE_KEY_FILE" | "user-config";
  /** Absolute, or relative to the working directory when the variable is. */
  readonly path: string;
  readonly reason: string;
}

const KEYS_FILE_BELOW_CONFIG = ["sops", "age", "keys.txt"] as const;

/**
 * Lists every place that SOPS tries, with one entry for each of {@link KEYS_SOURCES}, in that order.
 *
 * SOPS tries all of them; the order only decides which passphrase is asked for first.
 */
export function keysPlaces(environment: KeysEnvironment): readonly KeysPlace[] {
  return KEYS_SOURCES.map((source) => keysPlace(source, environment));
}

/** @returns the folder that holds the user's configuration, by the rules that SOPS follows */
export function findUserConfigDir(environment: KeysEnvironment): UserConfigDir {
  const { os, paths } = environment;
  const xdg = environment.env("XDG_CONFIG_HOME");
  const home = environment.env("HOME");
  switch (os) {
    case "windows": {
      const appData = environment.env("AppData");
      if (appData) return { path: appData, reason: "%AppData% is set" };
      return { problem: "%AppData% is not set", hint: "set %AppData%, or name the keys file in SOPS_AGE_KEY_FILE" };
    }
    case "darwin":
      // SOPS itself adds this rule to those of Go for macOS, and takes a relative value as it is.
      if (xdg) return { path: xdg, reason: "$XDG_CONFIG_HOME is set" };
      if (home) return { path: paths.join(home, "Library", "Application Support"), reason: "default on macOS" };
      return { problem: "$HOME is not set", hint: "set $HOME, or name the keys file in SOPS_AGE_KEY_FILE" };
    case "linux":
      if (xdg && !paths.isAbsolute(xdg)) {
        return { problem: "$XDG_CONFIG_HOME is a relative path", hint: "set $XDG_CONFIG_HOME to an absolute path" };
      }
      if (xdg) return { path: xdg, reason: "$XDG_CONFIG_HOME is set" };
      if (home) return { path: paths.join(home, ".config"), reason: "default" };
      return {
        problem: "neither $XDG_CONFIG_HOME nor $HOME is set",
        hint: "set $HOME, or name the keys file in SOPS_AGE_KEY_FILE",
      };
  }
}

/**
 * Names the keys file for a new identity when a vault says nothing: a place where SOPS finds it by itself.
 *
 * @throws {UserError} `not-found` when the machine has no user configuration folder and no variable names a file;
 * `refused` for a path that only a shell would understand
 */
export function defaultKeysFile(environment: KeysEnvironment): DefaultKeysFile {
  const named = environment.env("SOPS_AGE_KEY_FILE");
  if (named && !NOWHERE.has(named)) {
    refuseLiteralMistake(environment, named);
    return { source: "SOPS_AGE_KEY_FILE", path: named, reason: "SOPS_AGE_KEY_FILE is set" };
  }
  const config = findUserConfigDir(environment);
  if ("problem" in config) {
    throw new UserError("not-found", `cannot find the folder of the keys file: ${config.problem}`, {
      hints: [config.hint],
    });
  }
  const path = environment.paths.join(config.path, ...KEYS_FILE_BELOW_CONFIG);
  return { source: "user-config", path, reason: config.reason };
}

/** Values that say: no keys file. */
const NOWHERE: ReadonlySet<string> = new Set(["/dev/null", "NUL"]);

/** @throws {UserError} `refused`: else a private key would be written to a folder called `~` */
function refuseLiteralMistake(environment: KeysEnvironment, named: string): void {
  const mistake = findLiteralMistake(environment, named, "SOPS_AGE_KEY_FILE");
  if (mistake === undefined) return;
  const { reason, meant } = mistake;
  throw new UserError("refused", `cannot use the keys file that SOPS_AGE_KEY_FILE names: ${reason}`, {
    hints: [
      meant === undefined
        ? "set SOPS_AGE_KEY_FILE to an absolute path"
        : `write the path out: export SOPS_AGE_KEY_FILE=${quoteForShell(meant)}`,
    ],
  });
}

/**
 * @param path absolute
 * @returns whether SOPS, started in `cwd`, reads the keys file by itself: it reads all of its places, so a variable that
 * names another file does not hide the default one
 */
export function isReadBySops(environment: KeysEnvironment & { readonly cwd: string }, path: string): boolean {
  return keysPlaces(environment).some((place) =>
    (place.source === "SOPS_AGE_KEY_FILE" || place.source === "user-config") && place.kind === "file" &&
    environment.paths.resolve(environment.cwd, place.path) === path
  );
}

function keysPlace(source: KeysSource, environment: KeysEnvironment): KeysPlace {
  switch (source) {
    case "~/.ssh/id_ed25519":
    case "~/.ssh/id_rsa":
      return sshKeyPlace(source, environment);
    case "user-config":
      return userConfigPlace(environment);
    default:
      return variablePlace(source, environment.env(source));
  }
}

function variablePlace(source: Exclude<KeysSource, `~${string}` | "user-config">, value?: string): KeysPlace {
  if (value === undefined) return { source, kind: "none", reason: "not set" };
  if (value === "") return { source, kind: "none", reason: "set, but empty" };
  const reason = "set";
  switch (source) {
    case "SOPS_AGE_KEY":
      return { source, kind: "text", text: new Secret(value), reason };
    case "SOPS_AGE_KEY_FILE":
    case "SOPS_AGE_SSH_PRIVATE_KEY_FILE":
      return { source, kind: "file", path: value, reason };
    case "SOPS_AGE_KEY_CMD":
    case "SOPS_AGE_SSH_PRIVATE_KEY_CMD":
      return { source, kind: "command", command: value, reason };
  }
}

function sshKeyPlace(source: "~/.ssh/id_ed25519" | "~/.ssh/id_rsa", environment: KeysEnvironment): KeysPlace {
  const { os, paths } = environment;
  const home = findHome(environment);
  if (home === undefined) {
    return { source, kind: "none", reason: `${os === "windows" ? "%USERPROFILE%" : "$HOME"} is not set` };
  }
  const path = paths.join(home, ".ssh", paths.basename(source));
  return { source, kind: "file", path, reason: "always tried" };
}

function userConfigPlace(environment: KeysEnvironment): KeysPlace {
  const source = "user-config";
  const config = findUserConfigDir(environment);
  if ("problem" in config) return { source, kind: "none", reason: config.problem };
  const path = environment.paths.join(config.path, ...KEYS_FILE_BELOW_CONFIG);
  return { source, kind: "file", path, reason: config.reason };
}
