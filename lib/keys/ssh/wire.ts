/**
 * The wire format of ssh: big-endian numbers and length-prefixed byte strings. Pure. Reference: RFC 4251 §5.
 *
 * @module
 */

/** Length of a number and of a length prefix, in bytes. */
const NUMBER_BYTES = 4;

/** Reads values one after the other; every one is undefined where the data is too short for it, and the end then reached. */
export class SshReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  /** @param bytes what is read; not copied */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @returns the next unsigned 32-bit number */
  number(): number | undefined {
    const bytes = this.bytes(NUMBER_BYTES);
    return bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  }

  /** @returns the next byte string, a view into the data */
  string(): Uint8Array | undefined {
    const length = this.number();
    return length === undefined ? undefined : this.bytes(length);
  }

  /** @returns the next byte string as text, one character for each byte */
  text(): string | undefined {
    const bytes = this.string();
    return bytes === undefined ? undefined : new TextDecoder("latin1").decode(bytes);
  }

  /** @param length in bytes @returns the next bytes, a view into the data */
  bytes(length: number): Uint8Array | undefined {
    const end = this.#offset + length;
    if (end > this.#bytes.length) {
      this.#offset = this.#bytes.length;
      return undefined;
    }
    const bytes = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return bytes;
  }

  /** @returns everything that has not been read, a view into the data; nothing is left then */
  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#offset) ?? new Uint8Array();
  }
}

/** @returns the byte strings that make up the data; undefined when they do not fill it exactly */
export function decodeSshFields(bytes: Uint8Array): Uint8Array[] | undefined {
  const fields: Uint8Array[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const field = new SshReader(rest).string();
    if (field === undefined) return undefined;
    fields.push(field);
    rest = rest.subarray(NUMBER_BYTES + field.length);
  }
  return fields;
}

/**
 * @param text Base64 with its padding, without blanks
 * @returns its bytes; undefined for anything else. Spare bits of the last letter are not looked at, as in Go.
 */
export function decodePaddedBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0 || /\s/.test(text)) return undefined;
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined; // the error could quote the text
  }
}

/** @returns byte strings one after the other, each with its length in front */
export function encodeSshFields(fields: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, field) => sum + NUMBER_BYTES + field.length, 0));
  let offset = 0;
  for (const field of fields) {
    new DataView(bytes.buffer).setUint32(offset, field.length);
    bytes.set(field, offset + NUMBER_BYTES);
    offset += NUMBER_BYTES + field.length;
  }
  return bytes;
}
