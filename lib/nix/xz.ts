/**
 * Unpacks `.xz` files, by the decoder of the Linux kernel as WebAssembly (`xz-decompress`).
 *
 * Compares none of the checksums inside but CRC32: its callers know the hash of what must come out. Refuses the filters
 * for machine code and dictionaries above 64 MiB, which `xz -9` asks for. Pure.
 *
 * @module
 */
// @ts-types="./xz_decompress.d.ts"
import decoder from "xz-decompress";

/**
 * @param bytes a whole file; several streams may follow each other
 * @returns the content; reading it fails with an `Error` when the data is damaged, ends early, or is not read here
 */
export function unpackXz(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new decoder.XzReadableStream(ReadableStream.from([bytes]));
}
