/**
 * The executable for Linux on x86_64, made twice from a program that was bundled twice, with Deno itself in the place of
 * the runtime: that needs no download, and is embedded in the same way.
 *
 * @module
 */
import { bundleParts, FIRST_PART } from "../../../scripts/bundle/bundle.ts";
import { compileExecutable } from "../../../scripts/bundle/compile.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";

/** The only target whose runtime this machine has for certain. */
const TARGET = "x86_64-unknown-linux-gnu";

const isLinux = Deno.build.os === "linux";

async function compileAnew(folder: string): Promise<Uint8Array> {
  const [parts, output] = [`${folder}/parts`, `${folder}/sopsmith`];
  await bundleParts(parts);
  assertEquals(await compileExecutable({ parts, target: TARGET, output }, { DENORT_BIN: Deno.execPath() }), undefined);
  return await Deno.readFile(output);
}

/** Reads a value of the description that an executable holds of itself. */
function readEmbedded(executable: Uint8Array, name: string): string | undefined {
  const text = new TextDecoder("latin1").decode(executable.subarray(-EMBEDDED_BYTES));
  return new RegExp(`"${name}":([^,]*),`).exec(text)?.[1];
}

/** More than what is embedded; it stands at the end. */
const EMBEDDED_BYTES = 8_000_000;

Deno.test({
  name: `compileExecutable() gives the same bytes again${isLinux ? "" : " [needs Linux]"}`,
  ignore: !isLinux,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "sopsmith-compile-" });
    try {
      const first = await compileAnew(folder);
      const second = await compileAnew(folder);
      assertEquals(first.length, second.length);
      assert(first.every((byte, offset) => byte === second[offset]), "the second executable differs");
      assertEquals(readEmbedded(second, "code_cache_key"), "null"); // it opens no cache under a name that others know
      assertStringIncludes(readEmbedded(second, "entrypoint_key") ?? "", FIRST_PART); // its threads start with it
      const embedded = new TextDecoder("latin1").decode(second.subarray(-EMBEDDED_BYTES));
      for await (const { name } of Deno.readDir(`${folder}/parts`)) {
        const part = new TextDecoder("latin1").decode(await Deno.readFile(`${folder}/parts/${name}`));
        assert(embedded.includes(part), `${name} is not in it`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
