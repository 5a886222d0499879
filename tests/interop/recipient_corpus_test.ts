/**
 * `recipient add` and `remove` on real `.sops.yaml` files: sops itself says, before and after, whom it encrypts to.
 *
 * @module
 */
import { run } from "../../main.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { CONFIG_FOLDERS, type ConfigFile, readConfigFiles } from "../support/corpus.ts";
import { probePaths, repositoryOf, rulesOf } from "../support/interop_config.ts";
import { forEachOf, runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import type { TestHost } from "../support/test_host.ts";

/** A test key that no file of the corpus has. */
const NEW = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z";

/** How many paths are asked for each file: one, or all of them with `SOPSMITH_STRESS=full`. */
const MAX_PATHS = Deno.env.get("SOPSMITH_STRESS") === "full" ? Infinity : 1;

/** @returns the recipients, group by group in one list, that sops encrypts to; undefined when it refuses (pgp, kms) */
async function recipientsBySops(host: TestHost, path: string): Promise<readonly string[] | undefined> {
  const args = ["encrypt", "--filename-override", path, "--input-type", "yaml", "--output-type", "yaml"];
  const { code, stdout } = await runPeer(host, "sops", [...args, "plain.txt"]);
  return code === 0 ? Array.from(stdout.matchAll(/recipient: (.+)/g), ([, key]) => key!).toSorted() : undefined;
}

/** @returns how many paths sops answered for */
async function checkFile({ name, content }: ConfigFile): Promise<number> {
  await using host = await repositoryOf(content, { files: { "plain.txt": "a: b\n" } });
  const rules = await rulesOf(content).catch(() => undefined);
  if (rules === undefined || rules.config.rules.length === 0) return 0;
  const group = rules.config.rules.some(({ groups }) => groups.length > 1) ? ["--group", "1"] : [];
  const before = new Map<string, readonly string[]>();
  for (const path of probePaths(rules).filter((path) => rules.findWinner(path) !== undefined)) {
    if (before.size >= MAX_PATHS) break;
    const recipients = await recipientsBySops(host, path);
    if (recipients !== undefined) before.set(path, recipients);
  }
  assertEquals(
    await run(["recipient", "add", "zz-new", NEW, "--all-rules", ...group], host),
    0,
    name + host.written("stderr"),
  );
  for (const [path, recipients] of before) {
    assertEquals(await recipientsBySops(host, path), [...recipients, NEW].toSorted(), `${name} ${path}`);
  }
  if (before.size === 0) return 0;
  assertEquals(await run(["recipient", "remove", NEW, "--all-rules"], host), 0, name + host.written("stderr"));
  for (const [path, recipients] of before) {
    assertEquals(await recipientsBySops(host, path), recipients, `${name} ${path}`);
  }
  return before.size;
}

for (const folder of CONFIG_FOLDERS) {
  peerTest(`recipient add and remove change exactly that for sops, on every file of ${folder}`, ["sops"], async () => {
    const answers = await forEachOf(readConfigFiles(folder), checkFile);
    assert(answers.filter((count) => count > 0).length > answers.length / 2, `sops answered for ${answers}`);
  });
}
