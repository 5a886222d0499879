/** The metadata block as it is written. */
import { formatBlock, keepFields } from "../../../lib/sops/metadata/block.ts";
import { type BlockMetadata, decodeBlock } from "../../../lib/sops/metadata/fields.ts";
import { flatten, unflatten } from "../../../lib/sops/metadata/flat.ts";
import { compareMappings, type StructureChange } from "../../../lib/sops/tree/change.ts";
import type { Mapping, Node } from "../../../lib/sops/tree/tree.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { comment, mappingOf, Pairs, type Short } from "../trees.ts";

const METADATA: BlockMetadata = {
  format: "yaml",
  groups: [{ keys: [{ type: "age", text: "r1", enc: "e1" }, { type: "age", text: "r2", enc: "e2" }] }],
  shamirThreshold: undefined,
  selectors: { unencrypted_suffix: "_u" },
  macOnlyEncrypted: false,
  lastModified: "2026-01-01T00:00:00Z",
  version: "3.13.2",
  mac: "m",
};

/** A block as plain objects. */
function show(node: Node): unknown {
  if (node.kind === "leaf") return node.value;
  if (node.kind === "list") return node.items.filter((item) => item.kind !== "comment").map(show);
  return node.items.filter((item) => item.kind === "entry").map(({ key, value }) => [key, show(value)]);
}

Deno.test("formatBlock() writes the fields of one group in the order of SOPS", () => {
  assertEquals(show(formatBlock(METADATA)), [
    ["age", [[["enc", "e1"], ["recipient", "r1"]], [["enc", "e2"], ["recipient", "r2"]]]],
    ["lastmodified", "2026-01-01T00:00:00Z"],
    ["mac", "m"],
    ["unencrypted_suffix", "_u"],
    ["version", "3.13.2"],
  ]);
});

Deno.test("formatBlock() writes several groups with the lists that SOPS never leaves out", () => {
  const groups = METADATA.groups[0]!.keys.map((key) => ({ keys: [key] }));
  const block = formatBlock({ ...METADATA, groups, shamirThreshold: 2, macOnlyEncrypted: true, selectors: {} });
  assertEquals(show(block), [
    ["key_groups", [
      [["age", [[["enc", "e1"], ["recipient", "r1"]]]], ["hc_vault", []]],
      [["age", [[["enc", "e2"], ["recipient", "r2"]]]], ["hc_vault", []]],
    ]],
    ["lastmodified", "2026-01-01T00:00:00Z"],
    ["mac", "m"],
    ["mac_only_encrypted", true],
    ["shamir_threshold", 2n],
    ["version", "3.13.2"],
  ]);
});

const RICH = new Pairs(
  ["pgp", [new Pairs(["fp", "F"], ["created_at", "t"], ["enc", "p"], ["more", "x"])]],
  ["kms", []],
  comment("by hand"),
  ["MAC", "m"],
  ["future", new Pairs(["z", "1"], ["a", "2"])],
  ["age", [new Pairs(["recipient", "r1"], ["enc", "e1"])]],
  ["lastmodified", "2026-01-01T00:00:00Z"],
  ["version", "3.9.0"],
  ["mac_only_encrypted", "true"],
);

Deno.test("keepFields() asks for no change where nothing has changed", () => {
  const present = mappingOf(RICH);
  const metadata = decodeBlock(present, "yaml");
  assert(typeof metadata === "object", "it is metadata");
  assertEquals(metadata.groups[0]?.keys.map(({ type, enc }) => `${type} ${enc}`), ["pgp p", "age e1"]);
  assertEquals(compareMappings(present, keepFields(formatBlock(metadata), present)), []);
});

Deno.test("keepFields() changes the wanted fields only", () => {
  const present = mappingOf(RICH);
  const metadata = decodeBlock(present, "yaml") as BlockMetadata;
  const wanted = {
    ...metadata,
    mac: "n",
    groups: [{ keys: [...metadata.groups[0]!.keys, METADATA.groups[0]!.keys[1]!] }],
  };
  const changes = compareMappings(present, keepFields(formatBlock(wanted), present));
  const values = (change: StructureChange): Node[] =>
    change.action === "append"
      ? change.added.map(({ value }) => value)
      : change.action === "replace"
      ? [change.value]
      : [];
  assertEquals(changes.map((change) => [change.action, ...values(change).map(show)]), [
    ["replace", "n"],
    ["append", [["enc", "e2"], ["recipient", "r2"]]],
  ]);
});

Deno.test("decodeBlock() names what is missing", () => {
  const without = (name: string, value?: Short): unknown =>
    decodeBlock(
      mappingOf(
        new Pairs(
          ...RICH.items.flatMap((item) =>
            "kind" in item || item[0] !== name ? [item] : value === undefined ? [] : [[name, value] as const]
          ),
        ),
      ),
      "yaml",
    );
  assertEquals([
    without("MAC"),
    without("version"),
    without("lastmodified"),
    without("lastmodified", "2026-02-30T00:00:00Z"),
  ], [
    "no-mac",
    "no-version",
    "no-time",
    "bad-time",
  ]);
  const nobody = mappingOf(
    new Pairs(...RICH.items.filter((item) => "kind" in item || !["age", "pgp"].includes(item[0]))),
  );
  assertEquals(decodeBlock(nobody, "yaml"), "no-keys");
});

Deno.test("flatten() lays a block out in order, and unflatten() reads it", () => {
  const list = Array.from({ length: 11 }, (_, i) => `v${i}`);
  const block = mappingOf(
    new Pairs(["a", list], ["b", new Pairs(["c", [new Pairs(["d", 2n])]], ["e", true])], ["f", []]),
  );
  const entries = flatten(block);
  assertEquals(entries.map(({ name, leaf }) => `${name}=${leaf.value}`), [
    ...list.map((value, i) => `a__list_${i}=${value}`),
    "b__map_c__list_0__map_d=2",
    "b__map_e=true",
  ]);
  const back = unflatten([...entries].reverse()) as Mapping;
  assertEquals(new Set(flatten(back).map(({ name, leaf }) => `${name}=${leaf.value}`)).size, 13);
  assertEquals(flatten(back).filter(({ name }) => name.startsWith("a__")).map(({ leaf }) => leaf.value), list);
});
