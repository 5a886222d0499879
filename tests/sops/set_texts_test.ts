/** Many texts set at once: what setting them one by one comes to, with one opening. */
import { UserError } from "../../lib/base/error.ts";
import { decryptFile, encryptFile, setTexts, setValue } from "../../lib/sops/mod.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../support/assert.ts";
import { type Ending, makeSecretDocument } from "../support/secret_documents.ts";
import { SEED } from "../support/seed.ts";
import { Choices } from "../support/yaml_documents.ts";
import { ALICE, decode, encode } from "./fake_keys.ts";

const ROUNDS = Deno.env.get("SOPSMITH_STRESS") === "full" ? 5_000 : 300;

/** @returns an opener that counts, and how often it was asked */
function countingOpener(): { open: typeof ALICE.open; asked: () => number } {
  let count = 0;
  return {
    open: (...args) => {
      count++;
      return ALICE.open(...args);
    },
    asked: () => count,
  };
}

const TEXTS = ["", "x", "0123", "true", "two words", "l1\nl2", "l1\n\n", "\nl2\n", "# c", "a: b", "ü✓", "'q\"", " s "];

async function encrypt(name: string, text: string): Promise<Uint8Array | undefined> {
  try {
    return (await encryptFile(encode(text), { ...ALICE, path: name })).bytes;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** What setting came to: the plain file and the frame of the encrypted one, or why it was refused. */
async function outcomeOf(name: string, work: () => Promise<Uint8Array>): Promise<string> {
  try {
    const bytes = await work();
    const { bytes: plain } = await decryptFile(bytes, { ...ALICE, path: name });
    const frame = decode(bytes)!.replace(/ENC\[[^\]]*\]/g, "ENC").replace(/^.*(?:FAKE|lastmodified).*$/gm, "");
    return `${decode(plain)}\n=====\n${frame}`;
  } catch (error) {
    if (error instanceof UserError) return `${error.kind}: ${error.message}`;
    throw error;
  }
}

Deno.test(`property: many texts at once are the same as one by one, in every format (seed ${SEED})`, async () => {
  const choices = new Choices(SEED);
  const taken = new Map<Ending, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const ending = choices.pick(["yaml", "yaml", "json", "env", "ini", "bin"] as const);
    const { name, text } = makeSecretDocument(choices, ending, { isSimple: choices.once(2) });
    const bytes = await encrypt(name, text);
    if (bytes === undefined) continue;
    const present = [...decode(bytes)!.matchAll(/^["']?([A-Za-z_]\w*)["']? ?[:=]/gm)].map(([, key = ""]) => key)
      .filter((key) => !key.startsWith("sops"));
    const texts = new Map<string, string>();
    for (let i = 0; i <= choices.below(5); i++) {
      const isPresent = present.length > 0 && choices.once(2);
      texts.set(isPresent ? choices.pick(present) : `NEW_${choices.below(9)}`, choices.pick(TEXTS));
    }
    const options = { ...ALICE, path: name };
    const atOnce = await outcomeOf(name, async () => (await setTexts(bytes, texts, options)).bytes ?? bytes);
    const oneByOne = await outcomeOf(name, async () => {
      let after = bytes;
      for (const [key, value] of texts) {
        const change = { path: [key], value: { kind: "leaf", value } } as const;
        after = await setValue(after, change, { ...options, isIdempotent: true }) ?? after;
      }
      return after;
    });
    assertEquals(atOnce, oneByOne, `${JSON.stringify([...texts])}\n${text}`);
    if (atOnce.includes("=====")) taken.set(ending, (taken.get(ending) ?? 0) + 1);
  }
  for (const ending of ["yaml", "json", "env"] as const) assert((taken.get(ending) ?? 0) > ROUNDS / 30, ending);
});

Deno.test("setTexts() opens the file once, whatever changes, also where values have to be set one by one", async () => {
  const plain = { "x.yaml": "a: one\nb: two\nm: {c: d}\n", "alias.yaml": "a: &x one\nb: *x\nm: {c: d}\n" };
  for (const [path, text] of Object.entries(plain)) {
    const bytes = (await encryptFile(encode(text), { ...ALICE, path })).bytes;
    const { open, asked } = countingOpener();
    const texts = new Map([["a", "1"], ["b", "2"], ["m", "3"], ["n", "4"]]);
    const change = await setTexts(bytes, texts, { ...ALICE, open, path });
    assertEquals(change.changed, ["a", "b", "m", "n"]);
    const { bytes: after } = await decryptFile(change.bytes!, { ...ALICE, path, outputFormat: "json" });
    assertEquals(JSON.parse(decode(after)!), Object.fromEntries(texts));
    assertEquals(asked(), 1, path);
  }
});

Deno.test("setTexts() leaves out what is there already, and writes nothing when all is", async () => {
  const path = "x.env";
  const bytes = (await encryptFile(encode("A=1\nB=2\n"), { ...ALICE, path })).bytes;
  const { open, asked } = countingOpener();
  assertEquals(await setTexts(bytes, new Map([["A", "1"], ["B", "2"]]), { ...ALICE, open, path }), {
    bytes: undefined,
    changed: [],
  });
  const { bytes: after, changed } = await setTexts(bytes, new Map([["A", "1"], ["B", "3"]]), { ...ALICE, open, path });
  assertEquals(changed, ["B"]);
  const lines = [bytes, after].map((file) => decode(file)!.split("\n")[0]);
  assertEquals(lines[0], lines[1], "an unchanged value keeps its text");
  assertEquals(asked(), 2);
});

Deno.test("setTexts() refuses the name of the metadata before it opens anything", async () => {
  const { open, asked } = countingOpener();
  const bytes = (await encryptFile(encode("a: one\n"), { ...ALICE, path: "x.yaml" })).bytes;
  const texts = new Map([["a", "1"], ["sops", "2"]]);
  assertUserError(
    await assertRejects(() => setTexts(bytes, texts, { ...ALICE, open, path: "x.yaml" })),
    "usage",
    /cannot set "sops"/,
  );
  assertEquals(asked(), 0);
});
