import type { Change, EditTarget, Planner, Snapshot } from "../../../lib/base/files/edit_files.ts";
import { Secret } from "../../../lib/base/secret.ts";
import { isProtected } from "../../../lib/keys/file/keys_file.ts";
import { KeysUnlocker, PASSPHRASE_VARIABLE, throughPassphrase } from "../../../lib/keys/file/unlock.ts";
import { decryptWithPassphrase, encryptWithPassphrase } from "../../../lib/keys/file/passphrase_file.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/test_host.ts";
import { TEST_PLUGIN, TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";

/** Work factor of the tests, which are in a hurry. */
const FAST = 2;

const A = new TextEncoder().encode(`${TEST_X25519.identity}\n`);
const B = new TextEncoder().encode(`${TEST_X25519_OTHER.identity}\n`);

function protect(plain: Uint8Array, passphrase: string): Promise<Uint8Array> {
  return encryptWithPassphrase(plain, new Secret(passphrase), FAST);
}

/** A host at whose terminal these passphrases are typed. */
function hostWithAnswers(...answers: string[]): Promise<TestHost> {
  return testHost({ terminal: ["stdin", "stderr"], answers });
}

function snapshotOf(content: Uint8Array | undefined): Snapshot {
  const target: EditTarget = { path: "/keys.txt", maxBytes: 1000, newFileMode: 0o600, newFolderMode: 0o700 };
  return { target, realPath: "/keys.txt", content, info: undefined };
}

/** Writes `B` where it finds `expected`. */
function plannerOf(expected: Uint8Array | undefined): Planner<string> {
  return ([keys]) => {
    assertEquals(keys?.content, expected);
    return Promise.resolve({ changes: [{ path: "/keys.txt", after: B, reason: "a test" }], outcome: "done" });
  };
}

function after(changes: readonly Change[]): Uint8Array {
  const [change] = changes;
  assert(change !== undefined && changes.length === 1);
  return change.after;
}

Deno.test("KeysUnlocker.open() leaves a plain file as it is, and asks nothing", async () => {
  await using host = await testHost();
  assertEquals(await new KeysUnlocker(host, undefined, FAST).open(A, "/keys.txt"), A);
});

Deno.test("KeysUnlocker.open() asks once for files with the same passphrase", async () => {
  await using host = await hostWithAnswers("one");
  const unlocker = new KeysUnlocker(host, undefined, FAST);
  const file = await protect(A, "one");
  assertEquals(await unlocker.open(file, "/keys.txt"), A);
  assertEquals(await unlocker.open(file, "/keys.txt"), A);
  assertEquals(await unlocker.open(await protect(B, "one"), "/other.txt"), B);
  assertEquals(host.written("stderr"), 'passphrase of "/keys.txt": \n');
});

Deno.test("KeysUnlocker.open() asks for each other passphrase, and seal() keeps that of the file", async () => {
  await using host = await hostWithAnswers("one", "two");
  const unlocker = new KeysUnlocker(host, undefined, FAST);
  await unlocker.open(await protect(A, "one"), "/a.txt");
  await unlocker.open(await protect(B, "two"), "/b.txt");
  const sealed = await unlocker.seal(B, "/a.txt");
  assertEquals(await decryptWithPassphrase(sealed, new Secret("one"), "/a.txt"), B);
  assertEquals(await unlocker.seal(B, "/a.txt"), sealed);
});

Deno.test("KeysUnlocker.open() takes the passphrase from the variable", async () => {
  await using host = await testHost({ env: { [PASSPHRASE_VARIABLE]: "one" } });
  const unlocker = new KeysUnlocker(host, undefined, FAST);
  assertEquals(await unlocker.open(await protect(A, "one"), "/keys.txt"), A);
  const error = await assertRejects(async () => unlocker.open(await protect(A, "two"), "/other.txt"));
  assertUserError(error, "denied", /wrong passphrase/);
});

Deno.test("KeysUnlocker.open() says what to do where nobody can be asked", async () => {
  await using host = await testHost();
  const file = await protect(A, "one");
  const error = await assertRejects(() => new KeysUnlocker(host, undefined, FAST).open(file, "/keys.txt"));
  assertEquals(assertUserError(error, "usage").hints, ["set SOPSMITH_PASSPHRASE, or pass --passphrase-file FILE"]);
});

Deno.test("KeysUnlocker.seal() asks twice for a new passphrase", async () => {
  await using host = await hostWithAnswers("new", "new");
  const sealed = await new KeysUnlocker(host, undefined, FAST).seal(A, "/keys.txt");
  assertEquals(await decryptWithPassphrase(sealed, new Secret("new"), "/keys.txt"), A);
});

Deno.test("KeysUnlocker.seal() refuses plugin identities before it asks for anything", async () => {
  await using host = await testHost();
  const plain = new TextEncoder().encode(`${TEST_PLUGIN.identity}\n`);
  const error = await assertRejects(() => new KeysUnlocker(host, undefined, FAST).seal(plain, "/keys.txt"));
  assertUserError(error, "unsupported", /SOPS does not read plugin identities from a protected file/);
});

Deno.test("throughPassphrase() shows a planner the plain text, and protects what it writes", async () => {
  await using host = await hostWithAnswers("one");
  const planner = throughPassphrase(new KeysUnlocker(host, undefined, FAST), plannerOf(A), "plain");
  const { changes, outcome } = await planner([snapshotOf(await protect(A, "one"))]);
  assertEquals(outcome, "done");
  assertEquals(await decryptWithPassphrase(after(changes), new Secret("one"), "/keys.txt"), B);
});

Deno.test("throughPassphrase() leaves a plain file plain, and makes a new one as it is told to", async () => {
  await using host = await hostWithAnswers("new", "new");
  const unlocker = new KeysUnlocker(host, undefined, FAST);
  const plain = await throughPassphrase(unlocker, plannerOf(A), "protected")([snapshotOf(A)]);
  assertEquals(after(plain.changes), B);
  const newPlain = await throughPassphrase(unlocker, plannerOf(undefined), "plain")([snapshotOf(undefined)]);
  assertEquals(after(newPlain.changes), B);
  const made = await throughPassphrase(unlocker, plannerOf(undefined), "protected")([snapshotOf(undefined)]);
  assert(isProtected(after(made.changes)));
});
