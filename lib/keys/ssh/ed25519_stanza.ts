/**
 * The key of an age file wrapped for an ssh-ed25519 key, and unwrapped by its private half.
 *
 * The ssh key is mapped to X25519, and a second multiplication binds the result to this very ssh key. Pure but for
 * randomness and the provider of cryptography. Spec: sops-engine §2.5.
 *
 * @module
 */
import { concatBytes } from "../../base/bytes.ts";
import { UserError } from "../../base/error.ts";
import { decodeBareBase64, encodeBareBase64 } from "../primitives/base64.ts";
import { findMontgomeryU } from "../primitives/edwards.ts";
import { FILE_KEY_BYTES, type Identity, type Recipient } from "../primitives/stanza.ts";
import { BASE_POINT, type StanzaCrypto, TAG_BYTES, ZERO_NONCE } from "../primitives/stanza_crypto.ts";
import { X25519_BYTES } from "../primitives/x25519.ts";
import { findSshBlob, findStanzaFingerprint } from "./fingerprint.ts";
import { findEd25519Point, type SshPublicKey } from "./public_key.ts";

const TYPE = "ssh-ed25519";
const INFO = "age-encryption.org/v1/ssh-ed25519";
const NOTHING = new Uint8Array();

/** The public half as both sides use it. */
interface PublicHalf {
  readonly fingerprint: string;
  /** On curve25519. */
  readonly point: Uint8Array;
  readonly tweak: Uint8Array;
}

/** @returns what wraps for a sound key */
export function createSshEd25519Recipient(
  crypto: StanzaCrypto,
  publicKey: SshPublicKey,
  randomBytes: (length: number) => Uint8Array,
): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const { fingerprint, point, tweak } = await readPublicHalf(crypto, publicKey);
      const ephemeral = randomBytes(X25519_BYTES);
      const share = await crypto.multiply(ephemeral, BASE_POINT);
      const half = await crypto.multiply(ephemeral, point);
      ephemeral.fill(0);
      const shared = half && await crypto.multiply(tweak, half);
      if (share === undefined || shared === undefined) throw damagedKey();
      const key = await crypto.derive({ secret: shared, salt: concatBytes(share, point), info: INFO });
      const body = await crypto.seal({ key, nonce: ZERO_NONCE }, fileKey);
      return [{ args: [TYPE, fingerprint, encodeBareBase64(share)], body }];
    },
  };
}

/**
 * @param openSeed gives the 32 bytes that the private half is derived from; called only for a file that names this key, and
 * remembered by the caller
 * @returns what unwraps with it
 */
export function createSshEd25519Identity(
  crypto: StanzaCrypto,
  publicKey: SshPublicKey,
  openSeed: () => Promise<Uint8Array>,
): Identity {
  let half: Promise<PublicHalf> | undefined;
  let scalar: Promise<Uint8Array> | undefined;
  return {
    async unwrapFileKey(stanzas) {
      for (const { args, body } of stanzas.filter(({ args }) => args[0] === TYPE)) {
        const share = args.length === 3 ? decodeBareBase64(args[2] ?? "") : undefined;
        if (share?.length !== X25519_BYTES || body.length !== FILE_KEY_BYTES + TAG_BYTES) throw damagedStanza();
        const { fingerprint, point, tweak } = await (half ??= readPublicHalf(crypto, publicKey));
        if (args[1] !== fingerprint) continue;
        scalar ??= openSeed().then(deriveScalar);
        const product = await crypto.multiply(await scalar, share);
        const shared = product && await crypto.multiply(tweak, product);
        if (shared === undefined) throw damagedStanza();
        const key = await crypto.derive({ secret: shared, salt: concatBytes(share, point), info: INFO });
        const fileKey = await crypto.open({ key, nonce: ZERO_NONCE }, body);
        if (fileKey !== undefined) return fileKey;
      }
      return null;
    },
  };
}

async function readPublicHalf(crypto: StanzaCrypto, publicKey: SshPublicKey): Promise<PublicHalf> {
  const edwards = findEd25519Point(publicKey);
  const point = edwards && findMontgomeryU(edwards);
  const [blob, fingerprint] = [findSshBlob(publicKey), await findStanzaFingerprint(publicKey)];
  if (point === undefined || blob === undefined || fingerprint === undefined) throw damagedKey();
  return { fingerprint, point, tweak: await crypto.derive({ secret: NOTHING, salt: blob, info: INFO }) };
}

async function deriveScalar(seed: Uint8Array): Promise<Uint8Array> {
  const hash = await crypto.subtle.digest("SHA-512", seed as Uint8Array<ArrayBuffer>);
  return new Uint8Array(hash, 0, X25519_BYTES);
}

function damagedKey(): UserError {
  return new UserError("malformed", "cannot use the ssh key: it is damaged, expected ed25519");
}

function damagedStanza(): UserError {
  return new UserError("malformed", "cannot read the header: its ssh-ed25519 part is damaged");
}
