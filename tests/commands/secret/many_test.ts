/** Many secrets at once: whoever opens the file is asked once; and input that is too large is not cut. */
import { run } from "../../../main.ts";
import { EXIT } from "../../../lib/base/exit_code.ts";
import { layOutPlugin, testingIdentity, testingRecipient } from "../../support/age_plugin.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { TEST_X25519 } from "../../keys/test_keys.ts";
import { testHost } from "../../support/test_host.ts";

const KEYS = "~/.config/sops/age/keys.txt";

Deno.test({
  name: "secret import asks a plugin once, however many values change",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using host = await testHost({
      terminal: ["stdin", "stderr"],
      answers: ["1234", "1234", "1234"], // for the recipient, and once for each command
      files: {
        ".sops.yaml": `creation_rules:\n  - age: ${testingRecipient("pin")}\n`,
        [KEYS]: `${testingIdentity("pin")}\n`,
        "a.env": "A=1\nB=2\n",
        "b.env": "A=1\nB=3\nC=4\nD=5\n",
      },
      env: { PATH: `${await pluginFolder()}:${Deno.env.get("PATH")}` },
    });
    assertEquals(await run(["secret", "import", "a.env"], host), EXIT.done, host.written("stderr"));
    assertEquals(await run(["secret", "import", "b.env"], host), EXIT.done, host.written("stderr"));
    assertStringIncludes(host.written("stderr"), "set 3 secrets of 4");
    assertEquals(await run(["secret", "get", "D", "--json"], host), EXIT.done, host.written("stderr"));
    assertEquals(host.written("stderr").split("the PIN of the test device").length - 1, 3);
  },
});

async function pluginFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "sopsmith-plugin-" });
  await layOutPlugin(folder);
  return folder;
}

Deno.test("secret set --stdin refuses a value that is too large, and cuts nothing", async () => {
  const config = `creation_rules:\n  - age: ${TEST_X25519.recipient}\n`;
  await using host = await testHost({ files: { ".sops.yaml": config }, stdin: "x".repeat(16 * 1024 * 1024 + 1) });
  assertEquals(await run(["secret", "set", "A", "--stdin"], host), EXIT.failed);
  assertStringIncludes(host.written("stderr"), "cannot read standard input: larger than 16 MiB");
  assert(host.files.stat(host.path("secrets/secrets.yaml")) === undefined);
});
