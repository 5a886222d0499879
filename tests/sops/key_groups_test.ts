import { type Answer, answerOfFile, answerOfGroup } from "../../lib/sops/key_groups.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("answerOfGroup() takes the best answer of its keys", () => {
  assertEquals(answerOfGroup([]), "no");
  assertEquals(answerOfGroup(["no", "no"]), "no");
  assertEquals(answerOfGroup(["no", "perhaps"]), "perhaps");
  assertEquals(answerOfGroup(["perhaps", "yes", "no"]), "yes");
});

Deno.test("answerOfFile() counts groups that open, and those that may", () => {
  const cases: readonly (readonly [groups: readonly Answer[], needed: number, answer: Answer])[] = [
    [[], 1, "no"],
    [["yes"], 1, "yes"],
    [["yes", "no"], 2, "no"],
    [["yes", "perhaps"], 2, "perhaps"],
    [["yes", "no", "yes"], 2, "yes"],
    [["perhaps", "perhaps", "no"], 2, "perhaps"],
    [["perhaps", "no", "no"], 2, "no"],
  ];
  for (const [groups, needed, answer] of cases) assertEquals(answerOfFile(groups, needed), answer, groups.join());
});
