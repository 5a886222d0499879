/** Started with less than the program needs: it says what to give it, and never shows a stack. */
import { assert, assertEquals } from "../support/assert.ts";
import { joinWrapped } from "../support/printed_steps.ts";
import { Machine, PERMISSIONS } from "../support/stress_program.ts";

const HINT = `hint: start sopsmith with ${PERMISSIONS.join(" ")}`;

/** A keys file that git would commit: where it lies is asked of git. */
const ASKS_GIT = { args: ["keygen"], env: { SOPS_AGE_KEY_FILE: "keys.txt" } };

/** Commands that read files and variables. */
const READING_COMMANDS = [
  ["keygen"],
  ["keygen", "--json"],
  ["vault", "list"],
  ["rules", "list"],
  ["identity", "public"],
  ["-C", ".", "keygen"],
];

/** What a run is started without, what it has left, what it says, and a command that needs what is missing. */
const MISSING: readonly {
  readonly name: string;
  readonly left: readonly string[];
  readonly said: RegExp;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}[] = [
  ...READING_COMMANDS.flatMap((args) => [
    {
      name: "anything",
      left: [],
      said: /^error: cannot (?:read the variable \w+|read "\S+"): Deno was not given --allow-(?:env|read)\n/,
      args,
    },
    {
      name: "env",
      left: without("env"),
      said: /^error: cannot read the variable \w+: Deno was not given --allow-env\n/,
      args,
    },
    { name: "read", left: without("read"), said: /^error: cannot read "\S+": Deno was not given --allow-read\n/, args },
  ]),
  {
    name: "write",
    left: without("write"),
    said: /^error: cannot make the folder "\S+": Deno was not given --allow-write\n/,
    args: ["keygen"],
  },
  {
    name: "run",
    left: without("run"),
    said: /^error: cannot run "git": Deno was not given --allow-run\n/,
    ...ASKS_GIT,
  },
  {
    name: "most variables",
    left: ["--allow-env=PWD,NO_COLOR", ...without("env")],
    said: /^error: cannot read the variable \w+: Deno was not given --allow-env\n/,
    args: ["keygen"],
  },
];

function without(name: string): readonly string[] {
  return PERMISSIONS.filter((flag) => flag !== `--allow-${name}`);
}

for (const { name, left, said, args, env = {} } of MISSING) {
  Deno.test(`sopsmith ${args.join(" ")} says what to do without the permission for ${name}`, async () => {
    await using machine = await Machine.create();
    const { code, stdout, stderr } = await machine.run(args, { permissions: left, env });
    assertEquals(code, 1, stderr);
    const lines = joinWrapped(stderr);
    assert(said.test(lines.join("\n")), stderr);
    assert(lines.includes(HINT), stderr);
    assert(!/\bat \S+:\d+:\d+/.test(stderr), stderr);
    if (args.includes("--json")) assertEquals(JSON.parse(stdout).error.kind, "denied");
    else assertEquals(stdout, "");
  });
}

Deno.test("sopsmith --version and --help need no permission", async () => {
  await using machine = await Machine.create();
  for (const flag of ["--version", "--help"]) {
    const { code, stderr } = await machine.run([flag], { permissions: [] });
    assertEquals([code, stderr], [0, ""]);
  }
});

Deno.test("sopsmith keygen needs no permission to run programs where git need not be asked", async () => {
  await using machine = await Machine.create();
  const { code, stderr } = await machine.run(["keygen"], { permissions: without("run") });
  assertEquals(code, 0, stderr);
});

for (const args of [["--version"], ["--help"], ["vault", "list", "--json"]]) {
  Deno.test(`sopsmith ${args.join(" ")} says so when its output cannot be written`, async () => {
    await using machine = await Machine.create();
    const wrapper = ["sh", "-c", 'exec "$@" >/dev/full', "sh"];
    const { code, stderr } = await machine.run(args, { wrapper });
    assertEquals(code, 1, stderr);
    assert(stderr.startsWith('error: cannot write to "standard output": no space left on the device\n'), stderr);
    assert(!/\bat \S+:\d+:\d+/.test(stderr), stderr);
  });
}
