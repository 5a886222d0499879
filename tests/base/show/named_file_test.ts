import { nameFile } from "../../../lib/base/show/named_file.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("nameFile() puts a path in quotes into a command, for the report to write it as a shell takes it", () => {
  assertEquals(nameFile("run: age-keygen -y FILE", "/home/me/keys.txt"), 'run: age-keygen -y "/home/me/keys.txt"');
  assertEquals(nameFile("import FILE --to FILE", "/a b"), 'import "/a b" --to "/a b"');
  assertEquals(nameFile("read FILE", "C:\\keys.txt"), 'read "C:\\keys.txt"');
  assertEquals(nameFile("set SOPS_AGE_KEY_FILE", "/a"), "set SOPS_AGE_KEY_FILE");
  assertEquals(nameFile("read FILE", "/a/$&"), 'read "/a/$&"');
});

Deno.test("nameFile() leaves the word for what is no path, or could end the quotes", () => {
  for (const path of ["standard input", "keys.txt", '/a"b', "/a\n", ""]) {
    assertEquals(nameFile("read FILE", path), "read FILE", path);
  }
});
