/**
 * What a scalar can be for SOPS: the types that go-yaml reads and that an encrypted value names. Pure data.
 *
 * @module
 */

/** A point in time, in the spelling that SOPS hashes: RFC 3339, up to nine digits of a second, no trailing zeros. */
export class Timestamp {
  constructor(readonly text: string) {}
}

/**
 * A scalar. `string`: text; `Uint8Array`: bytes that need not be text (binary store; type `str`); `bigint`: int (64 bit);
 * `number`: float; `null`: never encrypted, never hashed.
 */
export type Scalar = string | Uint8Array | bigint | number | boolean | Timestamp | null;
