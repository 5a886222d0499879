/** What is too large to be read whole is refused: half of a value or of a file would be taken for all of it. */
import type { Host, InputStream } from "../../../lib/base/host/host.ts";
import { EXIT } from "../../../lib/base/exit_code.ts";
import { run } from "../../../main.ts";
import { TEST_X25519 } from "../../keys/test_keys.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { walk } from "../../support/case_shell.ts";
import { testHost } from "../../support/test_host.ts";

const LIB = `${import.meta.dirname}/../../../lib/`;
const { recipient, identity } = TEST_X25519;

const READERS: readonly (readonly string[])[] = [
  ["encrypt", "--age", recipient, "--filename-override", "x.yaml", "-"],
  ["decrypt", "--input-type", "yaml", "-"],
  ["set", "db.yaml", '["a"]', "--value-stdin"],
  ["edit", "db.yaml", "--from", "-"],
  ["secret", "set", "A", "--stdin"],
  ["secret", "import", "-"],
  ["identity", "import", "-"],
];

for (const args of READERS) {
  Deno.test(`${args.slice(0, 2).join(" ")} refuses more on standard input than it takes`, async () => {
    await using host = await testHost({ files: { "db.yaml": "a: b\n", "~/.config/sops/age/keys.txt": identity } });
    assertEquals(await run(["encrypt", "-i", "--age", recipient, "db.yaml"], host), EXIT.done);
    const before = await host.readText("db.yaml");
    const stdin: InputStream = {
      ...host.stdin,
      read: (maxBytes) => Promise.resolve({ length: maxBytes + 1 } as Uint8Array), // nobody may look into it
    };
    const other: Host = { ...host, stdin };
    assertEquals(await run(args, other), EXIT.failed, host.written("stderr"));
    assertStringIncludes(host.written("stderr"), "cannot read standard input: larger than");
    assertEquals(await host.readText("db.yaml"), before);
  });
}

/** Who reads standard input without the check, and makes one of its own. */
const WITHOUT_CAP = [
  "base/ask/passphrase.ts",
  "base/files/read_files.ts",
  "base/host/deno_terminal.ts",
];

Deno.test("standard input is read by way of the check", async () => {
  const readers: string[] = [];
  await walk(LIB, LIB, async (path) => {
    if (path.endsWith(".ts") && /\bstdin\.read\(/.test(await Deno.readTextFile(path))) {
      readers.push(path.slice(LIB.length));
    }
  });
  assertEquals(readers.sort(), WITHOUT_CAP);
  assert(readers.length > 0);
});
