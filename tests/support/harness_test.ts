/**
 * The harness itself: a test that cannot fail would be worse than none.
 *
 * @module
 */
import { sourceFiles } from "../../scripts/check_layers.ts";
import { assertEquals, assertRejects, assertThrows } from "./assert.ts";
import { readCases } from "./case_files.ts";
import { formatPage, NO_FINAL_NEWLINE, parsePage } from "./case_page.ts";
import { runCase, type RunProgram } from "./case_run.ts";
import { parseCommand } from "./case_shell.ts";
import { osError, seededRandom, testHost } from "./test_host.ts";

/** A test key. */
const IDENTITY = "AGE-SECRET-KEY-1LES6LSFL3E2CDLULD2670D046Q8TMG4FCYL8HFTQE3KC3E5EXT4SXY2NT2";

const STEPS = "-- steps --\n$ sopsmith\n";

const quiet: RunProgram = () => Promise.resolve({ exitCode: 0, output: [] });

Deno.test("parsePage() and formatPage() are inverse, awkward lines included", () => {
  const lines = ["", "exit 1", "$ x", "│ x", "\\x", "-- x --", " x "].map((text) => ({
    stream: "stdout" as const,
    text,
  }));
  const page = parsePage(`# a\n-- x mode=0600 --\ncontent\n${STEPS}`);
  const result = {
    lines: [{ stream: "stderr" as const, text: "" }, ...lines, { stream: "stdout" as const, text: NO_FINAL_NEWLINE }],
    exitCode: 4,
  };
  const again = parsePage(formatPage(page, [result]));
  assertEquals(again.files, [{ path: "x", options: ["mode=0600"], content: "content\n" }]);
  assertEquals(again.steps, [{ command: "sopsmith", expected: result }]);
});

Deno.test("parsePage() refuses a page without steps", () => {
  assertThrows(() => parsePage("# a\n"), /no "-- steps --" line/);
  assertThrows(() => parsePage("-- steps --\n"), /no steps/);
  assertThrows(() => parsePage(`text\n${STEPS}`), /no comment/);
});

Deno.test("parseCommand() reads variables, quotes, ~ and <", () => {
  assertEquals(parseCommand(`env -u B A='x y' sopsmith "a \\" b" c\\ d ~/e < f`, "/h"), {
    env: { A: "x y" },
    unset: ["B"],
    words: ["sopsmith", 'a " b', "c d", "/h/e"],
    stdinPath: "f",
  });
});

Deno.test("runCase() refuses an identity in the output unless the page says so", async () => {
  const leak: RunProgram = () => Promise.resolve({ exitCode: 0, output: [{ stream: "stderr", text: IDENTITY }] });
  await assertRejects(() => runCase(parsePage(STEPS), leak), /an identity stands in the output/);
  await runCase(parsePage(`# reveals a private key\n${STEPS}`), leak);
});

Deno.test("runCase() refuses a left-over temporary file", async () => {
  const leave: RunProgram = async (_args, host) => {
    await host.writeText(".x.sopsmith-tmp", "");
    return { exitCode: 0, output: [] };
  };
  await assertRejects(() => runCase(parsePage(STEPS), leave), /a left-over file/);
});

Deno.test("runCase() refuses a new file with an identity that others can read", async () => {
  const open: RunProgram = async (_args, host) => {
    await host.writeText("keys.txt", IDENTITY);
    await Deno.chmod(host.path("keys.txt"), 0o640);
    return { exitCode: 0, output: [] };
  };
  await assertRejects(() => runCase(parsePage(STEPS), open), /has mode 640/);
});

Deno.test("runCase() refuses a fault that is never reached", async () => {
  const page = parsePage(`-- steps --\n$ fail rename x ENOSPC\n$ sopsmith\n`);
  await assertRejects(() => runCase(page, quiet), /was never reached/);
});

Deno.test("runCase() lays files out as their options say", async () => {
  const page = parsePage(
    "-- a crlf bom no-final-newline --\nx\ny\n-- b utf16le --\nx\n-- c hex --\nff 00\n-- d symlink=a --\n-- e directory --\n" +
      "-- f size=3000000 --\n-- g mode=0600 --\n" + STEPS,
  );
  const look: RunProgram = async (_args, host) => {
    const bytes = async (name: string): Promise<number[]> => [...await Deno.readFile(host.path(name))];
    assertEquals(await host.readText("a"), "\ufeffx\r\ny");
    assertEquals(await bytes("b"), [0xff, 0xfe, 0x78, 0, 0x0a, 0]);
    assertEquals(await bytes("c"), [0xff, 0]);
    assertEquals(await Deno.readLink(host.path("d")), "a");
    assertEquals((await Deno.stat(host.path("e"))).isDirectory, true);
    assertEquals((await Deno.stat(host.path("f"))).size, 3_000_000);
    assertEquals(((await Deno.stat(host.path("g"))).mode ?? 0) & 0o777, 0o600);
    return { exitCode: 0, output: [] };
  };
  await runCase(page, look);
});

Deno.test("testHost() refuses relative paths and identities in arguments", async () => {
  await using host = await testHost();
  assertThrows(() => host.files.stat("x"), /relative path/);
  await assertRejects(() => host.run("true", [IDENTITY]), /identity stands in the arguments/);
});

Deno.test("testHost() refuses to write an identity to an open file", async () => {
  await using host = await testHost();
  const file = await host.files.create(host.path("x"), 0o644);
  const content = new TextEncoder().encode(IDENTITY);
  try {
    await file.replaceContent(content);
    const opening = { expected: undefined, mode: 0o644 };
    assertThrows(() => host.files.rename(host.path("x"), host.path("y"), opening), /others can read/);
    await Deno.chmod(host.path("x"), 0o644);
    assertThrows(() => file.replaceContent(content), /others can read/);
  } finally {
    file.close();
  }
});

Deno.test("testHost() lets a test fail an operation", async () => {
  await using host = await testHost({
    files: { "a": "1" },
    beforeFileOperation(operation, path) {
      if (operation === "rename" && path.endsWith("/b")) throw osError("ENOSPC");
    },
  });
  assertThrows(() => host.files.rename(host.path("a"), host.path("b"), { expected: undefined }), /No space left/);
  assertEquals(await host.readText("a"), "1");
});

Deno.test("seededRandom() repeats itself for a seed and differs between seeds", () => {
  assertEquals(seededRandom(1)(32), seededRandom(1)(32));
  assertEquals(seededRandom(1)(32).toHex() === seededRandom(2)(32).toHex(), false);
  assertEquals(new Set(seededRandom(3)(4096)).size, 256);
});

Deno.test("every test of properties has the seed of the run: only property.ts imports fast-check", async () => {
  const importers = [];
  for (const path of await sourceFiles("tests")) {
    if (/^import .* from "fast-check";$/m.test(await Deno.readTextFile(path))) importers.push(path);
  }
  assertEquals(importers, ["tests/support/property.ts"]);
});

Deno.test("pages that run doctor say which programs there are: it looks for sops", async () => {
  const open = (await readCases()).flatMap(({ name, text }) =>
    text.split("\n").filter((line) => /^\$ .*\bsopsmith( -C \S+)? doctor\b/.test(line))
      .filter((line) => !line.includes("PATH=") && !line.includes("--help")).map((line) => `${name}: ${line}`)
  );
  assertEquals(open, []);
});
