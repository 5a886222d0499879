/**
 * Hybrid (post-quantum) keys, by the age library: the recipient of an identity, encrypting and unwrapping.
 *
 * A module of its own, to be loaded only when there is such a key: the library takes 15 to 25 ms to start. The static
 * import lets a bundler leave out the rest of the library. Pure but for randomness.
 *
 * @module
 */
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { UserError } from "../../base/error.ts";
import type { Secret } from "../../base/secret.ts";

/** @returns the recipient (`age1pq1…`, 1959 characters) of a hybrid identity that has been parsed before */
export function deriveHybridRecipient(identity: Secret): Promise<string> {
  return identityToRecipient(identity.revealText());
}

/** @param recipient that has been parsed before @returns the bytes of an age file for it */
export async function sealForHybrid(recipient: string, plain: Uint8Array): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return await encrypter.encrypt(plain);
}

/**
 * Unwraps the key of a file.
 *
 * @param header the whole header: the library checks its MAC with the key
 * @returns undefined when the file is not for the identity
 * @throws {UserError} `malformed` for a damaged hybrid stanza; `integrity` for a header that was changed
 */
export async function unwrapHybrid(identity: Secret, header: Uint8Array): Promise<Uint8Array | undefined> {
  const decrypter = new Decrypter();
  let isForOthers = false;
  decrypter.addIdentity(identity.revealText());
  decrypter.addIdentity({ unwrapFileKey: () => (isForOthers = true, null) });
  try {
    return await decrypter.decryptHeader(header);
  } catch (error) {
    if (isForOthers) return undefined;
    if (error instanceof Error && error.message.endsWith("HMAC")) {
      throw new UserError("integrity", "cannot read the header: it was changed after it was made");
    }
    throw new UserError("malformed", "cannot read the header: its post-quantum part is damaged");
  }
}
