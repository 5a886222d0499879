import { readAgeFile } from "../../../lib/keys/age/age_file.ts";
import { encodeArmor } from "../../../lib/keys/age/armor.ts";
import { parseIdentity } from "../../../lib/keys/age/identity.ts";
import { createIdentity } from "../../../lib/keys/age/native_identity.ts";
import { createKeyOpener, type KeyOpening, type UsableIdentity } from "../../../lib/keys/age/unwrap.ts";
import { decryptWithPassphrase } from "../../../lib/keys/file/passphrase_file.ts";
import { createWebStanzaCrypto } from "../../../lib/keys/primitives/stanza_crypto.ts";
import { UserError } from "../../../lib/base/error.ts";
import { Secret } from "../../../lib/base/secret.ts";
import { assertEquals } from "../../support/assert.ts";
import { vectorTest } from "../../support/shared_vectors.ts";
import { testHost } from "../../support/test_host.ts";

/** How many files the test kit has; a folder that lost some would test less without a word. */
const MIN_FILES = 140;

/** One file of the test kit (C2SP CCTV, age/testdata). */
interface Vector {
  readonly name: string;
  readonly expect: string;
  readonly payloadHash: string | undefined;
  readonly identities: readonly string[];
  readonly passphrases: readonly string[];
  readonly isArmored: boolean;
  readonly file: Uint8Array;
}

vectorTest("the test kit of the age format, through what opens data keys", "cctv-age", async (folder) => {
  const failures: string[] = [];
  let count = 0;
  for await (const vector of readVectors(folder)) {
    count++;
    const found = vector.passphrases.length > 0 ? await openWithPassphrases(vector) : await openKey(vector);
    if (found !== vector.expect) failures.push(`${vector.name}: ${found} instead of ${vector.expect}`);
  }
  assertEquals(failures, []);
  assertEquals(count >= MIN_FILES, true, `${count} files`);
});

async function openKey(vector: Vector): Promise<string> {
  await using host = await testHost();
  const crypto = createWebStanzaCrypto();
  const identities = vector.identities.map((text): UsableIdentity => ({
    origin: "the test kit",
    cost: "free",
    findRecipient: () => Promise.resolve(undefined),
    open: () => Promise.resolve([createIdentity(host, parseIdentity(text), crypto)]),
  }));
  // A binary file is what the armor of a data key holds.
  const text = vector.isArmored ? new TextDecoder("latin1").decode(vector.file) : encodeArmor(vector.file);
  return await nameOutcome(await createKeyOpener({ identities })("", text), vector);
}

async function nameOutcome(opening: KeyOpening, { payloadHash }: Vector): Promise<string> {
  if ("dataKey" in opening) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", opening.dataKey as Uint8Array<ArrayBuffer>));
    return hash.toHex() === payloadHash ? "success" : "another content";
  }
  if (opening.problemKind !== undefined) {
    return `${opening.problemKind === "hmac" ? "HMAC" : opening.problemKind} failure`;
  }
  const isMalformed = opening.attempts.some(({ error }) => error?.kind === "malformed");
  return isMalformed ? "header failure" : "no match";
}

/** Files with a passphrase stand only in the place of keys files. */
async function openWithPassphrases(vector: Vector): Promise<string> {
  const problem = vector.isArmored ? undefined : readAgeFile(vector.file);
  if (typeof problem === "string") return `${problem} failure`;
  for (const passphrase of vector.passphrases) {
    try {
      const plain = await decryptWithPassphrase(vector.file, new Secret(passphrase), vector.name);
      if (plain !== undefined) return await nameOutcome({ dataKey: plain }, vector);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return /encrypted to recipients/.test(error.message) ? "no match" : "header failure";
    }
  }
  return "no match";
}

async function* readVectors(folder: URL): AsyncIterable<Vector> {
  for (const { name } of Array.from(Deno.readDirSync(folder)).toSorted((a, b) => a.name < b.name ? -1 : 1)) {
    if (name === "SOURCE.md") continue;
    const bytes = await Deno.readFile(new URL(name, folder));
    const end = findBlankLine(bytes);
    const head = new TextDecoder().decode(bytes.subarray(0, end)).split("\n").map((line) => line.split(": "));
    const all = (wanted: string): string[] => head.flatMap(([key, value = ""]) => key === wanted ? [value] : []);
    const body = bytes.subarray(end + 2);
    yield {
      name,
      expect: all("expect")[0] ?? "",
      payloadHash: all("payload")[0],
      identities: all("identity"),
      passphrases: all("passphrase"),
      isArmored: all("armored").length > 0,
      file: all("compressed").length > 0 ? await inflate(body) : body,
    };
  }
}

function findBlankLine(bytes: Uint8Array): number {
  for (let at = 0;; at = bytes.indexOf(0x0a, at) + 1) if (bytes[at] === 0x0a) return at - 1;
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
