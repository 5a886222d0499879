/**
 * The key of an age file wrapped for an X25519 recipient, and unwrapped by its identity. Pure but for randomness and the
 * provider of cryptography. Reference: age specification, "The X25519 recipient type".
 *
 * @module
 */
import { concatBytes } from "../../base/bytes.ts";
import { UserError } from "../../base/error.ts";
import { decodeBareBase64, encodeBareBase64 } from "../primitives/base64.ts";
import { FILE_KEY_BYTES, type Identity, type Recipient, type Stanza } from "../primitives/stanza.ts";
import { BASE_POINT, type StanzaCrypto, TAG_BYTES, ZERO_NONCE } from "../primitives/stanza_crypto.ts";
import { X25519_BYTES } from "../primitives/x25519.ts";

const TYPE = "X25519";
const INFO = "age-encryption.org/v1/X25519";

/** What wrapping takes from outside. */
export interface WrapContext {
  readonly crypto: StanzaCrypto;
  /** The secure random source. */
  readonly randomBytes: (length: number) => Uint8Array;
}

/** @param point of the recipient, 32 bytes @returns what wraps for it */
export function createX25519Recipient({ crypto, randomBytes }: WrapContext, point: Uint8Array): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const ephemeral = randomBytes(X25519_BYTES);
      const [share, shared] = await Promise.all([
        crypto.multiply(ephemeral, BASE_POINT),
        crypto.multiply(ephemeral, point),
      ]);
      ephemeral.fill(0);
      if (share === undefined || shared === undefined) {
        throw new UserError("malformed", "cannot encrypt for the recipient: it is a point that keeps nothing secret");
      }
      const key = await crypto.derive({ secret: shared, salt: concatBytes(share, point), info: INFO });
      return [{
        args: [TYPE, encodeBareBase64(share)],
        body: await crypto.seal({ key, nonce: ZERO_NONCE }, fileKey),
      }];
    },
  };
}

/** @param scalar of the identity, 32 bytes @returns what unwraps with it */
export function createX25519Identity(crypto: StanzaCrypto, scalar: Uint8Array): Identity {
  let point: Promise<Uint8Array | undefined> | undefined;
  return {
    async unwrapFileKey(stanzas) {
      for (const stanza of stanzas.filter(({ args }) => args[0] === TYPE)) {
        const share = readShare(stanza);
        point ??= crypto.multiply(scalar, BASE_POINT);
        const [own, shared] = await Promise.all([point, crypto.multiply(scalar, share)]);
        if (own === undefined || shared === undefined) throw malformed();
        const key = await crypto.derive({ secret: shared, salt: concatBytes(share, own), info: INFO });
        const fileKey = await crypto.open({ key, nonce: ZERO_NONCE }, stanza.body);
        if (fileKey !== undefined) return fileKey;
      }
      return null;
    },
  };
}

/** @returns whether a stanza has the form of one for an X25519 recipient, whichever that is */
export function isX25519Stanza(stanza: Stanza): boolean {
  return stanza.args[0] === TYPE && findShare(stanza) !== undefined;
}

function readShare(stanza: Stanza): Uint8Array {
  const share = findShare(stanza);
  if (share === undefined) throw malformed();
  return share;
}

/** The length of the body is looked at before it is decrypted: else a key of another length could be slipped in. */
function findShare({ args, body }: Stanza): Uint8Array | undefined {
  const share = args.length === 2 ? decodeBareBase64(args[1] ?? "") : undefined;
  return share?.length === X25519_BYTES && body.length === FILE_KEY_BYTES + TAG_BYTES ? share : undefined;
}

function malformed(): UserError {
  return new UserError("malformed", "cannot read the header: its X25519 part is damaged");
}
