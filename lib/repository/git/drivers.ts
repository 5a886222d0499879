/**
 * What git runs for encrypted files: the settings of the diff driver and the merge driver, read and written by git itself.
 *
 * `cachetextconv` is switched off by name, because git would else keep the values in clear in `.git` where somebody has
 * switched it on for all drivers of this name. Where a merge has several bases, another driver makes one of them: what both
 * have changed must not become what one of them has, or the other side would seem to be the only one that changed it.
 * I/O through the host. Form: gitattributes(5), git-config(1).
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { CommandResult, Host } from "../../base/host/host.ts";
import { runGit } from "../scan/work_tree.ts";

/** A kind of driver, as the attribute is called. */
export type Driver = "diff" | "merge";

/** The drivers, in the order of an attribute line. */
export const DRIVERS: readonly Driver[] = ["diff", "merge"];

/** The sections of the configuration that hold nothing but our settings. */
const SECTIONS: readonly string[] = ["diff.sopsmith", "merge.sopsmith", "merge.sopsmith-base"];

/** Where settings are kept: of this clone, or of this person. */
export type ConfigScope = "local" | "global";

/** A setting of git. */
export interface Setting {
  readonly key: string;
  readonly value: string;
}

/** @param program the words that start this program, quoted for a shell */
export function driverSettings(program: string): readonly Setting[] {
  return [
    { key: "diff.sopsmith.textconv", value: `${program} git textconv --` },
    { key: "diff.sopsmith.cachetextconv", value: "false" },
    { key: "merge.sopsmith.name", value: "values of encrypted files" },
    { key: "merge.sopsmith.driver", value: `${program} git merge -- %O %A %B %P` },
    { key: "merge.sopsmith.recursive", value: "sopsmith-base" },
    { key: "merge.sopsmith-base.name", value: "base of a merge of encrypted files" },
    { key: "merge.sopsmith-base.driver", value: `${program} git merge --for-base -- %O %A %B %P` },
  ];
}

/** @returns the settings that are not as they should be */
export async function findMissingSettings(
  host: Host,
  wanted: readonly Setting[],
  scope: ConfigScope,
): Promise<readonly Setting[]> {
  const missing: Setting[] = [];
  for (const setting of wanted) {
    if (await readSetting(host, setting.key, scope) !== setting.value) missing.push(setting);
  }
  return missing;
}

/** @throws {UserError} `io` when git cannot write */
export async function writeSettings(host: Host, settings: readonly Setting[], scope: ConfigScope): Promise<void> {
  for (const { key, value } of settings) {
    const result = await runConfig(host, [`--${scope}`, "--replace-all", key, value]);
    if (result.code !== 0) throw cannotWrite(scope);
  }
}

/** @returns the sections that there are */
export async function findSections(host: Host, scope: ConfigScope): Promise<readonly string[]> {
  const found: string[] = [];
  for (const section of SECTIONS) {
    const pattern = `^${section.replace(".", "\\.")}\\.`;
    if ((await runConfig(host, [`--${scope}`, "--get-regexp", pattern])).code === 0) found.push(section);
  }
  return found;
}

/** @throws {UserError} `io` when git cannot write */
export async function removeSections(host: Host, sections: readonly string[], scope: ConfigScope): Promise<void> {
  for (const section of sections) {
    const { code } = await runConfig(host, [`--${scope}`, "--remove-section", section]);
    if (code !== 0) throw cannotWrite(scope);
  }
}

/** @returns the only value that counts; undefined where there is none, or several */
async function readSetting(host: Host, key: string, scope: ConfigScope): Promise<string | undefined> {
  // What the clone says counts before what the person says: all scopes are asked, the last one wins.
  const where = scope === "global" ? ["--global"] : [];
  const { code, stdout } = await runConfig(host, [...where, "-z", "--get", key]);
  return code === 0 ? new TextDecoder().decode(stdout).replace(/\0$/, "") : undefined;
}

async function runConfig(host: Host, args: readonly string[]): Promise<CommandResult> {
  const result = await runGit(host, host.cwd, ["config", ...args]) ?? await host.run("git", ["config", ...args], {});
  if (result !== undefined) return result;
  throw new UserError("not-found", "cannot find git: there is no such program on the PATH", {
    hints: ["install git"],
  });
}

function cannotWrite(scope: ConfigScope): UserError {
  const where = scope === "local" ? "the configuration of this clone" : "your configuration of git";
  return new UserError("io", `cannot write ${where}: git refuses it`, {
    hints: [`see why with: git config --${scope} merge.sopsmith.recursive sopsmith-base`],
  });
}
