/** Does real SOPS encrypt to what `rules add` promises? Needs `sops`. */
import { Report } from "../../lib/base/show/report.ts";
import { rulesAdd } from "../../lib/commands/rules/add.ts";
import { TEST_X25519 } from "../keys/test_keys.ts";
import { assertEquals } from "../support/assert.ts";
import { forEachOf, sops } from "../support/interop_peers.ts";
import { CONFIG_FOLDERS, readConfigFiles } from "../support/corpus.ts";
import { peerTest } from "../support/peers.ts";
import { testHost } from "../support/test_host.ts";

const NEW_FILE = "secrets/zz-new/a.yaml";
const QUIET = { SOPS_DISABLE_VERSION_CHECK: "1" };

for (const folder of CONFIG_FOLDERS) {
  peerTest(
    `SOPS encrypts to the recipient of a rule that rules add wrote, in every file of ${folder}`,
    ["sops"],
    async () => {
      const others = await forEachOf(readConfigFiles(folder), async ({ name, content }) => {
        const files = { ".git/HEAD": "", ".sops.yaml": content, [NEW_FILE]: "data: b\n" };
        await using host = await testHost({ files });
        const args = [String.raw`^secrets/zz-new/.*\.yaml$`, `newbie=${TEST_X25519.recipient}`];
        await rulesAdd({}, args, { host, report: new Report(host) });
        const encrypted = await sops(host, ["encrypt", "--output-type", "json", NEW_FILE], QUIET);
        const { age } = JSON.parse(encrypted).sops;
        const readers = age.map(({ recipient }: { recipient: string }) => recipient);
        return JSON.stringify(readers) === JSON.stringify([TEST_X25519.recipient]) ? [] : [name];
      });
      assertEquals(others.flat(), []);
    },
  );
}
