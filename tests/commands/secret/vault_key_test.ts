/** `secret get SOPS_AGE_KEY`: the key of the vault, and nobody else's. */
import { run } from "../../../main.ts";
import { EXIT } from "../../../lib/base/exit_code.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../../keys/test_keys.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/test_host.ts";

const [OWN, OTHER] = [TEST_X25519, TEST_X25519_OTHER];
const CONFIG = `creation_rules:\n  - age: ${OWN.recipient}\n`;
const KEYS = "~/.config/sops/age/keys.txt";

async function getKey(host: TestHost, ...args: string[]): Promise<number> {
  return await run(["secret", "get", "SOPS_AGE_KEY", ...args], host);
}

Deno.test("secret get SOPS_AGE_KEY gives the key of the vault alone, of those in the keys file", async () => {
  await using host = await testHost({
    files: { ".sops.yaml": CONFIG, [KEYS]: `# test keys\n${OTHER.identity}\n${OWN.identity}\n` },
  });
  assertEquals(await getKey(host), EXIT.done, host.written("stderr"));
  assertEquals(host.written("stdout"), `${OWN.identity}\n`);
});

Deno.test("secret get SOPS_AGE_KEY finds the keys file of a vault", async () => {
  await using host = await testHost({
    files: {
      ".sops.yaml": CONFIG,
      "atmos.yaml": "secrets:\n  providers:\n    prod:\n      spec:\n        age_key_file: prod.txt\n",
      "prod.txt": `${OTHER.identity}\n`,
      [KEYS]: `${OWN.identity}\n`,
    },
  });
  assertEquals(await getKey(host, "--stack", "x"), EXIT.done, host.written("stderr"));
  assertEquals(host.written("stdout"), `${OTHER.identity}\n`);
});

Deno.test("secret get SOPS_AGE_KEY shows no key of others, and masks on a terminal", async () => {
  await using host = await testHost({
    files: { ".sops.yaml": "creation_rules:\n  - age: age1x\n", [KEYS]: `${OTHER.identity}\n${OWN.identity}\n` },
  });
  assertEquals(await getKey(host), EXIT.failed);
  assertEquals(host.written("stdout"), "");
  assertStringIncludes(host.written("stderr"), "no private key on this machine");
  await using terminal = await testHost({
    terminal: ["stdout"],
    files: { ".sops.yaml": CONFIG, [KEYS]: `${OWN.identity}\n` },
  });
  assertEquals(await getKey(terminal), EXIT.done);
  assert(!terminal.written("stdout").includes("AGE-SECRET-KEY"), "masked");
  assertEquals(await getKey(terminal, "--mask=false"), EXIT.done);
  assertStringIncludes(terminal.written("stdout"), OWN.identity);
});

Deno.test("a vault's own keys file opens its secrets, besides what SOPS finds", async () => {
  await using host = await testHost({
    files: {
      ".sops.yaml": `creation_rules:\n  - age: ${OTHER.recipient}\n`,
      "atmos.yaml": "secrets:\n  providers:\n    prod:\n      spec:\n        age_key_file: prod.txt\n",
      "prod.txt": `${OTHER.identity}\n`,
    },
  });
  assertEquals(await run(["secret", "set", "A=one", "--stack", "x"], host), EXIT.done, host.written("stderr"));
  assertEquals(await run(["secret", "set", "B=two", "--stack", "x"], host), EXIT.done, host.written("stderr"));
  assertEquals(await run(["secret", "pull", "--stack", "x"], host), EXIT.done);
  assertEquals(host.written("stdout"), "A=one\nB=two\n");
});
