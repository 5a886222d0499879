/**
 * What `init` is told on its command line. Types only.
 *
 * @module
 */
import type { PassphraseFlagValues } from "../shared/passphrase_flags.ts";

/** The flags of `init`. */
export interface InitFlags extends PassphraseFlagValues {
  readonly name?: string;
  readonly newKey?: boolean;
  readonly sshKey?: string;
  readonly recipient?: string;
  readonly postQuantum?: boolean;
  readonly schema?: string;
  readonly nixos?: boolean;
  readonly homeManager?: boolean;
  readonly newConfig?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}
