import { dotenvStore } from "../../../lib/sops/stores/dotenv.ts";
import type { Entry, Leaf } from "../../../lib/sops/tree/tree.ts";
import { applySplices } from "../../../lib/yaml/edit/splice.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import {
  applied,
  BLOCK,
  comment,
  entry,
  hardText,
  leaf,
  list,
  mapping,
  OTHER_BLOCK,
  plainDocuments,
  plainOf,
  readVector,
  RUNS,
  scalarsOf,
} from "./trees.ts";
import fc from "../../support/property.ts";

const parse = (source: string) => dotenvStore.parse(source, "x.env");
const canonical = (source: string) => dotenvStore.formatCanonical(parse(source).documents, parse(source).block, {});

Deno.test("dotenvStore takes everything behind the first = for the value", () => {
  const { documents, block } = parse('# c\n#\n\nA= 1 \nB="q"\nC=\n F = x\nexport G=a=b\n=e\nD=x\\ny');
  assertEquals(plainDocuments(documents), [{
    mapping: [
      { comment: " c" },
      { comment: "" },
      ["A", " 1 "],
      ["B", '"q"'],
      ["C", ""],
      [" F ", " x"],
      ["export G", "a=b"],
      ["", "e"],
      ["D", "x\ny"],
    ],
  }]);
  assertEquals(block, undefined);
});

Deno.test("dotenvStore writes the vectors of the real engine back to the byte", () => {
  for (const name of ["basic.env", "simple.env", "groups-2of2.env"]) {
    for (const folder of ["enc", "dec"]) {
      const source = readVector(`${folder}/${name}`);
      assertEquals(canonical(source), source, `${folder}/${name}`);
    }
  }
  assertEquals(canonical(readVector("plain/basic.env")), readVector("dec/basic.env"));
});

Deno.test("dotenvStore builds the metadata from its flat keys, wherever they stand", () => {
  const { documents, block } = parse(
    "sops_version=3\nA=1\nsops_age__list_0__map_enc=a\\nb\nsops_age__list_0__map_recipient=r\n",
  );
  assertEquals(plainDocuments(documents), [{ mapping: [["A", "1"]] }]);
  assertEquals(plainOf(block!), {
    mapping: [["version", "3"], ["age", { list: [{ mapping: [["enc", "a\nb"], ["recipient", "r"]] }] }]],
  });
});

Deno.test("dotenvStore refuses what SOPS cannot read, without content", () => {
  const cases: [string, number][] = [["A=1\nsecret", 2], ["A=1\r\n\r\nB=1", 2], ["A=1\nsops_a=1\nsops_a__map_b=2", 2], [
    "A=1\r\nsops_version=1\r\n",
    2,
  ]];
  for (const [source, line] of cases) {
    const error = assertUserError(assertThrows(() => parse(source)), "malformed");
    assertEquals(error.location?.line, line, source);
    assert(!error.message.includes("secret"));
  }
});

Deno.test("dotenvStore warns of carriage returns and byte order marks that become content", () => {
  const { documents, warnings } = parse("\ufeffA=1\nB=2\r\n");
  assertEquals(plainDocuments(documents), [{ mapping: [["\ufeffA", "1"], ["B", "2\r"]] }]);
  assertEquals(warnings?.map(({ lineNumber }) => lineNumber), [2, 1]);
});

Deno.test("dotenvStore changes values and comments where they stand", () => {
  const text = applied(dotenvStore, "#c\nA=1\nB=2", (file) => {
    const [c, a, b] = scalarsOf(file.documents);
    return dotenvStore.changeValues(
      file,
      new Map<NonNullable<typeof c>, string | number>([[c!, "ENC[c]"], [a!, "x\ny"], [b!, 1.0]]),
    );
  });
  assertEquals(text, "#ENC[c]\nA=x\\ny\nB=1.0");
});

Deno.test("dotenvStore spells types as SOPS does", () => {
  const values = [1.5, 1, -0, 1234567.5, 1e21, 0.00001, Infinity, -Infinity, NaN, 1n, true, null];
  const root = mapping(...values.map((value, i) => entry(`k${i}`, leaf(value))));
  const texts = dotenvStore.formatCanonical([{ root }], undefined, {}).trimEnd().split("\n").map((line) =>
    line.split("=")[1]
  );
  assertEquals(texts, [
    "1.5",
    "1.0",
    "-0.0",
    "1.2345675E+06",
    "1E+21",
    "1E-05",
    "+Inf",
    "-Inf",
    "NaN",
    "1",
    "true",
    "<nil>",
  ]);
});

Deno.test("dotenvStore refuses what would be read as something else", () => {
  const format = (key: string, value: Entry["value"]) =>
    dotenvStore.formatCanonical([{ root: mapping(entry(key, value)) }], undefined, {});
  assertUserError(assertThrows(() => format("a", leaf("C:\\new"))), "unsupported");
  assertUserError(assertThrows(() => format("a", leaf(Uint8Array.of(0xff)))), "unsupported");
  for (const key of ["a=b", "a\nb", "#a", "sops_a"]) {
    assertUserError(assertThrows(() => format(key, leaf("x"))), "usage");
  }
  assertUserError(assertThrows(() => format("a", list())), "usage");
  assertUserError(
    assertThrows(() => dotenvStore.formatCanonical([{ root: mapping() }, { root: mapping() }], undefined, {})),
    "unsupported",
  );
  assertUserError(assertThrows(() => dotenvStore.formatValue(leaf(1n), {})), "unsupported");
});

Deno.test("dotenvStore adds the metadata at the end and takes it away again", () => {
  for (const plain of ["A=1\n", "", "# c\nA=1\r\n"]) {
    const encrypted = applied(dotenvStore, plain, (file) => dotenvStore.changeMetadata(file, BLOCK));
    assert(encrypted.startsWith(plain));
    assertEquals(plainOf(parse(encrypted).block!), {
      mapping: [
        ["age", { list: [{ mapping: [["enc", "one\ntwo\n"], ["recipient", "age1test"]] }] }],
        ["lastmodified", "2026-11-29T01:00:00Z"],
        ["shamir_threshold", "2"],
        ["version", "3.13.3"],
      ],
    });
    assertEquals(applied(dotenvStore, encrypted, (file) => dotenvStore.changeMetadata(file, undefined)), plain);
  }
  const text = applied(dotenvStore, "A=1", (file) => dotenvStore.changeMetadata(file, BLOCK));
  assertEquals(applied(dotenvStore, text, (file) => dotenvStore.changeMetadata(file, undefined)), "A=1\n");
});

Deno.test("dotenvStore changes only the lines of the metadata that differ", () => {
  const source = applied(dotenvStore, "A=1\n", (file) => dotenvStore.changeMetadata(file, BLOCK)) + "Z=last";
  const text = applied(dotenvStore, source, (file) => dotenvStore.changeMetadata(file, OTHER_BLOCK));
  assertEquals(
    text,
    `A=1
sops_age__list_0__map_enc=one\\ntwo\\n
sops_age__list_0__map_recipient=age1test
sops_age__list_1__map_enc=three\\n
sops_age__list_1__map_recipient=age1other
sops_lastmodified=2026-11-29T02:00:00Z
sops_version=3.13.3
Z=last`,
  );
  assertEquals(dotenvStore.changeMetadata(parse(text), OTHER_BLOCK), []);
});

Deno.test("dotenvStore appends, replaces and removes lines", () => {
  const source = "# c\nA=1\nsops_version=1\n";
  const rootOf = (file: ReturnType<typeof parse>) => file.documents[0]!.root;
  const append = (text: string) =>
    applied(
      dotenvStore,
      text,
      (file) =>
        dotenvStore.changeStructure(file, {
          action: "append",
          container: rootOf(file),
          added: [{ key: "B", value: leaf("2") }],
        }),
    );
  assertEquals(append(source), "# c\nA=1\nB=2\nsops_version=1\n");
  assertEquals(append("sops_version=1"), "B=2\nsops_version=1");
  assertEquals(append("A=1"), "A=1\nB=2");
  assertEquals(
    applied(
      dotenvStore,
      source,
      (file) => dotenvStore.changeStructure(file, { action: "remove", container: rootOf(file), index: 1 }),
    ),
    "# c\nsops_version=1\n",
  );
  const replaced = applied(
    dotenvStore,
    source,
    (file) =>
      dotenvStore.changeStructure(file, {
        action: "replace",
        node: scalarsOf(file.documents)[1] as Leaf,
        value: leaf(true),
      }),
  );
  assertEquals(replaced, source.replace("A=1", "A=true"));
});

Deno.test("dotenvStore reads back what it writes, or refuses to write it", () => {
  const value = hardText.filter((text) => !text.includes("\\n"));
  const key = hardText.filter((text) => !/[\n=]|^#|^sops_/.test(text));
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.tuple(key, value), value), { maxLength: 5 }), (lines) => {
      const items = lines.map((line) =>
        typeof line === "string" ? comment(line.replaceAll("\n", "")) : entry(line[0], leaf(line[1]))
      );
      const text = dotenvStore.formatCanonical([{ root: mapping(...items) }], undefined, {});
      assertEquals(plainDocuments(parse(text).documents), plainDocuments([{ root: mapping(...items) }]));
    }),
    { numRuns: RUNS },
  );
});

Deno.test("dotenvStore changes any value of any text and leaves the rest as it is", () => {
  const line = fc.oneof(
    fc.constant(""),
    hardText.map((text) => `#${text}`),
    fc.tuple(hardText, hardText).map(([key, text]) => `${key}=${text}`),
  );
  fc.assert(
    fc.property(fc.array(line.map((text) => text.replaceAll("\n", "")), { maxLength: 5 }), fc.nat(), (lines, index) => {
      const source = lines.join("\n");
      const file = parse(source);
      const found = scalarsOf(file.documents);
      if (found.length === 0) return;
      const chosen = found[index % found.length]!;
      const [splice] = dotenvStore.changeValues(file, new Map([[chosen, "ENC[x]"]]));
      const after = scalarsOf(parse(applySplices(source, [splice!])).documents);
      const textOf = (node: typeof chosen) => node.kind === "comment" ? node.text : node.value;
      assertEquals(after.map(textOf), found.map((node) => node === chosen ? "ENC[x]" : textOf(node)));
    }),
    { numRuns: RUNS },
  );
});
