/** What lies around a config that is looked at. */
import { holdsEncryptedFile, listComparedPaths } from "../../../lib/repository/rules/lint_target.ts";
import { assertEquals } from "../../support/assert.ts";
import { osError, testHost } from "../../support/test_host.ts";

const ENCRYPTED = Deno.readTextFileSync(new URL("../../vectors/sops/enc/simple.yaml", import.meta.url));

Deno.test("holdsEncryptedFile() finds a file at any depth, and none where there is none", async () => {
  await using host = await testHost({
    files: { "old/a/b/c.yaml": ENCRYPTED, "old/.sops.yaml": "", "new/README.md": "# Title\n", "new/.sops.yaml": "" },
  });
  const [old, fresh] = ["old", "new"].map((folder) => host.paths.join(host.cwd, folder, ".sops.yaml"));
  assertEquals(holdsEncryptedFile(host, old!), true);
  assertEquals(holdsEncryptedFile(host, fresh!), false);
});

Deno.test("holdsEncryptedFile() passes over what cannot be read", async () => {
  await using host = await testHost({
    files: { "a.yaml": ENCRYPTED },
    beforeFileOperation(operation) {
      if (operation === "read") throw osError("EACCES");
    },
  });
  assertEquals(holdsEncryptedFile(host, host.paths.join(host.cwd, ".sops.yaml")), false);
});

Deno.test("listComparedPaths() lists paths as SOPS compares them, without configs", async () => {
  await using host = await testHost({ files: { "b/x.yaml": "", ".sops.yaml": "", "a.txt": "", "b/.sops.yaml": "" } });
  assertEquals(listComparedPaths(host, host.paths.join(host.cwd, ".sops.yaml")), ["a.txt", "b/x.yaml"]);
});
