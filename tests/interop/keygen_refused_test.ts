/**
 * `.sops.yaml` files that SOPS does not read: sops refuses them, and so does `keygen`, with line, column and reason, and
 * leaves them alone; and the few on which the two differ.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { CONFIG_FOLDERS, readConfigFiles } from "../support/corpus.ts";
import { keygenIn, repositoryOf, VAULT_FILE } from "../support/interop_config.ts";
import { forEachOf, runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import type { TestHost } from "../support/test_host.ts";

/** What sops says of a configuration that it cannot read, as opposed to one without a rule or a key that it can use. */
const UNREADABLE = /error loading config: (?!no matching)|can not compile regexp|invalid age key configuration/;

/** Files of which only the line can be told, because the bytes are no text. */
const WITHOUT_COLUMN = new Set(["latin1.sops.yaml", "utf16.sops.yaml"]);

/** Folders of files that keygen leaves alone, and whether sops does so too. */
const REFUSED = [["corpus_own/refused", true], ["corpus_own/stricter", false]] as const;

async function isRefusedBySops(host: TestHost): Promise<boolean> {
  const { code, stderr } = await runPeer(host, "sops", ["encrypt", VAULT_FILE]);
  return code !== 0 && UNREADABLE.test(stderr);
}

for (const [folder, isRefusedByBoth] of REFUSED) {
  peerTest(`keygen refuses every file of ${folder}, says where and why, and leaves it alone`, ["sops"], async () => {
    const problems = await forEachOf(readConfigFiles(folder), async ({ name, content }) => {
      await using host = await repositoryOf(content, { files: { [VAULT_FILE]: "a: b\n" } });
      const { exitCode, stdout, stderr, config } = await keygenIn(host);
      const place = WITHOUT_COLUMN.has(name) ? /^error: cannot read ".sops.yaml": \S/ : /line \d+, column \d+: \S/;
      const isLeftAlone = config?.length === content.length && config.every((byte, index) => byte === content[index]);
      return [
        ...(await isRefusedBySops(host) === isRefusedByBoth ? [] : [`${name}: sops thinks otherwise`]),
        ...(exitCode === 1 && stdout === "" && place.test(stderr) ? [] : [`${name}: exit ${exitCode}, ${stderr}`]),
        ...(isLeftAlone && [...Deno.readDirSync(host.home)].length === 0 ? [] : [`${name}: something was written`]),
      ];
    });
    assertEquals(problems.flat(), []);
  });
}

peerTest("keygen reads every other file, as sops does", ["sops"], async () => {
  const files = CONFIG_FOLDERS.flatMap(readConfigFiles);
  const refused = await forEachOf(files, async ({ name, content }) => {
    await using host = await repositoryOf(content, { files: { [VAULT_FILE]: "a: b\n" } });
    assert(!await isRefusedBySops(host), `sops does not read ${name}`);
    return (await keygenIn(host, "--dry-run")).exitCode === 0 ? [] : [name];
  });
  assertEquals(refused.flat(), []);
});
