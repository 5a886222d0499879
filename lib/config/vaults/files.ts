/**
 * The files of a vault: the path of one of them, and the `path_regex` that matches all of them. Pure but for the
 * variables that a template asks for. Spec: vaults §1, §3, §4.
 *
 * @module
 */
import type { Location } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { Paths } from "../../base/host/paths.ts";
import { parseTemplate, renderTemplate, type Template } from "../atmos/template.ts";
import { PATH_FIELDS } from "../atmos/template_expression.ts";
import { formatPathRegex, formatWildcards, WILDCARD } from "../patterns/path_regex.ts";
import { isBuiltIn, type Vault } from "./vault.ts";

/** Whose secrets a file holds. */
export interface VaultScope {
  readonly stack: string;
  /** Undefined: the file is shared by the whole stack. */
  readonly component: string | undefined;
}

/** Ending of the files of a vault without a template, as in atmos. */
const DERIVED_ENDING = ".enc.yaml";

/** The built-in vault's files: what people without atmos name them. */
const BUILT_IN_ENDING = String.raw`\.(ya?ml|json|env|ini)$`;

/** Stands for a stack and a component in a sample path. */
const SAMPLE_NAME = "sopsmith-sample";

/**
 * @returns the absolute path of the encrypted file of a stack, or of a component in it
 * @throws {UserError} `malformed` or `unsupported` when the vault's template cannot be rendered
 */
export function deriveVaultFile(vault: Vault, scope: VaultScope, host: Pick<Host, "env" | "paths">): string {
  const { paths } = host;
  if (vault.file !== undefined) {
    const field = (name: string): string => name === ".atmos_stack" ? scope.stack : scope.component ?? "";
    const data = { field, env: (name: string) => host.env(name) };
    return paths.resolve(vault.basePath, renderTemplate(parsePathTemplate(vault.file, vault.fileAt), data));
  }
  const name = scope.component === undefined ? scope.stack : `${scope.stack}.${scope.component}`;
  return paths.resolve(vault.basePath, paths.join(vault.folder, name + (isBuiltIn(vault) ? ".yaml" : DERIVED_ENDING)));
}

/** @throws {UserError} `malformed` or `unsupported` when the template cannot be rendered */
export function parsePathTemplate(source: string, location: Location | undefined): Template {
  return parseTemplate(source, { location, fields: PATH_FIELDS });
}

/**
 * One path that a file of the vault could have, for asking which rule wins for it. No such file need exist.
 *
 * @returns absolute
 * @throws {UserError} `malformed` or `unsupported` when the vault's template cannot be rendered
 */
export function syntheticPath(vault: Vault, host: Pick<Host, "env" | "paths">): string {
  const component = vault.file === undefined ? undefined : SAMPLE_NAME;
  return deriveVaultFile(vault, { stack: SAMPLE_NAME, component }, host);
}

/**
 * The file that a person is told to make first.
 *
 * @returns absolute
 * @throws {UserError} `malformed` or `unsupported` when the vault's template cannot be rendered
 */
export function firstPath(vault: Vault, host: Pick<Host, "env" | "paths">): string {
  const stack = isBuiltIn(vault) ? "first" : "dev";
  return deriveVaultFile(vault, { stack, component: vault.file === undefined ? undefined : "app" }, host);
}

/** @returns the template of the vault's files for people: as written, or the form of the derived names */
export function formatFileTemplate({ file, folder, definedAt }: Vault): string {
  if (file !== undefined) return file;
  return `${folder}/${definedAt === undefined ? "NAME.yaml (or json, env, ini)" : `STACK${DERIVED_ENDING}`}`;
}

/** Whether a pattern that can start with `^` does; the rules around it decide. */
export type Anchoring = "anchored" | "unanchored";

/** How the pattern of a vault is written. */
export interface VaultPatternOptions {
  /** Absolute folder of the recipients file. */
  readonly configDirectory: string;
  /** Files outside of that folder are never anchored, because SOPS matches those by their absolute path. */
  readonly anchoring: Anchoring;
}

/** The `path_regex` of the vault's own rule. */
export function vaultPattern(
  vault: Vault,
  { os, paths }: Pick<Host, "os" | "paths">,
  { configDirectory, anchoring }: VaultPatternOptions,
): string {
  const written = vault.file === undefined ? derivedTemplate(vault, paths) : formatWildcards(vault.file);
  const absolute = paths.resolve(vault.basePath, written);
  const isInside = paths.contains(configDirectory, absolute);
  const path = isInside ? paths.relative(configDirectory, absolute) : withoutParents(paths.normalize(written));
  const slashes = os === "windows" ? path.replaceAll("\\", "/") : path;
  const pattern = formatPathRegex(slashes, { os, anchored: anchoring === "anchored" && isInside });
  return isBuiltIn(vault) ? pattern.slice(0, -1) + BUILT_IN_ENDING : pattern;
}

/** The files of a vault that has no template. */
function derivedTemplate(vault: Vault, paths: Paths): string {
  return paths.join(vault.folder, WILDCARD + (isBuiltIn(vault) ? "" : DERIVED_ENDING));
}

/** SOPS sees no `..` in a path, so a pattern cannot hold them. */
function withoutParents(path: string): string {
  return path.replace(/^(?:\.\.[/\\])+/, "");
}
