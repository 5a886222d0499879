/**
 * What `ssh-to-age` is told on its command line. Types only.
 *
 * @module
 */
import type { PassphraseFlagValues } from "../shared/passphrase_flags.ts";

/** The flags of `ssh-to-age`. */
export interface SshToAgeFlags extends PassphraseFlagValues {
  readonly in?: string;
  readonly out?: string;
  readonly privateKey?: boolean;
  readonly names?: boolean;
  readonly stdinpass?: boolean;
  readonly json?: boolean;
}
