/**
 * All secrets that the flags mean in clear, from as many files as they are in. Spec: vaults §5.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { readSecrets, type SecretValue } from "../../repository/secrets/values.ts";
import type { SecretPlaces } from "./places.ts";
import { findSecretContent, openSecretFile } from "./target.ts";

/**
 * @returns what is declared and has a value, the others are said; without declarations everything that is in the file
 * @throws {UserError} as opening the files does
 */
export async function readAllSecrets(session: Session, places: SecretPlaces): Promise<SecretValue[]> {
  if (places.declared === undefined) return readSecrets(await openSecretFile(session, places.ofVault()));
  const found: SecretValue[] = [];
  for (const [target, secrets] of places.groupDeclared(places.declared)) {
    const present = findSecretContent(session, target) === undefined
      ? []
      : readSecrets(await openSecretFile(session, target));
    for (const { name } of secrets) {
      const secret = present.find((each) => each.name === name);
      if (secret === undefined) session.report.warning(`${name} has no value yet, and is left out`);
      else found.push(secret);
    }
  }
  return found;
}
