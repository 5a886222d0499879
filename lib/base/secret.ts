/**
 * A value that must not be shown by accident.
 *
 * Keeps bytes in a `#field`, so that string conversion, JSON and inspection all print `<redacted>`. What it does not
 * do: wipe memory (JavaScript cannot). Pure.
 *
 * @module
 */
import { equalSecretBytes } from "./bytes.ts";

const REDACTED = "<redacted>";

/** An age identity, also in lower case. */
const IDENTITY = /(AGE-SECRET-KEY-)[0-9A-Z-]+/gi;

/** Secret bytes, shown only where one of the two `reveal` methods is called: where they are stored or used. */
export class Secret {
  readonly #bytes: Uint8Array<ArrayBuffer>;

  /** @param content bytes, which are copied, or text, which becomes UTF-8 */
  constructor(content: Uint8Array | string) {
    this.#bytes = typeof content === "string" ? new TextEncoder().encode(content) : content.slice();
  }

  /** @returns the bytes themselves, not to be changed; call it only at the sink that stores or uses them */
  reveal(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /**
   * @returns the text that the bytes are; call it only at the sink that stores or uses it
   * @throws {TypeError} when they are not UTF-8
   */
  revealText(): string {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.#bytes);
  }

  /** @returns whether both hold the same bytes, in a time that tells nothing of them but their lengths */
  equals(other: Secret): boolean {
    return equalSecretBytes(this.#bytes, other.#bytes);
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}

/** @returns whether the text holds an identity, as when somebody has pasted one where a name belongs */
export function holdsIdentity(text: string): boolean {
  return hideIdentities(text) !== text;
}

/**
 * The last guard of everything that is shown: somebody may have pasted an identity where a name, a path or a recipient
 * belongs.
 *
 * @returns the text with `…` in place of the characters of every identity
 */
export function hideIdentities(text: string): string {
  return text.replace(IDENTITY, "$1…");
}
