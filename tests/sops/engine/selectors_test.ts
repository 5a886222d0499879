/** Which leaves are encrypted: the walk asks the selector. */
import { compileSelector, type SelectorFields } from "../../../lib/sops/engine/selectors.ts";
import { walkDocuments } from "../../../lib/sops/engine/walk.ts";
import type { Document } from "../../../lib/sops/tree/tree.ts";
import { assertEquals, assertRejects, assertStringIncludes, assertUserError } from "../../support/assert.ts";
import { comment, compileRegex, documentsOf, Pairs } from "../trees.ts";

/** The paths of what is visited, with `+` before what is selected. */
async function visit(documents: readonly Document[], fields: SelectorFields): Promise<string[]> {
  const seen: string[] = [];
  const add = (text: unknown, path: { view(): Uint8Array }, isSelected: boolean): void => {
    seen.push(`${isSelected ? "+" : "-"}${new TextDecoder().decode(path.view())}${text}`);
  };
  walkDocuments(documents, await compileSelector(fields, compileRegex), {
    visitLeaf: ({ value }, path, isSelected) => add(value, path, isSelected),
    visitComment: ({ text }, path, isSelected) => add(`#${text}`, path, isSelected),
  });
  return seen;
}

const TREE = documentsOf(
  comment("top"),
  ["a", "1"],
  ["b_unencrypted", new Pairs(comment("in b"), ["c", ["2", comment("in list"), new Pairs(["d", "3"])]])],
  ["e", new Pairs(["f_unencrypted", "4"], ["g", [["5"]]])],
);

Deno.test("walkDocuments() gives paths without indices, each key with a colon, a colon alone at the top", async () => {
  assertEquals(await visit(TREE, { encrypted_regex: "." }), [
    "-:#top",
    "+a:1",
    "+b_unencrypted:#in b",
    "+b_unencrypted:c:2",
    "+b_unencrypted:c:#in list",
    "+b_unencrypted:c:d:3",
    "+e:f_unencrypted:4",
    "+e:g:5",
  ]);
});

Deno.test("walkDocuments() goes through documents one after the other, with paths from their roots", async () => {
  assertEquals(await visit([...documentsOf(["a", "1"]), ...documentsOf(["a", "2"])], {}), ["+a:1", "+a:2"]);
});

Deno.test("a suffix counts at every key of the path, and is the default", async () => {
  const expected = ["+:#top", "+a:1", "-b_unencrypted:#in b", "-b_unencrypted:c:2", "-b_unencrypted:c:#in list"];
  assertEquals((await visit(TREE, {})).slice(0, 5), expected);
  assertEquals(await visit(TREE, { unencrypted_suffix: "_unencrypted" }), await visit(TREE, {}));
  assertEquals((await visit(TREE, { encrypted_suffix: "_unencrypted" })).filter((line) => line.startsWith("+")), [
    "+b_unencrypted:#in b",
    "+b_unencrypted:c:2",
    "+b_unencrypted:c:#in list",
    "+b_unencrypted:c:d:3",
    "+e:f_unencrypted:4",
  ]);
});

Deno.test("a regular expression is searched in each key for itself", async () => {
  const selected = async (fields: SelectorFields): Promise<string[]> =>
    (await visit(TREE, fields)).filter((line) => line.startsWith("+"));
  assertEquals(await selected({ encrypted_regex: "^(d|g)$" }), ["+b_unencrypted:c:d:3", "+e:g:5"]);
  assertEquals(await selected({ unencrypted_regex: "^[be]" }), ["+:#top", "+a:1"]);
  assertEquals(await selected({ encrypted_regex: "e:g" }), []);
});

Deno.test("unencrypted_comment_regex leaves the comment and what follows it in clear", async () => {
  const tree = documentsOf(
    ["a", "1"],
    comment("plain"),
    comment("more"),
    ["b", new Pairs(["c", "2"], comment("x"), ["d", ["3"]])],
    comment("x"),
    ["e", ["4", comment("plain"), "5", "6"]],
  );
  assertEquals(await visit(tree, { unencrypted_comment_regex: "plain" }), [
    "+a:1",
    "-:#plain",
    "-:#more",
    "-b:c:2",
    "-b:#x",
    "-b:d:3",
    "+:#x",
    "+e:4",
    "-e:#plain",
    "-e:5",
    "+e:6",
  ]);
});

Deno.test("encrypted_comment_regex encrypts what follows the comment, but not the comment", async () => {
  const tree = documentsOf(
    ["a", "1"],
    comment("enc"),
    comment("more"),
    ["b", new Pairs(["c", "2"], comment("x"))],
    ["e", ["4", comment("enc"), "5", "6"]],
    comment("enc", true),
    ["f", "7"],
  );
  assertEquals(await visit(tree, { encrypted_comment_regex: "^enc$" }), [
    "-a:1",
    "-:#enc",
    "+:#more",
    "+b:c:2",
    "+b:#x",
    "-e:4",
    "-e:#enc",
    "+e:5",
    "-e:6",
    "-:#enc",
    "+f:7",
  ]);
});

Deno.test("an encrypted comment that stands as an item of a list does not end what comments select", async () => {
  const item = "ENC[AES256_GCM,data:oYyi,iv:MyID,tag:AA==,type:comment]";
  const tree = documentsOf(["l", [comment("enc"), item, "1", "2"]]);
  const lines = (await visit(tree, { encrypted_comment_regex: "enc" })).map((line) => line[0]);
  assertEquals(lines, ["-", "+", "+", "-"]);
});

Deno.test("compileSelector() refuses a regular expression that SOPS would take for one that never matches", async () => {
  for (const fields of [{ encrypted_regex: "(" }, { unencrypted_comment_regex: "a(?=b)" }]) {
    const error = await assertRejects(async () => await compileSelector(fields, compileRegex));
    assertStringIncludes(assertUserError(error, "malformed").message, Object.keys(fields)[0]!);
  }
});

Deno.test("compileSelector() refuses two selectors", async () => {
  const error = await assertRejects(async () =>
    await compileSelector({ encrypted_regex: "a", unencrypted_suffix: "b" }, compileRegex)
  );
  assertUserError(error, "malformed", /unencrypted_suffix and encrypted_regex/);
});

Deno.test("walkDocuments() refuses a nesting that would overflow the stack", async () => {
  let inner: Pairs = new Pairs(["a", "1"]);
  for (let depth = 0; depth < 1100; depth++) inner = new Pairs(["a", inner]);
  const error = await assertRejects(() => visit(documentsOf(["a", inner]), {}));
  assertUserError(error, "unsupported");
});
