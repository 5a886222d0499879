import { parseIdentity } from "../../../lib/keys/age/identity.ts";
import { createIdentity } from "../../../lib/keys/age/native_identity.ts";
import { createKeyOpener, type KeyOpening } from "../../../lib/keys/age/unwrap.ts";
import { createKeyWrapper } from "../../../lib/keys/age/wrap.ts";
import { loadIdentities } from "../../../lib/keys/places/identities.ts";
import { createWebStanzaCrypto } from "../../../lib/keys/primitives/stanza_crypto.ts";
import { layOutPlugin, type PLUGIN_MODES, testingIdentity, testingRecipient } from "../../support/age_plugin.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertUserError } from "../../support/assert.ts";
import { peerTest } from "../../support/peers.ts";
import { type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";

type Mode = keyof typeof PLUGIN_MODES;

const DATA_KEY = Uint8Array.from({ length: 32 }, (_, index) => index);

/** A host on whose PATH the plugin of the tests is. */
async function pluginHost(options: TestHostOptions = {}): Promise<TestHost> {
  const folder = await Deno.makeTempDir({ prefix: "sopsmith-plugin-" });
  await layOutPlugin(folder);
  const path = `${folder}:${Deno.env.get("PATH")}`;
  return await testHost({ ...options, env: { PATH: path, ...options.env } });
}

function open(host: TestHost, mode: Mode, encrypted: string): Promise<KeyOpening> {
  const opener = createKeyOpener({
    identities: [{
      origin: "the test",
      cost: "plugin",
      findRecipient: () => Promise.resolve(undefined),
      open: () =>
        Promise.resolve([createIdentity(host, parseIdentity(testingIdentity(mode)), createWebStanzaCrypto())]),
    }],
  });
  return opener(testingRecipient("plain"), encrypted);
}

const TERMINAL = ["stdin", "stderr"] as const;

for (
  const [mode, answers] of [
    ["plain", []],
    ["grease", []],
    ["pin", ["1234", "1234"]],
    ["colour", ["blue", "blue"]],
    ["confirm", ["1", ""]],
    ["stubborn", []],
    ["slow", []],
  ] as const
) {
  Deno.test({
    name: `a plugin wraps and unwraps a data key: ${mode}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using host = await pluginHost({ terminal: TERMINAL, answers, env: { NO_COLOR: "1" } });
      const encrypted = await createKeyWrapper(host)(testingRecipient(mode), DATA_KEY);
      assertEquals(await open(host, mode === "slow" ? "plain" : mode, encrypted), { dataKey: DATA_KEY });
      assert(!host.written("stderr").includes("\u001b"), "a plugin may not control the terminal");
      const isSaid = host.written("stderr").includes("note: waiting for age-plugin-testing");
      if (mode === "slow") assert(isSaid, "the person is told what takes long");
      if (mode === "grease") assertStringIncludes(host.written("stderr"), "age-plugin-testing: touch the test device");
    },
  });
}

for (
  const [mode, message] of [
    ["error", /age-plugin-testing says: the test device is broken$/],
    ["crash", /age-plugin-testing ended before it was done, with status 3$/],
    ["garbage", /age-plugin-testing does not keep to the plugin protocol$/],
    ["pin", /age-plugin-testing says: wrong PIN$/],
    ["chatter", /age-plugin-testing does not come to an end$/],
  ] as const
) {
  Deno.test({
    name: `a plugin that fails is told, and nothing is encrypted: ${mode}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using host = await pluginHost();
      const error = await assertRejects(() => createKeyWrapper(host)(testingRecipient(mode), DATA_KEY));
      const { hints } = assertUserError(error, "io", message);
      assertEquals(hints.length, mode === "pin" ? 1 : 0); // nobody could be asked
      const encrypted = await createKeyWrapper(host)(testingRecipient("plain"), DATA_KEY);
      const opening = await open(host, mode, encrypted);
      assert("attempts" in opening);
      assertUserError(opening.attempts[0]?.error, "io", message);
    },
  });
}

Deno.test({
  name: "a plugin that never answers is ended where nobody is at a terminal",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using host = await pluginHost({ patienceMs: 500 });
    const error = await assertRejects(() => createKeyWrapper(host)(testingRecipient("silent"), DATA_KEY));
    assertUserError(error, "io", /age-plugin-testing gave no answer for 0\.5 s, and was ended$/);
  },
});

Deno.test("a plugin that is missing is named", async () => {
  await using host = await testHost();
  const error = await assertRejects(() => createKeyWrapper(host)(testingRecipient("plain"), DATA_KEY));
  assertUserError(error, "not-found", /the program age-plugin-testing is missing/);
});

Deno.test({
  name: "a plugin identity is not for a file without its stanza",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using host = await pluginHost();
    const encrypted = await createKeyWrapper(host)(
      "age1veek2wfs944qsd5xlx20qhy3ty90cxd5syl3truey3v2y79x9vlq4vhvfc", // test key
      DATA_KEY,
    );
    assertEquals(await open(host, "plain", encrypted), { attempts: [{ origin: "the test" }] });
  },
});

peerTest("age and this program open what the other one has a plugin wrap", ["age"], async () => {
  await using host = await pluginHost({ files: { "identity.txt": `${testingIdentity("grease")}\n` } });
  const encrypted = await createKeyWrapper(host)(testingRecipient("plain"), DATA_KEY);
  const decrypted = await host.run("age", ["--decrypt", "-i", host.path("identity.txt")], {
    stdin: new TextEncoder().encode(encrypted),
  });
  assertEquals(decrypted?.stdout, DATA_KEY, new TextDecoder().decode(decrypted?.stderr));
  const theirs = await host.run("age", ["--armor", "-r", testingRecipient("grease")], { stdin: DATA_KEY });
  assertEquals(await open(host, "plain", new TextDecoder().decode(theirs?.stdout)), { dataKey: DATA_KEY });
});

peerTest("a plugin of age's author unwraps for this program", ["age", "age-plugin-batchpass"], async () => {
  const env = { AGE_PASSPHRASE: "a passphrase of a test", AGE_PASSPHRASE_WORK_FACTOR: "10" };
  await using host = await testHost({ env: { PATH: Deno.env.get("PATH"), ...env } });
  const theirs = await host.run("age", ["--armor", "--encrypt", "-j", "batchpass"], { stdin: DATA_KEY });
  assertEquals(theirs?.code, 0, new TextDecoder().decode(theirs?.stderr));
  const identity = parseIdentity("AGE-PLUGIN-BATCHPASS-1JCS0Q9"); // test key: without data
  const opener = createKeyOpener({
    identities: [{
      origin: "the test",
      cost: "plugin",
      findRecipient: () => Promise.resolve(undefined),
      open: () => Promise.resolve([createIdentity(host, identity, createWebStanzaCrypto())]),
    }],
  });
  assertEquals(await opener("", new TextDecoder().decode(theirs?.stdout)), { dataKey: DATA_KEY });
});

peerTest("sops and this program open what the other one has a plugin wrap", ["sops"], async () => {
  await using host = await pluginHost({
    files: {
      "plain.json": '{"a": "b"}',
      "~/.config/sops/age/keys.txt": `${testingIdentity("grease")}\n`,
    },
    env: { SOPS_DISABLE_VERSION_CHECK: "1" },
    os: "linux",
  });
  const recipient = testingRecipient("plain");
  const encrypted = await host.run("sops", ["encrypt", "--age", recipient, host.path("plain.json")]);
  assertEquals(encrypted?.code, 0, new TextDecoder().decode(encrypted?.stderr));
  const file = JSON.parse(new TextDecoder().decode(encrypted?.stdout));
  const opened = await createKeyOpener(await loadIdentities(host))(recipient, file.sops.age[0].enc);
  assert("dataKey" in opened);
  file.sops.age[0].enc = await createKeyWrapper(host)(recipient, opened.dataKey);
  await host.writeText("ours.json", JSON.stringify(file));
  const decrypted = await host.run("sops", ["decrypt", host.path("ours.json")]);
  assertEquals(decrypted?.code, 0, new TextDecoder().decode(decrypted?.stderr));
  assertEquals(JSON.parse(new TextDecoder().decode(decrypted?.stdout)), { a: "b" });
});
