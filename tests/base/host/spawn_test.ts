import { createDenoHost } from "../../../lib/base/host/deno_host.ts";
import type { Child, Host, SpawnOptions } from "../../../lib/base/host/host.ts";
import { ROOT } from "../../../scripts/process.ts";
import { assertEquals } from "../../support/assert.ts";
import { runIsolated, testHost } from "../../support/test_host.ts";

const PIPED: SpawnOptions = { stdin: "piped", stdout: "piped", stderr: "piped" };

async function start(host: Host, script: string, options: SpawnOptions): Promise<Child> {
  const child = await host.spawn("sh", ["-c", script], options);
  if (child === undefined) throw new Error("there is no sh");
  return child;
}

async function text(stream: ReadableStream<Uint8Array> | undefined): Promise<string> {
  return await new Response(stream).text();
}

const fake = await testHost();
addEventListener("unload", () => Deno.removeSync(fake.root, { recursive: true }));
for (const [name, host] of [["the real host", await createDenoHost()], ["a test host", fake]] as const) {
  Deno.test(`spawn() on ${name} talks with a child that is still running`, async () => {
    const child = await start(host, 'while read -r line; do echo "got $line"; done; echo end >&2', PIPED);
    const writer = child.stdin!.getWriter();
    const reader = child.stdout!.getReader();
    for (const word of ["one", "two"]) {
      await writer.write(new TextEncoder().encode(`${word}\n`));
      assertEquals(new TextDecoder().decode((await reader.read()).value), `got ${word}\n`);
    }
    await writer.close();
    assertEquals([await text(child.stderr), (await reader.read()).done, await child.status], ["end\n", true, 0]);
  });

  Deno.test(`spawn() on ${name} gives the exit status, and 128 and its number for a signal`, async () => {
    const quiet: SpawnOptions = { stdin: "null", stdout: "null", stderr: "null" };
    assertEquals(await (await start(host, "exit 7", quiet)).status, 7);
    assertEquals(await (await start(host, "kill -KILL $$", quiet)).status, 137);
    const waiting = await start(host, "exec sleep 60", quiet);
    waiting.kill("SIGTERM");
    assertEquals(await waiting.status, 143);
    waiting.kill("SIGTERM"); // it has ended: nothing happens
  });

  Deno.test(`spawn() on ${name} adds variables, or gives the child nothing else, and sets its folder`, async () => {
    const child = await start(host, 'echo "$A ${HOME:+home}"; pwd', {
      ...PIPED,
      stdin: "null",
      env: { A: "1" },
      cwd: "/",
    });
    assertEquals([await text(child.stdout), await text(child.stderr)], ["1 home\n/\n", ""]);
    const bare = await start(host, 'echo "$A ${HOME:+home}"', {
      ...PIPED,
      env: { A: "1", PATH: "/bin" },
      clearEnv: true,
    });
    assertEquals([await text(bare.stdout), await text(bare.stderr)], ["1 \n", ""]);
    await bare.stdin?.close();
    assertEquals([await child.status, await bare.status], [0, 0]);
  });

  Deno.test(`spawn() on ${name} answers undefined for a command that does not exist`, async () => {
    assertEquals(await host.spawn("sopsmith-no-such-command", []), undefined);
  });
}

Deno.test("spawn() hands its own streams to a child unless told otherwise", async () => {
  const worker = new URL("host_worker.ts", import.meta.url).pathname;
  const result = await runIsolated(Deno.execPath(), [
    "run",
    "-q",
    `--config=${ROOT}/deno.json`,
    "-P",
    worker,
    "inherit",
  ], {
    cwd: ROOT,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "" },
    stdin: new TextEncoder().encode("in\n"),
  });
  const shown = [result?.stdout, result?.stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([...shown, result?.code], ["out in\n", "err\n", 3]);
});

Deno.test("a test host records what a child writes to streams of the program, and feeds it its standard input", async () => {
  await using host = await testHost({ stdin: "typed\n" });
  const child = await start(host, "read -r line; echo out $line; echo err >&2; exit 3", {});
  assertEquals(await child.status, 3);
  assertEquals([host.written("stdout"), host.written("stderr")], ["out typed\n", "err\n"]);
});

Deno.test("a test host has stand-ins for children", async () => {
  const bytes = (line: string): Uint8Array => new TextEncoder().encode(line);
  await using host = await testHost({
    commands: { editor: ([file]) => ({ code: 5, stdout: bytes(`edited ${file}`), stderr: bytes("") }) },
  });
  assertEquals(await (await host.spawn("editor", ["a"]))?.status, 5);
  assertEquals(host.written("stdout"), "edited a");
  assertEquals(await text((await host.spawn("editor", ["b"], PIPED))?.stdout), "edited b");
});

Deno.test("run() ends a child that prints more than is wanted", async () => {
  const host = await createDenoHost();
  const result = await host.run("sh", ["-c", "while :; do echo 0123456789; done"], { maxOutputBytes: 100 });
  assertEquals(result?.stdout.length, 101);
  assertEquals((await host.run("sh", ["-c", "echo few; exit 3"], { maxOutputBytes: 100 }))?.code, 3);
});
