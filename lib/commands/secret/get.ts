/**
 * `secret get NAME`: one secret of a vault in clear, or the vault's private key.
 *
 * On a terminal a value is masked, because somebody may look over the shoulder; a pipe gets the value. Spec: vaults §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Session } from "../../base/show/session.ts";
import type { Vault } from "../../config/vaults/vault.ts";
import { formatSecret, readSecrets, secretAsJson, type SecretValue } from "../../repository/secrets/values.ts";
import { extractNode } from "../../sops/mod.ts";
import type { Mapping } from "../../sops/tree/tree.ts";
import { parseValuePath } from "../file/value_path.ts";
import { isMasked, MASKED, type MaskFlags } from "./mask.ts";
import { SecretPlaces } from "./places.ts";
import { openSecretFile, type SecretFlags, type SecretTarget, unknownSecret } from "./target.ts";

/** The flags of `secret get`. */
export interface SecretGetFlags extends SecretFlags, MaskFlags {
  readonly format?: string;
  readonly path?: string;
  readonly raw?: boolean;
}

/** The name by which the private key of a vault is asked for. */
const VAULT_KEY = "SOPS_AGE_KEY";

const FORMATS = ["text", "json", "env"];

/**
 * Prints a secret.
 *
 * @throws {UserError} `not-found` without such a secret; `usage` for flags that contradict each other; as opening does
 */
export async function secretGet(
  flags: SecretGetFlags,
  [name = ""]: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const { format = "text", raw = false } = flags;
  if (!FORMATS.includes(format)) {
    throw new UserError("usage", `--format takes text, json or env; found "${format}"`, {
      hints: ["pass --format json"],
    });
  }
  if (raw && format !== "text") {
    throw new UserError("usage", `--raw and --format ${format} contradict each other`, { hints: ["pass one of them"] });
  }
  const places = new SecretPlaces(session, flags);
  const target = name === VAULT_KEY ? { vault: places.vault(), path: null } : places.of(name);
  const found = target.path === null
    ? await readVaultKey(session, target.vault, flags)
    : await findSecret(session, target, { name, path: flags.path });
  const masked = isMasked(host, flags);
  if (masked) report.note("the value is masked on a terminal: --mask=false shows it, a pipe gets it");
  const shown: SecretValue = masked ? { name, value: { kind: "leaf", value: MASKED } } : found;
  const text = flags.json ? formatResult(shown, target) : formatFound(shown, format);
  host.stdout.write(text + (raw ? "" : "\n")); // the one sink that may show a private key: Report would hide it
  return EXIT.done;
}

async function findSecret(
  session: Session,
  target: SecretTarget,
  { name, path }: { readonly name: string; readonly path: string | undefined },
): Promise<SecretValue> {
  const secrets = readSecrets(await openSecretFile(session, target));
  const found = secrets.find((secret) => secret.name === name);
  if (found === undefined) throw unknownSecret(target, name, secrets.map((secret) => secret.name));
  if (path === undefined) return found;
  if (found.value.kind === "leaf") {
    throw new UserError("usage", `cannot use --path: "${name}" is a single value`, { hints: ["leave --path out"] });
  }
  const root: Mapping = { kind: "mapping", items: [{ kind: "entry", key: name, value: found.value }] };
  return { name, value: extractNode(root, [name, ...parseValuePath(path.replace(/^\./, ""))]) };
}

function formatFound(secret: SecretValue, format: string): string {
  if (format === "json") return JSON.stringify(secretAsJson(secret.value));
  return format === "env" ? `${secret.name}=${formatSecret(secret)}` : formatSecret(secret);
}

function formatResult(
  { name, value }: SecretValue,
  { vault, path }: { readonly vault: Vault; readonly path: string | null },
): string {
  return JSON.stringify({ vault: vault.name, file: path, name, value: secretAsJson(value) }, undefined, 2);
}

async function readVaultKey(session: Session, vault: Vault, flags: SecretGetFlags): Promise<SecretValue> {
  const { readVaultIdentities } = await import("./vault_key.ts");
  const identities = await readVaultIdentities(session, vault, flags);
  return {
    name: VAULT_KEY,
    value: { kind: "leaf", value: identities.map((secret) => secret.revealText()).join("\n") },
  };
}
