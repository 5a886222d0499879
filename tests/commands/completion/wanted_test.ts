import { assertEquals } from "../../support/assert.ts";
import type { CommandSpec } from "../../../lib/commands/shared/command.ts";
import { type CommandTree, findWanted, type Wanted } from "../../../lib/commands/completion/wanted.ts";

const load: CommandSpec["load"] = () => Promise.reject(new Error("no body is needed"));

function spec(words: string, rest: Partial<CommandSpec> = {}): CommandSpec {
  return { words: words.split(" "), brief: `does ${words}`, description: [], flags: {}, examples: [], load, ...rest };
}

const TREE: CommandTree = {
  groups: { key: "Keys", "key old": "Old keys" },
  commands: [
    spec("make", {
      arguments: [{ name: "VAULT", completes: "vault" }],
      flags: {
        force: { brief: "even so", letter: "f" },
        withName: { brief: "its name", value: "NAME" },
        out: { brief: "where to", letter: "o", value: "FILE" },
        config: { brief: "which", value: "FILE", completes: "rule-file", isRepeated: true },
      },
    }),
    spec("key list"),
    spec("key old drop", { arguments: [{ name: "NAME", completes: "recipient-name", isRepeated: true }] }),
    spec("key copy", { arguments: [{ name: "FROM-FILE" }, { name: "DIR" }, { name: "HOST" }] }),
  ],
};

/** The words offered, or the kind of the value with what is typed of it. */
function wanted(...words: string[]): readonly string[] | string {
  const found = findWanted(words, TREE);
  if (found.kind === "words") return found.candidates.map(({ text }) => text);
  return `${found.value} ${found.prefix}|${found.typed}`;
}

function valueWanted(...words: string[]): Extract<Wanted, { kind: "value" }> {
  const found = findWanted(words, TREE);
  if (found.kind !== "value") throw new Error("words are wanted, not a value");
  return found;
}

const MAKE_FLAGS = ["--force", "--with-name", "--out", "--config", "--directory", "--help"];

Deno.test("findWanted() offers commands and groups, each once, with what they are for", () => {
  assertEquals(findWanted([""], TREE), {
    kind: "words",
    candidates: [{ text: "make", description: "does make" }, { text: "key", description: "Keys" }],
  });
  assertEquals(findWanted(["key", "x"], TREE), {
    kind: "words",
    candidates: [
      { text: "list", description: "does key list" },
      { text: "old", description: "Old keys" },
      { text: "copy", description: "does key copy" },
    ],
  });
  assertEquals(wanted("key", "old", ""), ["drop"]);
  assertEquals(wanted(), ["make", "key"]);
});

Deno.test("findWanted() offers the program's own flags, and nothing after a word that is no command", () => {
  assertEquals(wanted("-"), ["--directory", "--help", "--version"]);
  assertEquals(wanted("key", "-"), ["--help"]);
  assertEquals(wanted("nothing", ""), []);
  assertEquals(wanted("key", "nothing", "-"), []);
});

Deno.test("findWanted() offers the flags that are left", () => {
  assertEquals(wanted("make", "-"), MAKE_FLAGS);
  assertEquals(wanted("make", "--force", "--"), MAKE_FLAGS.filter((name) => name !== "--force"));
  assertEquals(wanted("make", "-f", "--"), MAKE_FLAGS.filter((name) => name !== "--force"));
  assertEquals(wanted("make", "--config", "x", "--"), MAKE_FLAGS);
  assertEquals(wanted("make", "--withName=x", "--"), MAKE_FLAGS.filter((name) => name !== "--with-name"));
  assertEquals(wanted("make", "a-vault", ""), MAKE_FLAGS);
  assertEquals(wanted("key", "list", ""), ["--directory", "--help"]);
});

Deno.test("findWanted() knows the values of flags, in either form", () => {
  assertEquals(wanted("make", "--out", "x"), "files |x");
  assertEquals(wanted("make", "-o", ""), "files |");
  assertEquals(wanted("make", "-fo", ""), "files |");
  assertEquals(wanted("make", "--out=a=b"), "files --out=|a=b");
  assertEquals(wanted("make", "--config="), "rule-file --config=|");
  assertEquals(wanted("make", "--with-name", "-"), "nothing |-");
  assertEquals(wanted("make", "--force=x"), []);
  assertEquals(wanted("make", "--unknown=x"), []);
});

Deno.test("findWanted() counts arguments, flags and their values left out", () => {
  assertEquals(wanted("make", ""), "vault |");
  assertEquals(wanted("make", "--with-name", "n", "--force", "--nonsense", "pr"), "vault |pr");
  assertEquals(wanted("make", "--", "-x"), "vault |-x");
  assertEquals(wanted("make", "--", "-x", ""), []);
  assertEquals(wanted("make", "-", ""), MAKE_FLAGS);
  assertEquals(wanted("key", "old", "drop", "a", "b", "c"), "recipient-name |c");
});

Deno.test("findWanted() tells files, folders and anything else by the word in help", () => {
  assertEquals(wanted("key", "copy", ""), "files |");
  assertEquals(wanted("key", "copy", "a", ""), "folders |");
  assertEquals(wanted("key", "copy", "a", "b", ""), "nothing |");
});

Deno.test("findWanted() follows -C, before the command and after it", () => {
  assertEquals(wanted("-C", "x"), "folders |x");
  assertEquals(wanted("-C", "x", "ma"), ["make", "key"]);
  assertEquals(wanted("make", "-C", "x"), "folders |x");
  const { directories } = valueWanted("-C", "a", "--directory", "b", "make", "-C", "c", "--directory=d", "");
  assertEquals(directories, ["a", "b", "c", "d"]);
});

Deno.test("findWanted() hands on what the flags say", () => {
  const { flags } = valueWanted("make", "--config", "a", "--force", "--config=b", "");
  assertEquals(Object.fromEntries(flags), { config: ["a", "b"], force: [] });
});
