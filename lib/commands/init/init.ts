/**
 * `init`: the first set-up of a repository in one command. Safe to run twice. Spec: vaults §2–3, sops-config §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { type EditTarget, runEdit } from "../../base/files/edit_files.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { MAX_CONFIG_BYTES, readCapped } from "../../base/files/read_files.ts";
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
import { VaultRulesReader } from "../../repository/rules/vault_rule.ts";
import type { GovernedFile } from "../../repository/scan/governed_files.ts";
import { parseSopsConfig } from "../../config/rules/sops_config_read.ts";
import { vaultPattern } from "../../config/vaults/files.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { deriveRecipient } from "../../keys/age/identity.ts";
import { decodeYaml } from "../../yaml/decode.ts";
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
  const join = await findJoinedRules(session, { flags, vault, chosen });
  const progress = new Progress(host, "looking for encrypted files, folders");
  const reader = new VaultRulesReader(host, vault, new FileIndex(host, progress));
  const request: InitRequest = {
    vault,
    key: chosen.key,
    name: chosen.name,
    keysTarget: keysTarget(chosen.keysPath),
    isDefaultPlace: defaultKeysFile(host).source === "user-config",
    ignoreTarget: findIgnoreTarget(host, chosen),
    schema: flags.schema,
    isPreview: flags.dryRun ?? false,
    reader,
    join,
  };
  try {
    const outcome = await carryOut(host, request);
    const behind = await findBehind(session, outcome);
    progress.end();
    await reportInit(session, request, {
      ...outcome,
      chosen,
      behind,
      moduleKind: findModuleKind(flags),
      machine: flags.host,
    });
  } finally {
    progress.end();
  }
  return EXIT.done;
}

/** @returns undefined where there is no rule to join */
async function findJoinedRules(
  session: Session,
  { flags, vault, chosen }: { readonly flags: InitFlags; readonly vault: Vault; readonly chosen: ChosenKey },
): Promise<InitRequest["join"]> {
  const { host } = session;
  const bytes = readCapped(host, vault.recipientsFile, { maxBytes: MAX_CONFIG_BYTES });
  const config = bytes && parseSopsConfig(decodeYaml(bytes, vault.recipientsFile), vault.recipientsFile);
  if (flags.host !== undefined) (await import("./module.ts")).requireMachine(config?.rules ?? [], flags.host);
  if (config === undefined || config.rules.length === 0) {
    if (flags.allRules || flags.rule !== undefined) {
      throw new UserError("usage", `there is no rule to join in "${vault.recipientsFile}"`, {
        hints: ["leave out --rule and --all-rules: a first rule is made"],
      });
    }
    return undefined;
  }
  const { key } = chosen;
  const recipient = key.kind === "recipient"
    ? key.recipient
    : key.kind === "identity"
    ? await deriveRecipient(key.identity)
    : undefined;
  const { chooseJoinedRules } = await import("./join.ts");
  const pattern = vaultPattern(vault, host, {
    configDirectory: host.paths.dirname(vault.recipientsFile),
    anchoring: "anchored",
  });
  return await chooseJoinedRules(session, { config, flags, recipient, vaultPattern: pattern });
}

async function findBehind(
  session: Session,
  { config, joined: rules, recipient }: InitOutcome,
): Promise<readonly GovernedFile[]> {
  if (!config.changed) return [];
  return await (await import("./join.ts")).findFilesToUpdate(session, config.after, { rules, recipient });
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
  const modules = Object.entries(MODULE_FLAGS).flatMap(([name, flag]) => flags[flag] ? [`--${name}`] : []);
  if (given.length < 2 && modules.length > 1) given.push(...modules);
  if (flags.host !== undefined && !flags.nixos && !flags.nixDarwin) {
    throw new UserError(
      "usage",
      "--host goes with --nixos or --nix-darwin: it says which machine the settings are for",
    );
  }
  const [first, second] = given.slice(-2);
  if (second === undefined) return;
  throw new UserError("usage", `${first} and ${second} contradict each other`, { hints: ["pass one of them"] });
}

/** Which flag asks for which module. */
const MODULE_FLAGS = { nixos: "nixos", "nix-darwin": "nixDarwin", "home-manager": "homeManager" } as const;

function findModuleKind(flags: InitFlags): keyof typeof MODULE_FLAGS | undefined {
  const kinds = Object.keys(MODULE_FLAGS) as (keyof typeof MODULE_FLAGS)[];
  return kinds.find((kind) => flags[MODULE_FLAGS[kind]]);
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
