/** Where the encrypted values of a file stand, told without a key, and how such a place is written. */
import { formatValuePath, parseValuePath } from "../../lib/commands/file/value_path.ts";
import { encryptFile, listEncryptedPaths, parseEncryptedFile } from "../../lib/sops/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { ALICE, encode } from "./fake_keys.ts";

Deno.test("listEncryptedPaths() names every encrypted value and nothing in clear", async () => {
  const text = '# note\na: 1\nb_unencrypted: 2\nusers:\n  - name: x\n    "odd key": y\n  - z\n';
  const { bytes } = await encryptFile(encode(text), {
    ...ALICE,
    path: "a.yaml",
    selectors: { unencrypted_suffix: "_unencrypted" },
  });
  const { file } = await parseEncryptedFile(bytes, { path: "a.yaml" });
  const paths = listEncryptedPaths(file.documents);
  assertEquals(paths, [["a"], ["users", 0, "name"], ["users", 0, "odd key"], ["users", 1]]);
  assertEquals(paths.map(formatValuePath), ["a", "users.0.name", '["users"][0]["odd key"]', "users.1"]);
});

Deno.test("formatValuePath() writes what parseValuePath() reads the same", () => {
  const paths = [["a", "b"], ["a.b"], ["0"], [0, 1], ["a", ""], ['q"', 3], ["[x]"], ["ä", "b c"]];
  for (const path of paths) assertEquals(parseValuePath(formatValuePath(path)), path);
});
