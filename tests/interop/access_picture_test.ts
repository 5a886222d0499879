/** The picture of `access` is one that a program for pictures draws, whatever files are called. */
import { run } from "../../main.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../keys/test_keys.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { testHost } from "../support/test_host.ts";

/** The first bytes of a PNG picture (RFC 2083, section 3.1). */
const PNG_START = "89504e470d0a1a0a";

peerTest("rsvg-convert draws the picture of access", ["rsvg-convert"], async () => {
  await using host = await testHost({
    files: {
      ".sops.yaml": `creation_rules:\n  - age: ${TEST_X25519.recipient},${TEST_X25519_OTHER.recipient}\n`,
      "a & <b>/]]> é.yaml": "a: 1\n",
      "a & <b>/other.yaml": "a: 1\n",
    },
  });
  assertEquals(await run(["encrypt", "-i", "a & <b>/]]> é.yaml"], host), 0);
  assertEquals(await run(["encrypt", "-i", "--age", TEST_X25519.recipient, "a & <b>/other.yaml"], host), 0);
  assertEquals(await run(["access", "--svg", "access.svg"], host), 0, host.written("stderr"));
  const { code, stdout, stderr } = await new Deno.Command("rsvg-convert", { args: [host.path("access.svg")] }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  assert(stdout.subarray(0, 8).toHex() === PNG_START, "a picture comes out");
});
