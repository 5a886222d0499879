/**
 * The identities in a text as SOPS reads it: those it uses, and those that it drops because of what stands beside them.
 *
 * A line that SOPS refuses makes it drop the whole source; the identities are then told all the same, so that it can be
 * said whose they are. Secrets stay inside: only recipients come out. Pure but for WebCrypto. Spec: sops-engine §2.4.
 *
 * @module
 */
import { startsAsIdentity } from "../../base/identity_text.ts";
import { deriveRecipient, findPluginName } from "../../keys/age/identity.ts";
import { decodeKeysText } from "../../keys/file/encoding.ts";
import { type KeysEntry, type KeysFile, parseKeysFile } from "../../keys/file/keys_file.ts";
import { findKeysProblem } from "../../keys/file/problem.ts";
import type { LocalIdentity, Obstacle, PlaceContent, Repair } from "./finding.ts";

/** Where a text comes from. */
export interface IdentitySource {
  /** A path or a variable, for people. */
  readonly origin: string;
  /** The one repair for a text that SOPS drops; given whether only its encoding is wrong, and the line of the mistake. */
  readonly repair: (isEncoding: boolean, lineNumber: number | undefined) => Repair;
}

/** What a text holds. */
export interface DescribedIdentities {
  readonly content: PlaceContent;
  readonly identities: readonly LocalIdentity[];
}

/** @param file a list of identities as SOPS reads it, with its problems */
export async function describeKeys(file: KeysFile, source: IdentitySource): Promise<DescribedIdentities> {
  const reason = findKeysProblem(file);
  if (reason === undefined) {
    const identities = await Promise.all(file.entries.map((entry) => describeEntry(entry, source.origin)));
    return { content: { kind: "identities" }, identities };
  }
  const [first] = file.problems;
  if (first?.problem === "age-encrypted") {
    const list = {
      recipient: undefined,
      guess: { kind: "protected-list" },
      origin: source.origin,
      isLocked: true,
    } as const;
    return { content: { kind: "protected" }, identities: [list] };
  }
  const isEncoding = first?.problem === "utf16" || first?.problem === "byte-order-mark";
  const lineNumber = first !== undefined && "lineNumber" in first ? first.lineNumber : undefined;
  const obstacle: Obstacle = {
    reason: `SOPS drops all of it: ${reason}`,
    repair: source.repair(isEncoding, lineNumber),
  };
  const entries = parseKeysFile(correctLines(file.bytes), source.origin).entries;
  const identities = await Promise.all(entries.map((entry) => describeEntry(entry, source.origin, obstacle)));
  const place = lineNumber === undefined ? {} : { lineNumber };
  return { content: { kind: "unusable", reason, ...place }, identities };
}

/** @returns the text as it was meant: UTF-8, without what stands around an identity, in upper case */
function correctLines(bytes: Uint8Array): Uint8Array {
  const lines = new TextDecoder().decode(decodeKeysText(bytes).bytes).split("\n").map((line) => {
    const [word = ""] = line.trim().split(/\s/);
    return startsAsIdentity(word) ? word.toUpperCase() : "";
  });
  return new TextEncoder().encode(lines.join("\n"));
}

async function describeEntry(entry: KeysEntry, origin: string, obstacle?: Obstacle): Promise<LocalIdentity> {
  const common = { origin, isLocked: false, ...(obstacle === undefined ? {} : { obstacle }) };
  if (entry.kind !== "plugin") return { ...common, recipient: await deriveRecipient(entry.secret) };
  const name = findPluginName(entry.secret) ?? "";
  return { ...common, recipient: undefined, guess: { kind: "plugin", name } };
}
