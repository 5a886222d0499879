/**
 * The oldest version of SOPS that can read a file, told by what the file uses. Pure.
 *
 * Source: the release notes of SOPS 3.7 to 3.13.
 *
 * @module
 */
import { classifyRecipient } from "../../keys/age/recipient.ts";
import type { FileMetadata, MetadataKey, MetadataSelector } from "../metadata/metadata.ts";

/** A version of SOPS, and what needs it. */
export interface NeededVersion {
  /** `3.10.0` */
  readonly version: string;
  /** As it stands after "for": `an ssh key as a recipient`. */
  readonly reason: string;
}

/** What decides about the version. */
export interface DecidingMetadata extends Pick<FileMetadata, "macOnlyEncrypted" | "selectors"> {
  readonly groups: readonly { readonly keys: readonly Pick<MetadataKey, "type" | "text">[] }[];
}

/** What a file with times in it asks for. */
const TIMES: NeededVersion = { version: "3.10.0", reason: "a time" };

const COMMENT_SELECTORS: readonly MetadataSelector[] = ["unencrypted_comment_regex", "encrypted_comment_regex"];

/**
 * @returns the newest version that anything in the file asks for; undefined for a file without age recipients that any
 * version of the last years reads
 */
export function findNeededVersion(metadata: DecidingMetadata): NeededVersion | undefined {
  const needs = metadata.groups.flatMap(({ keys }) => keys.flatMap(needsOfKey));
  if (metadata.macOnlyEncrypted) needs.push({ version: "3.9.0", reason: "mac_only_encrypted" });
  for (const selector of COMMENT_SELECTORS) {
    if (metadata.selectors[selector] !== undefined) needs.push({ version: "3.9.0", reason: selector });
  }
  return needs.reduce<NeededVersion | undefined>(newerOf, undefined);
}

/** @returns what a file needs whose metadata need `needs`, and that has a time */
export function addNeedOfTimes(needs: NeededVersion | undefined): NeededVersion {
  return newerOf(needs, TIMES);
}

function newerOf(newest: NeededVersion | undefined, need: NeededVersion): NeededVersion {
  return newest === undefined || isOlder(newest.version, need.version) ? need : newest;
}

/** @returns whether a version is older than another; both are whole numbers with dots between */
export function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split(".").map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function needsOfKey({ type, text }: Pick<MetadataKey, "type" | "text">): NeededVersion[] {
  if (type === "hckms") return [{ version: "3.12.0", reason: "a key of HuaweiCloud" }];
  if (type !== "age") return [];
  switch (classifyRecipient(text)) {
    case "hybrid":
      return [{ version: "3.12.0", reason: "a post-quantum recipient" }];
    case "ssh-ed25519":
    case "ssh-rsa":
      return [{ version: "3.10.0", reason: "an ssh key as a recipient" }];
    case "plugin":
      return [{ version: "3.10.0", reason: "the recipient of an age plugin" }];
    default:
      return [{ version: "3.7.0", reason: "age" }];
  }
}
