/** Does real SOPS read what the stores write as the same values, and write the same text? Needs `sops` and `age-keygen`. */
import { UserError } from "../../lib/base/error.ts";
import { dotenvStore } from "../../lib/sops/stores/dotenv.ts";
import { iniStore } from "../../lib/sops/stores/ini/ini.ts";
import { jsonStore } from "../../lib/sops/stores/json/json.ts";
import type { Store } from "../../lib/sops/stores/store.ts";
import { formatCanonicalYaml } from "../../lib/sops/stores/yaml_canonical.ts";
import type { Mapping } from "../../lib/sops/tree/tree.ts";
import { anyMapping, entry, hardText, leaf, mapping } from "../sops/stores/trees.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import fc from "../support/property.ts";

/** Random files for each format, of some ten values each. */
const FILES = Deno.env.get("SOPSMITH_STRESS") === "full" ? 1_000 : 12;

/** Several of them in one file: a run of sops costs more than a value. */
const bigMapping: fc.Arbitrary<Mapping> = fc.array(anyMapping, { minLength: 6, maxLength: 6 }).map((parts) =>
  mapping(...parts.map((part, i) => entry(`part${i}`, part)))
);

/** Keys and texts without what the formats cannot hold. */
const flatText = hardText.filter((text) => !text.includes("\\n"));
const dotenvKey = hardText.filter((text) => !/[\n\r=]|^#|^sops_/.test(text));
const iniKey = hardText.filter((text) =>
  text !== "" && text.trim() === text && !/[\n\r"`\u0085\ufeff]|^[-#;[]/.test(text)
);
const flatMapping = (key: fc.Arbitrary<string>): fc.Arbitrary<Mapping> =>
  fc.uniqueArray(fc.tuple(key, flatText), { maxLength: 12, selector: ([name]) => name })
    .map((pairs) => mapping(...pairs.map(([name, value]) => entry(name, leaf(value)))));
const sections: fc.Arbitrary<Mapping> = fc.array(flatMapping(iniKey), { minLength: 2, maxLength: 4 }).map((parts) =>
  mapping(entry("DEFAULT", mapping()), ...parts.map((part, i) => entry(`s${i}`, part)))
);

/** What real SOPS does with a text. */
interface RealSops {
  /** Encrypts it, and decrypts that again. @returns what it writes in the format, and as JSON */
  roundTrip(text: string, ending: string): Promise<{ same: string; json: string }>;
  /** @returns what it reads in it, as JSON */
  read(text: string, ending: string): Promise<string>;
}

function sopsTest(name: string, body: (sops: RealSops) => Promise<void>): void {
  peerTest(name, ["sops", "age-keygen"], async () => {
    const folder = await Deno.makeTempDir({ prefix: "sopsmith-stores-" });
    try {
      const run = async (command: string, args: readonly string[]): Promise<string> => {
        const env = { SOPS_DISABLE_VERSION_CHECK: "1", SOPS_AGE_KEY_FILE: `${folder}/keys.txt` };
        const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd: folder, env })
          .output();
        if (code !== 0) throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
        return new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdout);
      };
      await run("age-keygen", ["-o", "keys.txt"]);
      const recipient = (await run("age-keygen", ["-y", "keys.txt"])).trim();
      const encrypt = async (text: string, ending: string, flags: readonly string[]): Promise<string> => {
        await Deno.writeTextFile(`${folder}/plain.${ending}`, text);
        return await run("sops", ["encrypt", ...flags, "--age", recipient, `plain.${ending}`]);
      };
      await body({
        async roundTrip(text, ending) {
          await Deno.writeTextFile(`${folder}/enc.${ending}`, await encrypt(text, ending, []));
          const same = await run("sops", ["decrypt", `enc.${ending}`]);
          return { same, json: await run("sops", ["decrypt", "--output-type", "json", `enc.${ending}`]) };
        },
        async read(text, ending) {
          await Deno.writeTextFile(`${folder}/enc.json`, await encrypt(text, ending, ["--output-type", "json"]));
          return await run("sops", ["decrypt", "enc.json"]);
        },
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** What the format makes of values that it has no type for: SOPS compares after one reading. */
function asJson(store: Store, text: string): string {
  return jsonStore.formatCanonical(store.parse(text, "x").documents, undefined, {});
}

sopsTest("sops reads and writes YAML as formatCanonicalYaml() does", async (sops) => {
  await fc.assert(
    fc.asyncProperty(bigMapping, async (root) => {
      const yaml = formatCanonicalYaml([{ root }], undefined);
      if (/!!merge <<:/.test(yaml)) return; // SOPS writes such a key and reads it only before a mapping
      const expected = jsonStore.formatCanonical([{ root }], undefined, {});
      // SOPS writes a key of several lines as a block, which it cannot always read: what it writes is not compared
      if (/^[ -]*\? (?:".*\\n|\|)/m.test(yaml)) return assertEquals(await sops.read(yaml, "yaml"), expected);
      const { same, json } = await sops.roundTrip(yaml, "yaml");
      assertEquals(json, expected);
      // texts that SOPS writes as blocks that it cannot read stand in double quotes with us
      if (!/"[^"\n]*\\n/.test(yaml)) assertEquals(same, yaml);
    }),
    { numRuns: FILES },
  );
});

for (
  const [store, trees, ending] of [[jsonStore, bigMapping, "json"], [dotenvStore, flatMapping(dotenvKey), "env"], [
    iniStore,
    sections,
    "ini",
  ]] as const
) {
  sopsTest(`sops reads and writes ${store.format} as the store does`, async (sops) => {
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(trees, async (root) => {
        let text: string;
        try {
          text = store.formatCanonical([{ root }], undefined, {});
        } catch (error) {
          if (error instanceof UserError) return; // what the format cannot hold
          throw error;
        }
        tried++;
        const { same, json } = await sops.roundTrip(text, ending);
        assertEquals(json, asJson(store, text));
        if (store.format !== "ini") assertEquals(same, text); // SOPS quotes some values so that it cannot read them
      }),
      { numRuns: FILES },
    );
    assert(tried > FILES / 2, `only ${tried} files could be written`);
  });
}
