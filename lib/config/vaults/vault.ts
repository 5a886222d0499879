/**
 * A vault: one entry of `secrets.providers`, with every path resolved. Types and small pure questions only;
 * `read.ts` finds and reads them, `files.ts` knows their files. Spec: vaults §1–2.
 *
 * @module
 */
import type { Location, UserError } from "../../base/error.ts";
import type { KeychainOptions } from "../../keys/keychain/entry.ts";
import type { ConfigNotice } from "../atmos/value.ts";
import type { StackScope } from "../stacks/stack.ts";

/** How a vault says where its private half lives. */
export type AgeKeySource =
  /** Key material stands in the configuration itself, or a function there yields it. It is not kept. */
  | { readonly form: "inline" }
  /**
   * An entry of `stores:`. `path` is the key within it (default: the vault's name); `storeKind` is its `kind` or else
   * its `type` as written, undefined when there is no such entry or it has neither; `keychain` holds the options of a
   * keychain that has some.
   */
  | {
    readonly form: "store";
    readonly store: string;
    readonly path: string;
    readonly storeKind: string | undefined;
    readonly keychain?: KeychainOptions;
  }
  /** `age_key.path` or `age_key_file`, expanded to an absolute path, and as written. */
  | { readonly form: "file"; readonly path: string; readonly written: string }
  /** Nothing said: where SOPS looks by itself. */
  | { readonly form: "default" };

/** One vault. Paths are absolute unless said otherwise; locations hold absolute paths. */
export interface Vault {
  readonly name: string;
  /** As written; empty when absent. */
  readonly kind: string;
  /** Where it is defined: its key under `providers`; undefined for the built-in vault. */
  readonly definedAt: Location | undefined;
  readonly basePath: string;
  /** Template of the files' path, as written (relative to `basePath` unless absolute); undefined when absent. */
  readonly file: string | undefined;
  readonly fileAt: Location | undefined;
  /** Folder of the encrypted files when `file` is absent, as written; default `secrets`. */
  readonly folder: string;
  readonly ageKey: AgeKeySource;
  /** Where `ageKey` is written; undefined for `default`. */
  readonly ageKeyAt: Location | undefined;
  /** The `.sops.yaml` that records the public half. */
  readonly recipientsFile: string;
  /** Pinned recipients, comma-separated as written; undefined when absent. */
  readonly ageRecipients: string | undefined;
  readonly ageRecipientsAt: Location | undefined;
  /**
   * Built-in vault only: a `.sops.yaml` above the git work tree that SOPS uses as long as `recipientsFile`, which does
   * not exist, is not made. See `refuseHiddenConfig()`.
   */
  readonly hiddenConfig: string | undefined;
  /** The stacks and components that it is defined for; undefined: every one, as `atmos.yaml` has it. */
  readonly definedFor: readonly DefinedFor[] | undefined;
}

/** A stack, or one component of it. */
export interface DefinedFor {
  /** As `--stack` has it; undefined where only atmos can tell. */
  readonly stack: string | undefined;
  /** Path of the manifest, which is a name for the stack, too. */
  readonly manifest: string;
  readonly component: string | undefined;
}

/** Name of the vault that exists without any configuration. */
export const BUILT_IN_VAULT = "default";

/** The `type` of a store that is the OS keychain. */
export const KEYCHAIN_STORE = "keychain";

/** @returns whether it is the vault that exists without any configuration */
export function isBuiltIn(vault: Vault): boolean {
  return vault.definedAt === undefined;
}

/** @returns whether a key pair can be generated for a vault of this kind */
export function canGenerateKey(kind: string): boolean {
  return kind === "" || kind === "sops" || kind === "sops/age" || kind.endsWith("/age");
}

/** A vault that this machine or this version cannot use: it needs a refused function, an unset variable, … */
export interface UnusableVault {
  readonly name: string;
  /** As written; empty when absent or when the kind itself is the problem. */
  readonly kind: string;
  readonly definedAt: Location;
  readonly definedFor: readonly DefinedFor[] | undefined;
  /** Thrown by `selectVault()` when the vault is asked for. */
  readonly error: UserError;
}

/** What was read of the vault configuration. */
export interface VaultConfig {
  /** Sorted by name, which stands there several times where stacks define it differently; the built-in vault when none is configured. */
  readonly vaults: readonly Vault[];
  /** Sorted by name. */
  readonly unusable: readonly UnusableVault[];
  /** The stacks and components that have `secrets`. */
  readonly scopes: readonly StackScope[];
  /** Configuration files that were read, absolute, highest precedence first; stack manifests are not counted. */
  readonly files: readonly string[];
  /** The same for people: `atmos.yaml`, or `sopsmith.yaml, atmos.yaml`; empty when there is none. */
  readonly source: string;
  /** @returns a path as people see it */
  readonly formatPath: (path: string) => string;
  /** What may be a mistake: unknown keys with did-you-mean, variables that are not set. */
  readonly warnings: readonly ConfigNotice[];
  /** What is worth knowing. */
  readonly notes: readonly ConfigNotice[];
  /** What was not read and could hold a vault: imports from other machines, templates that only atmos evaluates. */
  readonly skipped: readonly ConfigNotice[];
}
