import { findBuiltInVault, refuseHiddenConfig } from "../../../lib/config/vaults/built_in.ts";
import { findGitRoot } from "../../../lib/config/git_root.ts";
import type { Vault } from "../../../lib/config/vaults/vault.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/test_host.ts";

function layOut(...files: readonly string[]): Promise<TestHost> {
  return testHost({ files: Object.fromEntries(files.map((file) => [file, ""])) });
}

async function find(host: TestHost, cwd: string): Promise<Vault> {
  const there = host.in(cwd);
  return await findBuiltInVault(there, await findGitRoot(there, there.cwd));
}

const TABLE:
  readonly (readonly [name: string, files: readonly string[], cwd: string, file: string, hidden?: string])[] = [
    ["the working directory outside of git", ["a/x"], "a", "a/.sops.yaml"],
    ["the nearest file upward outside of git", [".sops.yaml", "a/b/x"], "a/b", ".sops.yaml"],
    ["the git root when there is no file", ["r/.git/HEAD", "r/a/x"], "r/a", "r/.sops.yaml"],
    [
      "the nearest file below the git root",
      ["r/.git/HEAD", "r/.sops.yaml", "r/a/.sops.yaml", "r/a/b/x"],
      "r/a/b",
      "r/a/.sops.yaml",
    ],
    ["the file in the git root", ["r/.git/HEAD", "r/.sops.yaml", "r/a/x"], "r/a", "r/.sops.yaml"],
    ["the file in the git root, not the one above", ["r/.git/HEAD", "r/.sops.yaml", ".sops.yaml"], "r", "r/.sops.yaml"],
    ["the git root below a file above", ["r/.git/HEAD", ".sops.yaml", "r/a/x"], "r/a", "r/.sops.yaml", ".sops.yaml"],
    [
      "the root of a submodule",
      ["r/.git/HEAD", "r/.sops.yaml", "r/m/.git", "r/m/a/x"],
      "r/m/a",
      "r/m/.sops.yaml",
      "r/.sops.yaml",
    ],
    ["no .sops.yml", ["r/.git/HEAD", "r/a/.sops.yml"], "r/a", "r/.sops.yaml"],
  ];

for (const [name, files, cwd, recipientsFile, hidden] of TABLE) {
  Deno.test(`findBuiltInVault() takes ${name}`, async () => {
    await using host = await layOut(...files);
    const vault = await find(host, cwd);
    assertEquals(vault.recipientsFile, host.path(recipientsFile));
    assertEquals(vault.basePath, host.paths.dirname(vault.recipientsFile));
    assertEquals(vault.hiddenConfig, hidden === undefined ? undefined : host.path(hidden));
  });
}

Deno.test("refuseHiddenConfig() refuses to hide a file above the git work tree", async () => {
  await using host = await layOut("r/.git/HEAD", ".sops.yaml");
  const vault = await find(host, "r");
  const there = host.in("r");
  const error = assertUserError(
    assertThrows(() => refuseHiddenConfig(vault, there, { newConfig: false })),
    "refused",
    /^cannot make ".sops.yaml": it would hide "..\/.sops.yaml", above the git work tree/,
  );
  assertEquals(error.hints, ["--new-config makes a new file anyway"]);
  assertEquals(error.location, { path: host.path(".sops.yaml") });
  refuseHiddenConfig(vault, there, { newConfig: true });
});

Deno.test("refuseHiddenConfig() lets a vault pass that hides nothing", async () => {
  await using host = await layOut(".sops.yaml");
  refuseHiddenConfig(await find(host, "."), host, { newConfig: false });
});
