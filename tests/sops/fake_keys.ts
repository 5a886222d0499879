/**
 * Keys that are no keys, for tests of the engine: what is "encrypted" to a recipient stands there in clear.
 *
 * @module
 */
import { decodeArmor, encodeArmor } from "../../lib/keys/age/armor.ts";
import type { KeyOpener } from "../../lib/sops/mod.ts";
import type { MetadataGroup } from "../../lib/sops/metadata/metadata.ts";
import { compileRegex, random } from "./trees.ts";

/** Wraps by writing the secret down. */
export function fakeWrap(recipient: string, share: Uint8Array): Promise<string> {
  const hex = Array.from(share, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return Promise.resolve(`FAKE ${recipient}\n${hex}\n`);
}

/** @returns an opener for somebody who has the keys of these recipients */
export function fakeOpen(...recipients: string[]): KeyOpener {
  return (recipient, encrypted) => {
    if (!recipients.includes(recipient)) return Promise.resolve({ attempts: [] });
    const [first = "", hex = ""] = encrypted.split("\n");
    if (first !== `FAKE ${recipient}`) return Promise.resolve({ attempts: [], problem: "is not for it" });
    return Promise.resolve({ dataKey: unhex(hex) });
  };
}

/** The same in the form of an age file. */
export async function armoredWrap(recipient: string, share: Uint8Array): Promise<string> {
  return encodeArmor(encode(await fakeWrap(recipient, share)));
}

/** @returns an opener for what {@link armoredWrap} wraps */
export function armoredOpen(...recipients: string[]): KeyOpener {
  const open = fakeOpen(...recipients);
  return (recipient, encrypted, effort) => open(recipient, decode(decodeArmor(encrypted)) ?? "", effort);
}

/** @returns the bytes of hexadecimal digits */
export function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** @returns key groups of age recipients */
export function groupsOf(...groups: string[][]): MetadataGroup[] {
  return groups.map((texts) => ({ keys: texts.map((text) => ({ type: "age" as const, text })) }));
}

/** What the engine is given, with a clock that stands still. */
export const SURROUNDINGS = {
  random,
  compileRegex,
  now: (): Date => new Date("2026-01-02T03:04:05.678Z"),
} as const;

/** What bob and alice need for a file of theirs. */
export const ALICE = { ...SURROUNDINGS, wrap: fakeWrap, open: fakeOpen("alice"), groups: groupsOf(["alice"]) } as const;

/** @returns the bytes of a text */
export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** @returns the text of bytes; undefined of nothing */
export function decode(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
