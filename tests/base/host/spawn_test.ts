import { createDenoHost } from "../../../lib/base/host/deno_host.ts";
import type { Child, Host, SpawnOptions } from "../../../lib/base/host/host.ts";
import { ROOT } from "../../../scripts/process.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { childWorker } from "./child.ts";
import { definedOnly, runIsolated, testHost } from "../../support/test_host.ts";

const PIPED: SpawnOptions = { stdin: "piped", stdout: "piped", stderr: "piped" };

async function start(host: Host, mode: string, options: SpawnOptions, ...rest: readonly string[]): Promise<Child> {
  const child = await host.spawn(...childWorker(mode, ...rest), options);
  if (child === undefined) throw new Error("there is no Deno");
  return child;
}

async function text(stream: ReadableStream<Uint8Array> | undefined): Promise<string> {
  return await new Response(stream).text();
}

const fake = await testHost();
addEventListener("unload", () => Deno.removeSync(fake.root, { recursive: true }));
for (const [name, host] of [["the real host", await createDenoHost()], ["a test host", fake]] as const) {
  Deno.test(`spawn() on ${name} talks with a child that is still running`, async () => {
    const child = await start(host, "talk", PIPED);
    const writer = child.stdin!.getWriter();
    const reader = child.stdout!.getReader();
    for (const word of ["one", "two"]) {
      await writer.write(new TextEncoder().encode(`${word}\n`));
      assertEquals(new TextDecoder().decode((await reader.read()).value), `got ${word}\n`);
    }
    await writer.close();
    assertEquals([await text(child.stderr), (await reader.read()).done, await child.status], ["end\n", true, 0]);
  });

  Deno.test(`spawn() on ${name} gives the exit status, also of a child that is ended`, async () => {
    const quiet: SpawnOptions = { stdin: "null", stdout: "null", stderr: "null" };
    assertEquals(await (await start(host, "exit", quiet, "7")).status, 7);
    const waiting = await start(host, "wait", quiet);
    waiting.kill("SIGTERM");
    assertEquals(await waiting.status, host.os === "windows" ? 1 : 143);
    waiting.kill("SIGTERM"); // it has ended: nothing happens
  });

  Deno.test(`spawn() on ${name} gives 128 and its number for a signal`, async () => {
    const child = await host.spawn("sh", ["-c", "kill -KILL $$"], { stdin: "null", stdout: "null", stderr: "null" });
    assertEquals(await child?.status, 137);
  });

  Deno.test(`spawn() on ${name} adds variables, or gives the child nothing else, and sets its folder`, async () => {
    const given = { A: "1", USERNAME_OF_TEST: "me" };
    const added = await start(
      host,
      "tell",
      { ...PIPED, stdin: "null", env: given, cwd: host.cwd },
      "a b",
      "$HOME",
      'c"d',
    );
    assertEquals([await text(added.stdout), await text(added.stderr)], [
      `a b|$HOME|c"d|1|known|${host.cwd}\n`,
      "err\n",
    ]);
    const needed = ["SystemRoot", "DENO_DIR", "HOME"].map((name) => [name, Deno.env.get(name)]);
    const bare = await start(host, "tell", {
      ...PIPED,
      env: { ...definedOnly(Object.fromEntries(needed)), A: "1" },
      clearEnv: true,
      cwd: host.cwd,
    });
    assertEquals(await text(bare.stdout), `1|unknown|${host.cwd}\n`);
    assertEquals(await text(bare.stderr), "err\n");
    await bare.stdin?.close();
    assertEquals([await added.status, await bare.status], [3, 3]);
  });

  Deno.test(`spawn() on ${name} answers undefined for a command that does not exist`, async () => {
    assertEquals(await host.spawn("sopsmith-no-such-command", []), undefined);
  });
}

const WITH_SH = { ignore: Deno.build.os === "windows" };

Deno.test(
  "run() ends a child that takes longer than it may, though what it started holds its output open",
  WITH_SH,
  async () => {
    const host = await createDenoHost();
    const command = "sleep 600 & echo $! > pid; wait";
    await using folder = await testHost();
    const before = performance.now();
    const options = { cwd: folder.cwd, timeoutMs: 200, stdin: new Uint8Array(1 << 20) }; // more than a pipe takes
    const result = await host.run("sh", ["-c", command], options);
    assertEquals([result?.isTimedOut, result?.stdout.length], [true, 0]);
    assert(performance.now() - before < 30_000, "nobody waits for the other one");
    Deno.kill(Number(await folder.readText("pid")), "SIGKILL");
  },
);

Deno.test("run() ends a child that does not want to end", WITH_SH, async () => {
  const host = await createDenoHost();
  const result = await host.run("sh", ["-c", "trap '' TERM; while :; do sleep 1; done"], { timeoutMs: 200 });
  assertEquals([result?.isTimedOut, result?.code], [true, 137]);
  assertEquals((await host.run("sh", ["-c", "echo in time"], { timeoutMs: 60_000 }))?.isTimedOut, undefined);
});

Deno.test("spawn() hands its own streams to a child unless told otherwise", async () => {
  const worker = `${import.meta.dirname}/host_worker.ts`;
  const result = await runIsolated(Deno.execPath(), [
    "run",
    "-q",
    `--config=${ROOT}/deno.json`,
    "-P",
    worker,
    "inherit",
  ], {
    cwd: ROOT,
    env: Deno.env.toObject(),
    stdin: new TextEncoder().encode("in\n"),
  });
  const shown = [result?.stdout, result?.stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([...shown, result?.code], ["out in\n", "err\n", 3]);
});

Deno.test("a test host records what a child writes to streams of the program, and feeds it its standard input", async () => {
  await using host = await testHost({ stdin: "typed\n" });
  const child = await start(host, "once", {});
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
  const result = await host.run(...childWorker("flood"), { maxOutputBytes: 100 });
  assertEquals(result?.stdout.length, 101);
  assertEquals((await host.run(...childWorker("tell", "few"), { maxOutputBytes: 1000 }))?.code, 3);
});
