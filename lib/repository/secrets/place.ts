/**
 * Which file holds the secrets of a vault, a stack and a component. Pure but for the variables that a template asks for.
 * Spec: vaults §1, §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { listFields } from "../../config/atmos/template.ts";
import { deriveVaultFile, parsePathTemplate } from "../../config/vaults/files.ts";
import { canGenerateKey, isBuiltIn, type Vault } from "../../config/vaults/vault.ts";

/** Whose secrets they are, as typed; undefined: nobody said. */
export interface SecretScope {
  readonly stack?: string | undefined;
  readonly component?: string | undefined;
}

/** What the file of the built-in vault is called where no stack is named: people without stacks have one. */
const BUILT_IN_STACK = "secrets";

/**
 * @returns the absolute path of the encrypted file, which need not exist
 * @throws {UserError} `usage` when the vault has a file for each stack or component and none is named, and for a name that
 * leads out of the vault; `unsupported` for a vault whose files have no age recipients; as rendering the template does
 */
export function findSecretFile(vault: Vault, { stack, component }: SecretScope, host: Host): string {
  const { name, kind, definedAt } = vault;
  if (!canGenerateKey(kind)) {
    throw new UserError("unsupported", `cannot use vault "${name}": its kind is "${kind}", expected sops/age`, {
      ...(definedAt === undefined ? {} : { location: definedAt }),
    });
  }
  const fields = vault.file === undefined ? undefined : listFields(parsePathTemplate(vault.file, vault.fileAt));
  const needsStack = fields?.has(".atmos_stack") ?? (!isBuiltIn(vault) || component !== undefined);
  if (needsStack && stack === undefined) throw missing(vault, "stack");
  if (fields?.has(".atmos_component") && component === undefined) throw missing(vault, "component");
  for (const [flag, text] of Object.entries({ stack, component })) refuseWayOut(flag, text);
  return deriveVaultFile(vault, { stack: stack ?? BUILT_IN_STACK, component }, host);
}

function missing({ name, file, fileAt }: Vault, flag: "stack" | "component"): UserError {
  const found = file === undefined ? "a file for each stack" : `the file "${file}"`;
  return new UserError("usage", `vault "${name}" has ${found}, and no ${flag} is named`, {
    hints: [`pass --${flag} NAME`],
    ...(fileAt === undefined ? {} : { location: fileAt }),
  });
}

function refuseWayOut(flag: string, text: string | undefined): void {
  if (text === undefined || (text !== "" && !/(?:^|[\\/])\.{0,2}(?:[\\/]|$)/.test(text))) return;
  throw new UserError("usage", `--${flag} takes a name; found "${text}"`, { hints: [`pass --${flag} NAME`] });
}
