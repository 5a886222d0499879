/**
 * Which trusted keys vouch for what a `.narinfo` says.
 *
 * Counts keys, not `Sig` lines: the same key twice, under two names or in two spellings, is one key.
 * Pure, but for WebCrypto. Spec: keys §4.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import { equalBytes } from "../base/bytes.ts";
import { formatFingerprint, type NarInfo } from "./narinfo.ts";
import { type ContentAddressFinding, judgeContentAddress } from "./content_address.ts";
import { findSignature, isSignedBy, nameOfSignature, parsePublicKey, type PublicKey } from "./key.ts";

/** Public keys by name. */
export type TrustedKeys = ReadonlyMap<string, PublicKey>;

/** What there is to say for one path. */
export interface Trust {
  /** Whether its name says what its content must be (`own`), so that it needs no signature. */
  readonly contentAddress: ContentAddressFinding;
  /** Names of the trusted keys with a right signature, sorted. */
  readonly goodKeys: readonly string[];
  /** Number of different keys among them. */
  readonly goodCount: number;
  /** Names of trusted keys with a signature that is not of this content, sorted. */
  readonly wrongKeys: readonly string[];
  /** Names of other keys, whose signatures cannot be checked, sorted. */
  readonly unknownKeys: readonly string[];
  /** Number of `Sig` lines that are no signature. */
  readonly malformedCount: number;
  /** Whether one of them has the name of a trusted key: Nix stops at it, whatever other signatures there are. */
  readonly hasBlocking: boolean;
}

/**
 * Reads a list of public keys as `trusted-public-keys` holds it.
 *
 * @param lists each with keys between white space
 * @param source what to call it in messages
 * @throws {UserError} `malformed` for a text that is no public key, or different keys of one name
 */
export function parseTrustedKeys(lists: readonly string[], source: string): TrustedKeys {
  const keys = new Map<string, PublicKey>();
  for (const text of lists.flatMap((list) => list.split(/\s+/)).filter((word) => word !== "")) {
    const key = parsePublicKey(text, source);
    const earlier = keys.get(key.name);
    if (earlier !== undefined && !equalBytes(earlier.bytes, key.bytes)) {
      throw new UserError("malformed", `cannot use "${source}": it has different keys of the name "${key.name}"`, {
        hints: ["keep the one that is right: Nix would take the first and ignore the other"],
      });
    }
    keys.set(key.name, key);
  }
  return keys;
}

/** @returns what the trusted keys, and the path itself, say for the file */
export async function judgeNarInfo(info: NarInfo, trusted: TrustedKeys): Promise<Trust> {
  const fingerprint = formatFingerprint(info);
  const good = new Map<string, PublicKey>();
  const wrong = new Set<string>();
  const unknown = new Set<string>();
  let malformedCount = 0;
  let hasBlocking = false;
  for (const text of new Set(info.signatures)) {
    const signature = findSignature(text);
    if (signature === undefined) {
      malformedCount++;
      hasBlocking ||= trusted.has(nameOfSignature(text));
      continue;
    }
    const key = trusted.get(signature.name);
    if (key === undefined) unknown.add(signature.name);
    else if (good.has(key.name)) continue;
    else if (await isSignedBy(key, signature.bytes, fingerprint)) good.set(key.name, key);
    else wrong.add(key.name);
  }
  return {
    contentAddress: await judgeContentAddress(info),
    goodKeys: [...good.keys()].sort(),
    goodCount: new Set([...good.values()].map(({ bytes }) => bytes.toHex())).size,
    wrongKeys: [...wrong].filter((name) => !good.has(name)).sort(),
    unknownKeys: [...unknown].sort(),
    malformedCount,
    hasBlocking,
  };
}

/** @returns whether a path may be used: content-addressed, or signed by enough of the trusted keys */
export function isTrusted(trust: Trust, signaturesNeeded: number): boolean {
  return trust.contentAddress === "own" || !trust.hasBlocking && trust.goodCount >= signaturesNeeded;
}
