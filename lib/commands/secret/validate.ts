/**
 * `secret validate [NAMES]`: whether every secret that is required has a value; no key is needed to tell. Spec: vaults §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { type DeclaredSecret, SecretPlaces } from "./places.ts";
import {
  formatFiles,
  formatSecretCommand,
  listPresent,
  placesAsJson,
  type SecretFlags,
  type SecretTarget,
} from "./target.ts";

/** The flags of `secret validate`. */
export type SecretValidateFlags = SecretFlags;

/**
 * Compares the names that are asked for, or declared as required, with those in the files.
 *
 * @param names that have to be there; none: what is declared as required
 * @returns the exit code for differences when one has no value, or a file belongs to two components
 * @throws {UserError} `usage` without names where nothing is declared; as finding and reading the file do; a file that is
 * not there has no secret
 */
export async function secretValidate(
  flags: SecretValidateFlags,
  names: readonly string[],
  session: Session,
): Promise<number> {
  const { report } = session;
  const places = new SecretPlaces(session, flags);
  const { declared } = places;
  if (declared === undefined && names.length === 0) {
    throw new UserError("usage", "no secret is named, and none is declared", {
      hints: ["name those that have to be there: sopsmith secret validate DB_PASSWORD"],
    });
  }
  const wanted = names.length > 0 ? undefined : places.listDeclaredBelow()!.filter((each) => each.required);
  const groups = wanted === undefined ? places.group(new Set(names)) : toNames(places.groupDeclared(wanted));
  const required = [...groups.values()].flat();
  const missing = await findMissing(session, groups);
  const undeclared = await findUndeclared(session, places);
  const shared = findSharedFiles(places);
  const targets = [...groups.keys()];
  report.json({ ...placesAsJson(targets), required, missing: missing.map(({ name }) => name), undeclared, shared });
  for (const { name, target } of missing) {
    report.say(`${report.symbols.failed} ${name} has no value in ${report.path(target.path)}`);
  }
  for (const name of undeclared) report.note(`${name} has a value, and is not declared`);
  for (const { path, components } of shared) {
    report.say(
      `${report.symbols.failed} ${components.join(" and ")} would share ${
        report.path(path)
      }: the vault's file names no component`,
    );
  }
  const [first] = missing;
  if (first !== undefined) report.next(formatSecretCommand(first.target, `set ${quoteForShell(first.name)}`));
  if (missing.length + shared.length > 0) return EXIT.differences;
  report.done(`${formatCount(required.length, "required secret")} in ${formatFiles(session, targets)}`);
  return EXIT.done;
}

function toNames(groups: ReadonlyMap<SecretTarget, readonly DeclaredSecret[]>): Map<SecretTarget, string[]> {
  return new Map(Array.from(groups, ([target, secrets]) => [target, secrets.map(({ name }) => name)]));
}

async function findMissing(
  session: Session,
  groups: ReadonlyMap<SecretTarget, readonly string[]>,
): Promise<{ readonly name: string; readonly target: SecretTarget }[]> {
  const missing: { name: string; target: SecretTarget }[] = [];
  for (const [target, names] of groups) {
    const present = await listPresent(session, target);
    missing.push(...names.filter((name) => !present.includes(name)).map((name) => ({ name, target })));
  }
  return missing;
}

/** @returns the names in the files of declared secrets that nobody has declared; components may share a file */
async function findUndeclared(session: Session, places: SecretPlaces): Promise<string[]> {
  const declared = places.listDeclaredBelow() ?? [];
  const known = new Set([...declared, ...places.listDeclaredOfStack()].map(({ name }) => name));
  const found = new Set<string>();
  for (const target of places.groupDeclared(declared).keys()) {
    for (const name of await listPresent(session, target)) if (!known.has(name)) found.add(name);
  }
  return [...found];
}

/** A file that two components of the stack would write their own values to: one would overwrite the other's. */
interface SharedFile {
  readonly path: string;
  readonly components: readonly string[];
}

function findSharedFiles(places: SecretPlaces): SharedFile[] {
  const owners = new Map<string, Set<string>>();
  const own = places.listDeclaredOfStack().filter(({ scope }) => scope === "instance");
  for (const [{ path }, secrets] of places.groupDeclared(own)) {
    for (const { component = "" } of secrets) owners.set(path, (owners.get(path) ?? new Set()).add(component));
  }
  return Array.from(owners, ([path, components]) => ({ path, components: [...components] }))
    .filter(({ components }) => components.length > 1);
}
