import { openSshIdentity } from "../../../lib/commands/shared/ssh_identity.ts";
import { findPassphraseSource, type PassphraseFlagValues } from "../../../lib/commands/shared/passphrase_flags.ts";
import { KEY_PAIRS, PRIVATE_KEYS } from "../../keys/ssh/build.ts";
import { assertEquals, assertRejects, assertThrows, assertUserError } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

const ENCRYPTED = PRIVATE_KEYS.find(({ cipher, rounds }) => cipher === "3des-cbc" && rounds === 2)!;

Deno.test("openSshIdentity() converts a key, and opens it with the passphrase that the flags name", async () => {
  const files = { "plain": KEY_PAIRS[0]!.private, "id": ENCRYPTED.private, "pass.txt": `${ENCRYPTED.passphrase}\n` };
  await using host = await testHost({ files });
  assertEquals((await openSshIdentity(host, host.path("plain"), undefined)).revealText(), KEY_PAIRS[0]!.identity);
  const source = findPassphraseSource(host, { passphraseFile: "pass.txt" });
  const identity = await openSshIdentity(host, host.path("id"), source);
  assertEquals(identity.revealText(), ENCRYPTED.identity);
  assertUserError(await assertRejects(() => openSshIdentity(host, host.path("id"), undefined)), "usage");
});

Deno.test("findPassphraseSource() reads the flags", async () => {
  await using host = await testHost({ os: "linux" });
  assertEquals(findPassphraseSource(host, {}), undefined);
  assertEquals(findPassphraseSource(host, { passphraseFd: "3" }), { from: "descriptor", number: 3 });
  assertEquals(findPassphraseSource(host, { passphraseFd: "0" }), { from: "standard input" });
  assertEquals(findPassphraseSource(host, { passphraseFile: "a" }), { from: "file", path: host.path("a") });
});

Deno.test("findPassphraseSource() refuses flags that say nothing, and never shows their value", async () => {
  await using unix = await testHost({ os: "linux" });
  await using windows = await testHost({ os: "windows" });
  const refused: readonly (readonly [host: typeof unix, flags: PassphraseFlagValues, message: RegExp])[] = [
    [unix, { passphraseFd: "3", passphraseFile: "a" }, /contradict each other$/],
    [unix, { passphraseFd: "hunter2" }, /^--passphrase-fd takes the number of a descriptor$/],
    [unix, { passphraseFd: "-1" }, /^--passphrase-fd takes the number/],
    [unix, { passphraseFd: "" }, /^--passphrase-fd takes the number/],
    [windows, { passphraseFd: "3" }, /^--passphrase-fd does not exist on Windows$/],
  ];
  for (const [host, flags, message] of refused) {
    assertUserError(assertThrows(() => findPassphraseSource(host, flags)), "usage", message);
  }
  assertEquals(findPassphraseSource(windows, { passphraseFd: "0" }), { from: "standard input" });
});
