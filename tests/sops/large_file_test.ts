/** Without a tree, and by way of one: the same bytes, or the way without one gives up. */
import { UserError } from "../../lib/base/error.ts";
import { wrapDataKey } from "../../lib/sops/data_key.ts";
import { GcmKey } from "../../lib/sops/engine/gcm.ts";
import { compileSelector, type SelectorFields } from "../../lib/sops/engine/selectors.ts";
import { decryptLargeFile, encryptLargeFile, planLargeFile, setInLargeFile } from "../../lib/sops/large_file.ts";
import type { BlockMetadata } from "../../lib/sops/metadata/fields.ts";
import { decryptFile, encryptFile, setValue } from "../../lib/sops/mod.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../support/assert.ts";
import { damage } from "../support/damage.ts";
import { SEED } from "../support/seed.ts";
import { Choices, DIALECTS, makeDocument, mutate } from "../support/yaml_documents.ts";
import { ALICE, decode, encode } from "./fake_keys.ts";

const IS_FULL = Deno.env.get("SOPSMITH_STRESS") === "full";
const ROUNDS = IS_FULL ? 20_000 : 1_000;

/** Values of one line, most of which can be read without a tree. */
const VALUES = [
  ..."text|two words|a:b|a#b|1|-5|0x1f|1.50|.5|1e3|true|Null|~|no|2024-01-02|/path/x|$HOME|(x)|+1|-x|a: b|a #b|x:"
    .split("|"),
  ..."'single'|''|'it''s'|\"double\"|\"\"|\"esc\\n\"|\"é\"|é|[a]|{a: b}|&x y|*x|!t v|%x|@x|`x|> f|ENC[x]|#c|# c|y |tab\ty"
    .split("|"),
  "ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]",
] as const;

const SIMPLE_VALUES = VALUES.slice(0, 20);

const KEYS = ["a", "key-0", "x_unencrypted", "b.c", "d/e", "_f", "G"] as const;
const ODD_KEYS = ["sops", "true", "no", "1", "'q'", '"r"', "s p", "é", "-x", "?"] as const;

/** @returns lines of mappings, lists and scalars, with something odd among them once in so many lines */
function makeLines(choices: Choices, oddTimes: number): string {
  const odd = (): boolean => oddTimes > 0 && choices.once(oddTimes);
  const block = (column: number, depth: number): string => {
    const pad = " ".repeat(column);
    const isList = depth > 0 && choices.once(3);
    let text = "";
    for (let number = 0; number <= choices.below(4); number++) {
      const key = odd() ? choices.pick(ODD_KEYS) : `${choices.pick(KEYS)}${odd() ? "" : number}`;
      const value = choices.pick(odd() ? VALUES : SIMPLE_VALUES);
      const step = choices.pick([2, 4, 1]);
      const head = isList ? `${pad}-` : `${pad}${key}:`;
      if (odd()) text += choices.pick(["\n", "# c\n", `${pad}  more\n`, "---\n", "\t\n", " \n", "...\n"]);
      if (depth < 4 && choices.once(3)) {
        const inner = block(isList ? column + 2 : column + (choices.once(4) ? 0 : step), depth + 1);
        text += isList ? `${head} ${inner.slice(column + 2)}` : `${head}\n${inner}`;
      } else text += `${head} ${value}\n`;
    }
    return text;
  };
  return block(0, 0);
}

/** @returns bytes that are the same for every run, so that two ways write the same */
function countingRandom(): (byteCount: number) => Uint8Array {
  let next = 0;
  return (byteCount) => Uint8Array.from({ length: byteCount }, () => (next = (Math.imul(next, 5) + 7) & 0xffff) >> 4);
}

const SELECTORS: readonly SelectorFields[] = [
  {},
  { unencrypted_suffix: "_unencrypted" },
  { encrypted_suffix: "0" },
  { encrypted_regex: "^(a|key)" },
  { unencrypted_regex: "c$" },
];

interface Case {
  readonly text: string;
  readonly selectors: SelectorFields;
  readonly macOnlyEncrypted: boolean;
}

function makeCase(choices: Choices): Case {
  const text = choices.pick([
    () => makeLines(choices, 0),
    () => makeLines(choices, 0),
    () => makeLines(choices, 10),
    () => mutate(makeLines(choices, 30), choices),
    () => makeDocument(choices, { hasComments: choices.once(2) }),
    () => mutate(choices.pick(DIALECTS), choices),
  ])();
  return { text, selectors: choices.pick(SELECTORS), macOnlyEncrypted: choices.once(3) };
}

const PATH = "x.yaml";

async function encryptByTree({ text, ...options }: Case): Promise<Uint8Array | undefined> {
  try {
    return (await encryptFile(encode(text), { ...ALICE, ...options, random: countingRandom(), path: PATH })).bytes;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The same steps as `encryptFile()` takes. */
async function encryptByLines({ text, selectors, macOnlyEncrypted }: Case): Promise<Uint8Array | undefined> {
  const chosen = Object.keys(selectors).length === 0 ? { unencrypted_suffix: "_unencrypted" } : selectors;
  const selector = await compileSelector(chosen, ALICE.compileRegex);
  const plan = planLargeFile(encode(text), { selector, macOnlyEncrypted });
  if (plan === undefined) return undefined;
  const random = countingRandom();
  const dataKey = random(32);
  const metadata: Omit<BlockMetadata, "mac"> = {
    format: "yaml",
    groups: await wrapDataKey(dataKey, ALICE.groups, { wrap: ALICE.wrap, random }),
    shamirThreshold: undefined,
    selectors: chosen,
    macOnlyEncrypted,
    lastModified: "2026-01-02T03:04:05Z",
    version: "3.13.2",
  };
  return await encryptLargeFile(plan, metadata, { key: await GcmKey.create(dataKey), random });
}

Deno.test(`property: what is encrypted line by line is what is encrypted by way of a tree (seed ${SEED})`, async () => {
  const choices = new Choices(SEED);
  let taken = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const one = makeCase(choices);
    const lines = await encryptByLines(one);
    if (lines === undefined) continue;
    taken++;
    assertEquals(decode(lines), decode(await encryptByTree(one)), JSON.stringify(one));
  }
  assert(taken > ROUNDS / 5, `only ${taken} of ${ROUNDS} could be read line by line`);
});

Deno.test(`property: what is decrypted line by line is what is decrypted by way of a tree (seed ${SEED})`, async () => {
  const choices = new Choices(SEED + 1);
  const options = { ...ALICE, path: PATH };
  let taken = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const encrypted = await encryptByTree(makeCase(choices));
    if (encrypted === undefined) continue;
    const text = choices.once(2) ? decode(encrypted)! : damage(decode(encrypted)!, choices);
    const lines = await decryptByLines(encode(text));
    if (lines === undefined) continue;
    taken++;
    assertEquals(decode(lines), decode((await decryptFile(encode(text), options)).bytes), text);
  }
  assert(taken > ROUNDS / 10, `only ${taken} of ${ROUNDS} could be read line by line`);
});

/** An error is what the tree would say, too: it comes before a value is looked at. */
async function decryptByLines(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await decryptLargeFile(bytes, { ...ALICE, path: PATH });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const ofTree = await assertRejects(() => decryptFile(bytes, { ...ALICE, path: PATH }));
    assertEquals(assertUserError(ofTree, error.kind).message, error.message);
    return undefined;
  }
}

Deno.test(`property: what is set line by line is what is set by way of a tree (seed ${SEED})`, async () => {
  const choices = new Choices(SEED + 2);
  const values = ["text", "two: words", true, 12n, 1.5, "multi\nline"] as const;
  let taken = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const encrypted = await encryptByTree(makeCase(choices));
    if (encrypted === undefined) continue;
    const keys = decode(encrypted)!.match(/^ *[\w./-]+(?=:)/gm)?.slice(0, 9).map((key) => key.trim()) ?? [];
    const path = Array.from({ length: 1 + choices.below(2) }, () => choices.pick(keys));
    const value = choices.pick(values);
    const set = (): Promise<Uint8Array | undefined> =>
      setInLargeFile(encrypted, { path, value }, { ...ALICE, random: countingRandom(), path: PATH });
    const lines = await set();
    if (lines === undefined) continue;
    taken++;
    const change = { path, value: { kind: "leaf", value } } as const;
    const tree = await setValue(encrypted, change, { ...ALICE, random: countingRandom(), path: PATH });
    assertEquals(decode(lines), decode(tree), `${path.join(" ")} ${value}`);
  }
  assert(taken > ROUNDS / 50, `only ${taken} of ${ROUNDS} could be set line by line`);
});

/** Large enough to be tried without a tree. */
const LARGE = Array.from({ length: 5000 }, (_, i) => `key-${i}: a value of some letters ${i}\n`).join("");

Deno.test("a large file goes there and back, and a set changes three lines", async () => {
  const options = { ...ALICE, random: countingRandom(), path: PATH };
  const { bytes, encryptedCount, clearCount } = await encryptFile(encode(LARGE), options);
  assertEquals([encryptedCount, clearCount], [5000, 0]);
  assertEquals(decode((await decryptFile(bytes, options)).bytes), LARGE);
  const changed = await setValue(bytes, { path: ["key-7"], value: { kind: "leaf", value: "x" } }, options);
  const [before, after] = [decode(bytes)!.split("\n"), decode(changed)!.split("\n")];
  const different = before.filter((line, i) => line !== after[i]).map((line) => line.trim().split(":")[0]);
  assertEquals(different.filter((name) => name !== "lastmodified"), ["key-7", "mac"]);
  assertEquals(
    decode((await decryptFile(changed!, options)).bytes),
    LARGE.replace("some letters 7\n", "some letters 7\n")
      .replace(/^key-7:.*$/m, "key-7: x"),
  );
});

Deno.test("a large file that somebody has changed is refused, with the place of the value", async () => {
  const options = { ...ALICE, random: countingRandom(), path: PATH };
  const text = decode((await encryptFile(encode(LARGE), options)).bytes)!;
  const [first, second] = text.match(/ENC\[[^\]]*\]/g)!;
  const swapped = text.replace(first!, "\0").replace(second!, first!).replace("\0", second!);
  assertUserError(await assertRejects(() => decryptFile(encode(swapped), options)), "integrity", /"key-0"/);
});

Deno.test("a key of a large file is asked for once, though a tree is needed after all", async () => {
  const options = { ...ALICE, random: countingRandom(), path: PATH };
  const text = decode((await encryptFile(encode(LARGE), options)).bytes)!.replace(/data:./, "data:/");
  let asked = 0;
  const open: typeof ALICE.open = (...question) => {
    asked++;
    return ALICE.open(...question);
  };
  await assertRejects(() => decryptFile(encode(text), { ...options, open }));
  assertEquals(asked, 1);
});
