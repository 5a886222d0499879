import { countNeededGroups } from "../../lib/sops/threshold.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("countNeededGroups() takes a threshold only among several groups, and all groups without one", () => {
  const cases: readonly (readonly [groups: number, threshold: number | undefined, needed: number])[] = [
    [0, undefined, 1],
    [1, undefined, 1],
    [1, 3, 1],
    [2, undefined, 2],
    [3, 2, 2],
    [3, 0, 3],
  ];
  for (const [count, shamirThreshold, needed] of cases) {
    assertEquals(countNeededGroups({ groups: Array(count), shamirThreshold }), needed, `${count} ${shamirThreshold}`);
  }
});
