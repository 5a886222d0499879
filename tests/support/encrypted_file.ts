/**
 * Encrypted files for tests that open them.
 *
 * @module
 */
import { createKeyWrapper } from "../../lib/keys/age/wrap.ts";
import { compilePattern } from "../../lib/config/patterns/matcher.ts";
import { encryptFile } from "../../lib/sops/mod.ts";
import { seededRandom, testHost } from "./test_host.ts";

/** @returns `a: secret` as a YAML file for the recipients */
export async function encryptForTest(...recipients: readonly string[]): Promise<string> {
  await using host = await testHost();
  const { bytes } = await encryptFile(new TextEncoder().encode("a: secret\n"), {
    path: "a.yaml",
    groups: [{ keys: recipients.map((text) => ({ type: "age", text })) }],
    random: seededRandom(1),
    now: () => new Date("2026-11-21T01:12:27Z"),
    compileRegex: compilePattern,
    wrap: createKeyWrapper(host),
  });
  return new TextDecoder().decode(bytes);
}
