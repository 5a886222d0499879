/**
 * Damaged ssh keys: cut at every length, with flipped bits, and with changed lengths. Whatever is wrong with a file, it is
 * a mistake that a person is told about, never a crash, and nothing of the private key is told.
 *
 * Some hundred mutations by default; with `SOPSMITH_STRESS=full`, every length and character of every key file, a bit of
 * every byte of what it encodes, and every bit where there is no cipher.
 *
 * @module
 */
import { Secret } from "../../../lib/base/secret.ts";
import { UserError } from "../../../lib/base/error.ts";
import { convertSshPrivateKey } from "../../../lib/keys/ssh/convert.ts";
import { parseSshKeyLines } from "../../../lib/keys/ssh/key_lines.ts";
import { decryptOpensshPrivateKey, parseOpensshPrivateKey } from "../../../lib/keys/ssh/private_key.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { IS_FULL } from "../../support/stress_program.ts";
import { seededRandom } from "../../support/test_host.ts";
import { armor, dearmor, KEY_PAIRS, PRIVATE_KEYS, type PrivateKeyVector } from "./build.ts";

/** Mutations of each kind and key, unless every one is made. */
const SAMPLE = 12;

/** Keys that take at most two rounds of bcrypt to open: one for each cipher, and one without. */
const KEYS = PRIVATE_KEYS.filter(({ rounds }) => rounds <= 2);

/** More rounds of bcrypt, as a flipped bit can ask for, are not waited for. */
const MOST_ROUNDS = 32;

const NAME = "id_test";
const encoder = new TextEncoder();

/** What became of a damaged file. */
type Fate =
  | "refused"
  /** The cipher, or the check numbers, say that the passphrase is wrong. */
  | "not opened"
  /** Opened, and it is the same key: what was changed does not count. */
  | "same key"
  /** Opened, as another key: what must not be. */
  | "other key";

/** Opens a file with the right passphrase. @throws whatever is no {@link UserError}, and when an error tells a secret */
async function openDamaged(bytes: Uint8Array, vector: PrivateKeyVector, secrets: readonly string[]): Promise<Fate> {
  try {
    const file = parseOpensshPrivateKey(bytes, NAME);
    if (file.rounds > MOST_ROUNDS) return "not opened";
    const key = await decryptOpensshPrivateKey(file, new Secret(vector.passphrase));
    if (key === undefined) return "not opened";
    return (await convertSshPrivateKey(key)).identity.revealText() === vector.identity ? "same key" : "other key";
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const told = [error.message, ...error.hints, ...error.details, String(error.cause ?? "")].join("\n");
    for (const secret of secrets) assert(!told.includes(secret), `an error tells a piece of the key: ${secret}`);
    return "refused";
  }
}

/** Pieces of the file and of the identity that no message may hold. */
function secretsOf({ private: text, identity, passphrase }: PrivateKeyVector): string[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  return [...lines.map((line) => line.slice(8, 24)), identity.slice(20, 36), ...(passphrase ? [passphrase] : [])];
}

/** @returns every number below `end`, or a sample of them that always holds the last */
function choose(end: number, random: (length: number) => Uint8Array): number[] {
  if (IS_FULL) return Array.from({ length: end }, (_, index) => index);
  const sample = Array.from({ length: SAMPLE }, () => new DataView(random(4).buffer).getUint32(0) % end);
  return [...sample, end - 1];
}

async function countFates(
  vector: PrivateKeyVector,
  mutations: Iterable<Uint8Array>,
): Promise<Readonly<Record<Fate, number>>> {
  const counts = { refused: 0, "not opened": 0, "same key": 0, "other key": 0 };
  const secrets = secretsOf(vector);
  for (const bytes of mutations) counts[await openDamaged(bytes, vector, secrets)]++;
  return counts;
}

for (const [index, vector] of KEYS.entries()) {
  const random = seededRandom(index + 1);
  const name = `${vector.cipher}, "${vector.passphrase}"`;
  const content = dearmor(vector.private);

  Deno.test(`a private key cut short is never opened: ${name}`, async () => {
    const cut = choose(content.length, random).map((length) => encoder.encode(armor(content.subarray(0, length))));
    const counts = await countFates(vector, cut);
    assertEquals(counts, { refused: cut.length, "not opened": 0, "same key": 0, "other key": 0 });
  });

  Deno.test(`a private key with a flipped bit is never another key: ${name}`, async () => {
    const bits = vector.cipher === "none"
      ? choose(content.length * 8, random)
      : choose(content.length, random).map((at) => at * 8 + (random(1)[0]! & 7));
    const flipped = bits.map((bit) => {
      const bytes = content.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      return encoder.encode(armor(bytes));
    });
    const counts = await countFates(vector, flipped);
    assertEquals(counts["other key"], 0);
    assert(counts.refused + counts["not opened"] > 0);
  });

  Deno.test(`a private key file with any changed character is never another key: ${name}`, async () => {
    const text = encoder.encode(vector.private);
    const changed = choose(text.length, random).map((at) => {
      const bytes = text.slice();
      bytes[at]! = random(1)[0]!;
      return bytes;
    });
    const cut = choose(text.length, random).map((length) => text.subarray(0, length));
    assertEquals((await countFates(vector, [...changed, ...cut]))["other key"], 0);
  });
}

Deno.test("a damaged public key line is never a crash, and never told", () => {
  const random = seededRandom(99);
  for (const { public: line } of KEY_PAIRS.slice(0, IS_FULL ? undefined : 4)) {
    const bytes = encoder.encode(`web1,10.0.0.1 ${line}`);
    for (const at of choose(bytes.length, random)) {
      const changed = bytes.slice();
      changed[at]! = random(1)[0]!;
      for (const damaged of [changed, bytes.subarray(0, at)]) {
        for (const { found } of parseSshKeyLines(new TextDecoder().decode(damaged))) {
          assert(found.kind === "key" || !found.reason.includes("AAAA"), found.kind);
        }
      }
    }
  }
});
