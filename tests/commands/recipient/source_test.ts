/** The words of a `recipient` command. */
import { splitWords } from "../../../lib/commands/recipient/source.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";

const KEY = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";

Deno.test("splitWords() tells keys from names, in any order", () => {
  assertEquals(splitWords(["alice", KEY]), { names: ["alice"], keys: [KEY] });
  assertEquals(splitWords([KEY, "alice", "web1"]), { names: ["alice", "web1"], keys: [KEY] });
  assertEquals(splitWords(["age1nnex…4pfg8"]), { names: [], keys: ["age1nnex…4pfg8"] });
  assertEquals(splitWords([]), { names: [], keys: [] });
});

Deno.test("splitWords() puts an ssh key without quotes together", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBbFa9N45Qri/WVPkQCnqCpMuWv+A8dLScNGbeU+MSbd";
  assertEquals(splitWords(["laptop", ...key.split(" ")]), { names: ["laptop"], keys: [key] });
  assertEquals(splitWords([`${key} me@laptop`]), { names: [], keys: [`${key} me@laptop`] });
  const commented = { names: ["laptop"], keys: [`${key} me@laptop`] };
  assertEquals(splitWords(["laptop", ...key.split(" "), "me@laptop"]), commented);
  assertEquals(splitWords([...key.split(" "), "me@laptop", "laptop"]), commented);
  assertEquals(splitWords(["ssh-ed25519"]), { names: ["ssh-ed25519"], keys: [] });
});

Deno.test("splitWords() refuses a private key and shows none of it", () => {
  const error = assertUserError(assertThrows(() => splitWords(["bob", "AGE-SECRET-KEY-1TESTKEY"])), "malformed");
  assertEquals(`${error.message}${error.hints}`.includes("TESTKEY"), false);
});
