/**
 * The vault `default` that exists without any configuration: where its `.sops.yaml` is, or would be made.
 *
 * Looks at names only; opens nothing. Spec: vaults §2.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { formatPath } from "../../base/show/report.ts";
import { findSopsConfig, SOPS_CONFIG_NAME } from "../sops_config_find.ts";
import { BUILT_IN_VAULT, type Vault } from "./vault.ts";

/**
 * Makes the built-in vault. Its recipients file is the nearest `.sops.yaml` upward from the working directory but not
 * above the git root; when there is none, one to be made in the git root, else in the working directory.
 *
 * @param gitRoot root of the git work tree that the working directory belongs to
 */
export function findBuiltInVault(host: Host, gitRoot: string | undefined): Vault {
  const { path: nearest } = findSopsConfig(host, host.cwd);
  const isOwn = nearest !== undefined &&
    (gitRoot === undefined || host.paths.contains(gitRoot, host.paths.dirname(nearest)));
  const recipientsFile = isOwn ? nearest : host.paths.join(gitRoot ?? host.cwd, SOPS_CONFIG_NAME);
  return {
    name: BUILT_IN_VAULT,
    kind: "sops/age",
    definedAt: undefined,
    basePath: host.paths.dirname(recipientsFile),
    file: undefined,
    fileAt: undefined,
    folder: "secrets",
    ageKey: { form: "default" },
    ageKeyAt: undefined,
    recipientsFile,
    ageRecipients: undefined,
    ageRecipientsAt: undefined,
    hiddenConfig: isOwn ? undefined : nearest,
    definedFor: undefined,
  };
}

/** What the person allowed. */
export interface HiddenConfigOptions {
  /** `--new-config`: make the recipients file although it hides another one. */
  readonly newConfig: boolean;
}

/**
 * Refuses to make a `.sops.yaml` that would hide one above the git work tree from SOPS.
 *
 * @throws {UserError} `refused`, naming the file above
 */
export function refuseHiddenConfig(vault: Vault, host: Host, options: HiddenConfigOptions): void {
  if (vault.hiddenConfig === undefined || options.newConfig) return;
  const [hidden, made] = [formatPath(host, vault.hiddenConfig), formatPath(host, vault.recipientsFile)];
  throw new UserError(
    "refused",
    `cannot make "${made}": it would hide "${hidden}", above the git work tree, which SOPS uses here now`,
    { hints: ["--new-config makes a new file anyway"], location: { path: vault.hiddenConfig } },
  );
}
