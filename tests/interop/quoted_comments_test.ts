/** Comments that stand right behind a quote: go-yaml takes them for comments there, and nowhere else. */
import { run } from "../../main.ts";
import { TEST_X25519 } from "../keys/test_keys.ts";
import { assertEquals } from "../support/assert.ts";
import { runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { testHost } from "../support/test_host.ts";

peerTest("a comment right behind a quoted value stays a comment, as in sops", ["sops"], async () => {
  for (const text of ['a: "10"#x\nb: c\n', "a: '10'#\r\nb: c\r\n", 'a: "1\\n2"#x\nb: c\n', 'a: ["1"#x\n  ]\nb: c\n']) {
    await using host = await testHost({
      files: { "db.yaml": text, "~/.config/sops/age/keys.txt": TEST_X25519.identity },
      env: { SOPS_DISABLE_VERSION_CHECK: "1" },
    });
    assertEquals(
      await run(["encrypt", "-i", "--age", TEST_X25519.recipient, "db.yaml"], host),
      0,
      host.written("stderr"),
    );
    const theirs = await runPeer(host, "sops", ["decrypt", "--output-type", "json", "db.yaml"], {
      SOPS_AGE_KEY: TEST_X25519.identity,
    });
    assertEquals([theirs.code, JSON.parse(theirs.stdout).b], [0, "c"], theirs.stderr);
    assertEquals(await run(["decrypt", "-i", "db.yaml"], host), 0, host.written("stderr"));
    const decrypted = (await host.readText("db.yaml")).replaceAll(" #", "#").replaceAll("'", '"');
    assertEquals(decrypted.replace("|-#x\n    1\n    2", '"1\\n2"#x'), text.replaceAll("'", '"'));
  }
});
