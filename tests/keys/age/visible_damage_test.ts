import { assert, assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";
import { readAgeFile } from "../../../lib/keys/age/age_file.ts";
import { findVisibleDamage } from "../../../lib/keys/age/visible_damage.ts";
import { createKeyWrapper } from "../../../lib/keys/age/wrap.ts";
import { isX25519Stanza } from "../../../lib/keys/age/x25519_stanza.ts";
import { TEST_X25519 } from "../test_keys.ts";

const OPTIONS = { recipient: TEST_X25519.recipient, minPlainBytes: 32 };

async function wrapForTest(): Promise<string> {
  await using host = await testHost();
  return await createKeyWrapper(host)(TEST_X25519.recipient, new Uint8Array(32));
}

Deno.test("findVisibleDamage() sees nothing in a whole file, and all that reading it strictly finds after any change", async () => {
  const file = await wrapForTest();
  assertEquals(findVisibleDamage(file, OPTIONS), undefined);
  const counts = { damaged: 0, unseen: 0 };
  for (let at = 0; at < file.length; at++) {
    for (const character of ["", "A", "w", "!", "\n"]) {
      const changed = file.slice(0, at) + character + file.slice(at + 1);
      const header = readAgeFile(changed);
      const isWhole = typeof header === "object" && header.rest.length >= 64 && header.stanzas.some(isX25519Stanza);
      assertEquals(findVisibleDamage(changed, OPTIONS) === undefined, isWhole, `character ${at}, ${character}`);
      counts[isWhole ? "unseen" : "damaged"]++;
    }
  }
  assert(counts.damaged > 1000 && counts.unseen > 100, JSON.stringify(counts));
});

Deno.test("findVisibleDamage() sees that what was encrypted is too short", async () => {
  const file = await wrapForTest();
  assertEquals(findVisibleDamage(file, { ...OPTIONS, minPlainBytes: 33 }), "payload");
});
