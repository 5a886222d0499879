import { findGitRoot } from "../../lib/config/git_root.ts";
import { assertEquals } from "../support/assert.ts";
import { osError, testHost } from "../support/test_host.ts";

Deno.test("findGitRoot() finds the nearest work tree at or above the folder", async () => {
  await using host = await testHost({
    files: {
      "repo/.git/HEAD": "",
      "repo/a/b/x": "",
      "repo/submodule/.git": "gitdir: ../.git/modules/submodule\n",
      "repo/submodule/c/x": "",
    },
  });
  assertEquals(await findGitRoot(host, host.path("repo")), host.path("repo"));
  assertEquals(await findGitRoot(host, host.path("repo/a/b")), host.path("repo"));
  assertEquals(await findGitRoot(host, host.path("repo/submodule/c")), host.path("repo/submodule"));
  assertEquals(await findGitRoot(host, host.path(".")), undefined);
});

Deno.test("findGitRoot() leaves a symlinked folder by its real parent", async () => {
  await using host = await testHost({ files: { "repo/.git/HEAD": "", "repo/sub/x": "", "other/.git/HEAD": "" } });
  await Deno.symlink(host.path("repo/sub"), host.path("other/link"));
  await Deno.symlink(host.path("repo"), host.path("linked-repo"));
  assertEquals(await findGitRoot(host, host.path("other/link")), host.path("repo"));
  assertEquals(await findGitRoot(host, host.path("linked-repo/sub")), host.path("linked-repo"));
});

Deno.test("findGitRoot() goes past a folder that it may not look into", async () => {
  await using host = await testHost({
    files: { "repo/.git/HEAD": "", "repo/closed/x": "" },
    beforeFileOperation(operation, path) {
      if (operation === "stat" && path.endsWith("closed/.git")) throw osError("EACCES");
    },
  });
  assertEquals(await findGitRoot(host, host.path("repo/closed")), host.path("repo"));
});
