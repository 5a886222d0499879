/**
 * `secret delete NAME` and `--all`: one secret taken away, or all of them.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import { confirm } from "../../base/ask/prompts.ts";
import { formatCount } from "../../base/show/counts.ts";
import type { Session } from "../../base/show/session.ts";
import { findSecretFormat, listSecretNames } from "../../repository/secrets/values.ts";
import { rememberOpenings, unsetValue } from "../../sops/mod.ts";
import { changeFile } from "../file/target.ts";
import { SecretPlaces } from "./places.ts";
import {
  listPresent,
  readSecretFile,
  reportChange,
  type SecretFlags,
  type SecretTarget,
  unknownSecret,
} from "./target.ts";

/** The flags of `secret delete`. */
export interface SecretDeleteFlags extends SecretFlags {
  readonly all?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** One file, and what goes from it. */
interface Removal {
  readonly target: SecretTarget;
  readonly names: readonly string[];
}

/** @throws {UserError} `not-found` without such a secret; `usage` without a terminal to ask on; as opening and writing do */
export async function secretDelete(
  flags: SecretDeleteFlags,
  [name]: readonly string[],
  session: Session,
): Promise<number> {
  if ((name === undefined) !== (flags.all ?? false)) {
    const isMissing = name === undefined;
    throw new UserError("usage", isMissing ? "the argument NAME is missing" : "NAME and --all contradict each other", {
      hints: [isMissing ? "name a secret, or pass --all" : "pass one of them"],
    });
  }
  const { host, report } = session;
  const places = new SecretPlaces(session, flags);
  const removals = name === undefined
    ? await findAll(session, places)
    : [await findOne(session, places.of(name), name)];
  const count = removals.reduce((sum, { names }) => sum + names.length, 0);
  const what = name ?? formatCount(count, "secret");
  const files = removals.map(({ target }) => report.path(target.path)).join(", ");
  if (!flags.force && !flags.dryRun && count > 0) {
    const question = {
      heading: "what is deleted stays readable in old versions, in git and in backups",
      text: `delete ${what} from ${files}`,
      instead: "pass --force to delete it",
    };
    if (!await confirm(host, question)) throw new UserError("cancelled", "nothing was changed");
  }
  for (const removal of removals) await deleteFrom(session, removal, flags);
  if (count === 0) report.say("there is nothing to delete");
  else if (!flags.dryRun) report.done(`deleted ${what} from ${files}; git still has it: change it where it is used`);
  reportChange(session, removals.map(({ target }) => target), {
    changed: !flags.dryRun && count > 0,
    names: removals.flatMap(({ names }) => names),
  });
  return EXIT.done;
}

async function findOne(session: Session, target: SecretTarget, name: string): Promise<Removal> {
  const names = await listSecretNames(readSecretFile(session, target), target.path);
  if (!names.includes(name)) throw unknownSecret(target, name, names);
  return { target, names: [name] };
}

/** @returns what is declared and has a value; without declarations everything that is in the file */
async function findAll(session: Session, places: SecretPlaces): Promise<Removal[]> {
  const groups = places.declared === undefined
    ? new Map([[places.ofVault(), undefined]])
    : places.groupDeclared(places.declared);
  const removals: Removal[] = [];
  for (const [target, wanted] of groups) {
    const present = await listPresent(session, target);
    const names = wanted === undefined ? present : present.filter((name) => wanted.some((each) => each.name === name));
    if (names.length > 0) removals.push({ target, names });
  }
  return removals;
}

async function deleteFrom(
  session: Session,
  { target, names }: Removal,
  { dryRun }: SecretDeleteFlags,
): Promise<void> {
  const { path, surroundings } = target;
  const open = rememberOpenings(surroundings.open);
  const change = {
    path,
    dryRun,
    reason: names.length === 1 ? "the file without the secret" : "the file without the secrets",
  };
  await changeFile(session, change, async (content) => {
    let bytes = content ?? readSecretFile(session, target);
    const options = { ...surroundings, open, path, format: findSecretFormat(path, bytes), isIdempotent: true };
    for (const name of names) bytes = await unsetValue(bytes, [name], options) ?? bytes;
    return { after: bytes, outcome: undefined };
  });
}
