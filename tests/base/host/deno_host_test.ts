import { createDenoHost } from "../../../lib/base/host/deno_host.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../support/assert.ts";
import { childWorker } from "./child.ts";

const host = await createDenoHost();
const TEXT = new TextEncoder();

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("stat() and lstat() tell a file from a folder and give undefined for what is absent", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "abc");
    await Deno.mkdir(`${folder}/folder`);
    const file = host.files.stat(`${folder}/file`);
    assertEquals([file?.kind, file?.size, file?.links], ["file", 3, 1]);
    assertEquals(file?.identity, host.files.lstat(`${folder}/file`)?.identity);
    assert(file?.identity !== host.files.lstat(`${folder}/folder`)?.identity);
    assertEquals(host.files.lstat(`${folder}/folder`)?.kind, "directory");
    assertEquals(host.files.lstat(`${folder}/missing/deep`), undefined);
    const entries = await Array.fromAsync(host.files.list(folder));
    assertEquals(entries.map(({ name, kind }) => `${name} ${kind}`).sort(), ["file file", "folder directory"]);
  });
});

Deno.test("stat() follows symlinks, and lstat() does not", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "abc", { mode: 0o640 });
    await Deno.symlink("file", `${folder}/link`);
    await Deno.symlink("nowhere", `${folder}/dangling`);
    const file = await host.files.stat(`${folder}/link`);
    assertEquals([file?.kind, file?.size, file?.mode, file?.links], ["file", 3, 0o640, 1]);
    assertEquals(file?.identity, (await host.files.lstat(`${folder}/file`))?.identity);
    assertEquals((await host.files.lstat(`${folder}/link`))?.kind, "symlink");
    assertEquals((await host.files.lstat(folder))?.kind, "directory");
    assertEquals((await host.files.stat("/dev/null"))?.kind, "other");
    assertEquals(await host.files.stat(`${folder}/dangling`), undefined);
    assertEquals(await host.files.lstat(`${folder}/missing/deep`), undefined);
    const entries = await Array.fromAsync(host.files.list(folder));
    assertEquals(entries.map(({ name, kind }) => `${name} ${kind}`).sort(), [
      "dangling symlink",
      "file file",
      "link symlink",
    ]);
  });
});

Deno.test("read() gives one byte more than asked, at most", async () => {
  await withFolder(async (folder) => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
    await Deno.writeFile(`${folder}/a`, bytes);
    for (const maxBytes of [0, 1, 16_383, 16_384, 65_536, 69_999, 70_000, 1e6]) {
      const expected = bytes.subarray(0, maxBytes + 1);
      assertEquals(await host.files.read(`${folder}/a`, maxBytes), expected, `${maxBytes}`);
    }
    assertEquals(await host.files.read(`${folder}/b`, 1), undefined);
  });
});

Deno.test("create() makes a file once", async () => {
  await withFolder(async (folder) => {
    const file = await host.files.create(`${folder}/a`, 0o600);
    assertEquals(file.info().size, 0);
    if (host.os !== "windows") assertEquals(file.info().mode, 0o600);
    file.close();
    assertThrows(() => host.files.create(`${folder}/a`, 0o600));
  });
});

Deno.test("create() makes no file through a symlink", async () => {
  await withFolder(async (folder) => {
    await Deno.symlink("target", `${folder}/link`);
    assertThrows(() => host.files.create(`${folder}/link`, 0o600));
    assertEquals(await host.files.lstat(`${folder}/target`), undefined);
  });
});

Deno.test("replaceContent() leaves nothing of a longer content", async () => {
  await withFolder(async (folder) => {
    const file = await host.files.create(`${folder}/a`, 0o600);
    for (const text of ["a long content", "short", ""]) {
      await file.replaceContent(TEXT.encode(text));
      assertEquals(await Deno.readTextFile(`${folder}/a`), text);
    }
    file.close();
  });
});

Deno.test("rename() replaces only what holds the expected content", async () => {
  await withFolder(async (folder) => {
    const [from, to] = [`${folder}/from`, `${folder}/to`];
    await Deno.writeTextFile(from, "new");
    assertEquals(await host.files.rename(from, to, { expected: TEXT.encode("old") }), false, "absent, expected a file");
    await Deno.writeTextFile(to, "old!");
    assertEquals(await host.files.rename(from, to, { expected: undefined }), false, "a file, expected none");
    assertEquals(await host.files.rename(from, to, { expected: TEXT.encode("old?") }), false, "other text");
    assertEquals(await host.files.rename(from, to, { expected: TEXT.encode("old") }), false, "longer text");
    assertEquals(await Deno.readTextFile(to), "old!");
    assertEquals(await host.files.rename(from, to, { expected: TEXT.encode("old!") }), true);
    assertEquals([await Deno.readTextFile(to), await host.files.stat(from)], ["new", undefined]);
    await Deno.writeTextFile(from, "newer");
    assertEquals(await host.files.rename(from, `${folder}/third`, { expected: undefined }), true);
    assertThrows(() => host.files.rename(from, `${folder}/fourth`, { expected: undefined }));
  });
});

Deno.test("rename() does not replace a symlink", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/from`, "newer");
    await Deno.writeTextFile(`${folder}/to`, "new");
    await Deno.symlink("to", `${folder}/link`);
    const isRenamed = await host.files.rename(`${folder}/from`, `${folder}/link`, { expected: TEXT.encode("new") });
    assertEquals([isRenamed, await Deno.readTextFile(`${folder}/to`)], [false, "new"]);
  });
});

Deno.test("rename() sets the mode, only when it renames", async () => {
  await withFolder(async (folder) => {
    const [from, to] = [`${folder}/from`, `${folder}/to`];
    await Deno.writeTextFile(from, "new", { mode: 0o600 });
    await Deno.writeTextFile(to, "old", { mode: 0o644 });
    assertEquals(await host.files.rename(from, to, { expected: undefined, mode: 0o640 }), false);
    assertEquals((await host.files.stat(from))?.mode, 0o600);
    assertEquals(await host.files.rename(from, to, { expected: TEXT.encode("old"), mode: 0o640 }), true);
    assertEquals((await host.files.stat(to))?.mode, 0o640);
  });
});

Deno.test("changeOwner() does not follow symlinks", async () => {
  await withFolder(async (folder) => {
    await Deno.symlink("nowhere", `${folder}/link`);
    const { uid, gid } = await Deno.lstat(`${folder}/link`);
    await host.files.changeOwner(`${folder}/link`, uid ?? 0, gid ?? 0);
    await assertRejects(() => host.files.changeOwner(`${folder}/missing`, uid ?? 0, gid ?? 0));
  });
});

Deno.test("syncDirectory() passes a missing folder on", async () => {
  await withFolder(async (folder) => {
    await host.files.syncDirectory(folder);
    await assertRejects(() => host.files.syncDirectory(`${folder}/missing`));
  });
});

Deno.test("in() changes the working directory and nothing else", () => {
  const inner = host.in("x/..").in("deep");
  assertEquals(inner.cwd, host.paths.join(host.cwd, "deep"));
  assert(inner.files === host.files);
  assertEquals(inner.in("/abs/").cwd, "/abs");
});

Deno.test("randomBytes() gives as many as asked, and others every time", () => {
  assertEquals(host.randomBytes(32).length, 32);
  assert(host.randomBytes(32).join() !== host.randomBytes(32).join());
  const many = host.randomBytes(200_000); // more than the web's interface gives at once: nonces of 6,250 values
  const pieces = [0, 65_536, 131_072, 199_900].map((start) => many.subarray(start, start + 100).join());
  assertEquals(new Set([...pieces, new Uint8Array(100).join()]).size, 5);
});

Deno.test("run() gives code and output, and undefined for a command that does not exist", async () => {
  const result = await host.run(...childWorker("tell", "a b", "$HOME"), { env: { A: "1" }, cwd: host.cwd });
  assertEquals(result?.code, 3);
  assertEquals(new TextDecoder().decode(result?.stdout), `a b|$HOME|1|unknown|${host.cwd}\n`);
  assertEquals(new TextDecoder().decode(result?.stderr), "err\n");
  assertEquals(await host.run("sopsmith-no-such-command", []), undefined);
});

Deno.test("run() writes a long input to a command that answers while it reads", async () => {
  const input = new Uint8Array(4 * 1024 * 1024).fill(65);
  const result = await host.run(...childWorker("copy"), { stdin: input });
  assertEquals([result?.code, result?.stdout.length], [0, input.length]);
});

Deno.test("run() does not mind a command that reads no input", async () => {
  const result = await host.run(...childWorker("exit", "7"), { stdin: new Uint8Array(4 * 1024 * 1024) });
  assertEquals(result?.code, 7);
});

/** Runs a program in a process of its own. */
async function runHostProgram(
  source: string,
  shell: string,
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const module = new URL("../../../lib/base/host/deno_host.ts", import.meta.url);
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      path,
      `import { createDenoHost } from "${module}"; const host = await createDenoHost();${source}`,
    );
    const args = ["-c", shell, "sh", Deno.execPath(), "run", "-q", "-P", "--config", config, path];
    const output = await new Deno.Command("sh", { args, env }).output();
    const decoder = new TextDecoder();
    return { code: output.code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("cwd is what the person typed while that is the same folder, else the real one", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/real`);
    await Deno.symlink("real", `${folder}/link`);
    const show = (shell: string): Promise<{ stdout: string }> => runHostProgram("console.log(host.cwd)", shell);
    assertEquals((await show(`cd "${folder}/link" && "$@"`)).stdout, `${folder}/link\n`);
    assertEquals((await show(`cd "${folder}/link" && PWD=/ "$@"`)).stdout, `${folder}/real\n`);
    assertEquals((await show(`cd "${folder}/link" && PWD=. "$@"`)).stdout, `${folder}/real\n`);
    assertEquals((await show(`cd "${folder}/link" && unset PWD; exec "$@"`)).stdout, `${folder}/real\n`);
  });
});

Deno.test("env() says which variable Deno may not read", async () => {
  const source =
    'try { host.env("SOME_NAME"); } catch (error) { console.log(error.kind, error.message, error.hints[0]); }';
  const { stdout } = await runHostProgram(source, '"$1" run -q --no-prompt --allow-read --config "$6" "$7"');
  assertEquals(
    stdout,
    "denied cannot read the variable SOME_NAME: Deno was not given --allow-env start sopsmith with " +
      "--no-remote --no-npm --allow-read --allow-write --allow-env --allow-run\n",
  );
});

Deno.test("stdout survives a reader that goes away", async () => {
  const source = 'for (let i = 0; i < 1e5; i++) host.stdout.write("line\\n"); Deno.exit(7);';
  const { code, stdout } = await runHostProgram(source, '{ "$@"; echo "code $?" >&3; } 3>&1 | head -n 1; exit 0');
  assertEquals(code, 0);
  assert(stdout.includes("line\n"));
});

Deno.test("stdout reports a full disk, stderr has nobody to report it to", async () => {
  const source = 'host.stderr.write("x"); try { host.stdout.write("x"); } catch (error) { ' +
    "Deno.writeTextFileSync(Deno.env.get('OUT'), error.message) }";
  await withFolder(async (folder) => {
    await runHostProgram(source, '"$@" >/dev/full 2>/dev/full', { OUT: `${folder}/out` });
    const message = await Deno.readTextFile(`${folder}/out`);
    assertEquals(message, 'cannot write to "standard output": no space left on the device');
  });
});
