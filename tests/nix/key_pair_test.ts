/** A signing key in two files; what people see of it is on the pages of `nix key generate-secret`. */
import { formatPublicKey, parseSigningKey } from "../../lib/nix/key.ts";
import { planKeyPair, writeKeyPair } from "../../lib/nix/key_pair.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../support/assert.ts";
import { osError, testHost } from "../support/test_host.ts";
import { NIX_TEST_KEYS } from "./test_keys.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("writeKeyPair() writes two halves of one key, the secret one for nobody else", async () => {
  await using host = await testHost();
  const pair = await writeKeyPair(host, "cache-1", host.path("new/cache.sec"));
  assertEquals(pair.action, "made");
  const read = await parseSigningKey(encode(await host.readText("new/cache.sec")), "test");
  assert(read.secret.equals(pair.key.secret));
  assertEquals(await host.readText("new/cache.sec.pub"), formatPublicKey(read.publicKey));
  const mode = (name: string): number => (Deno.statSync(host.path(name)).mode ?? 0) & 0o777;
  if (Deno.build.os !== "windows") assertEquals([mode("new/cache.sec"), mode("new")], [0o600, 0o700]);
});

Deno.test("writeKeyPair() in many runs at the same time makes one key", async () => {
  await using host = await testHost();
  const runs = await Promise.allSettled(
    Array.from({ length: 8 }, () => writeKeyPair(host, "cache-1", host.path("cache.sec"))),
  );
  const made = runs.flatMap((run) => run.status === "fulfilled" && run.value.action === "made" ? [run.value] : []);
  assertEquals(made.length, 1);
  assertEquals(await host.readText("cache.sec"), made[0]?.key.secret.revealText());
  for (const run of runs) if (run.status === "rejected") assertUserError(run.reason, "exists");
  const read = await parseSigningKey(encode(await host.readText("cache.sec")), "test");
  assertEquals(await host.readText("cache.sec.pub"), formatPublicKey(read.publicKey));
});

Deno.test("writeKeyPair() leaves no empty file, whichever operation fails", async () => {
  for (const operation of ["create", "replaceContent", "rename", "syncDirectory"] as const) {
    for (let nth = 1; nth <= 2; nth++) {
      let count = 0;
      await using host = await testHost({
        beforeFileOperation(found) {
          if (found === operation && ++count === nth) throw osError("ENOSPC");
        },
      });
      const error = await assertRejects(() => writeKeyPair(host, "cache-1", host.path("cache.sec")));
      assertUserError(error, "io", /no space/);
      for (const { name } of Deno.readDirSync(host.cwd)) {
        assert(Deno.readTextFileSync(host.path(name)).startsWith("cache-1:"), `${operation} ${nth}: ${name}`);
      }
      const again = await writeKeyPair(host, "cache-1", host.path("cache.sec")).catch((reason) => reason);
      if (again instanceof Error) assertUserError(again, "exists"); // both halves were there already
      const read = await parseSigningKey(encode(await host.readText("cache.sec")), "test");
      assertEquals(await host.readText("cache.sec.pub"), formatPublicKey(read.publicKey));
    }
  }
});

Deno.test("writeKeyPair() completes only a whole key of the same name", async () => {
  const { a } = NIX_TEST_KEYS;
  const refused = [
    "",
    "x",
    a.public,
    a.secret.replace("test-a-1", "test-c-1"),
    a.secret.slice(0, -8),
    `\ufeff${a.secret}`,
  ];
  for (const content of refused) {
    await using host = await testHost({ files: { "cache.sec": content } });
    const error = await assertRejects(() => writeKeyPair(host, "test-a-1", host.path("cache.sec")));
    assertUserError(error, "exists");
    assertEquals(await host.readText("cache.sec"), content);
  }
  await using host = await testHost({ files: { "cache.sec": `${a.secret}\n` } });
  assertEquals((await writeKeyPair(host, "test-a-1", host.path("cache.sec"))).action, "completed");
  assertEquals(await host.readText("cache.sec"), `${a.secret}\n`);
  assertEquals(await host.readText("cache.sec.pub"), a.public);
});

Deno.test("planKeyPair() writes nothing", async () => {
  await using host = await testHost();
  assertEquals((await planKeyPair(host, "cache-1", host.path("new/cache.sec"))).action, "made");
  assertEquals(Array.from(Deno.readDirSync(host.cwd)), []);
});
