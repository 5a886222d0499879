import { findSopsConfig, readSopsConfigFile } from "../../lib/config/sops_config_find.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../support/assert.ts";
import { testHost } from "../support/test_host.ts";

Deno.test("findSopsConfig() takes the nearest .sops.yaml upward and remembers the first .sops.yml", async () => {
  await using host = await testHost({
    files: { ".sops.yaml": "{}", "a/.sops.yml": "{}", "a/b/c/.sops.yml": "{}", "a/b/c/d/x": "" },
  });
  const found = await findSopsConfig(host, host.path("a/b/c/d"));
  assertEquals(found, { path: host.path(".sops.yaml"), ignoredYml: host.path("a/b/c/.sops.yml") });
  assertEquals(await findSopsConfig(host, host.cwd), { path: host.path(".sops.yaml"), ignoredYml: undefined });
});

Deno.test("findSopsConfig() does not name a .sops.yml beside the .sops.yaml", async () => {
  await using host = await testHost({ files: { ".sops.yaml": "{}", ".sops.yml": "{}" } });
  assertEquals((await findSopsConfig(host, host.cwd)).ignoredYml, undefined);
});

Deno.test("findSopsConfig() finds none", async () => {
  await using host = await testHost({ files: { "a/.sops.yml": "{}" } });
  const found = await findSopsConfig(host, host.path("a"));
  assertEquals(found, { path: undefined, ignoredYml: host.path("a/.sops.yml") });
});

Deno.test("findSopsConfig() stops at a folder named .sops.yaml, as SOPS does", async () => {
  await using host = await testHost({ files: { ".sops.yaml": "{}", "a/.sops.yaml/x": "" } });
  const { path } = await findSopsConfig(host, host.path("a"));
  assertEquals(path, host.path("a/.sops.yaml"));
  assertUserError(assertThrows(() => readSopsConfigFile(host, host.path("a/.sops.yaml"))), "io");
});

Deno.test("findSopsConfig() looks in 100 folders and no more", async () => {
  const deep = Array(105).fill("d").join("/");
  await using host = await testHost({ files: { ".sops.yaml": "{}", [`${deep}/x`]: "" } });
  assertEquals((await findSopsConfig(host, host.path(deep))).path, undefined);
  const nearer = Array(99).fill("d").join("/");
  assertEquals((await findSopsConfig(host, host.path(nearer))).path, host.path(".sops.yaml"));
});

Deno.test({
  name: "findSopsConfig() goes on at the real parent of a symlinked folder",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using host = await testHost({ files: { "real/.sops.yaml": "{}", "real/deep/x": "", ".sops.yaml": "{}" } });
    await Deno.symlink(host.path("real/deep"), host.path("link"));
    assertEquals((await findSopsConfig(host, host.path("link"))).path, host.path("real/.sops.yaml"));
  },
});

Deno.test("readSopsConfigFile() reads a file, and gives undefined for none", async () => {
  await using host = await testHost({ files: { ".sops.yaml": "creation_rules: [{age: age1x}]" } });
  const config = await readSopsConfigFile(host, host.path(".sops.yaml"));
  assertEquals(config?.rules.length, 1);
  assertEquals(config?.path, host.path(".sops.yaml"));
  assertEquals(await readSopsConfigFile(host, host.path("none")), undefined);
});

Deno.test("readSopsConfigFile() refuses a file over 16 MiB and one that is not UTF-8", async () => {
  await using host = await testHost({
    files: {
      "big.yaml": new Uint8Array(16 * 1024 * 1024 + 1).fill(0x23),
      "latin.yaml": Uint8Array.of(0x61, 0xe9, 0x61),
    },
  });
  assertUserError(
    assertThrows(() => readSopsConfigFile(host, host.path("big.yaml"))),
    "malformed",
    /larger than/,
  );
  const error = assertThrows(() => readSopsConfigFile(host, host.path("latin.yaml")));
  assert(assertUserError(error, "malformed").message.includes("not UTF-8"));
});
