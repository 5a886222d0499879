/**
 * A private ssh key file as SOPS and age use it: read without its passphrase, and opened only when a file names the key.
 *
 * I/O through the host. Spec: sops-engine §2.5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import type { PassphraseSource } from "../../base/ask/passphrase.ts";
import type { Secret } from "../../base/secret.ts";
import type { Identity } from "../primitives/stanza.ts";
import type { StanzaCrypto } from "../primitives/stanza_crypto.ts";
import { createSshEd25519Identity } from "./ed25519_stanza.ts";
import { describeSshKeyType } from "./key_type.ts";
import { findPemKey, type PemKey } from "./pem_key.ts";
import { repairCommand } from "./private_form.ts";
import {
  decryptOpensshPrivateKey,
  decryptOpensshSection,
  MAX_PRIVATE_KEY_BYTES,
  type OpensshPrivateKeyFile,
  parseOpensshPrivateKey,
  parseRsaSection,
} from "./private_key.ts";
import { openWithPassphrase } from "./private_key_open.ts";
import { classifySshKey, findSshPublicKey, type SshPublicKey } from "./public_key.ts";
import { createSshRsaIdentity, importRsaNumbers, type RsaNumbers } from "./rsa_stanza.ts";

/** What a private key file tells without its passphrase. */
export interface SshPrivateKey {
  /** The path, or what else the source is called. */
  readonly name: string;
  /** In words, with its article. */
  readonly type: string;
  /** Sound; undefined for an encrypted key in an old form that has no public half beside it. */
  readonly publicKey: SshPublicKey | undefined;
  readonly isEncrypted: boolean;
  /** What it is read from, secret unless it is encrypted; opened by {@link createSshIdentity}. */
  readonly form: OpensshPrivateKeyFile | PemKey;
}

/** Where a private key comes from. */
export interface SshKeySource {
  /** For messages. */
  readonly name: string;
  /** Absolute path of its file, beside which the public half may stand; absent for what a command has printed. */
  readonly path?: string;
}

/**
 * Reads a private key.
 *
 * @param bytes the whole file
 * @throws {UserError} `malformed` for a damaged file or none of a private key; `unsupported` for a key that age does not
 * take; `refused` for too many rounds of bcrypt
 */
export async function readSshPrivateKey(host: Host, bytes: Uint8Array, source: SshKeySource): Promise<SshPrivateKey> {
  const { name, path } = source;
  const pem = await findPemKey(bytes);
  const form = pem ?? parseOpensshPrivateKey(bytes, name);
  if ("kind" in form && form.kind === "encrypted") {
    const publicKey = path === undefined ? undefined : findPublicHalf(host, path);
    const type = publicKey === undefined ? "a key in an old form" : describeSshKeyType(publicKey.type);
    return { name, type, publicKey, isEncrypted: true, form };
  }
  const { publicKey } = form;
  const type = "kind" in form ? describeSshKeyType(form.publicKey.type) : describeSshKeyType(form.type);
  if (publicKey === undefined || classifySshKey(publicKey) !== "sound") {
    throw new UserError("unsupported", `cannot use "${name}": it is ${type}, which age cannot use`, {
      hints: ["make an ed25519 key: ssh-keygen -t ed25519"],
      location: { path: name },
    });
  }
  return { name, type, publicKey, isEncrypted: !("kind" in form) && form.isEncrypted, form };
}

/** @returns the public key in the file beside a private one; undefined when there is none that age takes */
export function findPublicHalf(host: Host, path: string): SshPublicKey | undefined {
  let bytes: Uint8Array | undefined;
  try {
    bytes = host.files.read(`${path}.pub`, MAX_PRIVATE_KEY_BYTES);
  } catch {
    return undefined; // a public half that cannot be read tells nothing
  }
  return bytes && findSshPublicKey(new TextDecoder().decode(bytes).trim());
}

/** What opening a key takes. */
export interface SshIdentityContext {
  readonly crypto: StanzaCrypto;
  /** Where the person wants the passphrase to be taken from; absent: `SSH_TO_AGE_PASSPHRASE`, then the terminal. */
  readonly passphrase: PassphraseSource | undefined;
}

/** @returns what unwraps with the key; asks for its passphrase once, when a file names it */
export function createSshIdentity(host: Host, key: SshPrivateKey, context: SshIdentityContext): Identity {
  const { form, name } = key;
  return "kind" in form ? createPemIdentity(form, name, context) : createOpensshIdentity(host, form, context);
}

function createPemIdentity(form: PemKey, name: string, { crypto }: SshIdentityContext): Identity {
  switch (form.kind) {
    case "encrypted":
      return { unwrapFileKey: () => refuseOldEncryption(name) };
    case "rsa":
      return createSshRsaIdentity(form.publicKey, once(() => importRsaNumbers(form.numbers)));
    case "ed25519":
      return createSshEd25519Identity(crypto, form.publicKey, () => Promise.resolve(form.seed));
  }
}

function createOpensshIdentity(host: Host, file: OpensshPrivateKeyFile, context: SshIdentityContext): Identity {
  const { crypto, passphrase: source } = context;
  const { publicKey } = file;
  if (publicKey === undefined) return { unwrapFileKey: () => null };
  if (publicKey.type === "ssh-ed25519") {
    const openSeed = once(async () => {
      const { seed } = await openWithPassphrase(
        host,
        { file, source },
        (given) => decryptOpensshPrivateKey(file, given),
      );
      return seed.reveal();
    });
    return createSshEd25519Identity(crypto, publicKey, openSeed);
  }
  const openNumbers = (given: Secret | undefined): Promise<RsaNumbers | undefined> =>
    decryptOpensshSection(file, given).then((section) => section && parseRsaSection(section, file));
  const openKey = once(async () =>
    await importRsaNumbers(await openWithPassphrase(host, { file, source }, openNumbers))
  );
  return createSshRsaIdentity(publicKey, openKey);
}

function refuseOldEncryption(name: string): never {
  throw new UserError(
    "unsupported",
    `cannot open "${name}": it is encrypted in an old form, expected that of OpenSSH`,
    {
      hints: [`write it anew: ${repairCommand("-p", name)}`],
      location: { path: name },
    },
  );
}

/** A passphrase that was wrong three times is not asked for again. */
function once<Value>(open: () => Promise<Value>): () => Promise<Value> {
  let opened: Promise<Value> | undefined;
  return () => opened ??= open();
}
