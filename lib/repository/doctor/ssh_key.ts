/**
 * An ssh private key as SOPS uses it, and the age key that it would convert to, which SOPS does not use.
 *
 * Nothing is opened and no passphrase is asked for: the public half stands in the file, or beside it. Pure.
 * Spec: sops-engine §2.5.
 *
 * @module
 */
import { convertSshPublicKey } from "../../keys/ssh/convert.ts";
import type { SshPrivateKey } from "../../keys/ssh/private_identity.ts";
import { classifySshKey, formatSshPublicKey, type SshPublicKey } from "../../keys/ssh/public_key.ts";
import type { LocalIdentity, Obstacle } from "./finding.ts";
import type { DescribedIdentities } from "./identities.ts";

/**
 * @param path of its file; undefined for what a command has printed
 * @param origin the path or the variable, for people
 */
export function describeSshKey(key: SshPrivateKey, path: string | undefined, origin: string): DescribedIdentities {
  const { publicKey, type, isEncrypted: isLocked, form } = key;
  if (isLocked && path === undefined) {
    const reason = "it is a key with a passphrase, which SOPS does not ask for there";
    return { content: { kind: "unusable", reason }, identities: [] };
  }
  const content = { kind: "ssh-key", type, isLocked } as const;
  if (publicKey === undefined) {
    return { content, identities: [{ recipient: undefined, guess: { kind: "ssh-key" }, origin, isLocked }] };
  }
  const own: LocalIdentity = { recipient: formatSshPublicKey(publicKey), origin, isLocked };
  const isOld = "kind" in form && form.kind === "encrypted";
  const identities = [isOld && path !== undefined ? { ...own, obstacle: oldEncryption(path) } : own];
  if (path !== undefined) identities.push(...convertedIdentity(publicKey, path, { origin, isLocked }));
  return { content, identities };
}

/** SOPS opens such a key; this program does not. */
function oldEncryption(path: string): Obstacle {
  return { reason: "it is encrypted in an old form", repair: { kind: "rewrite-ssh-key", path } };
}

/**
 * @param path of the private half
 * @returns the age identity that an ed25519 key converts to; nothing for other keys
 */
export function convertedIdentity(
  publicKey: SshPublicKey,
  path: string,
  { origin, isLocked }: Pick<LocalIdentity, "origin" | "isLocked">,
): LocalIdentity[] {
  if (publicKey.type !== "ssh-ed25519" || classifySshKey(publicKey) !== "sound") return [];
  const obstacle: Obstacle = {
    reason: "SOPS does not convert ssh keys",
    repair: { kind: "convert-ssh-key", path },
  };
  return [{ recipient: convertSshPublicKey(publicKey), origin, isLocked, obstacle }];
}
