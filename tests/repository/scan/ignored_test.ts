/** What git ignores is no part of a repository. */
import { selectFiles } from "../../../lib/repository/bulk/selection.ts";
import { FileRules } from "../../../lib/repository/scan/file_rules.ts";
import { listIgnored } from "../../../lib/repository/scan/ignored.ts";
import { assertEquals } from "../../support/assert.ts";
import { peerTest } from "../../support/peers.ts";
import { type TestHost, testHost } from "../../support/test_host.ts";
import { runPeer } from "../../support/interop_peers.ts";

const ENCRYPTED = `a: ENC[AES256_GCM,data:aA==,iv:aA==,tag:aA==,type:str]
sops:
    age:
        - enc: x
          recipient: age1x
    lastmodified: "2026-01-02T03:04:05Z"
    mac: ENC[AES256_GCM,data:aA==,iv:aA==,tag:aA==,type:str]
    version: 3.13.2
`;

async function select(host: TestHost, ...paths: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const file of selectFiles(host, { paths, rules: new FileRules(host, undefined) })) {
    found.push(host.paths.relative(host.cwd, file.path));
  }
  return found;
}

peerTest(
  "a repository is searched without what git ignores, and a file that is named counts all the same",
  ["git"],
  async () => {
    await using host = await testHost({
      files: {
        ".gitignore": "build/\n*.local.yaml\n",
        "a.yaml": ENCRYPTED,
        "b.local.yaml": ENCRYPTED,
        "build/c.yaml": ENCRYPTED,
        "x/build/d.yaml": ENCRYPTED,
        "x/e.yaml": ENCRYPTED,
      },
    });
    assertEquals(await select(host), ["a.yaml", "b.local.yaml", "build/c.yaml", "x/build/d.yaml", "x/e.yaml"]);
    assertEquals([...await listIgnored(host, host.cwd)], []);
    assertEquals((await runPeer(host, "git", ["init", "-q"])).code, 0);
    assertEquals(await select(host), ["a.yaml", "x/e.yaml"]);
    assertEquals(await select(host, "x", "x/e.yaml", "build/c.yaml"), ["x/e.yaml", "build/c.yaml"]);
    const inner = host.in(host.path("x"));
    assertEquals([...await listIgnored(inner, inner.cwd)], [host.path("x/build")]);
  },
);
