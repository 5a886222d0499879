import {
  askSecret,
  askText,
  canAsk,
  choose,
  chooseSeveral,
  confirm,
  type Question,
} from "../../../lib/base/ask/prompts.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/test_host.ts";

const QUESTION: Question = { heading: "the files get new recipients", text: "update 17 files", instead: "pass --yes" };

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
    assertEquals(host.written("stderr"), "the files get new recipients\nupdate 17 files? [y/N] ");
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

Deno.test("a question behind a change says what giving up leaves", async () => {
  const question = { ...QUESTION, givenUp: "the rules are changed, the files are not" };
  await using host = await atTerminal();
  await using painted = await testHost({
    terminal: ["stdin", "stderr"],
    answers: ["<ctrl-c>"],
    env: { TERM: "xterm" },
  });
  for (
    const [ask, how] of [
      [() => confirm(host, question), "no answer"],
      [() => choose(host, question, ["a"]), "no answer"],
      [() => askSecret(host, question), "no answer"],
      [() => choose(painted, question, ["a"]), "interrupted"],
    ] as const
  ) {
    const error = assertUserError(await assertRejects(ask), "cancelled");
    assertEquals(error.message, `${how}; the rules are changed, the files are not`);
  }
  assert(!painted.written("stderr").includes("changes nothing"), "Ctrl-C promises nothing");
});

Deno.test("chooseSeveral() takes numbers, all and none, each line by line, and all for an empty line", async () => {
  for (
    const [answer, expected] of [
      ["", [0, 1, 2]],
      ["ALL", [0, 1, 2]],
      ["none", []],
      ["2", [1]],
      ["3, 1", [0, 2]],
      ["2-3 2", [1, 2]],
    ] as const
  ) {
    await using host = await atTerminal(answer);
    assertEquals(await chooseSeveral(host, QUESTION, ["a", "b", "c"]), expected, answer);
  }
  for (const answer of ["0", "4", "3-2", "1-4", "x", ",", "1.5"]) {
    await using host = await atTerminal(answer, "1");
    assertEquals(await chooseSeveral(host, QUESTION, ["a", "b", "c"]), [0], answer);
    assert(host.written("stderr").includes("numbers from 1 to 3 (1, 3-4), all, or none"));
  }
});

/** What a person at a terminal with arrow keys chooses. */
async function paint<Value>(keys: string, ask: (host: TestHost) => Promise<Value>): Promise<[Value, string]> {
  await using host = await testHost({
    terminal: ["stdin", "stderr"],
    answers: [keys],
    env: { TERM: "xterm", NO_COLOR: "1" },
  });
  const value = await ask(host);
  return [value, host.written("stderr")];
}

Deno.test("choose() takes numbers of two digits, and says why a key does nothing", async () => {
  const many = Array.from({ length: 12 }, (_, index) => `rule ${index + 1}`);
  for (
    const [keys, expected] of [["12", 11], ["1", 0], ["7", 6], ["19", 8], ["0<down>", 1], ["<up>", 11], [
      "1<down>1",
      0,
    ]] as const
  ) {
    const [chosen] = await paint(keys, (host) => choose(host, QUESTION, many));
    assertEquals(chosen, expected, keys);
  }
  const [third, screen] = await paint("x9", (host) => choose(host, QUESTION, ["a", "b"]));
  assertEquals(third, 0);
  assert(screen.includes("that key does nothing here: arrow keys or a number, Enter\n"));
  assert(screen.includes("there is no 9: a number from 1 to 2\n"));
});

Deno.test("chooseSeveral() marks with space, numbers and a", async () => {
  for (
    const [keys, expected, shown] of [
      ["", [0, 1, 2], "all"],
      [" ", [1, 2], "2, 3"],
      ["a2", [1], "2"],
      ["2<down> ", [0], "1"],
      ["a", [], "none"],
      ["1a", [0, 1, 2], "all"],
    ] as const
  ) {
    const [chosen, screen] = await paint(keys, (host) => chooseSeveral(host, QUESTION, ["a", "b", "c"]));
    assertEquals(chosen, expected, keys);
    assert(screen.endsWith(`update 17 files: ${shown}\n`), screen);
  }
});

Deno.test("choose() shows numbers and takes the first for an empty line", async () => {
  for (const [answer, expected] of [["2", 1], ["", 0], [" 1 ", 0]] as const) {
    await using host = await atTerminal(answer);
    assertEquals(await choose(host, { ...QUESTION, text: "which key" }, ["old", "new"]), expected);
    assertEquals(host.written("stderr"), "the files get new recipients\n  1  old\n  2  new\nwhich key [1]: ");
  }
  for (const answer of ["0", "3", "1.5", "old", "-1"]) {
    await using host = await atTerminal(answer, answer, answer);
    assertUserError(await assertRejects(() => choose(host, QUESTION, ["old", "new"])), "cancelled");
  }
});

Deno.test("askText() takes the proposal for an empty line, and asks again without one", async () => {
  await using host = await atTerminal("");
  assertEquals(await askText(host, { ...QUESTION, text: "name" }, "me"), "me");
  assertEquals(host.written("stderr"), "the files get new recipients\nname [me]: ");
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
  assertEquals(host.written("stderr"), "the files get new recipients\npassphrase: \n");
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
