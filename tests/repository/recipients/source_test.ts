/** Recipients from files and standard input. All keys are test keys. */
import { readRecipientFile, readSshKeyFile } from "../../../lib/repository/recipients/source.ts";
import { KEY_PAIRS, OTHER_KEYS, PRIVATE_KEYS } from "../../keys/ssh/build.ts";
import { TEST_X25519 } from "../../keys/test_keys.ts";
import { assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

const [PAIR] = KEY_PAIRS;
const [ENCRYPTED] = PRIVATE_KEYS;
const RSA = OTHER_KEYS["rsa"]!;
const { recipient } = TEST_X25519;

Deno.test("readRecipientFile() reads a file and standard input", async () => {
  await using host = await testHost({ files: { "team.txt": `${recipient} # alice\n` }, stdin: `${recipient} # bob\n` });
  assertEquals((await readRecipientFile(host, "team.txt", "converted")).recipients, [{
    text: recipient,
    name: "alice",
  }]);
  assertEquals((await readRecipientFile(host, "-", "converted")).recipients, [{ text: recipient, name: "bob" }]);
});

Deno.test("readRecipientFile() calls the keys of USER.keys as the user unless they have names", async () => {
  await using host = await testHost({
    files: { "alice.keys": `${PAIR!.public.split(" ", 2).join(" ")}\n${recipient} # b\n` },
  });
  const { recipients } = await readRecipientFile(host, "alice.keys", "converted");
  assertEquals(recipients.map(({ text, name }) => [text, name]), [[PAIR!.recipient, "alice"], [recipient, "b"]]);
});

Deno.test("readRecipientFile() refuses what has no recipient", async () => {
  await using host = await testHost({ files: { "none.txt": "# nobody\n", "rsa.txt": `${RSA.public!}\n` } });
  const refusal = (file: string): Promise<Error> => assertRejects(() => readRecipientFile(host, file, "converted"));
  assertUserError(await refusal("gone.txt"), "not-found", /no such file/);
  assertUserError(await refusal("none.txt"), "not-found", /no recipient/);
  assertUserError(await refusal("-"), "not-found", /"standard input"/);
  assertUserError(await refusal("rsa.txt"), "unsupported", /RSA/);
});

Deno.test("readRecipientFile() does not read without end", async () => {
  await using host = await testHost({ stdin: "# a line\n".repeat(2_000_000) });
  assertUserError(await assertRejects(() => readRecipientFile(host, "-", "converted")), "malformed", /larger than 16/);
});

Deno.test("readSshKeyFile() takes the public half of any key file, without a passphrase", async () => {
  const files = {
    "a.pub": PAIR!.public,
    "~/.ssh/plain": PAIR!.private,
    "~/.ssh/locked": ENCRYPTED!.private,
    "~/.ssh/both": ENCRYPTED!.private,
    "~/.ssh/both.pub": `${PAIR!.public.split(" ", 2).join(" ")} me@laptop\n`,
  };
  await using host = await testHost({ files });
  assertEquals((await readSshKeyFile(host, "a.pub", "converted")).text, PAIR!.recipient);
  assertEquals((await readSshKeyFile(host, host.path("~/.ssh/plain"), "converted")).text, PAIR!.recipient);
  assertEquals((await readSshKeyFile(host, host.path("~/.ssh/locked"), "converted")).text, ENCRYPTED!.recipient);
  assertEquals(await readSshKeyFile(host, host.path("~/.ssh/both"), "converted"), {
    text: PAIR!.recipient,
    name: "me@laptop",
    origin: "ssh-ed25519 me@laptop",
    convertedFrom: "personal key",
    owner: "person",
  });
  assertEquals((await readSshKeyFile(host, "a.pub", "native")).text, PAIR!.public.split(" ", 2).join(" "));
});

Deno.test("readSshKeyFile() keeps RSA keys in the native form only", async () => {
  await using host = await testHost({ files: { "id_rsa": RSA.private! } });
  const native = await readSshKeyFile(host, "id_rsa", "native");
  assertEquals(native.text, RSA.public!.split(" ", 2).join(" "));
  assertUserError(await assertRejects(() => readSshKeyFile(host, "id_rsa", "converted")), "unsupported", /RSA/);
});

Deno.test("readSshKeyFile() refuses several keys, none, and a damaged one", async () => {
  const two = `${PAIR!.public}\n${KEY_PAIRS[1]!.public}\n`;
  await using host = await testHost({ files: { "two.pub": two, "no.pub": "", "cut": PAIR!.private.slice(0, 120) } });
  const refusal = (file: string): Promise<Error> => assertRejects(() => readSshKeyFile(host, file, "converted"));
  assertUserError(await refusal("two.pub"), "malformed", /2 keys/);
  assertUserError(await refusal("no.pub"), "not-found");
  assertUserError(await refusal("gone.pub"), "not-found", /no such file/);
  assertUserError(await refusal("cut"), "malformed");
});
