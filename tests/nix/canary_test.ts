/**
 * No part of a secret Nix key stands in what any `nix` command shows: neither of the keys that a case lays out nor of one
 * that it makes, but where the secret key itself was asked for. The pages hold what is shown, byte for byte.
 *
 * @module
 */
import { readCases } from "../support/case_files.ts";
import { parsePage } from "../support/case_page.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { NIX_TEST_KEYS } from "./test_keys.ts";

/** Characters of the Base64 of a seed; what follows them is the public half. */
const SEED_CHARACTERS = 42;

/** So many characters that they are nowhere by chance. */
const PIECE_CHARACTERS = 8;

/** A secret key in text form. */
const SECRET = /(?<=:)[A-Za-z0-9+/]{86}==/;

/** Pages that ask for a secret key on stdout, or look at its file. */
const ASKED_FOR: ReadonlySet<string> = new Set([
  "nix_key_generate-secret/at_a_terminal",
  "nix_key_generate-secret/name_without_number",
  "nix_key_generate-secret/printed",
  "nix_key_generate-secret/to_files",
]);

function piecesOf(secret: string): string[] {
  return Array.from(
    { length: SEED_CHARACTERS - PIECE_CHARACTERS + 1 },
    (_, i) => secret.slice(i, i + PIECE_CHARACTERS),
  );
}

Deno.test("no nix command shows a part of a secret key that was not asked for", async () => {
  const pieces = [NIX_TEST_KEYS.a, NIX_TEST_KEYS.b].flatMap(({ secret }) =>
    piecesOf(secret.slice(secret.indexOf(":") + 1))
  );
  const revealing = new Set<string>();
  let count = 0;
  for (const { name, text } of await readCases()) {
    if (!name.startsWith("nix_")) continue;
    for (const { command, expected } of parsePage(text).steps) {
      for (const line of expected.lines) {
        count++;
        assert(!pieces.some((piece) => line.text.includes(piece)), `${name}: ${command}`);
        // a signature is as long as a secret key, and stands behind "Sig: " only
        if (SECRET.test(line.text) && !/Sig: /.test(line.text)) revealing.add(name);
      }
    }
  }
  assert(count > 300);
  assertEquals([...revealing].sort(), [...ASKED_FOR].sort());
});
