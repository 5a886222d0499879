/** Which container a comment belongs to: the table of sops-engine §4.4, one case a row, and the order of the tree. */
import { scanYaml } from "../../../lib/yaml/scan/scan.ts";
import { assertEquals } from "../../support/assert.ts";
import { commentPlaces, outline } from "../../support/yaml_outline.ts";

/** Text, and the container of each comment `c…` as the keys that lead to it. */
const CONTAINERS: Readonly<Record<string, readonly [text: string, places: Readonly<Record<string, string>>]>> = {
  "directly above a key": ["a:\n  b: 1\n  #c\n  d: 2\n", { c: "a" }],
  "first in a nested block": ["a:\n  #c\n  b: 1\n", { c: "a" }],
  "last in a nested block": ["a:\n  b: 1\n  #c\nd: 2\n", { c: "a" }],
  "between the columns of two blocks": ["a:\n    b: 1\n  #c\nd: 2\n", { c: "a" }],
  "deeper than the scalar before it": ["a: 1\n  #c\nb: 2\n", { c: "" }],
  "at the column of the next key": ["a:\n  b: 1\n#c\nd: 2\n", { c: "" }],
  "above the next dash": ["a:\n  - 1\n  #c\n  - 2\n", { c: "a" }],
  "below the last item of a list of mappings": ["a:\n  - b:\n      d: 1\n  #c\n", { c: "a" }],
  "below the last item of a list of lists": ["a:\n  - - 1\n  #c\n", { c: "a" }],
  "at the column of dashes, and of the next key": ["a:\n- 1\n#c\nb: 2\n", { c: "" }],
  "behind a dash": ["a:\n  - #c\n    b: 1\n", { c: "a" }],
  "below a key without a value": ["a:\n  #c\nb: 1\n", { c: "" }],
  "behind the start of the document": ["--- #c\na: 1\n", { c: "" }],
  "before the first key": ["#c1\n\n#c2\na: 1\n", { c1: "", c2: "" }],
  "around blank lines": ["a: 1\n#c1\n\n#c2\nb: 2\n", { c1: "", c2: "" }],
  "behind brackets": ["a: [1] #c1\nb: {} #c2\nd: [ ] #c3\n", { c1: "a", c2: "b", c3: "d" }],
  "inside brackets over lines": ["a: [1, #c1\n  2\n  #c2\n]\n", { c1: "a", c2: "a" }],
  "behind a key of a block": ["a: #c\n  b: 1\n", { c: "" }],
  "behind scalars": ["a: 1 #c1\nb:\n  - x #c2\n", { c1: "", c2: "b" }],
  "behind the header of a block scalar": ["a: | #c\n  x\n", { c: "" }],
  "at the end of the text, nested": ["a:\n  b:\n    - 1\n    #c1\n  #c2\n#c3\n", { c1: "a/b", c2: "a", c3: "" }],
};

for (const [name, [text, places]] of Object.entries(CONTAINERS)) {
  Deno.test(`scanYaml() puts a comment ${name} where go-yaml has it`, () => {
    const expected = Object.entries(places).map(([comment, path]) => [comment, path === "" ? "0" : `0/${path}`]);
    assertEquals([...commentPlaces(scanYaml(text, "x").documents)], expected);
  });
}

Deno.test("scanYaml() puts comments before the entry that they stand behind", () => {
  const { documents } = scanYaml("a: 1 #x\nb: #y\n  c: 2\n  #z\nd: | #h\n  t\n", "x");
  assertEquals(
    outline(documents, { hasComments: true }),
    'mapping\n  #<x\n  "a":\n    bigint 1\n  #y\n  "b":\n    mapping\n      "c":\n        bigint 2\n      #z\n  #<h\n  "d":\n    "t\\n"\n',
  );
});

Deno.test("scanYaml() keeps comments of one document out of the next", () => {
  const { documents } = scanYaml("a: 1\n#c1\n---\n#c2\nb: 2\n...\n#c3\n", "x");
  assertEquals([...commentPlaces(documents)], [["c1", "0"], ["c2", "1"], ["c3", "1"]]);
});
