/** Does SOPS read from YAML what we read, and from what we write what we wrote? Needs `sops`. */
import { armor, Encrypter } from "age-encryption";
import { UserError } from "../../lib/base/error.ts";
import { encryptFile } from "../../lib/sops/mod.ts";
import { yamlStore } from "../../lib/sops/stores/yaml.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { Choices, DIALECTS, makeDocument, mutate } from "../support/yaml_documents.ts";
import { outline } from "../support/yaml_outline.ts";

const IS_FULL = Deno.env.get("SOPSMITH_STRESS") === "full";

/** How many random documents are read in one run of SOPS. */
const DOCUMENTS_A_RUN = 100;
const READ_RUNS = IS_FULL ? 40 : 4;
const MUTATIONS = IS_FULL ? 3_000 : 60;
const ENCRYPTIONS = IS_FULL ? 620 : 25;

/** go-yaml ties a few comments to another container than their columns say; SOPS then leaves their text encrypted. */
const MAX_LEFT_COMMENTS = 0.02;

// test key
const RECIPIENT = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";
const IDENTITY = "AGE-SECRET-KEY-144ZH8VX0FH4NC7VK9Z39XG5W4XZNV9UK6R6N0C5C7YEAJ5SDZDUSV62H78";

/** What SOPS makes of a text when nothing in it is encrypted, without its metadata; undefined when it refuses it. */
async function readBySops(folder: string, text: string): Promise<string | undefined> {
  await Deno.writeTextFile(`${folder}/plain.yaml`, text);
  const args = ["encrypt", "--encrypted-regex", "^NEVER$", "--age", RECIPIENT, "plain.yaml"];
  const { success, stdout } = await new Deno.Command("sops", { args, cwd: folder }).output();
  return success ? new TextDecoder().decode(stdout) : undefined;
}

function read(text: string): string {
  return outline(yamlStore.parse(text, "x").documents, { hasComments: false });
}

peerTest("parse() reads random documents as SOPS does", ["sops"], async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (let run = 0; run < READ_RUNS; run++) {
      const texts = Array.from(
        { length: DOCUMENTS_A_RUN },
        (_, i) => makeDocument(new Choices(run * DOCUMENTS_A_RUN + i + 1), { hasComments: false }),
      );
      const text = texts.join("---\n");
      const written = await readBySops(folder, text);
      assert(written !== undefined, `sops refuses a document of run ${run}`);
      assertEquals(read(written), read(text));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

peerTest("parse() refuses what SOPS refuses, and reads the rest as SOPS does", ["sops"], async () => {
  const folder = await Deno.makeTempDir();
  try {
    let refusedByUsAlone = 0;
    for (let seed = 0; seed < MUTATIONS; seed++) {
      const choices = new Choices(seed + 1);
      const text = seed < DIALECTS.length ? DIALECTS[seed]! : mutate(choices.pick(DIALECTS), choices);
      const written = await readBySops(folder, text);
      const ours = findReading(text);
      if (written === undefined) assertEquals(ours, undefined, `sops refuses ${JSON.stringify(text)}`);
      else if (ours === undefined) refusedByUsAlone++;
      else assertEquals(read(written), ours, JSON.stringify(text));
    }
    assert(refusedByUsAlone <= MUTATIONS / 100, `${refusedByUsAlone} of ${MUTATIONS} texts are refused without need`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function findReading(text: string): string | undefined {
  try {
    return read(text);
  } catch (error) {
    assert(error instanceof UserError && error.kind === "malformed");
    return undefined;
  }
}

peerTest("changes in the author's layout are read by SOPS, value by value", ["sops"], async () => {
  const folder = await Deno.makeTempDir();
  try {
    let comments = 0;
    let left = 0;
    for (let seed = 1; seed <= ENCRYPTIONS; seed++) {
      const text = makeDocument(new Choices(seed), { hasComments: true });
      const opened = await openBySops(folder, await encrypt(text));
      assertEquals(read(opened), read(text), text);
      comments += text.match(/# \w/g)?.length ?? 0;
      left += opened.match(/type:comment\]/g)?.length ?? 0;
    }
    assert(left <= comments * MAX_LEFT_COMMENTS, `SOPS could not open ${left} of ${comments} comments`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function encrypt(text: string): Promise<Uint8Array> {
  const { bytes } = await encryptFile(new TextEncoder().encode(text), {
    path: "x.yaml",
    groups: [{ keys: [{ type: "age", text: RECIPIENT }] }],
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    now: () => new Date("2026-11-29T00:00:00Z"),
    compileRegex: (pattern) => Promise.resolve((name) => new RegExp(pattern).test(name)),
    wrap: async (recipient, share) => {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      return armor.encode(await encrypter.encrypt(share));
    },
  });
  return bytes;
}

async function openBySops(folder: string, bytes: Uint8Array): Promise<string> {
  await Deno.writeFile(`${folder}/encrypted.yaml`, bytes);
  const { success, stdout, stderr } = await new Deno.Command("sops", {
    args: ["decrypt", "encrypted.yaml"],
    cwd: folder,
    env: { SOPS_AGE_KEY: IDENTITY },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
