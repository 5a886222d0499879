import { assert, assertEquals } from "../../support/assert.ts";
import type { FileMetadata, MetadataKey } from "../../../lib/sops/metadata/metadata.ts";
import { addNeedOfTimes, findNeededVersion, isOlder } from "../../../lib/sops/facts/needed_version.ts";
import { TEST_HYBRID, TEST_PLUGIN, TEST_SSH_ED25519, TEST_X25519 } from "../../keys/test_keys.ts";

function metadata(texts: readonly (string | MetadataKey)[], rest: Partial<FileMetadata> = {}): FileMetadata {
  const keys = texts.map((text) => typeof text === "string" ? { type: "age" as const, text } : text);
  return {
    format: "yaml",
    groups: [{ keys }],
    shamirThreshold: undefined,
    selectors: {},
    macOnlyEncrypted: false,
    lastModified: "",
    version: "3.13.2",
    ...rest,
  };
}

Deno.test("findNeededVersion() names the newest thing that a file uses", () => {
  const versionOf = (file: FileMetadata): string | undefined => findNeededVersion(file)?.version;
  const { recipient } = TEST_X25519;
  assertEquals(versionOf(metadata([recipient])), "3.7.0");
  assertEquals(versionOf(metadata([recipient, TEST_SSH_ED25519])), "3.10.0");
  assertEquals(versionOf(metadata([TEST_PLUGIN.recipient])), "3.10.0");
  assertEquals(versionOf(metadata([TEST_SSH_ED25519, `${TEST_HYBRID.recipientStart}x`, recipient])), "3.12.0");
  assertEquals(versionOf(metadata([{ type: "hckms", text: "region:id" }])), "3.12.0");
  assertEquals(versionOf(metadata([{ type: "pgp", text: "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4" }])), undefined);
  assertEquals(versionOf(metadata([recipient], { macOnlyEncrypted: true })), "3.9.0");
  assertEquals(versionOf(metadata([recipient], { selectors: { encrypted_comment_regex: "x" } })), "3.9.0");
  assertEquals(versionOf(metadata([recipient], { selectors: { encrypted_regex: "x" } })), "3.7.0");
});

Deno.test("isOlder() compares numbers, not text", () => {
  assert(isOlder("3.9.4", "3.10.0"));
  assert(isOlder("3.10", "3.10.1"));
  assert(!isOlder("3.10.0", "3.10.0"));
  assert(!isOlder("4.0.0", "3.13.2"));
});

Deno.test("addNeedOfTimes() never makes the need smaller", () => {
  assertEquals(addNeedOfTimes(undefined).version, "3.10.0");
  assertEquals(addNeedOfTimes({ version: "3.7.0", reason: "age" }).reason, "a time");
  assertEquals(addNeedOfTimes({ version: "3.12.0", reason: "x" }).version, "3.12.0");
});
