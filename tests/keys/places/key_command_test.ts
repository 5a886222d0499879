import { assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";
import { type FakeCommand, testHost } from "../../support/test_host.ts";
import { askCommand, splitCommand } from "../../../lib/keys/places/key_command.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A command that prints what the function says of the recipient, and fails where it says nothing. */
function fake(answer: (recipient: string | undefined) => string | undefined): { runs: string[]; command: FakeCommand } {
  const runs: string[] = [];
  const command: FakeCommand = (_args, { env }) => {
    const recipient = env?.["SOPS_AGE_RECIPIENT"];
    runs.push(recipient ?? "none");
    const text = answer(recipient);
    return { code: text === undefined ? 1 : 0, stdout: encode(text ?? ""), stderr: encode("a test failure") };
  };
  return { runs, command };
}

Deno.test("splitCommand() splits as a POSIX shell does, without running anything", () => {
  const cases: readonly (readonly [line: string, words: readonly string[] | undefined])[] = [
    ["op read op://vault/key", ["op", "read", "op://vault/key"]],
    ["  a\tb  ", ["a", "b"]],
    [`cat '/my keys/k.txt' "b c"`, ["cat", "/my keys/k.txt", "b c"]],
    [`a\\ b "c\\"d" "e\\f" 'g\\h'`, ["a b", `c"d`, "e\\f", "g\\h"]],
    [`''`, [""]],
    [`a"b"'c'`, ["abc"]],
    ["a # b 'c", ["a"]],
    ["a#b", ["a#b"]],
    ["a # x\nb", ["a", "b"]],
    ["$(touch x) `y`; z", ["$(touch", "x)", "`y`;", "z"]],
    ["", []],
    ["a 'b", undefined],
    [`a "b`, undefined],
    ["a \\", undefined],
  ];
  for (const [line, words] of cases) assertEquals(splitCommand(line), words, line);
});

Deno.test("splitCommand() gives back words that stand in single quotes", () => {
  fc.assert(fc.property(fc.array(fc.string()), (words) => {
    const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    assertEquals(splitCommand(line), words);
  }));
});

Deno.test("askCommand() asks for each recipient, until an answer comes twice", async () => {
  const { runs, command } = fake((recipient) => `for ${recipient}`);
  await using host = await testHost({ commands: { give: command } });
  const { outputs, isCutShort, problem } = await askCommand(host, "give", ["a", "b"]);
  assertEquals(outputs.map((output) => new TextDecoder().decode(output)), ["for a", "for b"]);
  assertEquals([runs, isCutShort, problem], [["a", "b"], false, undefined]);

  const same = fake(() => "always");
  await using other = await testHost({ commands: { give: same.command } });
  assertEquals((await askCommand(other, "give", ["a", "b", "c", "d"])).outputs.length, 1);
  assertEquals(same.runs, ["a", "b"]);
});

Deno.test("askCommand() asks at most eight times, and says so", async () => {
  const { runs, command } = fake((recipient) => `for ${recipient}`);
  await using host = await testHost({ commands: { give: command } });
  assertEquals((await askCommand(host, "give", Array.from("abcdefghij"))).isCutShort, true);
  assertEquals(runs.length, 8);
});

Deno.test("askCommand() tells a failure only when nothing came", async () => {
  const { command } = fake((recipient) => recipient === "b" ? "for b" : undefined);
  await using host = await testHost({ commands: { give: command } });
  assertEquals((await askCommand(host, "give", ["a", "b"])).problem, undefined);
  assertEquals((await askCommand(host, "give", ["a"])).problem, "fails: its command ends with code 1");
  assertEquals((await askCommand(host, "give", [])).problem, "fails: its command ends with code 1");
  assertEquals((await askCommand(host, "'give", ["a"])).problem, "has a quote that is never closed");
  assertEquals((await askCommand(host, " # no", ["a"])).problem, "is empty");
  assertEquals(
    (await askCommand(host, "no-such-program-at-all x", [])).problem,
    `names the program "no-such-program-at-all", which is not there`,
  );
});

Deno.test("askCommand() gives up a command that never answers, and does not run it for the next recipient", async () => {
  let runs = 0;
  const give: FakeCommand = (_, { timeoutMs }) => {
    assertEquals([++runs, timeoutMs], [1, 60_000]);
    return { code: 143, stdout: encode(""), stderr: encode(""), isTimedOut: true };
  };
  await using host = await testHost({ commands: { give }, patienceMs: 60_000 });
  const { problem } = await askCommand(host, "give key", ["a", "b"]);
  assertEquals(problem, 'fails: "give" gave no answer for 60 s, and was ended');
});

Deno.test("askCommand() takes no endless answer", async () => {
  const { command } = fake(() => "x".repeat(1024 * 1024 + 1));
  await using host = await testHost({ commands: { give: command } });
  assertEquals((await askCommand(host, "give", [])).problem, "prints more than any list of keys");
});
