import { nameFile } from "../../../lib/base/show/named_file.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("nameFile() puts a path into a command that a shell takes as it is", () => {
  assertEquals(nameFile("run: age-keygen -y FILE", "/home/me/keys.txt"), "run: age-keygen -y /home/me/keys.txt");
  assertEquals(nameFile("import FILE --to FILE", "/a"), "import /a --to /a");
  assertEquals(nameFile("read FILE", "C:\\Users\\me\\keys.txt"), "read C:\\Users\\me\\keys.txt");
  assertEquals(nameFile("set SOPS_AGE_KEY_FILE", "/a"), "set SOPS_AGE_KEY_FILE");
  assertEquals(nameFile("read FILE", "/a/$&"), "read FILE");
});

Deno.test("nameFile() leaves the word where the path would have to be quoted", () => {
  for (
    const path of [
      "standard input",
      "/a b",
      "/a'b",
      "/$HOME",
      "/a;b",
      "/*",
      "C:\\my keys.txt",
      "a\\b",
      "/a\n",
      "/~x",
      "",
    ]
  ) {
    assertEquals(nameFile("read FILE", path), "read FILE", path);
  }
});
