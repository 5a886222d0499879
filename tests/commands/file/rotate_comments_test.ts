/** What nobody can open any more after a rotation is told. */
import { run } from "../../../main.ts";
import { EXIT } from "../../../lib/base/exit_code.ts";
import { TEST_X25519 } from "../../keys/test_keys.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

const { recipient, identity } = TEST_X25519;

for (const isMoved of [true, false]) {
  Deno.test(`rotate ${isMoved ? "warns of" : "says nothing without"} a comment that was moved to another container`, async () => {
    await using host = await testHost({
      files: { "db.yaml": "a: 1\nb:\n  # hush\n  c: 2\n", "~/.config/sops/age/keys.txt": identity },
    });
    assertEquals(await run(["encrypt", "-i", "--age", recipient, "db.yaml"], host), EXIT.done);
    const text = await host.readText("db.yaml");
    const [line = ""] = /^ +#ENC.*\n/m.exec(text) ?? [];
    assert(line !== "", "the comment is encrypted");
    if (isMoved) await host.writeText("db.yaml", line.trimStart() + text.replace(line, ""));
    assertEquals(await run(["rotate", "-i", "--yes", "db.yaml"], host), EXIT.done);
    const said = host.written("stderr");
    if (isMoved) assertStringIncludes(said, "warning: 1 encrypted comment of db.yaml stood in another place once");
    else assert(!said.includes("comment"), said);
  });
}
