/** Signing the files of a binary cache; what people see of it is on the pages of `nix store sign`. */
import { parseSigningKey, type SigningKey } from "../../lib/nix/key.ts";
import { signNarInfoFiles } from "../../lib/nix/sign.ts";
import { narInfoOf, NIX_NARINFOS, NIX_TEST_KEYS, withoutSignatures } from "./test_keys.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../support/assert.ts";
import { osError, type TestHost, testHost, type TestHostOptions } from "../support/test_host.ts";

const readKey = async (text: string): Promise<SigningKey> =>
  await parseSigningKey(new TextEncoder().encode(text), "test");
const KEYS = [await readKey(NIX_TEST_KEYS.a.secret), await readKey(NIX_TEST_KEYS.b.secret)];

/** The vectors without their signatures. */
const UNSIGNED = Object.fromEntries([...NIX_NARINFOS].map(([name, text]) => [name, withoutSignatures(text)]));
const NAMES = Object.keys(UNSIGNED);

async function cacheHost(options: TestHostOptions = {}): Promise<TestHost> {
  return await testHost({ files: UNSIGNED, ...options });
}

Deno.test("signNarInfoFiles() makes the files that nix store sign made", async () => {
  await using host = await cacheHost();
  const counts = { read: 0, signed: 0 };
  const paths = NAMES.map((name) => host.path(name));
  const signed = await signNarInfoFiles(host, paths, {
    keys: KEYS,
    mode: "write",
    onRead: () => counts.read++,
    onFile: () => counts.signed++,
  });
  for (const [name, text] of NIX_NARINFOS) assertEquals(await host.readText(name), text);
  assertEquals(counts, { read: NAMES.length, signed: NAMES.length });
  assertEquals(signed.map(({ path }) => path), paths);
  assert(signed.every(({ added }) => added.join() === "test-a-1,test-b-1"));
  const again = await signNarInfoFiles(host, paths, { keys: KEYS, mode: "write" });
  assert(again.every(({ added }) => added.length === 0));
});

Deno.test("signNarInfoFiles() writes nothing when it only looks, or has nothing to do", async () => {
  const written: string[] = [];
  await using host = await cacheHost({
    beforeFileOperation(operation, path) {
      if (["create", "rename", "makeDirectory", "remove"].includes(operation)) written.push(path);
    },
  });
  const paths = NAMES.map((name) => host.path(name));
  const planned = await signNarInfoFiles(host, paths, { keys: KEYS, mode: "preview" });
  for (const { path, change } of planned) {
    const [before, after] = [change?.before, change?.after].map((bytes) => new TextDecoder().decode(bytes));
    const name = host.paths.basename(path);
    assertEquals([before, after], [UNSIGNED[name], NIX_NARINFOS.get(name)]);
  }
  assertEquals(written, []);
  for (const name of NAMES) await host.writeText(name, NIX_NARINFOS.get(name) ?? "");
  await signNarInfoFiles(host, paths, { keys: KEYS, mode: "write" });
  assertEquals(written, []);
});

Deno.test("signNarInfoFiles() signs nothing when one file cannot be used, and names the first few", async () => {
  await using host = await cacheHost();
  for (const name of NAMES.slice(1, 9)) await host.writeText(name, "x\n");
  const paths = NAMES.map((name) => host.path(name));
  const error = await assertRejects(() => signNarInfoFiles(host, paths, { keys: KEYS, mode: "write" }));
  const { details } = assertUserError(error, "malformed", /line 1/);
  assertEquals(details.slice(-2), ["… 3 more of that kind", "nothing was signed"]);
  assertEquals(details.length, 6);
  assertEquals(await host.readText(NAMES[0] ?? ""), UNSIGNED[NAMES[0] ?? ""]);
});

Deno.test("signNarInfoFiles() says how far it came, and the next run finishes", async () => {
  const broken = NAMES.at(-1) ?? "";
  let isFull = true;
  await using host = await cacheHost({
    beforeFileOperation(operation, path) {
      if (isFull && operation === "rename" && path.endsWith(broken)) throw osError("ENOSPC");
    },
  });
  const paths = NAMES.map((name) => host.path(name));
  const error = await assertRejects(() => signNarInfoFiles(host, paths, { keys: KEYS, mode: "write" }));
  const { details } = assertUserError(error, "io", /no space/);
  assertEquals(details.at(-1), "the same command, run again, finishes the job");
  const signedCount = NAMES.filter((name) => Deno.readTextFileSync(host.path(name)) === NIX_NARINFOS.get(name)).length;
  assert(details.includes(`${signedCount} files have been signed and stay so`));
  isFull = false;
  await signNarInfoFiles(host, paths, { keys: KEYS, mode: "write" });
  for (const [name, text] of NIX_NARINFOS) assertEquals(await host.readText(name), text);
});

Deno.test("signNarInfoFiles() does not sign a file that became another one after it was looked at", async () => {
  const plain = "9yfk8g7dqlncksm208cb3g2b7rk1hbrd.narinfo";
  let reads = 0;
  await using host = await testHost({
    files: { [plain]: withoutSignatures(narInfoOf("plain")) },
    beforeFileOperation(operation, path) {
      if (operation === "read" && path.endsWith(plain) && ++reads === 2) Deno.writeTextFileSync(path, "other\n");
    },
  });
  const error = await assertRejects(() => signNarInfoFiles(host, [host.path(plain)], { keys: KEYS, mode: "write" }));
  assertUserError(error, "malformed");
  assertEquals(await host.readText(plain), "other\n");
});

Deno.test("signNarInfoFiles() does not bring back a file that was removed meanwhile", async () => {
  const plain = "9yfk8g7dqlncksm208cb3g2b7rk1hbrd.narinfo";
  let reads = 0;
  await using host = await testHost({
    files: { [plain]: withoutSignatures(narInfoOf("plain")) },
    beforeFileOperation(operation, path) {
      if (operation === "read" && path.endsWith(plain) && ++reads === 2) Deno.removeSync(path);
    },
  });
  const error = await assertRejects(() => signNarInfoFiles(host, [host.path(plain)], { keys: KEYS, mode: "write" }));
  assertUserError(error, "not-found", /removed meanwhile/);
  assertEquals(Array.from(Deno.readDirSync(host.cwd)), []);
});

Deno.test("signNarInfoFiles() keeps the signatures of many runs at the same time", async () => {
  await using host = await cacheHost();
  const paths = NAMES.map((name) => host.path(name));
  await Promise.all(KEYS.map((key) => signNarInfoFiles(host, paths, { keys: [key], mode: "write" })));
  for (const [name, text] of NIX_NARINFOS) assertEquals(await host.readText(name), text);
});
