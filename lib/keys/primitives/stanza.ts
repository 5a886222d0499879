/**
 * The parts by which an age header is made and read, with the interfaces of the age library: whatever wraps or unwraps the
 * key of one file, be it ours, the library's or a plugin's, is one of these. Types only.
 *
 * @module
 */

/** One section of an age header: the key of the file, wrapped for one recipient. */
export interface Stanza {
  /** The type first, such as `X25519`; words without blanks. */
  readonly args: string[];
  readonly body: Uint8Array;
}

/** Wraps the key of a file. */
export interface Recipient {
  /** @param fileKey 16 bytes */
  wrapFileKey(fileKey: Uint8Array): Stanza[] | Promise<Stanza[]>;
}

/** Unwraps the key of a file. */
export interface Identity {
  /**
   * @param header the whole header as it stands in the file, MAC included
   * @returns the key of the file; null when none of the stanzas is for this identity
   * @throws {UserError} for a stanza of its own type that is malformed, and when a person or a program fails
   */
  unwrapFileKey(stanzas: Stanza[], header: Uint8Array): Uint8Array | null | Promise<Uint8Array | null>;
}

/** Length of the key of an age file, in bytes. */
export const FILE_KEY_BYTES = 16;
