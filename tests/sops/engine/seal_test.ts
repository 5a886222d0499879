/** Values sealed and opened again, with the MAC over them. */
import { GcmKey } from "../../../lib/sops/engine/gcm.ts";
import { openDocuments, type OpenedValues } from "../../../lib/sops/engine/open.ts";
import { EarlierTexts, sealDocuments, type SealedValues, type SealOptions } from "../../../lib/sops/engine/seal.ts";
import { compileSelector, type SelectorFields } from "../../../lib/sops/engine/selectors.ts";
import type { BlockMetadata } from "../../../lib/sops/metadata/fields.ts";
import { compareDocuments, replaceValues } from "../../../lib/sops/tree/replace.ts";
import { CommentText, type Document, type Leaf, type Scalar, Timestamp } from "../../../lib/sops/tree/tree.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { comment, compileRegex, contentsOf, documentsOf, leavesOf, Pairs, random, type Short } from "../trees.ts";
import fc from "../../support/property.ts";

const TIME = "2026-01-02T03:04:05Z";
const KEY = await GcmKey.create(new Uint8Array(32).fill(7)); // test key

/** What is sealed, and how. */
interface Rules {
  readonly fields?: SelectorFields;
  readonly macOnlyEncrypted?: boolean;
}

async function seal(
  documents: readonly Document[],
  { fields = {}, macOnlyEncrypted = false }: Rules = {},
  more: Partial<SealOptions> = {},
): Promise<SealedValues> {
  const selector = await compileSelector(fields, compileRegex);
  return await sealDocuments(documents, {
    key: KEY,
    selector,
    macOnlyEncrypted,
    lastModified: TIME,
    random,
    path: "f",
    ...more,
  });
}

async function open(
  documents: readonly Document[],
  mac: string,
  { fields = {}, macOnlyEncrypted = false }: Rules = {},
  lastModified = TIME,
): Promise<OpenedValues> {
  const metadata: BlockMetadata = {
    format: "yaml",
    groups: [],
    shamirThreshold: undefined,
    selectors: fields,
    version: "3.13.2",
    macOnlyEncrypted,
    lastModified,
    mac,
  };
  const selector = await compileSelector(fields, compileRegex);
  return await openDocuments(documents, metadata, { key: KEY, selector, sourceLength: 100, path: "f" });
}

/** Seals documents and answers them as a file would hold them. */
async function sealTree(documents: readonly Document[], rules?: Rules): Promise<{ tree: Document[]; mac: string }> {
  const sealed = await seal(documents, rules);
  return { tree: replaceValues(documents, sealed.values), mac: sealed.mac };
}

const RICH = documentsOf(
  comment(" head"),
  ["text", "naïve 😀"],
  ["empty", ""],
  ["nothing", null],
  ["int", 9223372036854775807n],
  ["float", 1e21],
  ["yes", true],
  ["time", new Timestamp("2024-01-02T03:04:05.5+01:00")],
  ["bytes", new Uint8Array([0, 255, 128])],
  ["map", new Pairs(["1", "a"], comment("in map"), ["10", "b"], ["2", ["x", comment("in list"), comment(""), ["y"]]])],
  ["clear_unencrypted", ["shown", 5n]],
);

Deno.test("sealDocuments() encrypts every type and openDocuments() gives it back, MAC and all", async () => {
  for (const macOnlyEncrypted of [false, true]) {
    const { tree, mac } = await sealTree(RICH, { macOnlyEncrypted });
    const opened = await open(tree, mac, { macOnlyEncrypted });
    assertEquals([opened.mac, opened.leftComments.length], ["good", 0]);
    const back = replaceValues(tree, opened.values);
    assertEquals(compareDocuments(back, RICH, new Map()), "comments", "a bare comment in a list has got a space");
    assertEquals((await open(tree, mac, { macOnlyEncrypted: !macOnlyEncrypted })).mac, "wrong");
  }
});

Deno.test("sealDocuments() counts, and leaves null, empty text and what is not selected as they are", async () => {
  const { values, encryptedCount, clearCount } = await seal(RICH);
  assertEquals([encryptedCount, clearCount], [10, 2]);
  const sealed = [...values].map(([node]) => node.kind === "leaf" ? node.value : `#${node.text}`);
  assert(!sealed.includes("") && !sealed.includes(null) && !sealed.includes("shown"), "they are not among the changes");
  assert(sealed.includes("#"), "a bare comment in a list is");
});

Deno.test("openDocuments() sees every change that the format authenticates", async () => {
  const tree = documentsOf(["a", "1"], ["b", "1"], ["c_unencrypted", "x"], ["l", ["p", "q"]]);
  const sealed = await sealTree(tree);
  const [a, b, , ...list] = contentsOf(sealed.tree) as string[];
  const integrity: [string, Short, Short, Short, Short][] = [
    ["values swapped", b!, a!, "x", list],
    ["type changed", a!.replace("type:str", "type:bool"), `${b}`, "x", list],
    ["in clear", "1", b!, "x", list],
    ["in clear, no text", 1n, b!, "x", list],
    ["cut", a!.slice(0, -20), b!, "x", list],
    ["comment", a!.replace("type:str", "type:comment"), b!, "x", list],
    ["clear value changed", a!, b!, "y", list],
    ["clear value of another type that spells differently", a!, b!, true, list],
    ["items swapped", a!, b!, "x", [list[1]!, list[0]!]],
    ["item gone", a!, b!, "x", [list[0]!]],
    ["item twice", a!, b!, "x", [list[0]!, list[1]!, list[1]!]],
    ["item made a comment", a!, b!, "x", [list[0]!, list[1]!.replace("type:str", "type:comment")]],
  ];
  for (const [name, ...[first, second, third, items]] of integrity) {
    const changed = documentsOf(["a", first], ["b", second], ["c_unencrypted", third], ["l", items]);
    const result = await open(changed, sealed.mac).then(
      ({ mac }) => mac,
      (error) => assertUserError(error, "integrity"),
    );
    assert(result === "wrong" || typeof result === "object", name);
  }
  assertEquals((await open(sealed.tree, sealed.mac)).mac, "good");
  assertEquals((await open(sealed.tree, sealed.mac, {}, "2026-01-02T03:04:06Z")).mac, "absent");
  assertEquals((await open(sealed.tree, "ENC[")).mac, "absent");
});

Deno.test("errors of openDocuments() name the place and never the value", async () => {
  const tree = documentsOf(["password", "hunter2"]);
  const error = assertUserError(await assertRejects(() => open(tree, "x")), "integrity", /"password" is not encrypted/);
  assert(!JSON.stringify([error.message, error.hints, error.details]).includes("hunter2"), "no value");
});

Deno.test("openDocuments() hashes what SOPS would spell, not what was encrypted", async () => {
  const sealed = await sealTree(documentsOf(["a", "007"], ["b", "1e3"], ["c", "t"], ["d", "2024-01-01T00:00:00.500Z"]));
  const types = ["int", "float", "bool", "time"];
  const retyped = documentsOf(
    ...contentsOf(sealed.tree).map((text, i) =>
      ["abcd"[i]!, String(text).replace("type:str", `type:${types[i]}`)] as const
    ),
  );
  const spelled = await seal(documentsOf(["a", "7"], ["b", "1000"], ["c", "True"], ["d", "2024-01-01T00:00:00.5Z"]));
  const opened = await open(retyped, spelled.mac);
  assertEquals(opened.mac, "good");
  assertEquals([...opened.values.values()], [7n, 1000, true, new Timestamp("2024-01-01T00:00:00.5Z")]);
});

Deno.test("comments that cannot be decrypted stay, and are no error", async () => {
  const sealed = await sealTree(documentsOf(["a", new Pairs(comment("moved"), ["b", "1"])]));
  const [moved, value] = contentsOf(sealed.tree) as string[];
  const tree = documentsOf(comment(moved!), comment("never encrypted"), ["a", new Pairs(["b", value!])]);
  const { mac, leftComments } = await open(tree, sealed.mac);
  assertEquals([mac, leftComments.map(({ text }) => text)], ["good", ["never encrypted", moved]]);
});

Deno.test("an item that SOPS wrote for a comment becomes a comment, and is no part of the MAC", async () => {
  const plain = documentsOf(["l", [comment("c"), "1"]]);
  const sealed = await seal(plain);
  const tree = replaceValues(plain, sealed.values, { listCommentsAsItems: true });
  const opened = await open(tree, sealed.mac);
  assertEquals(opened.mac, "good");
  assertEquals([...opened.values.values()], ["1", new CommentText("c")]);
  assertEquals(compareDocuments(replaceValues(tree, opened.values), plain, new Map()), "none");
});

Deno.test("sealDocuments() leaves what is encrypted already alone, and makes the same MAC with it", async () => {
  const { tree } = await sealTree(RICH);
  const { values } = await open(tree, "");
  const again = await seal(tree, {}, { opened: values });
  assertEquals(again.values.size, 0);
  assertEquals((await open(tree, again.mac)).mac, "good");
});

Deno.test("sealDocuments() encrypts all anew under another key where it is told to", async () => {
  const { tree } = await sealTree(RICH);
  const { values } = await open(tree, "");
  const again = await seal(tree, {}, { opened: values, renewsOpened: true });
  assertEquals(again.values.size, values.size);
  const renewed = replaceValues(tree, again.values);
  const opened = await open(renewed, again.mac);
  assertEquals(opened.mac, "good");
  assertEquals([...opened.values.values()].length, values.size);
});

Deno.test("sealDocuments() refuses to leave in clear what was encrypted", async () => {
  const fields = { encrypted_comment_regex: "enc" };
  const { tree } = await sealTree(documentsOf(comment("enc"), ["a", "1"]), { fields });
  const { values } = await open(tree, "", { fields });
  const without: Document[] = [{ root: { kind: "mapping", items: tree[0]!.root.items.slice(1) } }];
  assertUserError(await assertRejects(() => seal(without, { fields }, { opened: values })), "refused", /"a" in clear/);
});

Deno.test("sealDocuments() refuses an encrypted comment that would select", async () => {
  const rules = { fields: { unencrypted_comment_regex: "type:comment" } };
  assertUserError(await assertRejects(() => seal(documentsOf(comment("c"), ["a", "1"]), rules)), "refused");
});

Deno.test("EarlierTexts gives unchanged values their text again, each once and in order", async () => {
  const plain = documentsOf(["l", ["a", "a", "b"]], comment("c"), ["n", 1n], ["s", "1"]);
  const { tree } = await sealTree(plain);
  const selector = await compileSelector({}, compileRegex);
  const { values } = await open(tree, "");
  const changed = documentsOf(["l", ["a", "a", "a", "new"]], comment("c"), ["n", "1"], ["s", "1"]);
  const again = await seal(changed, {}, { earlier: new EarlierTexts(tree, selector, { opened: values }) });
  const [old, now] = [contentsOf(tree), contentsOf(replaceValues(changed, again.values))];
  assertEquals([now[0], now[1], now[4], now[6]], [old[0], old[1], old[3], old[5]]);
  assertEquals(new Set([...old, ...now]).size, old.length + 3, "a third a, a new value, and a text that was a number");
});

Deno.test("property: what is sealed opens to the same, whatever it is", async () => {
  const scalar = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 5 }),
  );
  const pairs = (value: fc.Arbitrary<Short>): fc.Arbitrary<Pairs> =>
    fc.array(fc.tuple(fc.string(), value), { maxLength: 4 }).map((entries) => new Pairs(...entries));
  const { node } = fc.letrec<{ node: Short }>((tie) => ({
    node: fc.oneof({ depthSize: "small" }, scalar, fc.array(tie("node"), { maxLength: 4 }), pairs(tie("node"))),
  }));
  const fields = fc.constantFrom<SelectorFields>({}, { encrypted_regex: "[a-m]" }, { unencrypted_suffix: "x" });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.string(), node), { maxLength: 5 }), fields, async (entries, chosen) => {
      const plain = documentsOf(...entries);
      const { tree, mac } = await sealTree(plain, { fields: chosen });
      const opened = await open(tree, mac, { fields: chosen });
      assertEquals(opened.mac, "good");
      const back = replaceValues(tree, opened.values);
      const decoded = replaceValues(plain, textOfBytes(plain));
      assertEquals(compareDocuments(replaceValues(back, textOfBytes(back)), decoded, new Map()), "none");
    }),
    { numRuns: 60 },
  );
});

/** Bytes that are text come back as text. */
function textOfBytes(documents: readonly Document[]): Map<Leaf, Scalar> {
  const changes = new Map<Leaf, Scalar>();
  for (const leaf of leavesOf(documents)) {
    if (leaf.kind !== "leaf" || !(leaf.value instanceof Uint8Array)) continue;
    try {
      changes.set(leaf, new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(leaf.value));
    } catch {
      // bytes that are no text stay bytes
    }
  }
  return changes;
}
