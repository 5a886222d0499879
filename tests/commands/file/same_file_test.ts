/** Another name of the input is the input: it is read once more before the values replace what they were made of. */
import { run } from "../../../main.ts";
import { EXIT } from "../../../lib/base/exit_code.ts";
import { TEST_X25519 } from "../../keys/test_keys.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

const { recipient, identity } = TEST_X25519;

for (const [name, link] of [["a symlink", Deno.symlinkSync], ["a hard link", Deno.linkSync]] as const) {
  Deno.test(`decrypt --output says that it replaced the file that ${name} leads to`, async () => {
    await using host = await testHost({ files: { "db.yaml": "a: b\n", "~/.config/sops/age/keys.txt": identity } });
    assertEquals(await run(["encrypt", "-i", "--age", recipient, "db.yaml"], host), EXIT.done);
    link(host.path("db.yaml"), host.path("other.yaml"));
    assertEquals(await run(["decrypt", "--output", "other.yaml", "db.yaml"], host), EXIT.done);
    assertStringIncludes(host.written("stderr"), "decrypted db.yaml");
    assertEquals(await host.readText("db.yaml"), "a: b\n");
  });
}

Deno.test("exec-env says what to do with a value that is larger than a variable can be", async () => {
  await using host = await testHost({
    files: { "app.env": `A=${"x".repeat(200_000)}\n`, "~/.config/sops/age/keys.txt": identity },
  });
  assertEquals(await run(["encrypt", "-i", "--age", recipient, "app.env"], host), EXIT.done);
  assertEquals(await run(["exec-env", "app.env", "true"], host), host.os === "linux" ? EXIT.failed : EXIT.done);
  if (host.os !== "linux") return; // one variable may be as large as all of them there
  assertStringIncludes(host.written("stderr"), "hint: exec-file hands over the whole file");
  assert(!host.written("stderr").includes("xxx"), "the value is not shown");
});
