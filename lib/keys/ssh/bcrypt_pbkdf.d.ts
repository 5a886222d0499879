/**
 * What is used of `npm:bcrypt-pbkdf`, which has no types of its own. Types only.
 *
 * @module
 */

/** The package. */
declare const bcrypt: {
  /**
   * Fills `key` from a passphrase.
   *
   * @returns 0, or -1 when the passphrase, the salt or the key is empty or too long, or there is no round
   */
  pbkdf(
    passphrase: Uint8Array,
    passphraseLength: number,
    salt: Uint8Array,
    saltLength: number,
    key: Uint8Array,
    keyLength: number,
    rounds: number,
  ): number;
};
export default bcrypt;
