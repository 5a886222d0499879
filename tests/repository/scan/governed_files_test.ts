/** The encrypted files that one config is for. */
import { findGovernedFiles } from "../../../lib/repository/scan/governed_files.ts";
import { assertEquals } from "../../support/assert.ts";
import { osError, testHost } from "../../support/test_host.ts";

const ENCRYPTED = Deno.readTextFileSync(new URL("../../vectors/sops/enc/simple.yaml", import.meta.url));

const FILES = {
  ".sops.yaml": "creation_rules: []\n",
  "a.yaml": ENCRYPTED,
  "own/.sops.yaml": "creation_rules: []\n",
  "own/deep/b.yaml": ENCRYPTED,
  "closed/c.yaml": ENCRYPTED,
};

Deno.test("findGovernedFiles() does not enter folders with a config of their own, and tells what it could not see", async () => {
  const listed: string[] = [];
  await using host = await testHost({
    files: FILES,
    beforeFileOperation(operation, path) {
      if (operation === "list") listed.push(path.slice(host.cwd.length + 1));
      if (operation === "list" && path.endsWith("/closed")) throw osError("EACCES");
    },
  });
  const found = findGovernedFiles(host, { path: host.path(".sops.yaml"), reason: "nearest" });
  assertEquals(found.files.map(({ comparedPath }) => comparedPath), ["a.yaml"]);
  assertEquals(found.unseen.map(({ relativePath }) => relativePath), ["closed"]);
  assertEquals(listed, ["", "closed", "own"]);
});

Deno.test("findGovernedFiles() takes a config that a person named for all files below it", async () => {
  await using host = await testHost({ files: FILES });
  const { files } = findGovernedFiles(host, { path: host.path(".sops.yaml"), reason: "flag" });
  assertEquals(files.map(({ comparedPath }) => comparedPath), ["a.yaml", "closed/c.yaml", "own/deep/b.yaml"]);
});

Deno.test("findGovernedFiles() enters a folder whose config is a link to nothing, as SOPS passes over it", async () => {
  await using host = await testHost({ files: { ".sops.yaml": "", "d/a.yaml": ENCRYPTED } });
  await Deno.symlink(host.path("absent"), host.path("d/.sops.yaml"));
  const { files } = findGovernedFiles(host, { path: host.path(".sops.yaml"), reason: "nearest" });
  assertEquals(files.map(({ relativePath }) => relativePath), ["d/a.yaml"]);
});
