/**
 * The values that only this machine knows and a shell offers: vaults, names of recipients, rules, `.sops.yaml` files, and files
 * below another folder than the shell's. Reads only, never asks; whatever loads YAML is loaded only for a name in a YAML
 * file. I/O through the host.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import type { ValueKind } from "../shared/command.ts";
import { SHELLS } from "./shell.ts";
import type { Candidate, GivenFlags } from "./wanted.ts";

/** How many folders are searched for `.sops.yaml` files; a Tab key must not wait for more. */
const MAX_SEARCHED_FOLDERS = 500;

/** A large folder of what others have written. */
const SKIPPED_FOLDER = "node_modules";

/**
 * Lists the values of a kind.
 *
 * @param flags what has been typed: `--config` and `--config-path` say which files count
 * @param host in the folder that `-C` names
 * @throws {UserError} when a file that names them cannot be read
 */
export async function readValues(kind: ValueKind, flags: GivenFlags, host: Host): Promise<readonly Candidate[]> {
  switch (kind) {
    case "shell":
      return SHELLS.map((text) => ({ text, description: "" }));
    case "vault":
      return await readVaultNames(flags, host);
    case "recipient-name":
      return await readRecipientNames(flags, host);
    case "rule":
      return await readRules(flags, host);
    case "rule-file":
      return await findRuleFiles(host);
    case "lint-code":
      return await listLintCodes();
    case "severity":
      return (await import("../../config/lint/code.ts")).SEVERITIES.map((text) => ({ text, description: "" }));
  }
}

/**
 * Lists the files that continue a typed path; folders end with a separator.
 *
 * @param typed relative to the host's working directory, to its last letter
 * @param folders `only` leaves files out
 */
export async function listFiles(typed: string, folders: "only" | "too", host: Host): Promise<readonly Candidate[]> {
  const parts = host.os === "windows" ? /^(.*[/\\])?(.*)$/s : /^(.*\/)?(.*)$/s;
  const [, folder = "", start = ""] = parts.exec(typed) ?? [];
  const found: Candidate[] = [];
  for await (const { name, kind } of host.files.list(host.paths.resolve(host.cwd, folder || "."))) {
    if (!name.startsWith(start) || (name.startsWith(".") && !start.startsWith("."))) continue;
    const target = kind === "symlink" ? kindOfTarget(host, host.paths.join(host.cwd, folder, name)) : kind;
    if (target === "directory") found.push({ text: `${folder}${name}/`, description: "" });
    else if (folders === "too") found.push({ text: folder + name, description: "" });
  }
  return found.toSorted(byText);
}

async function readVaultNames(flags: GivenFlags, host: Host): Promise<Candidate[]> {
  const { readVaults } = await import("../../config/vaults/read.ts");
  const { vaults } = readVaults(host, {
    configFiles: flags.get("config") ?? [],
    configPaths: flags.get("configPath") ?? [],
    profiles: flags.get("profile") ?? [],
  });
  const kinds = new Map(vaults.map(({ name, kind }) => [name, kind]));
  return Array.from(kinds, ([text, description]) => ({ text, description })).toSorted(byText);
}

async function readRecipientNames(flags: GivenFlags, host: Host): Promise<Candidate[]> {
  const { readChosenConfig } = await import("../../config/config_choice.ts");
  const { formatShortRecipient } = await import("../../keys/age/recipient.ts");
  const { config } = await readChosenConfig(host, host.cwd, flags.get("config")?.[0]);
  const keys = new Map(config.keys.map(({ name, text }) => [name, text]));
  for (const { name, text } of config.rules.flatMap(({ groups }) => groups.flatMap(({ keys }) => keys))) {
    if (name !== undefined && !keys.has(name)) keys.set(name, text);
  }
  return Array.from(keys, ([name, key]) => ({ text: name, description: formatShortRecipient(key) })).toSorted(byText);
}

/** The rules by number, which is what a shell can tell apart; in the order of the file. */
async function readRules(flags: GivenFlags, host: Host): Promise<Candidate[]> {
  const { readChosenConfig } = await import("../../config/config_choice.ts");
  const { formatPattern } = await import("../shared/rule_text.ts");
  const { config } = await readChosenConfig(host, host.cwd, flags.get("config")?.[0]);
  return config.rules.map((rule) => ({ text: String(rule.index + 1), description: formatPattern(rule) }));
}

async function listLintCodes(): Promise<Candidate[]> {
  const { LINT_CODES } = await import("../../config/lint/code.ts");
  return Object.entries(LINT_CODES).map(([text, { meaning }]) => ({ text, description: meaning }));
}

/** The nearest `.sops.yaml` above, and those below, nearest first; folders with a dot at the front are left out. */
async function findRuleFiles(host: Host): Promise<Candidate[]> {
  const { findSopsConfig, SOPS_CONFIG_NAME } = await import("../../config/sops_config_find.ts");
  const { paths, cwd } = host;
  const above = (await findSopsConfig(host, cwd)).path;
  const found = above === undefined ? [] : [paths.relative(cwd, above)];
  const folders = [""];
  for (const folder of folders) {
    for await (const { name, kind } of host.files.list(paths.join(cwd, folder))) {
      const path = paths.join(folder, name);
      if (kind !== "directory" && name === SOPS_CONFIG_NAME && !found.includes(path)) found.push(path);
      const isSearched = kind === "directory" && !name.startsWith(".") && name !== SKIPPED_FOLDER;
      if (isSearched && folders.length < MAX_SEARCHED_FOLDERS) folders.push(path);
    }
  }
  return found.map((text) => ({ text, description: "" }));
}

function kindOfTarget(host: Host, path: string): string | undefined {
  return host.files.stat(path)?.kind;
}

function byText(a: Candidate, b: Candidate): number {
  return a.text < b.text ? -1 : 1;
}
