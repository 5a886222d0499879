/**
 * Layout kept: what `encrypt` and `decrypt` give back differs from what the author wrote in nothing but the spelling of
 * encrypted scalars, aliases that had to be written out, and the final newline; changes touch what they must.
 */
import { UserError } from "../../lib/base/error.ts";
import { loadStore } from "../../lib/sops/choose_store.ts";
import { storeOfName } from "../../lib/sops/metadata/metadata.ts";
import { decryptFile, encryptFile, rekeyFile, setValue } from "../../lib/sops/mod.ts";
import { formatScalar } from "../../lib/sops/tree/value.ts";
import type { Comment, Document, Entry, Leaf, Node } from "../../lib/sops/tree/tree.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { CONFIG_FOLDERS, readConfigFiles } from "../support/corpus.ts";
import { ENDINGS, makeSecretDocument } from "../support/secret_documents.ts";
import { SEED } from "../support/seed.ts";
import { Choices } from "../support/yaml_documents.ts";
import { ALICE, decode, encode, fakeOpen, groupsOf } from "./fake_keys.ts";
import { plainOf } from "./stores/trees.ts";

const DOCUMENTS = Deno.env.get("SOPSMITH_STRESS") === "full" ? 5_000 : 200;

const PLAIN = new URL("../vectors/sops/plain/", import.meta.url);

interface Text {
  readonly name: string;
  readonly text: string;
}

const decoder = new TextDecoder();

/** @returns every plain file that tests have */
function readRealFiles(): Text[] {
  const names = Array.from(Deno.readDirSync(PLAIN), ({ name }) => name);
  const plain = names.filter((name) => /\.(?:yaml|json|env|ini)$/.test(name)).sort();
  return [
    ...plain.map((name) => ({ name, text: Deno.readTextFileSync(new URL(name, PLAIN)) })),
    ...CONFIG_FOLDERS.flatMap(readConfigFiles).map(({ name, content }) => ({ name, text: decoder.decode(content) })),
  ].filter(({ text }) => !/\r(?!\n)/.test(text)); // behind a carriage return alone, the metadata leaves its line feed
}

function makeTexts(): Text[] {
  const choices = new Choices(SEED);
  return Array.from({ length: DOCUMENTS }, () => {
    const ending = choices.pick(["yaml", "yaml", ...ENDINGS.filter((one) => one !== "bin")] as const);
    return makeSecretDocument(choices, ending, { isSimple: choices.once(2) });
  });
}

/** Every leaf and comment that stands in a text, in its order. */
function placesOf(documents: readonly Document[]): (Leaf | Comment)[] {
  const visit = (node: Node | Comment | Entry): (Leaf | Comment)[] => {
    if (node.kind === "entry") return visit(node.value);
    if (node.kind !== "leaf" && node.kind !== "comment") return node.items.flatMap(visit);
    return node.range === undefined ? [] : [node];
  };
  return documents.flatMap(({ root }) => visit(root));
}

/** What stands between the values: everything else of the text. */
async function frameOf({ name, text }: Text): Promise<string> {
  const { documents } = (await loadStore(storeOfName(name))).parse(text, name);
  let frame = "";
  let done = 0;
  for (const { kind, range } of placesOf(documents).sort((a, b) => a.range!.start - b.range!.start)) {
    const { start, end } = range!;
    if (start < done || kind === "comment") continue; // comments come back as they were
    frame += `${text.slice(done, start).replace(/(?:!!(?:int|float|bool|timestamp|binary)|!<[^>]*>) +$/, "")}@`;
    frame += /^[|>][^\n]*?( #[^\r\n]*)/.exec(text.slice(start, end))?.[1] ?? ""; // a comment behind the header
    done = end;
  }
  return (frame + text.slice(done))
    .replace(/(?<=:)[ \t]+@|\n[ \t]*@/g, (piece) => piece.includes("\n") ? " @" : " @") // a value on the next line
    .replace(/@(?:[ \t]*(\r?\n))+/g, "@$1") // what belongs to the end of a block scalar
    .replace(/(?:\r?\n)*$/, "\n");
}

/** The values of a text; the type of a number may go with its spelling: `1.0` comes back as `1`. */
async function valuesOf({ name, text }: Text): Promise<string> {
  const { documents } = (await loadStore(storeOfName(name))).parse(text, name);
  const plain = documents.map(({ root }) => plainOf(root));
  return JSON.stringify(
    plain,
    (_, value) => typeof value === "bigint" || typeof value === "number" ? `number ${formatScalar(value)}` : value,
    1,
  );
}

interface Outcome {
  readonly text: string;
  readonly encrypted: Uint8Array;
}

/** @returns undefined for what is refused */
async function roundTrip({ name, text }: Text): Promise<Outcome | undefined> {
  try {
    const { bytes } = await encryptFile(encode(text), { ...ALICE, path: name });
    return { text: decode((await decryptFile(bytes, { ...ALICE, path: name })).bytes)!, encrypted: bytes };
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw new Error(text, { cause: error });
  }
}

async function checkLayout(texts: readonly Text[]): Promise<void> {
  let kept = 0;
  for (const original of texts) {
    const outcome = await roundTrip(original);
    if (outcome === undefined) continue;
    kept++;
    const back = { name: original.name, text: outcome.text };
    assertEquals(await valuesOf(back), await valuesOf(original), original.text);
    const hasReferences = /(?:^|[\s[{,:-])[&*]\w|<<:/m.test(original.text);
    const { documents } = (await loadStore(storeOfName(original.name))).parse(original.text, original.name);
    // `{}` is written where nothing stood
    const isEmpty = documents.some(({ root }) => root.items.every(({ kind }) => kind === "comment"));
    if (!hasReferences && !isEmpty) assertEquals(await frameOf(back), await frameOf(original), original.text);
    const again = await roundTrip(back);
    assertEquals(again?.text, outcome.text, "what was decrypted once stays as it is");
  }
  assert(kept > texts.length * 0.7, `only ${kept} of ${texts.length} were encrypted`);
}

Deno.test(`layout: ${DOCUMENTS} random documents come back as they were (SOPSMITH_SEED=${SEED})`, async () => {
  await checkLayout(makeTexts());
});

Deno.test("layout: every real document of this repository comes back as it was", async () => {
  const files = readRealFiles();
  assert(files.length > 60, `only ${files.length} files`);
  await checkLayout(files);
});

/** @returns the lines of the second text that are not in the first at that place, by what they begin with */
function changedLines(before: string, after: string): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  assertEquals(now.length, old.length, "as many lines");
  return now.flatMap((line, i) => line === old[i] ? [] : [line]);
}

Deno.test("layout: set changes the line of its value, the time and the MAC; updatekeys the lists of keys", async () => {
  const later = { ...ALICE, now: (): Date => new Date("2027-01-02T03:04:05Z"), open: fakeOpen("alice", "bob") };
  let changed = 0;
  for (const { name, text } of makeTexts()) {
    const outcome = await roundTrip({ name, text });
    if (outcome === undefined) continue;
    const before = decode(outcome.encrypted)!;
    const { documents: [document] } = (await loadStore(storeOfName(name))).parse(text, name);
    const entry = document!.root.items.find((item): item is Entry =>
      item.kind === "entry" && item.value.kind === "leaf" && item.value.range !== undefined && item.value.value !== ""
    );
    const isWhole = before.includes("\n") && !/^\s*[{[]/.test(before.replace(/^---\n/, ""));
    const rekeyed = await rekeyFile(outcome.encrypted, groupsOf(["alice", "bob"]), { ...later, path: name });
    assertEquals(await rekeyFile(rekeyed!, groupsOf(["alice", "bob"]), { ...later, path: name }), undefined);
    if (isWhole) {
      const kept = new Set(decode(rekeyed)!.split("\n"));
      assertEquals(before.split("\n").filter((line) => line !== "" && !kept.has(line)), [], "no line is gone");
    }
    if (entry === undefined || name.endsWith("ini")) continue;
    const options = { ...later, path: name, isIdempotent: true };
    const place = { path: [entry.key], value: { kind: "leaf", value: "another value" } } as const;
    const set = await setValue(outcome.encrypted, place, options);
    assert(set !== undefined, "it is another value");
    assertEquals(await setValue(set, place, options), undefined, "a second run has nothing to do");
    if (!isWhole || /[&*]\w/.test(text)) continue;
    changed++;
    const blocks = before.match(/^sops:/gm)?.length ?? 1;
    const lines = changedLines(before, decode(set)!);
    const names = lines.map((line) => /^\s*["']?(?:sops_)?(lastmodified|mac)["']?\s*[:=]/.exec(line)?.[1] ?? "value");
    const expected = Array.from({ length: blocks }, () => ["lastmodified", "mac"]).flat();
    assertEquals(names, ["value", ...expected], `${text}\n${lines.join("\n")}`);
  }
  assert(changed > DOCUMENTS / 4, `only ${changed} were changed`);
});

Deno.test("layout: a comment right behind the header of a block scalar stays one", async () => {
  const options = { ...ALICE, path: "x.yaml" };
  const { bytes } = await encryptFile(encode("a: |# of a\n  x\nb: ># of b\n  y\nc: |-  # of c\n  z\n"), options);
  const plain = decode((await decryptFile(bytes, options)).bytes);
  assertEquals(plain, "a: | # of a\n    x\nb: | # of b\n    y\nc: z  # of c\n");
});
