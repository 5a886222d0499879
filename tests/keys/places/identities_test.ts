import type { CommandResult } from "../../../lib/base/host/host.ts";
import { Secret } from "../../../lib/base/secret.ts";
import { createKeyOpener, type KeyOpening } from "../../../lib/keys/age/unwrap.ts";
import { createKeyWrapper } from "../../../lib/keys/age/wrap.ts";
import { encryptWithPassphrase } from "../../../lib/keys/file/passphrase_file.ts";
import { type LoadedIdentities, loadIdentities } from "../../../lib/keys/places/identities.ts";
import { assert, assertEquals, assertUserError } from "../../support/assert.ts";
import { CONFIG_FOLDER_OS, type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";
import { KEY_PAIRS, PRIVATE_KEYS } from "../ssh/build.ts";
import { TEST_PLUGIN, TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";

/** Work factor of the tests, which are in a hurry. */
const FAST = 2;

const DATA_KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const KEYS_FILE = "~/.config/sops/age/keys.txt";
const SSH_KEY = KEY_PAIRS[0]!;

function hostWithConfig(options: TestHostOptions): Promise<TestHost> {
  return testHost({ os: CONFIG_FOLDER_OS, ...options });
}

function answer(stdout: string, code = 0): CommandResult {
  return { code, stdout: new TextEncoder().encode(stdout), stderr: new TextEncoder().encode("secret of the command") };
}

function describe({ identities, failures, empty }: LoadedIdentities): Record<string, unknown> {
  return {
    identities: identities.map(({ source, cost }) => `${source} ${cost}`),
    failures: failures.map(({ source, error }) => `${source} ${error.kind}`),
    empty: empty.map(({ source, reason }) => `${source} ${reason}`),
  };
}

/** Encrypts for a recipient and opens again with what the machine has. */
async function open(host: TestHost, recipient: string, loaded?: LoadedIdentities): Promise<KeyOpening> {
  const opener = createKeyOpener(loaded ?? await loadIdentities(host));
  return await opener(recipient, await createKeyWrapper(host)(recipient, DATA_KEY));
}

Deno.test("loadIdentities() takes every place, in the order of SOPS", async () => {
  await using host = await hostWithConfig({
    files: {
      "mine": SSH_KEY.private,
      "~/.ssh/id_ed25519": PRIVATE_KEYS[0]!.private,
      "other.txt": `# mine\r\n${TEST_X25519_OTHER.identity}\r\n`,
      [KEYS_FILE]: await encryptWithPassphrase(new TextEncoder().encode(TEST_X25519.identity), new Secret("one"), FAST),
    },
    env: {
      SOPS_AGE_SSH_PRIVATE_KEY_FILE: "mine",
      SOPS_AGE_SSH_PRIVATE_KEY_CMD: "print-ssh",
      SOPS_AGE_KEY: `${TEST_X25519.identity} ${TEST_PLUGIN.identity}`,
      SOPS_AGE_KEY_FILE: "other.txt",
      SOPS_AGE_KEY_CMD: "print-age",
    },
  });
  assertEquals(describe(await loadIdentities(host)), {
    identities: [
      "SOPS_AGE_SSH_PRIVATE_KEY_FILE free",
      "SOPS_AGE_SSH_PRIVATE_KEY_CMD command",
      "~/.ssh/id_ed25519 passphrase-if-named",
      "SOPS_AGE_KEY free",
      "SOPS_AGE_KEY plugin",
      "SOPS_AGE_KEY_FILE free",
      "SOPS_AGE_KEY_CMD command",
      "user-config passphrase",
    ],
    failures: [],
    empty: ["~/.ssh/id_rsa no such file"],
  });
  assertEquals(host.written("stderr"), "", "loading asks nobody anything");
});

Deno.test("loadIdentities() tells what cannot be used, and uses the rest", async () => {
  await using host = await hostWithConfig({
    files: {
      "~/.ssh/id_ed25519": "junk",
      "other.txt": `${TEST_X25519_OTHER.identity} # with a comment\n`,
      [KEYS_FILE]: `${TEST_X25519.identity}\n`,
    },
    env: { SOPS_AGE_KEY_FILE: "other.txt", SOPS_AGE_SSH_PRIVATE_KEY_FILE: "missing" },
  });
  const loaded = await loadIdentities(host);
  assertEquals(describe(loaded), {
    identities: ["user-config free"],
    failures: ["~/.ssh/id_ed25519 malformed", "SOPS_AGE_KEY_FILE malformed"],
    empty: [
      "SOPS_AGE_SSH_PRIVATE_KEY_FILE no such file",
      "SOPS_AGE_SSH_PRIVATE_KEY_CMD not set",
      "~/.ssh/id_rsa no such file",
      "SOPS_AGE_KEY not set",
      "SOPS_AGE_KEY_CMD not set",
    ],
  });
  assertEquals(await open(host, TEST_X25519.recipient, loaded), { dataKey: DATA_KEY });
  assert(loaded.failures.every(({ error }) => !error.message.includes("AGE-SECRET-KEY")));
});

Deno.test("a protected keys file is opened once, and only for a file that it could open", async () => {
  await using host = await hostWithConfig({
    terminal: ["stdin", "stderr"],
    answers: ["one"],
    files: {
      [KEYS_FILE]: await encryptWithPassphrase(new TextEncoder().encode(TEST_X25519.identity), new Secret("one"), FAST),
    },
  });
  const loaded = await loadIdentities(host);
  assert("attempts" in await open(host, SSH_KEY.public, loaded));
  assertEquals(host.written("stderr"), "");
  for (let time = 0; time < 3; time++) {
    assertEquals(await open(host, TEST_X25519.recipient, loaded), { dataKey: DATA_KEY });
  }
  assertEquals(host.written("stderr"), `passphrase of "${KEYS_FILE}": \n`);
});

Deno.test("a passphrase that nobody can give is told with its flag, and asked for once", async () => {
  await using host = await hostWithConfig({
    files: {
      [KEYS_FILE]: await encryptWithPassphrase(new TextEncoder().encode(TEST_X25519.identity), new Secret("one"), FAST),
    },
  });
  const opening = await open(host, TEST_X25519.recipient);
  assert("attempts" in opening);
  const { hints } = assertUserError(opening.attempts[0]?.error, "usage", /^cannot ask for the passphrase/);
  assert(hints.join().includes("SOPSMITH_PASSPHRASE"));
});

Deno.test("SOPS_AGE_KEY_CMD is told the recipient, and run no more once it has shown that it does not look at it", async () => {
  const runs: (string | undefined)[] = [];
  await using host = await hostWithConfig({
    env: { SOPS_AGE_KEY_CMD: "print-age --now" },
    commands: {
      "print-age": (args, { env }) => {
        assertEquals(args, ["--now"]);
        runs.push(env?.["SOPS_AGE_RECIPIENT"]?.slice(0, 8));
        return answer(`${TEST_X25519.identity}\n${TEST_X25519_OTHER.identity}\n`);
      },
    },
  });
  const loaded = await loadIdentities(host);
  assertEquals(runs, [], "loading runs no command");
  for (const { recipient } of [TEST_X25519, TEST_X25519_OTHER, TEST_X25519]) {
    assertEquals(await open(host, recipient, loaded), { dataKey: DATA_KEY });
  }
  const foreign = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"; // of the README of age
  for (let time = 0; time < 3; time++) assert("attempts" in await open(host, foreign, loaded));
  assertEquals(runs, ["age1veek", "age1ql3z"]);
});

Deno.test("a command that answers by the recipient is run for each, and a failing one once", async () => {
  const runs: string[] = [];
  await using host = await hostWithConfig({
    env: { SOPS_AGE_KEY_CMD: "print-age" },
    commands: {
      "print-age": (_, { env }) => {
        const recipient = env?.["SOPS_AGE_RECIPIENT"] ?? "";
        runs.push(recipient.slice(0, 8));
        const pair = [TEST_X25519, TEST_X25519_OTHER].find((known) => known.recipient === recipient);
        return pair === undefined ? answer("", 7) : answer(pair.identity);
      },
    },
  });
  const loaded = await loadIdentities(host);
  for (const { recipient } of [TEST_X25519, TEST_X25519_OTHER, TEST_X25519]) {
    assertEquals(await open(host, recipient, loaded), { dataKey: DATA_KEY });
  }
  for (let time = 0; time < 2; time++) {
    const opening = await open(host, "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", loaded);
    assert("attempts" in opening);
    const error = assertUserError(opening.attempts[0]?.error, "no-identity", /its command ends with code 7$/);
    assert(!error.message.includes("secret"));
  }
  assertEquals(runs, ["age1veek", "age1fq4f", "age1ql3z"]);
});

Deno.test("an ssh key comes from a file or a command, and one with a passphrase only from a file", async () => {
  const locked = PRIVATE_KEYS[0]!;
  for (const [text, isOpened] of [[SSH_KEY.private, true], [locked.private, false]] as const) {
    await using host = await hostWithConfig({
      env: { SOPS_AGE_SSH_PRIVATE_KEY_CMD: "print-ssh" },
      commands: { "print-ssh": () => answer(text) },
    });
    const opening = await open(host, isOpened ? SSH_KEY.public : locked.public);
    if (isOpened) assertEquals(opening, { dataKey: DATA_KEY });
    else if ("attempts" in opening) assertUserError(opening.attempts[0]?.error, "unsupported", /it has a passphrase$/);
  }
  await using host = await hostWithConfig({
    files: { "mine": locked.private },
    env: { SOPS_AGE_SSH_PRIVATE_KEY_FILE: "mine", SSH_TO_AGE_PASSPHRASE: locked.passphrase },
  });
  assertEquals(await open(host, locked.public), { dataKey: DATA_KEY });
});

Deno.test("the keychain entry of a vault comes first", async () => {
  await using host = await hostWithConfig({
    os: "linux", // the keychain is asked with the program of that system
    files: { [KEYS_FILE]: `${TEST_X25519_OTHER.identity}\n` },
    commands: { "secret-tool": () => answer(`"${TEST_X25519.identity}"`) },
  });
  const loaded = await loadIdentities(host, { keychain: [{ service: "atmos/prod", account: "atmos-secrets" }] });
  assertEquals(loaded.identities.map(({ source }) => source), ["keychain", "user-config"]);
  assertEquals(await open(host, TEST_X25519.recipient, loaded), { dataKey: DATA_KEY });
});

Deno.test("a place that cannot be reached is told", async () => {
  await using host = await hostWithConfig({ os: "linux", commands: { "secret-tool": () => undefined } });
  const { failures } = await loadIdentities(host, { keychain: [{ service: "atmos/prod", account: "atmos-secrets" }] });
  assertUserError(failures[0]?.error, "unsupported", /"secret-tool" is missing/);
});
