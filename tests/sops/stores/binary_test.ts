import { binaryStore } from "../../../lib/sops/stores/json/binary.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { BLOCK, leaf, list, readVector, scalarsOf } from "./trees.ts";

Deno.test("binaryStore writes the vectors of the real engine back to the byte", () => {
  for (const name of ["empty.bin", "raw.bin"]) {
    const source = readVector(`enc/${name}`);
    const { documents, block, format } = binaryStore.parse(source, name);
    assertEquals(format, "binary");
    assertEquals(binaryStore.formatCanonical(documents, block, {}), source, name);
  }
});

Deno.test("binaryStore changes data and metadata in place", () => {
  const file = binaryStore.parse('{"data":"x","sops":{"version":"3"}}', "x");
  assertEquals(binaryStore.changeMetadata(file, BLOCK).length > 0, true);
  const [data] = scalarsOf(file.documents);
  assertEquals(binaryStore.changeValues(file, new Map([[data!, "y"]])), [{ start: 8, end: 11, text: '"y"' }]);
});

Deno.test("binaryStore refuses what is no binary file", () => {
  assertUserError(assertThrows(() => binaryStore.parse('{"a":1}', "x")), "malformed");
  const file = binaryStore.parse('{"data":"x"}', "x");
  const append = {
    action: "append",
    container: file.documents[0]!.root,
    added: [{ key: "b", value: leaf("") }],
  } as const;
  assertUserError(assertThrows(() => binaryStore.changeStructure(file, append)), "usage");
  assertUserError(assertThrows(() => binaryStore.formatValue(list(), {})), "unsupported");
  assertEquals(binaryStore.formatValue(leaf("x"), {}), "x");
});
