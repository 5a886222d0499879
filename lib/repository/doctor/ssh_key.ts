/**
 * An ssh private key as SOPS uses it, and the age key that it would convert to, which SOPS does not use.
 *
 * Nothing is opened and no passphrase is asked for: the public half stands in the file, or beside it. I/O through the host.
 * Spec: sops-engine §2.5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { convertSshPublicKey } from "../../keys/ssh/convert.ts";
import { describeSshKeyType } from "../../keys/ssh/key_type.ts";
import { MAX_PRIVATE_KEY_BYTES, parseOpensshPrivateKey } from "../../keys/ssh/private_key.ts";
import { classifySshKey, findSshPublicKey, formatSshPublicKey, type SshPublicKey } from "../../keys/ssh/public_key.ts";
import type { LocalIdentity, Obstacle } from "./finding.ts";
import type { ReadIdentities } from "./identities.ts";

/** How the old forms of a private key say that they are encrypted (RFC 1421, PKCS #8). */
const ENCRYPTED = "ENCRYPTED";

/**
 * @param bytes the whole private key
 * @param path of its file, beside which the public half may stand; undefined for what a command has printed
 * @param origin the path or the variable, for people
 */
export async function examineSshKey(
  host: Host,
  bytes: Uint8Array,
  path: string | undefined,
  origin: string,
): Promise<ReadIdentities> {
  let found: { type: string; publicKey?: SshPublicKey; isEncrypted: boolean };
  try {
    found = parseOpensshPrivateKey(bytes, origin);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const form = findOtherForm(bytes);
    if (form === undefined) return unusable(withoutSubject(error.message));
    const isEncrypted = form.isEncrypted;
    const publicKey = path === undefined ? undefined : await readPublicHalf(host, path);
    if (publicKey === undefined) {
      const content = { kind: "ssh-key", type: "a key in an old form", isLocked: isEncrypted } as const;
      const identity = { recipient: undefined, guess: { kind: "ssh-key" }, origin, isLocked: isEncrypted } as const;
      return { content, identities: [identity] };
    }
    found = { type: publicKey.type, publicKey, isEncrypted };
  }
  const { type, publicKey, isEncrypted: isLocked } = found;
  if (publicKey === undefined || classifySshKey(publicKey) !== "sound") {
    return unusable(`it is ${describeSshKeyType(type)}, which age cannot use`);
  }
  if (isLocked && path === undefined) {
    return unusable("it is a key with a passphrase, which SOPS does not ask for there");
  }
  const identities: LocalIdentity[] = [{ recipient: formatSshPublicKey(publicKey), origin, isLocked }];
  if (path !== undefined) identities.push(...convertedIdentity(publicKey, path, origin, isLocked));
  return { content: { kind: "ssh-key", type: describeSshKeyType(type), isLocked }, identities };
}

/**
 * @param path of the private half
 * @returns the age identity that an ed25519 key converts to; nothing for other keys
 */
export function convertedIdentity(
  publicKey: SshPublicKey,
  path: string,
  origin: string,
  isLocked: boolean,
): LocalIdentity[] {
  if (publicKey.type !== "ssh-ed25519" || classifySshKey(publicKey) !== "sound") return [];
  const obstacle: Obstacle = {
    reason: "SOPS does not convert ssh keys",
    repair: { kind: "convert-ssh-key", path },
  };
  return [{ recipient: convertSshPublicKey(publicKey), origin, isLocked, obstacle }];
}

/** @returns the public key in the file beside a private one; undefined when there is none that age takes */
export async function readPublicHalf(host: Host, path: string): Promise<SshPublicKey | undefined> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await host.files.read(`${path}.pub`, MAX_PRIVATE_KEY_BYTES);
  } catch {
    return undefined; // a public half that cannot be read tells nothing
  }
  return bytes && findSshPublicKey(new TextDecoder().decode(bytes).trim());
}

/** The old forms that SOPS reads: RSA of its own, and the general one. */
function findOtherForm(bytes: Uint8Array): { readonly isEncrypted: boolean } | undefined {
  const text = new TextDecoder("latin1").decode(bytes);
  if (!/^\s*-----BEGIN (?:RSA |ENCRYPTED )?PRIVATE KEY-----/.test(text)) return undefined;
  return { isEncrypted: text.includes(ENCRYPTED) };
}

function unusable(reason: string): ReadIdentities {
  return { content: { kind: "unusable", reason }, identities: [] };
}

/** `cannot read "PATH": it is …, expected …` without what stands before and behind. */
function withoutSubject(message: string): string {
  return message.replace(/^cannot \w+ ".*?": /, "").replace(/, expected .*$/, "");
}
