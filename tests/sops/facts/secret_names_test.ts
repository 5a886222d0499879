import { findSecretNames } from "../../../lib/sops/facts/secret_names.ts";
import { assertEquals } from "../../support/assert.ts";

function encrypted(type: string): string {
  return `ENC[AES256_GCM,data:aGk=,iv:aXY=,tag:dGFn,type:${type}]`;
}

const CASES: Readonly<Record<string, readonly [text: string, names: readonly string[]]>> = {
  "names of a flat file": [`token: ${encrypted("str")}\nother: ${encrypted("str")}\n`, ["token", "other"]],
  "nested names joined by a slash": [`db:\n  main:\n    password: ${encrypted("str")}\n`, ["db/main/password"]],
  "JSON": [`{"db": {"password": "${encrypted("str")}"}, "sops": {"mac": "${encrypted("str")}"}}`, ["db/password"]],
  "quoted names": [`"a b": ${encrypted("str")}\n`, ["a b"]],
  "no metadata": [`token: ${encrypted("str")}\nsops:\n  mac: ${encrypted("str")}\n`, ["token"]],
  "a name sops that is nested": [`app:\n  sops: ${encrypted("str")}\n`, ["app/sops"]],
  "nothing in lists": [`list:\n  - ${encrypted("str")}\n`, []],
  "no value that is not encrypted": ["plain: text\nempty:\n", []],
  "no name with a slash": [`a/b: ${encrypted("str")}\n`, []],
  "nothing in text that is no mapping": [`- ${encrypted("str")}\n`, []],
  "nothing in an empty file": ["", []],
  "nothing below 20 levels": [`${"{a: ".repeat(22)}${encrypted("str")}${"}".repeat(22)}\n`, []],
  "nothing in a nesting too deep for the parser": ["[".repeat(200_000), []],
};

for (const [name, [text, names]] of Object.entries(CASES)) {
  Deno.test(`findSecretNames() finds ${name}`, () => {
    assertEquals(findSecretNames(text).map(({ path }) => path), names);
  });
}

Deno.test("findSecretNames() tells text from other types", () => {
  assertEquals(findSecretNames(`port: ${encrypted("int")}\nname: ${encrypted("str")}\n`), [
    { path: "port", isText: false },
    { path: "name", isText: true },
  ]);
});
