import { UserError } from "../../../lib/base/error.ts";
import { iniStore } from "../../../lib/sops/stores/ini/ini.ts";
import type { Leaf, Mapping, Node } from "../../../lib/sops/tree/tree.ts";
import { applySplices } from "../../../lib/yaml/edit/splice.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows, assertUserError } from "../../support/assert.ts";
import {
  applied,
  BLOCK,
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

const parse = (source: string) => iniStore.parse(source, "x.ini");
const canonical = (source: string) => iniStore.formatCanonical(parse(source).documents, parse(source).block, {});
const rootOf = (file: ReturnType<typeof parse>) => file.documents[0]!.root;
const sectionOf = (file: ReturnType<typeof parse>, index: number) =>
  (rootOf(file).items[index] as { value: Node }).value as Mapping;

/** The sections of a text as plain data. */
function read(source: string): unknown {
  return (plainDocuments(parse(source).documents) as [{ mapping: unknown }])[0].mapping;
}

Deno.test("iniStore reads values as ini.v1 does", () => {
  assertEquals(
    read(
      'a = "x"\nb=\'y\'\nc : "x" "y"\nd = `q#;`\ne = """a""b"""\nf=\n  g   =  1  \nh = x\\\n  y\\\n  z # c\ni = "q\nj = k=v\n',
    ),
    [["DEFAULT", {
      mapping: [
        ["a", "x"],
        ["b", "y"],
        ["c", '"x" "y"'],
        ["d", "q#;"],
        ["e", 'a""b'],
        ["f", ""],
        ["g", "1"],
        ["h", "xyz # c"],
        ["i", '"q'],
        ["j", "k=v"],
      ],
    }]],
  );
  assertEquals(read('a = """x\n  y # z\n"""\n'), [["DEFAULT", { mapping: [["a", "x\n  y # z\n"]] }]]);
  assertEquals(read('"a=b" = 1\n`c:` = 2\n"""d"e""" = 3'), [["DEFAULT", {
    mapping: [["a=b", "1"], ["c:", "2"], ['d"e', "3"]],
  }]]);
});

Deno.test("iniStore reads sections in order, also those that stand twice", () => {
  assertEquals(read("\ufeffa=1\r\n[DEFAULT]\r\nx=1\r\n[ s ]\n[s]\ny=2\n[s]\nz=3"), [
    ["DEFAULT", { mapping: [["a", "1"]] }],
    ["DEFAULT", { mapping: [["x", "1"]] }],
    [" s ", { mapping: [] }],
    ["s", { mapping: [["y", "2"]] }],
    ["s", { mapping: [["z", "3"]] }],
  ]);
  assertEquals(read(""), [["DEFAULT", { mapping: [] }]]);
});

Deno.test("iniStore gives comments to what follows them, and the last ones to their section", () => {
  assertEquals(read("; h\n[s] # t\n;; k\na = 1\nb = x ; y\nc = 2\n# end\n"), [
    ["DEFAULT", { mapping: [] }],
    ["s", {
      mapping: [{ comment: "h\n;\t= # t" }, ["a", "1"], { comment: "k" }, ["b", "x"], { comment: "y" }, ["c", "2"], {
        comment: "end",
      }],
    }],
  ]);
  assertEquals(read("; c\na = 1\n; d\n[sops]\nversion = 1\n; e"), [["DEFAULT", {
    mapping: [["a", "1"], { comment: "c" }, { comment: "d" }],
  }]]);
});

Deno.test("iniStore warns of values that a # or ; cuts", () => {
  const lines = (source: string) => parse(source).warnings?.map(({ lineNumber }) => lineNumber);
  assertEquals(lines('a = x ; c\nb = pa#ss\nc = "x # y"\nd = `p#w`\ne = #x\n'), [2, 3]);
});

Deno.test("iniStore refuses what SOPS cannot read, without content", () => {
  const cases: [string, number][] = [["a=1\nsecret", 2], ["[secret", 1], ["[]", 1], ["=secret", 1], ['"secret', 1], [
    "a = `secret\n",
    1,
  ], ['a = """secret\nx', 1]];
  for (const [source, line] of cases) {
    const error = assertUserError(assertThrows(() => parse(source)), "malformed");
    assertEquals(error.location?.line, line, source);
    assert(!error.message.includes("secret"), source);
  }
  assertUserError(assertThrows(() => parse("- = 1")), "unsupported");
  assertUserError(assertThrows(() => parse("[sops]\na=1\na__map_b=2\n")), "malformed");
});

Deno.test("iniStore refuses text that SOPS drops, and warns of it in an encrypted file", () => {
  const texts = [
    "[s] secret\n",
    "[s] ; [secret]\n",
    "a = `x` ; secret\n",
    'a = """x\n""" secret\n',
    '"a" secret = 1\n',
    "a = secret\na = 2\n",
  ];
  for (const text of texts) {
    const error = assertUserError(assertThrows(() => parse(text)), "unsupported", /in clear/);
    assert(error.hints.length === 1 && !`${error.message}${error.hints}`.includes("secret"), text);
    assertEquals(parse(`${text}[sops]\nversion=1\n`).warnings?.length, 1, text);
  }
});

Deno.test("iniStore writes the vectors of the real engine back to the byte", () => {
  for (const name of ["basic.ini", "simple.ini", "groups-2of2.ini"]) {
    for (const folder of ["enc", "dec"]) {
      const source = readVector(`${folder}/${name}`);
      assertEquals(canonical(source), source, `${folder}/${name}`);
    }
  }
  assertEquals(canonical(readVector("plain/simple.ini")), readVector("dec/simple.ini"));
  assertUserError(assertThrows(() => parse(readVector("plain/basic.ini"))), "unsupported");
});

Deno.test("iniStore writes canonical values in quotes that read back", () => {
  const texts = ["", " ", "a#b", "a`b", "a\nb", "'x'", '"x"', "abc\\", "x\r", '"""', "`;"];
  const root = mapping(entry("s", mapping(...texts.map((text, i) => entry(`k${i}`, leaf(text))))));
  const text = iniStore.formatCanonical([{ root }], undefined, {});
  assertEquals(read(text), [["DEFAULT", { mapping: [] }], ["s", {
    mapping: texts.map((value, i) => [`k${i}`, value]),
  }]]);
});

Deno.test("iniStore refuses what INI cannot hold", () => {
  const format = (key: string, value: Node) =>
    iniStore.formatCanonical([{ root: mapping(entry(key, value)) }], undefined, {});
  assertUserError(assertThrows(() => format("s", mapping(entry("a", leaf('`"""\n'))))), "unsupported");
  assertUserError(assertThrows(() => format("a", leaf("x"))), "usage");
  assertUserError(assertThrows(() => format("s", mapping(entry("a", list())))), "usage");
  for (const name of ["", "a\nb", "a;b", "sops"]) assertUserError(assertThrows(() => format(name, mapping())), "usage");
  for (const key of ["", "-", "a\nb", '`"""']) {
    assertUserError(assertThrows(() => format("s", mapping(entry(key, leaf("x"))))), "usage");
  }
  assertUserError(
    assertThrows(() => iniStore.formatCanonical([{ root: mapping() }, { root: mapping() }], undefined, {})),
    "unsupported",
  );
});

Deno.test("iniStore prints values as sops does", () => {
  assertEquals([leaf("a\nb"), leaf(1n), leaf(null)].map((node) => iniStore.formatValue(node, {})), [
    "a\nb",
    "1",
    "null",
  ]);
  assertUserError(assertThrows(() => iniStore.formatValue(list(), {})), "unsupported");
});

Deno.test("iniStore keeps spacing, markers and line ends around what it changes", () => {
  const source =
    "; top\r\n\r\n\t# next\r\n[s]   ; behind \r\na=1   # one\r\n  b   :  `x`  \r\npass = pa#word\r\n; end\r\n";
  const encrypt = (text: string) =>
    applied(
      iniStore,
      text,
      (file) =>
        iniStore.changeValues(
          file,
          new Map(
            scalarsOf(file.documents).map((
              node,
            ) => [node, `ENC[${btoa(String(node.kind === "comment" ? node.text : node.value))}]`]),
          ),
        ),
    );
  const encrypted = encrypt(source);
  assert(!/top|next|behind|one|word|end|`x`/.test(encrypted));
  assertEquals(encrypted.split("\r\n").length, source.split("\r\n").length - 2);
  const back = applied(
    iniStore,
    encrypted,
    (file) =>
      iniStore.changeValues(
        file,
        new Map(
          scalarsOf(file.documents).map((
            node,
          ) => [node, atob(String(node.kind === "comment" ? node.text : node.value).slice(4, -1))]),
        ),
      ),
  );
  assertEquals(back, source.replace("`x`", "x"));
});

Deno.test("iniStore adds the metadata at the end and takes it away again", () => {
  for (const plain of ["a = 1\n", "", "[s]\r\na=1\r\n", "a=1\n\n\n", "; only\n"]) {
    const encrypted = applied(iniStore, plain, (file) => iniStore.changeMetadata(file, BLOCK));
    assert(encrypted.startsWith(plain));
    assertStringIncludes(encrypted, "= one\\ntwo\\n");
    assertEquals(plainOf((parse(encrypted).block!.items[0] as { value: Node }).value), {
      list: [{ mapping: [["enc", "one\ntwo\n"], ["recipient", "age1test"]] }],
    });
    assertEquals(applied(iniStore, encrypted, (file) => iniStore.changeMetadata(file, undefined)), plain);
  }
});

Deno.test("iniStore changes only the lines of the metadata that differ", () => {
  const source = applied(iniStore, "a = 1\n", (file) => iniStore.changeMetadata(file, BLOCK));
  const text = applied(iniStore, source, (file) => iniStore.changeMetadata(file, OTHER_BLOCK));
  assertEquals(
    text,
    `a = 1

[sops]
age__list_0__map_enc       = one\\ntwo\\n
age__list_0__map_recipient = age1test
age__list_1__map_enc       = three\\n
age__list_1__map_recipient = age1other
lastmodified               = 2026-11-29T02:00:00Z
version                    = 3.13.3
`,
  );
  assertEquals(iniStore.changeMetadata(parse(text), OTHER_BLOCK), []);
});

Deno.test("iniStore changes the structure in the style of its neighbours", () => {
  const source = "; c\n[s]\na    = 1\nbb   = 2 ; x\n\n[sops]\nversion = 1\n";
  const change = (
    text: string,
    body: (file: ReturnType<typeof parse>) => Parameters<typeof iniStore.changeStructure>[1],
  ) => applied(iniStore, text, (file) => iniStore.changeStructure(file, body(file)));
  assertEquals(
    change(
      source,
      (file) => ({ action: "append", container: sectionOf(file, 1), added: [{ key: "ccc", value: leaf("3") }] }),
    ),
    source.replace("; x\n", "; x\nccc  = 3\n"),
  );
  assertEquals(
    change(
      source,
      (file) => ({ action: "append", container: sectionOf(file, 0), added: [{ key: "d", value: leaf(true) }] }),
    ),
    `d = true\n\n${source}`,
  );
  assertEquals(
    change(
      source,
      (file) => ({
        action: "append",
        container: rootOf(file),
        added: [{ key: "t", value: mapping(entry("k", leaf("v"))) }],
      }),
    ),
    source.replace("[sops]", "[t]\nk = v\n\n[sops]"),
  );
  assertEquals(
    change("a=1", (file) => ({ action: "append", container: rootOf(file), added: [{ key: "t", value: mapping() }] })),
    "a=1\n\n[t]\n",
  );
  assertEquals(
    change(source, (file) => ({ action: "remove", container: sectionOf(file, 1), index: 1 })),
    source.replace("a    = 1\n", ""),
  );
  assertEquals(
    change(source, (file) => ({ action: "remove", container: rootOf(file), index: 1 })),
    "\n[sops]\nversion = 1\n",
  );
  assertEquals(
    change(source, (file) => ({ action: "replace", node: sectionOf(file, 1), value: mapping(entry("z", leaf("9"))) })),
    "; c\n[s]\nz = 9\n\n[sops]\nversion = 1\n",
  );
  assertEquals(
    change(source, (file) => ({ action: "replace", node: scalarsOf(file.documents)[1] as Leaf, value: leaf("#") })),
    source.replace("= 1\nbb", "= `#`\nbb"),
  );
  assertEquals(
    change(
      "a=1\n[s]",
      (file) => ({ action: "append", container: sectionOf(file, 1), added: [{ key: "k", value: leaf("v") }] }),
    ),
    "a=1\n[s]\nk = v",
  );
  const refused = (body: (file: ReturnType<typeof parse>) => Parameters<typeof iniStore.changeStructure>[1]) =>
    assertUserError(assertThrows(() => iniStore.changeStructure(parse(source), body(parse(source)))), "usage");
  refused((file) => ({ action: "replace", node: scalarsOf(file.documents)[1] as Leaf, value: list() }));
  refused((file) => ({ action: "append", container: sectionOf(file, 1), added: [{ value: leaf("x") }] }));
});

Deno.test("iniStore takes a key away with its comment", () => {
  const source = "[s]\na = 1\n; b1\n\n; b2\nb = 2 ; b3\n; c\nc = 3\n";
  const text = applied(
    iniStore,
    source,
    (file) =>
      iniStore.changeStructure(file, { action: "remove", container: sectionOf(file, 1), index: 1, withComment: true }),
  );
  assertEquals(text, "[s]\na = 1\n\n; c\nc = 3\n");
});

Deno.test("iniStore reads back what it writes, or refuses to write it", () => {
  const key = hardText.filter((text) => text !== "");
  const section = fc.uniqueArray(fc.tuple(key, hardText), { maxLength: 4, selector: ([name]) => name });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(key, section), { maxLength: 3, selector: ([name]) => name }), (sections) => {
      const root = mapping(
        ...sections.map(([name, keys]) => entry(name, mapping(...keys.map(([k, v]) => entry(k, leaf(v)))))),
      );
      let text: string;
      try {
        text = iniStore.formatCanonical([{ root }], undefined, {});
      } catch (error) {
        assert(error instanceof UserError);
        return;
      }
      assertEquals(read(text), [["DEFAULT", { mapping: [] }], ...(plainOf(root) as { mapping: unknown[] }).mapping]);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("iniStore changes any value and comment of any text and gives them back", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "",
      "  ",
      "[s]",
      "[t] ; c",
      "[s] # d",
      "; c",
      "  # d",
      ";",
      "a = `x\ny` ; z",
      "b = x\\\n  y",
      "\tc\t=\t1\t# e",
    ),
    fc.tuple(
      fc.constantFrom("a", "b", "c", '"d"'),
      fc.constantFrom("=", " = ", ":"),
      hardText.map((text) => text.replaceAll(/[\n\r\u0085\u2028`]|"""/g, "")),
    ).map((
      parts,
    ) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 10 }), fc.constantFrom("\n", "\r\n"), (lines, lineBreak) => {
      const source = lines.join("\n").replaceAll("\n", lineBreak);
      let before: ReturnType<typeof parse>;
      try {
        before = parse(source);
      } catch (error) {
        assert(error instanceof UserError && !/undefined/.test(error.message));
        return;
      }
      const textOf = (node: Node | { kind: "comment"; text: string }) =>
        node.kind === "comment" ? node.text : String((node as Leaf).value);
      const nodes = scalarsOf(before.documents).filter((node) => textOf(node) !== "");
      const encrypted = applySplices(
        source,
        iniStore.changeValues(before, new Map(nodes.map((node, i) => [node, `ENC[${i}]`]))),
      );
      const file = parse(encrypted);
      const sealed = scalarsOf(file.documents).filter((node) => textOf(node) !== "");
      assertEquals(sealed.map(textOf), nodes.map((_, i) => `ENC[${i}]`));
      const back = applySplices(
        encrypted,
        iniStore.changeValues(file, new Map(sealed.map((node, i) => [node, textOf(nodes[i]!)]))),
      );
      assertEquals(plainDocuments(parse(back).documents), plainDocuments(before.documents));
      const layout = (text: string) =>
        text.replaceAll("\r", "").split("\n").filter((line) => !/[=:]/.test(line)).join("\n").trimEnd();
      if (!/[`\\'"]/.test(source)) assertEquals(layout(back), layout(source));
    }),
    { numRuns: RUNS },
  );
});
