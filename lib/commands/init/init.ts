/**
 * `init`: the first set-up of a repository in one command. Safe to run twice. Spec: vaults §2–3, sops-config §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { type EditTarget, runEdit } from "../../base/files/edit_files.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { MAX_CONFIG_BYTES } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { Progress } from "../../base/show/progress.ts";
import { holdsIdentity } from "../../base/secret.ts";
import { findBuiltInVault, refuseHiddenConfig } from "../../config/vaults/built_in.ts";
import { findGitRoot } from "../../config/git_root.ts";
import { createInitPlanner, type InitOutcome, type InitRequest } from "../../repository/keygen/init_plan.ts";
import { defaultKeysFile } from "../../keys/places/keys_path.ts";
import { keysTarget } from "../../repository/keygen/keys_place.ts";
import type { InitFlags } from "./declaration.ts";
import { chooseKey, type ChosenKey } from "./key.ts";
import { reportInit } from "./report.ts";
import { FileIndex } from "../../repository/rules/file_index.ts";
import { findFilesOfRule, findFilesWithout, VaultRulesReader } from "../../repository/rules/vault_rule.ts";
import { configTarget } from "../../config/config_target.ts";
import { holdsAnchorCharacter } from "../../config/rules/anchor_name.ts";

/**
 * Runs `init`.
 *
 * @returns the exit code
 * @throws {UserError} `usage` for flags that contradict each other, and for several identities with nobody to ask;
 * `refused`, `malformed`, `unsupported`, `io`, `denied` as `keygen`
 */
export async function init(
  flags: InitFlags,
  _args: readonly string[],
  session: Session,
): Promise<number> {
  const { host } = session;
  refuseUnusableFlags(flags);
  const vault = findBuiltInVault(host, findGitRoot(host, host.cwd));
  refuseHiddenConfig(vault, host, { newConfig: flags.newConfig ?? false });
  const chosen = await chooseKey(flags, vault, host);
  const progress = new Progress(host, "looking for encrypted files, folders");
  const request: InitRequest = {
    vault,
    key: chosen.key,
    name: chosen.name,
    keysTarget: keysTarget(chosen.keysPath),
    isDefaultPlace: defaultKeysFile(host).source === "user-config",
    ignoreTarget: findIgnoreTarget(host, chosen),
    schema: flags.schema,
    isPreview: flags.dryRun ?? false,
    reader: new VaultRulesReader(host, vault, new FileIndex(host, progress)),
  };
  try {
    const outcome = await carryOut(host, request);
    const files = outcome.config.changed
      ? await findFilesOfRule(host, outcome, { pathRegex: outcome.pathRegex, progress })
      : [];
    const behind = findFilesWithout(files, outcome.recipient);
    await reportInit(session, request, { ...outcome, chosen, behind, moduleKind: findModuleKind(flags) });
  } finally {
    progress.end();
  }
  return EXIT.done;
}

function refuseUnusableFlags(flags: InitFlags): void {
  const { name, schema } = flags;
  if (name !== undefined && !holdsAnchorCharacter(name)) {
    throw new UserError("usage", `--name is "${name}", expected a name with an ASCII letter or digit`);
  }
  if (schema !== undefined && (/[\p{C}\s]|^$/u.test(schema) || holdsIdentity(schema))) {
    throw new UserError("usage", `--schema is "${schema}", expected a URL or a path without blanks`);
  }
  const given = [
    flags.newKey && "--new-key",
    flags.sshKey !== undefined && "--ssh-key",
    flags.recipient !== undefined && "--recipient",
  ].filter((flag) => typeof flag === "string");
  if (flags.postQuantum && flags.sshKey !== undefined) given.push("--post-quantum");
  if (flags.postQuantum && flags.recipient !== undefined) given.push("--post-quantum");
  if (given.length < 2 && flags.nixos && flags.homeManager) given.push("--nixos", "--home-manager");
  const [first, second] = given.slice(-2);
  if (second === undefined) return;
  throw new UserError("usage", `${first} and ${second} contradict each other`, { hints: ["pass one of them"] });
}

function findModuleKind({ nixos, homeManager }: InitFlags): "nixos" | "home-manager" | undefined {
  return nixos ? "nixos" : homeManager ? "home-manager" : undefined;
}

function findIgnoreTarget(host: Host, { key, keysPath }: ChosenKey): EditTarget | undefined {
  if (key.kind === "recipient") return undefined;
  const root = findGitRoot(host, host.paths.dirname(keysPath));
  if (root === undefined) return undefined;
  const path = host.paths.join(root, ".gitignore");
  return { path, maxBytes: MAX_CONFIG_BYTES, newFileMode: 0o644, newFolderMode: 0o755 };
}

async function carryOut(host: Host, request: InitRequest): Promise<InitOutcome> {
  const config = configTarget(request.vault.recipientsFile);
  await request.reader.prepare();
  const targets: EditTarget[] = [
    request.keysTarget,
    config,
    ...(request.ignoreTarget === undefined ? [] : [request.ignoreTarget]),
  ];
  const mode = request.isPreview ? "preview" : "write";
  return await runEdit(host, { mode, targets }, createInitPlanner(host, request));
}
