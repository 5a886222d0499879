import { assert, assertEquals } from "../../support/assert.ts";
import { Argv, COMMON_FLAGS, type FlagTable, parseCommand } from "../../../lib/commands/shared/argv.ts";
import { COMMANDS } from "../../../lib/commands/command_table.ts";
import type { CommandSpec, FlagSpec } from "../../../lib/commands/shared/command.ts";
import fc from "../../support/property.ts";

const TABLE: FlagTable = {
  force: { brief: "even so", letter: "f" },
  withName: { brief: "its name", letter: "o", value: "NAME" },
  config: { brief: "which", value: "FILE", isRepeated: true },
};

function read(...words: string[]): unknown {
  const { flags, args, problem } = new Argv(words, TABLE);
  return problem ?? [Object.fromEntries(flags), args];
}

Deno.test("Argv reads flags in every spelling, and arguments between them", () => {
  const flags = { force: [], withName: ["a"], config: ["x", "y=z"] };
  assertEquals(read("--force", "--with-name", "a", "1", "--config=x", "--config", "y=z", "2"), [flags, ["1", "2"]]);
  assertEquals(read("-fo", "a", "--config", "x", "1", "--config=y=z", "2"), [flags, ["1", "2"]]);
  assertEquals(read("--withName=a", "1", "-f", "--config", "x", "2", "--config", "y=z"), [flags, ["1", "2"]]);
  assertEquals(read("-o=a", "--force=true"), [{ withName: ["a"], force: [] }, []]);
  assertEquals(read("--force=false", "--config="), [{ config: [""] }, []]);
});

Deno.test("Argv takes -, a negative number and what follows -- for arguments and values", () => {
  assertEquals(read("-", "-5", "--config", "-", "--config", "-5"), [{ config: ["-", "-5"] }, ["-", "-5"]]);
  assertEquals(read("-oOption=x", "--config", "-a.yaml"), [{ config: ["-a.yaml"] }, ["-oOption=x"]]);
  assertEquals(read("--", "--force", "--", "-x"), [{}, ["--force", "--", "-x"]]);
});

const PROBLEMS: readonly (readonly [words: string, problem: string])[] = [
  ["--forse", 'no flag "--forse"; did you mean "--force"?'],
  ["--zzz=1", 'no flag "--zzz"'],
  ["-fz", 'no flag "-z"'],
  ["--force=maybe", '--force takes no value, found "maybe"'],
  ["-f=1", '--force takes no value, found "1"'],
  ["--with-name", "--with-name needs a value"],
  ["--with-name --force", "--with-name needs a value"],
  ["--config -- a", "--config needs a value"],
  ["-of", "--with-name needs a value"],
  ["--with-name a -o b", '--with-name is given twice: "a" and "b"'],
  ["--zzz --with-name", 'no flag "--zzz"'],
];

for (const [words, problem] of PROBLEMS) {
  Deno.test(`Argv tells of ${words}: ${problem}`, () => assertEquals(read(...words.split(" ")), problem));
}

const load: CommandSpec["load"] = () => Promise.reject(new Error("no body is needed"));
const spec = (words: string, flags: FlagTable): CommandSpec => {
  return { words: words.split(" "), brief: "", description: [], flags, examples: [], load };
};
const TREE = [spec("make", TABLE), spec("key list", { config: TABLE["config"]! }), spec("key old drop", {})];

function found(...words: string[]): readonly [name: string, args: readonly string[], problem?: string] {
  const { spec, path, argv, args } = parseCommand(words, TREE);
  const name = spec === undefined ? `(${path.join(" ")})` : spec.words.join(" ");
  return argv.problem === undefined ? [name, args] : [name, args, argv.problem];
}

Deno.test("parseCommand() takes flags anywhere, values that are named like commands too", () => {
  assertEquals(found("make", "a", "--force"), ["make", ["a"]]);
  assertEquals(found("--config", "make", "key", "--config=x", "list"), ["key list", []]);
  assertEquals(found("-f", "-C", "key", "make", "key"), ["make", ["key"]]);
  assertEquals(found("--unknown", "key", "old", "drop"), ["key old drop", [], 'no flag "--unknown"']);
});

Deno.test("parseCommand() finds the group, or nothing, where no command is named", () => {
  assertEquals(found("key", "old", "x"), ["(key old)", ["x"]]);
  assertEquals(found("-C", "make", "key"), ["(key)", []]);
  assertEquals(found("x", "make"), ["()", ["x", "make"]]);
  assertEquals(found("-C", "make"), ["()", []]);
  assertEquals(found(), ["()", []]);
});

Deno.test("parseCommand() finds every command wherever its flags stand", () => {
  for (const spec of COMMANDS) {
    const flags = Object.entries<FlagSpec>({ ...spec.flags, ...COMMON_FLAGS }).map(([name, { value }]) =>
      value === undefined ? [`--${name}`] : [`--${name}`, "keygen"]
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(flags), fc.nat(), fc.nat(), (given, first, second) => {
        const [from, to] = [first % (given.length + 1), second % (given.length + 1)].toSorted((a, b) => a - b);
        const [start = "", ...others] = spec.words;
        const words = [given.slice(0, from), start, given.slice(from, to), others, given.slice(to)].flat(2);
        const { spec: found, argv, args } = parseCommand(words, COMMANDS);
        assert(found === spec, words.join(" "));
        assertEquals([args, argv.problem, argv.flags.size], [[], undefined, given.length]);
      }),
      { numRuns: 10 },
    );
  }
});
