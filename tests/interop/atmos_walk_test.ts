/**
 * The walk of docs/atmos.md from an empty folder to a secret that two people share: every block as it stands there, each
 * person with a home folder of their own; and the first steps of one person at a real terminal.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { putProgramOnPath } from "../support/program_path.ts";
import { Terminal, terminalEnv } from "../support/terminal.ts";
import { runIsolated, type TestHost, testHost } from "../support/test_host.ts";
import { run } from "../../main.ts";

const PAGE = new URL("../../docs/atmos.md", import.meta.url);

/** A line that is typed, and by whom. */
interface TypedLine {
  readonly person: string;
  readonly line: string;
}

async function readWalk(): Promise<TypedLine[]> {
  const text = await Deno.readTextFile(PAGE);
  const blocks = Array.from(text.matchAll(/^```console\n(.*?)^```$/gms), ([, block = ""]) => block);
  return blocks.join("").trimEnd().split("\n").map((text) => {
    const [, person, line] = /^(\w+)\$ (.*)$/.exec(text) ?? [];
    if (person === undefined || line === undefined) throw new Error(`a line that nobody types: ${text}`);
    return { person, line };
  });
}

/** Every program that a person starts sees their own home folder. */
async function typeLine(
  host: TestHost,
  { person, line }: TypedLine,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const cwd = `${host.cwd}/${person}`;
  await Deno.mkdir(cwd, { recursive: true });
  const git = Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((
      who,
    ) => [[`GIT_${who}_NAME`, person], [`GIT_${who}_EMAIL`, `${person}@example.org`]]),
  );
  const result = await runIsolated("sh", ["-ec", line], {
    cwd,
    env: { ...env, ...git, HOME: `${host.root}/${person}`, GIT_CONFIG_NOSYSTEM: "1" },
  });
  const decoder = new TextDecoder();
  return {
    code: result?.code ?? -1,
    stdout: decoder.decode(result?.stdout),
    stderr: decoder.decode(result?.stderr),
  };
}

peerTest("every line of the walk in docs/atmos.md works as it stands there", ["git", "sh"], async () => {
  await using host = await testHost();
  const env = await putProgramOnPath(host);
  await runIsolated("git", ["init", "-q", "--bare", "shared.git"], { cwd: host.cwd, env });
  const walk = await readWalk();
  assert(walk.length > 12, `only ${walk.length} lines`);
  const shown = new Map<string, string>();
  for (const typed of walk) {
    if (typed.line.startsWith("sopsmith keygen --name bob")) {
      const early = await typeLine(host, { person: "bob", line: "sopsmith secret get DB_PASSWORD" }, env);
      assertEquals([early.code, early.stdout], [4, ""], early.stderr);
    }
    const { code, stdout, stderr } = await typeLine(host, typed, env);
    assertEquals(code, 0, `${typed.person}$ ${typed.line}\n${stderr}`);
    shown.set(`${typed.person}$ ${typed.line}`, stdout);
  }
  assertEquals(shown.get("alice$ sopsmith secret exec -- printenv DB_PASSWORD"), "hunter2\n");
  assertEquals(shown.get("bob$ sopsmith secret list"), "DB_PASSWORD\n");
  assertEquals(shown.get("bob$ sopsmith secret get DB_PASSWORD"), "hunter2\n");
  assertStringIncludes(shown.get("alice$ sopsmith recipient list") ?? "", "bob");
});

Deno.test("the stack manifest in docs/atmos.md declares what it says, in the files that it says", async () => {
  const text = await Deno.readTextFile(PAGE);
  const [, manifest = ""] = /^```yaml\n(# stacks\/deploy\/prod\.yaml\n.*?)^```$/ms.exec(text) ?? [];
  const atmos =
    'base_path: ./\nstacks: {base_path: stacks, included_paths: ["**/*"], name_template: "{{.vars.stage}}"}\n';
  await using host = await testHost({
    files: { "atmos.yaml": atmos, "stacks/deploy/prod.yaml": manifest },
    stdin: "hunter2",
  });
  const said = Array.from(
    manifest.matchAll(/^ *(\w+): \{ sops: .*?\} # of the (\w+): (\S+)$/gm),
    ([, ...each]) => each,
  );
  assertEquals(said.length, 2, manifest);
  assertEquals(await run(["keygen"], host), 0, host.written("stderr"));
  for (const [name = "", owner = "", file = ""] of said) {
    const scope = owner === "stack" ? ["--stack", "prod"] : ["--stack", "prod", "--component", "api"];
    assertEquals(await run(["secret", "set", name, "--stdin", ...scope], host), 0, host.written("stderr"));
    assertStringIncludes(await host.readText(file), `${name}: ENC[`);
  }
  assertEquals(await run(["secret", "validate", "--stack", "prod"], host), 0, host.written("stderr"));
});

peerTest("the first secret of a new user at a terminal is typed hidden and shown hidden", ["tmux"], async () => {
  await using host = await testHost();
  const env = await terminalEnv(host);
  await using terminal = new Terminal(host, env);
  await terminal.start();
  const enter = async (line: string): Promise<void> => {
    await terminal.type(line);
    await terminal.press("Enter");
  };
  await enter("sopsmith secret init; echo init=$?");
  await terminal.waitFor("make a key now? [Y/n]");
  await terminal.press("Enter");
  await terminal.waitFor("init=0");
  await enter("sopsmith secret set DB_PASSWORD; echo set=$?");
  await terminal.waitFor("value of DB_PASSWORD:");
  await enter("battery staple");
  await terminal.waitFor("set=0");
  await enter("sopsmith secret get DB_PASSWORD; echo get=$?");
  const screen = await terminal.waitFor("get=0");
  assertStringIncludes(screen, "<MASKED>");
  assert(!screen.includes("battery"), screen);
  await enter("sopsmith secret get DB_PASSWORD --mask=false; echo shown=$?");
  assertStringIncludes(await terminal.waitFor("shown=0"), "battery staple\n");
});
