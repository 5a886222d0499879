/**
 * Types of the package `xz-decompress`, whose own ones name an export that CommonJS hides from the module loader.
 *
 * @module
 */

/** The package. */
declare const xzDecompress: {
  /** The unpacked content of a stream of packed bytes. */
  readonly XzReadableStream: new (packed: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;
};

export default xzDecompress;
