/**
 * A value that must not be shown by accident.
 *
 * Keeps text in a `#field`, so that string conversion, JSON and inspection all print `<redacted>`. What it does not
 * do: wipe memory (JavaScript cannot). Pure.
 *
 * @module
 */

const REDACTED = "<redacted>";

/** An age identity, also in lower case. */
const IDENTITY = /(AGE-SECRET-KEY-)[0-9A-Z-]+/gi;

/** Secret text, revealed only by {@link Secret.reveal}, called where it is stored or used. */
export class Secret {
  readonly #text: string;

  /** @param text the secret text */
  constructor(text: string) {
    this.#text = text;
  }

  /** @returns the secret text; call it only at the sink that stores or uses it */
  reveal(): string {
    return this.#text;
  }

  /** @returns whether both hold the same text */
  equals(other: Secret): boolean {
    return this.#text === other.#text;
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
