/**
 * `edit` on a real terminal, which tmux is: Ctrl-C at its question takes the text in clear away, and vim keeps no copy of
 * what was deleted or typed.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { Terminal, terminalEnv } from "../support/terminal.ts";
import { type TestHost, testHost } from "../support/test_host.ts";

/** What must not be found afterwards. */
const PLAINTEXT = "correct-horse-battery";

/** Writes what cannot be read as YAML. */
const BREAKING_EDITOR = `#!/bin/sh\necho 'password: [${PLAINTEXT}' > "$1"\n`;

async function startTerminal(host: TestHost, variables: Readonly<Record<string, string>>): Promise<Terminal> {
  await Deno.mkdir(`${host.root}/private`, { mode: 0o700 });
  const env = { ...await terminalEnv(host), XDG_RUNTIME_DIR: `${host.root}/private`, ...variables };
  const terminal = new Terminal(host, env);
  await terminal.start();
  await terminal.type("sopsmith keygen && mkdir -p secrets && sopsmith secrets/x.yaml; echo code=$?");
  await terminal.press("Enter");
  return terminal;
}

/** @returns the files below a folder that hold the text */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await filesWith(path, text));
    else if (entry.isFile && (await Deno.readTextFile(path)).includes(text)) found.push(path);
  }
  return found;
}

peerTest("Ctrl-C at the question of edit ends it, and nothing in clear stays", ["tmux", "bash"], async () => {
  await using host = await testHost({ files: {} });
  await host.writeText("broken", BREAKING_EDITOR);
  await Deno.chmod(`${host.cwd}/broken`, 0o755);
  await using terminal = await startTerminal(host, { EDITOR: `${host.cwd}/broken` });
  await terminal.waitFor("open the editor again, with what you typed? [Y/n]");
  assertEquals([...Deno.readDirSync(`${host.root}/private`)].length, 1);
  await terminal.press("C-c");
  const screen = await terminal.waitFor("code=130");
  assertStringIncludes(screen, "interrupted");
  assertEquals([...Deno.readDirSync(`${host.root}/private`)], []);
  assertEquals(await filesWith(host.root, PLAINTEXT), [`${host.cwd}/broken`]);
});

peerTest("vim keeps no copy of what it showed", ["tmux", "bash", "vim"], async () => {
  const vimrc = "set undofile undodir=~/undo backup backupdir=~/undo directory=~/undo viminfo='100\n";
  await using host = await testHost({ files: {} });
  await Deno.mkdir(`${host.home}/undo`, { recursive: true });
  await Deno.writeTextFile(`${host.home}/.vimrc`, vimrc);
  await using terminal = await startTerminal(host, { EDITOR: "vim" });
  await terminal.waitFor("hello: world");
  await terminal.type(`ggdGipassword: ${PLAINTEXT}`);
  await terminal.press("Escape");
  await terminal.type("yyp:w");
  await terminal.press("Enter");
  await terminal.type("dd:wq");
  await terminal.press("Enter");
  await terminal.waitFor("code=0");
  for (const text of [PLAINTEXT, "several lines"]) assertEquals(await filesWith(host.root, text), []);
  assert((await host.readText("secrets/x.yaml")).includes("sops:"));
});
