import { findNamedWord, joinNames } from "../../../lib/commands/shared/recipient_words.ts";
import { assertEquals } from "../../support/assert.ts";

const KEY = "age13k8kz6sc28j46rgleh9sfaxucup2gg73wyfvlr6xykw0a9r6ryys38ts8c";

Deno.test("findNamedWord() takes NAME=KEY apart, and no ssh key with its padding", () => {
  assertEquals(findNamedWord(`bob=${KEY}`), { name: "bob", key: KEY });
  assertEquals(findNamedWord("bob=ssh-rsa AAAA== x"), { name: "bob", key: "ssh-rsa AAAA== x" });
  for (const word of ["bob", KEY, "ssh-rsa AAAA== x", "=x", "bob=", `${KEY}=x`]) {
    assertEquals(findNamedWord(word), undefined, word);
  }
});

Deno.test("joinNames() joins a new name with the key behind it, and leaves known names and keys alone", () => {
  const isKnown = (name: string): boolean => name === "alice";
  assertEquals(joinNames(["alice", "bob", KEY, KEY], isKnown), ["alice", `bob=${KEY}`, KEY]);
  assertEquals(joinNames(["alice", KEY, "bob"], isKnown), ["alice", KEY, "bob"]);
  assertEquals(joinNames([`bob=${KEY}`, KEY], isKnown), [`bob=${KEY}`, KEY]);
});
