import type { EditTarget, Snapshot } from "../../../lib/base/files/edit_files.ts";
import type { CommandResult } from "../../../lib/base/host/host.ts";
import { Secret } from "../../../lib/base/secret.ts";
import { findIdentityForVault, parseKeysFile } from "../../../lib/keys/file/keys_file.ts";
import { encryptWithPassphrase } from "../../../lib/keys/file/passphrase_file.ts";
import { KeysUnlocker } from "../../../lib/keys/file/unlock.ts";
import { KeychainStore } from "../../../lib/keys/places/keychain_store.ts";
import { FileStore } from "../../../lib/keys/places/store.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";

/** Work factor of the tests, which are in a hurry. */
const FAST = 2;

const BLOCK = {
  created: new Date("2026-11-21T12:00:00Z"),
  recipient: TEST_X25519_OTHER.recipient,
  identity: new Secret(TEST_X25519_OTHER.identity),
};
const CONTENT = new TextEncoder().encode(`# mine\n${TEST_X25519.identity}\n`);

function snapshotOf(content: Uint8Array | undefined): Snapshot {
  const target: EditTarget = { path: "/keys.txt", maxBytes: 10_000, newFileMode: 0o600, newFolderMode: 0o700 };
  return { target, realPath: "/keys.txt", content, info: undefined };
}

function identitiesIn(content: Uint8Array | undefined): string[] {
  return parseKeysFile(content ?? new Uint8Array(), "").entries.map(({ secret }) => secret.revealText());
}

Deno.test("FileStore adds after what is there, and changes nothing without an addition", async () => {
  const store = new FileStore(snapshotOf(CONTENT));
  assertEquals((await store.read())?.entries.length, 1);
  assertEquals(store.changes(), []);
  await store.add(BLOCK);
  const [change] = store.changes(0o600);
  assertEquals(change?.mode, 0o600);
  assertEquals(identitiesIn(change?.after), [TEST_X25519.identity, TEST_X25519_OTHER.identity]);
});

Deno.test("FileStore makes a file that is not there", async () => {
  const store = new FileStore(snapshotOf(undefined));
  assertEquals(await store.read(), undefined);
  await store.add(BLOCK);
  assertEquals(identitiesIn(store.changes()[0]?.after), [TEST_X25519_OTHER.identity]);
});

Deno.test("FileStore keeps a protected file protected, and does not open one without being told to", async () => {
  const sealed = await encryptWithPassphrase(CONTENT, new Secret("one"), FAST);
  await using host = await testHost({ terminal: ["stdin", "stderr"], answers: ["one"] });
  const unlocker = new KeysUnlocker(host, undefined, FAST);
  const store = new FileStore(snapshotOf(sealed), { unlocker });
  await store.add(BLOCK);
  const after = store.changes()[0]?.after;
  assert(after !== undefined);
  assertEquals(identitiesIn(after), []);
  const opened = await unlocker.open(after, "/keys.txt");
  assertEquals(identitiesIn(opened), [TEST_X25519.identity, TEST_X25519_OTHER.identity]);
  const closed = new FileStore(snapshotOf(sealed));
  assertUserError(await assertRejects(() => closed.add(BLOCK)), "unsupported", /encrypted with a passphrase/);
});

Deno.test("KeychainStore holds the identities of its vault, and says what it added", async () => {
  let value: string | undefined;
  const answer = (code: number, stdout = ""): CommandResult => ({
    code,
    stdout: new TextEncoder().encode(stdout),
    stderr: new Uint8Array(),
  });
  await using host = await testHost({
    os: "linux",
    commands: {
      "secret-tool": ([command], { stdin }) => {
        if (command === "store") value = new TextDecoder().decode(stdin);
        if (command === "lookup") return value === undefined ? answer(1) : answer(0, value);
        return answer(0);
      },
    },
  });
  const mark = { vault: "prod", config: "/work/atmos.yaml" };
  const store = new KeychainStore(host, { service: "atmos/prod", account: "atmos-secrets" }, mark);
  assertEquals(await store.read(), undefined);
  assertEquals(store.isAdded, false);
  await store.add(BLOCK);
  assertEquals(store.isAdded, true);
  const file = await store.read();
  assertEquals(file && findIdentityForVault(file, mark)?.secret.revealText(), TEST_X25519_OTHER.identity);
});
