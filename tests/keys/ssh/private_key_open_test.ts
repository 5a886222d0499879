import { openOpensshPrivateKey, readOpensshPrivateKey } from "../../../lib/keys/ssh/private_key_open.ts";
import { assertEquals, assertRejects, assertThrows, assertUserError } from "../../support/assert.ts";
import { type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";
import { KEY_PAIRS, OTHER_KEYS, PRIVATE_KEYS } from "./build.ts";

const ENCRYPTED = PRIVATE_KEYS.find(({ cipher, rounds }) => cipher === "aes256-ctr" && rounds === 2)!;
const PLAIN = KEY_PAIRS[0]!;

function hostWith(options: TestHostOptions = {}): Promise<TestHost> {
  const files = {
    "~/.ssh/id": ENCRYPTED.private,
    "~/.ssh/plain": PLAIN.private,
    "~/.ssh/rsa": OTHER_KEYS["rsa"]!.private!,
  };
  return testHost({ files, ...options });
}

async function openKey(host: TestHost, name: string): Promise<string> {
  const file = await readOpensshPrivateKey(host, host.path(name));
  return (await openOpensshPrivateKey(host, file, undefined)).publicKey.encoded;
}

Deno.test("openOpensshPrivateKey() takes SSH_TO_AGE_PASSPHRASE", async () => {
  await using host = await hostWith({ env: { SSH_TO_AGE_PASSPHRASE: ENCRYPTED.passphrase } });
  assertEquals(await openKey(host, "~/.ssh/id"), ENCRYPTED.public.split(" ")[1]);
});

Deno.test("openOpensshPrivateKey() asks for the passphrase of the file by its name", async () => {
  await using host = await hostWith({ terminal: ["stdin", "stderr"], answers: [ENCRYPTED.passphrase] });
  assertEquals(await openKey(host, "~/.ssh/id"), ENCRYPTED.public.split(" ")[1]);
  assertEquals(host.written("stderr"), 'passphrase of "~/.ssh/id": \n');
});

Deno.test("openOpensshPrivateKey() asks nothing for a key without a passphrase", async () => {
  await using host = await hostWith({
    terminal: ["stdin", "stderr"],
    answers: ["x"],
    env: { SSH_TO_AGE_PASSPHRASE: "x" },
  });
  assertEquals(await openKey(host, "~/.ssh/plain"), PLAIN.public.split(" ")[1]);
  assertEquals(host.written("stderr"), "");
});

Deno.test("openOpensshPrivateKey() refuses an RSA key before it asks", async () => {
  await using host = await hostWith({ terminal: ["stdin", "stderr"], answers: ["x"] });
  assertUserError(await assertRejects(() => openKey(host, "~/.ssh/rsa")), "unsupported", /an RSA key/);
  assertEquals(host.written("stderr"), "");
});

Deno.test("openOpensshPrivateKey() names what to set where nobody can be asked", async () => {
  await using host = await hostWith();
  const error = assertUserError(
    await assertRejects(() => openKey(host, "~/.ssh/id")),
    "usage",
    /^cannot ask for the pass/,
  );
  assertEquals(error.hints, ["set SSH_TO_AGE_PASSPHRASE, or pass --passphrase-file FILE"]);
});

Deno.test("openOpensshPrivateKey() says why it takes long", async () => {
  await using host = await hostWith({ env: { SSH_TO_AGE_PASSPHRASE: "wrong" } });
  const file = await readOpensshPrivateKey(host, host.path("~/.ssh/id"));
  const slow = Object.create(file, { rounds: { value: 200 }, isEncrypted: { value: true } });
  slow.revealSection = (): unknown => file.revealSection();
  assertUserError(await assertRejects(() => openOpensshPrivateKey(host, slow, undefined)), "denied");
  assertEquals(host.written("stderr"), "trying the passphrase (200 rounds of bcrypt)\n");
});

Deno.test("readOpensshPrivateKey() tells a file that is absent or too large", async () => {
  await using host = await hostWith({ files: { "large": "x".repeat(1024 * 1024 + 1) } });
  const read = (name: string): Error => assertThrows(() => readOpensshPrivateKey(host, host.path(name)));
  assertUserError(read("none"), "not-found", /^cannot read the ssh key ".*none": no such file$/);
  assertUserError(read("large"), "malformed", /larger than 1 MiB/);
});
