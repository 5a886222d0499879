/**
 * Flags that several commands for a file share, read to what the engine takes. Pure.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { EncryptionWish } from "../../repository/file/encryption.ts";
import type { Layout } from "../../sops/mod.ts";

/** How the result is laid out. */
export interface LayoutFlags {
  readonly canonical?: boolean;
  readonly indent?: string;
}

/** @returns undefined where the author's layout stays @throws {UserError} `usage` for a number that is none */
export function parseLayout({ canonical, indent }: LayoutFlags): Layout | undefined {
  const columns = parseCount(indent, "--indent", 0);
  if (!canonical) {
    if (columns === undefined) return undefined;
    throw new UserError("usage", "--indent does not count without --canonical: the author's layout is kept", {
      hints: ["pass --canonical too, or leave --indent out"],
    });
  }
  return columns === undefined ? {} : { indent: columns };
}

/** Flags that say for whom a file is encrypted, and what of it. */
export interface EncryptionFlags {
  readonly config?: string;
  readonly age?: string;
  readonly encryptedSuffix?: string;
  readonly unencryptedSuffix?: string;
  readonly encryptedRegex?: string;
  readonly unencryptedRegex?: string;
  readonly encryptedCommentRegex?: string;
  readonly unencryptedCommentRegex?: string;
  readonly macOnlyEncrypted?: boolean;
  readonly shamirSecretSharingThreshold?: string;
}

/** @returns what the flags ask for; what is left out comes from the rule */
export function parseEncryptionWish(flags: EncryptionFlags): EncryptionWish {
  const selectors = {
    encrypted_suffix: flags.encryptedSuffix,
    unencrypted_suffix: flags.unencryptedSuffix,
    encrypted_regex: flags.encryptedRegex,
    unencrypted_regex: flags.unencryptedRegex,
    encrypted_comment_regex: flags.encryptedCommentRegex,
    unencrypted_comment_regex: flags.unencryptedCommentRegex,
  };
  return {
    config: flags.config,
    age: flags.age,
    selectors: Object.fromEntries(Object.entries(selectors).filter(([, text]) => text)),
    macOnlyEncrypted: flags.macOnlyEncrypted,
    // 0 is SOPS's word for "not given"
    shamirThreshold: parseCount(flags.shamirSecretSharingThreshold, "--shamir-secret-sharing-threshold", 0) ||
      undefined,
  };
}

function parseCount(text: string | undefined, flag: string, least: number): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d{1,3}$/.test(text) && count >= least) return count;
  throw new UserError("usage", `${flag} takes a number from ${least} to 999; found "${text}"`);
}
