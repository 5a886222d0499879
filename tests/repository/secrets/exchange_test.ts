import { formatSecrets, parseSecrets } from "../../../lib/repository/secrets/exchange.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

const LINES: readonly [line: string, name: string, value: string][] = [
  ["A=b", "A", "b"],
  ["  export A = b  ", "A", "b"],
  ["A=", "A", ""],
  ["A=b=c", "A", "b=c"],
  ['A="b # c" # d', "A", "b # c"],
  ["A='b \"c\"'", "A", 'b "c"'],
  ["A=b#c", "A", "b#c"],
  ["A=b # c", "A", "b"],
];

for (const [line, name, value] of LINES) {
  Deno.test(`parseSecrets() reads ${line}`, () => {
    assertEquals([...parseSecrets(`# first\n\n${line}\n`, "env", "x")], [[name, value]]);
  });
}

Deno.test("parseSecrets() reads JSON, and refuses what is no object without a word of it", () => {
  assertEquals([...parseSecrets('{"A": 1, "B": true, "C": {"d": null}}', "json", "x")], [
    ["A", "1"],
    ["B", "true"],
    ["C", '{"d":null}'],
  ]);
  for (const text of ["[1]", "hunter2", "null"]) {
    const { message } = assertThrows(() => parseSecrets(text, "json", "x"));
    assertEquals(message.includes("hunter2"), false);
  }
});

Deno.test("parseSecrets() names the line that it cannot read, and nothing of it", () => {
  const { message } = assertThrows(() => parseSecrets("A=1\nhunter2\n", "env", "x"), /line 2/);
  assertEquals(message.includes("hunter2"), false);
});

Deno.test("formatSecrets() refuses a line for a text of several, and sorts", () => {
  const leaf = (value: string) => ({ kind: "leaf", value }) as const;
  const secrets = [{ name: "B", value: leaf("1") }, { name: "A", value: leaf("2") }];
  assertEquals(formatSecrets(secrets, "env"), "A=2\nB=1\n");
  assertThrows(() => formatSecrets([{ name: "A", value: leaf("a\nb") }], "env"), /takes several/);
});
