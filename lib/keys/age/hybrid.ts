/**
 * The recipient of a hybrid (post-quantum) identity, by the age library.
 *
 * A module of its own, to be loaded only when there is such an identity: the library takes 15 to 25 ms to start. The
 * static import lets a bundler leave out the rest of the library. Pure.
 *
 * @module
 */
import { identityToRecipient } from "age-encryption";
import type { Secret } from "../../base/secret.ts";

/** @returns the recipient (`age1pq1…`, 1959 characters) of a hybrid identity that has been parsed before */
export function deriveHybridRecipient(identity: Secret): Promise<string> {
  return identityToRecipient(identity.revealText());
}
