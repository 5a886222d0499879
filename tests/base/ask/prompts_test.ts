import { askSecret, askText, canAsk, choose, confirm, type Question } from "../../../lib/base/ask/prompts.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/test_host.ts";

const QUESTION: Question = { text: "update 17 files", instead: "pass --yes" };

/** A host with somebody at a terminal, which cannot be painted over, who types these lines. */
function atTerminal(...answers: readonly string[]): Promise<TestHost> {
  return testHost({ terminal: ["stdin", "stderr"], answers, env: { TERM: "dumb" } });
}

Deno.test("canAsk() needs both standard input and standard error to be a terminal", async () => {
  for (
    const [terminal, expected] of [
      [["stdin", "stderr"], true],
      [["stdin", "stdout", "stderr"], true],
      [["stdin", "stdout"], false],
      [["stderr"], false],
      [[], false],
    ] as const
  ) {
    await using host = await testHost({ terminal });
    assertEquals(canAsk(host), expected);
  }
});

Deno.test("no question is asked without a terminal: the error names what to pass instead", async () => {
  await using host = await testHost({ terminal: ["stdout", "stderr"], stdin: "y\n" });
  const ways: readonly [ask: () => Promise<unknown>, message: RegExp][] = [
    [
      () => confirm(host, QUESTION),
      /^cannot ask "update 17 files": standard input and standard error are no terminal$/,
    ],
    [() => choose(host, QUESTION, ["a"]), /^cannot ask "update 17 files": /],
    [() => askText(host, QUESTION, "me"), /^cannot ask "update 17 files": /],
    [() => askSecret(host, { ...QUESTION, text: "passphrase" }), /^cannot ask for the passphrase: standard input/],
  ];
  for (const [ask, message] of ways) {
    const error = assertUserError(await assertRejects(ask), "usage", message);
    assertEquals(error.hints, ["pass --yes"]);
  }
  assertEquals(host.written("stderr"), "");
});

Deno.test("confirm() takes yes and no in every spelling, and an empty line for no", async () => {
  for (
    const [answer, expected] of [["y", true], ["YES", true], [" yes ", true], ["n", false], ["No", false], [
      "",
      false,
    ]] as const
  ) {
    await using host = await atTerminal(answer);
    assertEquals(await confirm(host, QUESTION), expected, answer);
    assertEquals(host.written("stderr"), "update 17 files? [y/N] ");
    assertEquals(host.written("stdout"), "");
  }
});

Deno.test("confirm() asks again when an answer does not fit, three times at most", async () => {
  await using host = await atTerminal("what", "y");
  assertEquals(await confirm(host, QUESTION), true);
  await using lost = await atTerminal("a", "b", "c", "y");
  const error = await assertRejects(() => confirm(lost, QUESTION));
  assertUserError(error, "cancelled", /^no answer that fits after 3 tries; nothing was changed$/);
});

Deno.test("every question is cancelled at the end of the input", async () => {
  await using host = await atTerminal();
  for (
    const ask of [
      () => confirm(host, QUESTION),
      () => choose(host, QUESTION, ["a"]),
      () => askText(host, QUESTION, "me"),
      () => askSecret(host, QUESTION),
    ]
  ) assertUserError(await assertRejects(ask), "cancelled", /^no answer; nothing was changed$/);
});

Deno.test("choose() shows numbers and takes the first for an empty line", async () => {
  for (const [answer, expected] of [["2", 1], ["", 0], [" 1 ", 0]] as const) {
    await using host = await atTerminal(answer);
    assertEquals(await choose(host, { ...QUESTION, text: "which key" }, ["old", "new"]), expected);
    assertEquals(host.written("stderr"), "  1  old\n  2  new\nwhich key [1]: ");
  }
  for (const answer of ["0", "3", "1.5", "old", "-1"]) {
    await using host = await atTerminal(answer, answer, answer);
    assertUserError(await assertRejects(() => choose(host, QUESTION, ["old", "new"])), "cancelled");
  }
});

Deno.test("askText() takes the proposal for an empty line, and asks again without one", async () => {
  await using host = await atTerminal("");
  assertEquals(await askText(host, { ...QUESTION, text: "name" }, "me"), "me");
  assertEquals(host.written("stderr"), "name [me]: ");
  await using other = await atTerminal("", " you ");
  assertEquals(await askText(other, { ...QUESTION, text: "name" }), "you");
});

Deno.test("askSecret() keeps blanks, reads hidden, and never shows the answer", async () => {
  await using host = await atTerminal(" correct horse ");
  const lines: string[] = [];
  const watched = {
    ...host,
    stdin: {
      ...host.stdin,
      isTerminal: true,
      readLine(visibility: "open" | "hidden"): Promise<string | undefined> {
        lines.push(visibility);
        return host.stdin.readLine(visibility);
      },
    },
  };
  const secret = await askSecret(watched, { ...QUESTION, text: "passphrase" });
  assertEquals(secret.revealText(), " correct horse ");
  assertEquals(lines, ["hidden"]);
  assertEquals(host.written("stderr"), "passphrase: \n");
});

Deno.test("questions show control characters instead of sending them", async () => {
  await using host = await atTerminal("y", "1", "", "x");
  const question = { ...QUESTION, text: "update \u001b[2Jfile" };
  await confirm(host, question);
  await choose(host, question, ["\u001b]0;title\u0007"]);
  await askText(host, question, "\u001b[1m");
  await askSecret(host, question);
  assert(!["\u001b", "\u0007"].some((character) => host.written("stderr").includes(character)));
});
