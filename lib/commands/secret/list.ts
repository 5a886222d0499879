/**
 * `secret list`: the secrets that are declared, and whether they have a value; without declarations the names in the file.
 * Names stand in clear in the files, so no key is needed. Spec: vaults §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { listSecretNames } from "../../repository/secrets/values.ts";
import {
  formatRows,
  LIST_FORMATS,
  type ListFormat,
  type ListOptions,
  type SecretRow,
  tableOfSecrets,
} from "./list_text.ts";
import { findAskedScope } from "../shared/vault_identity.ts";
import { type DeclaredSecret, SecretPlaces } from "./places.ts";
import { listPresent, placesAsJson, readSecretFile, type SecretFlags, type SecretTarget } from "./target.ts";

/** The flags of `secret list`. */
export interface SecretListFlags extends SecretFlags {
  readonly format?: string;
  readonly verbose?: boolean;
  /** Of atmos: values of remote stores, which there are none of here. */
  readonly verify?: boolean;
}

/** @throws {UserError} `not-found` without a file; `malformed` for one that cannot be read */
export async function secretList(flags: SecretListFlags, _: readonly string[], session: Session): Promise<number> {
  const { host, report } = session;
  const format = parseFormat(flags.format ?? (host.env("ATMOS_SECRET_LIST_FORMAT") || undefined));
  const places = new SecretPlaces(session, flags);
  const declared = places.listDeclared();
  if (declared === undefined) return await listFile(session, places.ofVault(), { flags, format });
  const { stack, component } = findAskedScope(host, flags);
  const isOfOne = stack !== undefined && component !== undefined; // atmos then names both for every secret
  const lister = new StatusReader(session, places, { isOfOne });
  const rows: SecretRow[] = [];
  for (const secret of isOfOne ? declared : mergeShared(declared)) rows.push(await lister.describe(secret));
  if (rows.length > 0) showRows(session, rows, { format, verbose: flags.verbose ?? false });
  const missing = rows.filter(({ status }) => status === "missing").length;
  report.say(`${formatCount(rows.length, "secret")} declared, ${missing} without a value`);
  report.json({ ...placesAsJson(lister.targets), names: rows.map(({ secret }) => secret), secrets: rows });
  return EXIT.done;
}

async function listFile(
  session: Session,
  target: SecretTarget,
  { flags, format }: { readonly flags: SecretListFlags; readonly format: ListFormat | undefined },
): Promise<number> {
  const { report } = session;
  const names = await listSecretNames(readSecretFile(session, target), target.path);
  const { stack = "", component = "" } = flags;
  const rows = names.map((secret): SecretRow => ({
    stack,
    component,
    secret,
    scope: component === "" ? "stack" : "instance",
    provider: `sops:${target.vault.name}`,
    status: "initialized",
    description: "",
    required: false,
  }));
  if (format === undefined && names.length > 0) report.data(names.join("\n"));
  else if (names.length > 0) showRows(session, rows, { format, verbose: flags.verbose ?? false });
  report.say(`${formatCount(names.length, "secret")} in ${report.path(target.path)}`);
  report.json({ ...placesAsJson([target]), names, secrets: rows });
  return EXIT.done;
}

function showRows(
  { host, report }: Session,
  rows: readonly SecretRow[],
  { format, ...options }: ListOptions & { readonly format: ListFormat | undefined },
): void {
  const chosen = format ?? (host.stdout.isTerminal ? "table" : "rows");
  if (chosen === "table") report.answer([tableOfSecrets(rows, options)]);
  else report.data(formatRows(rows, chosen, options));
}

function parseFormat(text: string | undefined): ListFormat | undefined {
  const format = LIST_FORMATS.find((known) => known === text);
  if (format !== undefined || text === undefined) return format;
  throw new UserError("usage", `--format takes one of ${LIST_FORMATS.join(", ")}; found "${text}"`, {
    hints: ["pass --format json"],
  });
}

/** Stands for every stack, or every component. */
const ALL = "*";

/** A secret of a whole stack is declared for each of its components, and stands in the list once. */
function mergeShared(declared: readonly DeclaredSecret[]): DeclaredSecret[] {
  const seen = new Set<string>();
  return declared.filter(({ name, stack, scope }) => {
    if (scope === "instance") return true;
    const id = JSON.stringify([name, scope === "global" ? "" : stack]);
    return !seen.has(id) && seen.add(id);
  });
}

/** Tells whether secrets have a value, and reads each file once. */
class StatusReader {
  readonly #session: Session;
  readonly #places: SecretPlaces;
  readonly #names = new Map<string, Promise<readonly string[]>>();
  readonly #isOfOne: boolean;
  readonly targets: SecretTarget[] = [];

  constructor(session: Session, places: SecretPlaces, { isOfOne }: { readonly isOfOne: boolean }) {
    this.#isOfOne = isOfOne;
    this.#session = session;
    this.#places = places;
  }

  async describe(secret: DeclaredSecret): Promise<SecretRow> {
    const { name, stack, component, scope, backend, description = "", required } = secret;
    return {
      stack: scope === "global" && !this.#isOfOne ? ALL : stack,
      component: (scope === "instance" || this.#isOfOne ? component : undefined) ?? ALL,
      secret: name,
      scope,
      provider: backend === undefined
        ? "(none)"
        : backend.kind === "sops"
        ? `sops:${backend.vault}`
        : `store:${backend.store}`,
      status: await this.#findStatus(secret),
      description,
      required,
    };
  }

  async #findStatus(secret: DeclaredSecret): Promise<SecretRow["status"]> {
    if (secret.backend?.kind === "store") return "unknown";
    try {
      const target = this.#places.ofDeclaration(secret);
      if (!this.targets.includes(target)) this.targets.push(target);
      return (await this.#readNames(target)).includes(secret.name) ? "initialized" : "missing";
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#session.report.warning(`${secret.name}: ${error.message}`);
      return "error";
    }
  }

  #readNames(target: SecretTarget): Promise<readonly string[]> {
    const known = this.#names.get(target.path) ?? listPresent(this.#session, target);
    this.#names.set(target.path, known);
    return known;
  }
}
