import { jsonStore } from "../../../lib/sops/stores/json/json.ts";
import { formatCanonicalYaml, formatCanonicalYamlValue } from "../../../lib/sops/stores/yaml_canonical.ts";
import { type Mapping, Timestamp } from "../../../lib/sops/tree/tree.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { comment, entry, leaf, list, mapping, readVector } from "./trees.ts";

function format(root: Mapping, indent?: number): string {
  return formatCanonicalYaml([{ root }], undefined, indent);
}

Deno.test("formatCanonicalYaml() writes what the real engine made of JSON files, to the byte", () => {
  for (const name of ["scalars", "scalar-keys"]) {
    const { documents } = jsonStore.parse(readVector(`plain/${name}.json`), "x");
    assertEquals(formatCanonicalYaml(documents, undefined), readVector(`dec/${name}-as-yaml.json`), name);
  }
  const { documents } = jsonStore.parse(readVector("plain/scalars.json"), "x");
  assertEquals(formatCanonicalYaml(documents, undefined), readVector("dec/json-to-yaml.yaml"));
});

Deno.test("formatCanonicalYaml() leaves out the blocks with a wrong indicator that the real engine writes", () => {
  const { documents } = jsonStore.parse(readVector("plain/nested-multiline.json"), "x");
  const theirs = readVector("dec/nested-multiline-as-yaml.json").split("\n");
  const ours = formatCanonicalYaml(documents, undefined).split("\n");
  assert(!ours.some((line) => line.includes("|4")) && theirs.some((line) => line.includes("|4")));
  assertEquals(ours.filter((line) => !theirs.includes(line)), [
    '    - "\\n a"',
    '    - "  x\\ny"',
    '    - k: "\\nq"',
    '        - "\\nq"',
  ]);
});

Deno.test("formatCanonicalYaml() writes every type as go-yaml does", () => {
  const floats = [
    1,
    1.5,
    999999,
    1e6,
    1234567.5,
    100000.5,
    1e21,
    0.0001,
    0.00001,
    -0,
    5e-324,
    Infinity,
    -Infinity,
    NaN,
  ];
  assertEquals(
    format(mapping(entry("f", list(...floats.map(leaf))))),
    "f:\n" +
      [
        "1",
        "1.5",
        "999999",
        "1e+06",
        "1.2345675e+06",
        "100000.5",
        "1e+21",
        "0.0001",
        "1e-05",
        "-0",
        "5e-324",
        ".inf",
        "-.inf",
        ".nan",
      ]
        .map((text) => `    - ${text}\n`).join(""),
  );
  const values = [2n ** 63n - 1n, true, null, new Timestamp("2024-01-02T00:00:00Z"), "2024-01-02T00:00:00Z", "<<"];
  assertEquals(
    values.map((value) => formatCanonicalYamlValue(leaf(value))),
    ["9223372036854775807\n", "true\n", "null\n", "2024-01-02T00:00:00Z\n", '"2024-01-02T00:00:00Z"\n', "!!merge <<\n"],
  );
});

Deno.test("formatCanonicalYaml() writes bytes that are text as text, and others as base64", () => {
  const bytes = Uint8Array.from({ length: 60 }, () => 0xff);
  const root = mapping(
    entry("a", leaf(new TextEncoder().encode("x"))),
    entry("b", leaf(bytes.slice(0, 2))),
    entry("c", leaf(bytes)),
  );
  assertEquals(format(root), `a: x\nb: !!binary //8=\nc: !!binary |\n    ${"/".repeat(70)}\n    ${"/".repeat(10)}\n`);
});

Deno.test("formatCanonicalYaml() indents as go-yaml does", () => {
  const inner = mapping(entry("x", leaf(1n)), entry("y", list(list(leaf("a"), leaf("b")), mapping(), list())));
  const root = mapping(
    entry("l", list(inner, list(inner))),
    entry("m", mapping(entry("t", leaf("a\nb")))),
    entry("e", mapping()),
  );
  assertEquals(
    format(root),
    `l:
    - x: 1
      "y":
        - - a
          - b
        - {}
        - []
    - - x: 1
        "y":
            - - a
              - b
            - {}
            - []
m:
    t: |-
        a
        b
e: {}
`,
  );
  assertEquals(
    format(mapping(entry("m", mapping(entry("l", list(leaf(1n))))), entry("t", leaf(" a\n"))), 2),
    "m:\n  l:\n    - 1\nt: |2\n   a\n",
  );
  for (const indent of [1, 10, 99]) {
    assertEquals(format(mapping(entry("m", mapping(entry("a", leaf(1n))))), indent), "m:\n  a: 1\n");
  }
});

Deno.test("formatCanonicalYaml() writes long keys and keys of several lines with ?", () => {
  const long = "k".repeat(129);
  const root = mapping(
    entry(long, leaf(1n)),
    entry("a\nb", mapping(entry("x", leaf(1n)), entry("y", leaf(2n)))),
    entry("c\nd\n", list(leaf(1n))),
  );
  assertEquals(format(root), `? ${long}\n: 1\n? |-\n    a\n    b\n:   x: 1\n    "y": 2\n? |\n    c\n    d\n:   - 1\n`);
});

Deno.test("formatCanonicalYaml() puts comments where SOPS puts them", () => {
  const root = mapping(
    comment(" top"),
    comment(" inline", true),
    entry("a", leaf(1n)),
    comment(" above b"),
    entry("b", mapping(comment(" first"), entry("c", leaf("x\ny")), comment(" last"))),
    comment(" block", true),
    entry("t", leaf("x\ny\n")),
    entry(
      "l",
      list(
        comment(" l1"),
        mapping(comment(" m1"), entry("k", leaf(1n))),
        comment(" i", true),
        leaf(2n),
        comment(" l2"),
      ),
    ),
    comment(" end"),
  );
  assertEquals(
    format(root),
    `# top
a: 1 # inline
# above b
b:
    # first
    c: |-
        x
        y
    # last
t: | # block
    x
    y
l:
    # l1
    # m1
    - k: 1
    - 2 # i
    # l2
# end
`,
  );
});

Deno.test("formatCanonicalYaml() keeps comments of a container that holds nothing else", () => {
  assertEquals(
    format(mapping(entry("m", mapping(comment("c"))), entry("l", list(comment("d"))))),
    "m: {\n    #c\n}\nl: [] #d\n",
  );
  assertEquals(format(mapping(comment("c"))), "#c\n{}\n");
  assertEquals(format(mapping(comment("a\nb\n#c"), entry("k", leaf(1n)))), "#a\n# b\n#c\nk: 1\n");
});

Deno.test("formatCanonicalYaml() writes the metadata into every document", () => {
  const block = entry(
    "sops",
    mapping(
      entry("age", list(mapping(entry("enc", leaf("-----BEGIN\nx\n")), entry("recipient", leaf("age1x"))))),
      entry("lastmodified", leaf("2026-11-29T01:00:00Z")),
      entry("version", leaf("3.13.3")),
    ),
  );
  const text = `sops:
    age:
        - enc: |
            -----BEGIN
            x
          recipient: age1x
    lastmodified: "2026-11-29T01:00:00Z"
    version: 3.13.3
`;
  const documents = [{ root: mapping(entry("a", leaf(1n)), comment(" c")) }, { root: mapping() }];
  assertEquals(formatCanonicalYaml(documents, block), `a: 1\n# c\n${text}---\n${text}`);
  assertEquals(formatCanonicalYaml(documents, undefined), "a: 1\n# c\n---\n{}\n");
});
