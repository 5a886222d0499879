/** `edit` with real editors, `exec-env` with real children: what they see, what they leave, and what signals do. */
import { TEST_X25519 } from "../keys/test_keys.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { walk } from "../support/case_shell.ts";
import { peerTest } from "../support/peers.ts";
import { CANARY } from "../support/secret_documents.ts";
import { type Ending, Machine, readIfThere, type RunOptions, sleep } from "../support/stress_program.ts";

const { recipient, identity } = TEST_X25519;

/** Values that only these tests have. */
const VALUES = [`${CANARY}-first-here`, `${CANARY}-other-here`] as const;
const PLAIN = `# of the shop\nsecret: ${VALUES[0]}\nother: ${VALUES[1]}\n`;

/** Notes what every process of this machine is told: those of tests that run at the same time have values in theirs. */
const NOTE_ARGUMENTS = `for environ in $(grep -alsF "ROOT=$ROOT" /proc/[0-9]*/environ); do
  cat "\${environ%environ}cmdline" 2>/dev/null | tr '\\0' '\\n'
done > "$ROOT/argv"`;

/** What an editor notes before it does its work: where it is, who may look there, and the arguments of processes. */
const NOTES = `dir=$(dirname "$1")
{ echo "$dir"; stat -c %a "$dir" "$1"; } > "$ROOT/notes"
${NOTE_ARGUMENTS}
`;

/** A machine with an encrypted file, and a place for private folders that can be looked at. */
class Desk implements AsyncDisposable {
  readonly file: string;
  readonly places: string;
  readonly #env: Record<string, string>;

  private constructor(readonly machine: Machine) {
    this.file = `${machine.work}/db.yaml`;
    this.places = `${machine.root}/run`;
    this.#env = { TMPDIR: this.places, XDG_RUNTIME_DIR: this.places, ROOT: machine.root };
  }

  static async create(): Promise<Desk> {
    const desk = new Desk(await Machine.create());
    const { machine } = desk;
    await Deno.mkdir(desk.places, { mode: 0o700 });
    await Deno.mkdir(machine.keysPath.slice(0, machine.keysPath.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(machine.keysPath, `${identity}\n`, { mode: 0o600 });
    await Deno.writeTextFile(machine.configPath, `creation_rules:\n  - age: ${recipient}\n`);
    await Deno.writeTextFile(desk.file, PLAIN);
    assertEquals((await machine.run(["encrypt", "-i", "db.yaml"])).code, 0);
    return desk;
  }

  /** Writes an editor. @returns options of a run that uses it */
  async editor(script: string): Promise<RunOptions> {
    const path = `${this.machine.root}/editor`;
    await Deno.writeTextFile(path, `#!/bin/sh\n${NOTES}${script}\n`, { mode: 0o755 });
    return { env: { ...this.#env, SOPS_EDITOR: path } };
  }

  /** Edits the file. */
  async edit(script: string, more: RunOptions = {}): Promise<Ending> {
    return await this.machine.run(["edit", "db.yaml"], { ...await this.editor(script), ...more });
  }

  read(): Promise<string> {
    return Deno.readTextFile(this.file);
  }

  async decrypt(): Promise<string> {
    const { code, stdout, stderr } = await this.machine.run(["decrypt", "db.yaml"]);
    assertEquals(code, 0, stderr);
    return stdout;
  }

  /** What holds after every run: a private place outside of the work tree, nothing left there, no value anywhere. */
  async checkTraces({ stdout, stderr }: Pick<Ending, "stdout" | "stderr">): Promise<void> {
    const [folder, ...modes] = (await Deno.readTextFile(`${this.machine.root}/notes`)).trim().split("\n");
    assert(folder!.startsWith(`${this.places}/`), `the text lay in ${folder}`);
    assertEquals(modes, ["700", "600"]);
    assertEquals([...Deno.readDirSync(this.places)], [], "left in the private place");
    const argv = await Deno.readTextFile(`${this.machine.root}/argv`);
    assertStringIncludes(argv, "db.yaml");
    for (const text of [stdout, stderr]) assert(!text.includes(CANARY), `a value in: ${text}`);
    for (const text of [stdout, stderr, argv]) {
      assert([...VALUES, identity].every((secret) => !text.includes(secret)), `a secret in: ${text}`);
    }
    await walk(this.machine.root, `${this.machine.root}/`, async (path, info) => {
      if (!info.isFile || path.endsWith("/editor")) return;
      assert(!(await Deno.readTextFile(path)).includes(CANARY), `a value in ${path}`);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.machine[Symbol.asyncDispose]();
  }
}

const PEERS = ["sh", "sed", "stat", "tr", "grep"];

peerTest("edit keeps the ciphertext of what an editor did not change", PEERS, async () => {
  await using desk = await Desk.create();
  const before = await desk.read();
  const ending = await desk.edit(`sed -i 's/-first/-second/' "$1"`);
  assertEquals([ending.code, ending.stdout], [0, ""], ending.stderr);
  await desk.checkTraces(ending);
  assertEquals(await desk.decrypt(), PLAIN.replace("-first", "-second"));
  const [old, now] = [before, await desk.read()].map((text) => text.split("\n"));
  const changed = old!.flatMap((line, i) => line === now![i] ? [] : [line.trim().split(":")[0]]);
  assertEquals([old!.length, changed.filter((name) => name !== "lastmodified")], [now!.length, ["secret", "mac"]]);
});

peerTest("edit writes nothing when nothing was changed", PEERS, async () => {
  await using desk = await Desk.create();
  const { mtime, ino } = await Deno.stat(desk.file);
  const ending = await desk.edit(`cp "$1" "$1.copy" && mv "$1.copy" "$1"`); // editors that save a new file
  assertEquals(ending.code, 0, ending.stderr);
  await desk.checkTraces(ending);
  const after = await Deno.stat(desk.file);
  assertEquals([after.mtime, after.ino], [mtime, ino]);
});

for (
  const [name, script, message] of [
    ["is left by its editor with an error", "exit 3", /the editor ".*" failed: it ended with 3/],
    ["is deleted by its editor", 'rm "$1"', /the editor has removed the file/],
    ["is left with a mistake, where nobody can correct it", `echo '${CANARY}: [' > "$1"`, /line \d+/],
    ["is encrypted already", `cat "$ROOT/work/db.yaml" > "$1"`, /^error: .*metadata of SOPS/m],
  ] as const
) {
  peerTest(`edit keeps a file that ${name}`, PEERS, async () => {
    await using desk = await Desk.create();
    const before = await desk.read();
    const ending = await desk.edit(script);
    assertEquals([ending.code, ending.stdout], [1, ""], ending.stderr);
    assert(message.test(ending.stderr), ending.stderr);
    assertEquals((ending.stderr.match(/^error:/gm) ?? []).length, 1, "one error");
    await desk.checkTraces(ending);
    assertEquals(await desk.read(), before);
  });
}

peerTest("edit does not write over what another program has written meanwhile", PEERS, async () => {
  await using desk = await Desk.create();
  const theirs = `# theirs\n${await desk.read()}`;
  const ending = await desk.edit(
    `{ echo '# theirs'; cat "$ROOT/work/db.yaml"; } > "$ROOT/new"; mv "$ROOT/new" "$ROOT/work/db.yaml"\n` +
      `sed -i 's/-first/-second/' "$1"`,
  );
  assertEquals(ending.code, 1, ending.stderr);
  assertStringIncludes(ending.stderr, "another program has changed it");
  await desk.checkTraces(ending);
  assertEquals(await desk.read(), theirs);
});

peerTest("edit opens again at a terminal what cannot be read, as it was typed", [...PEERS, "script"], async () => {
  await using desk = await Desk.create();
  const { machine } = desk;
  const script = `if [ -e "$ROOT/again" ]; then cp "$1" "$ROOT/again"; sed -i 's/\\[typed/typed/' "$1"
else : > "$ROOT/again"; sed -i 's/^secret:.*/secret: [typed/' "$1"; fi`;
  const answers = `${machine.root}/answers`;
  await Deno.writeTextFile(answers, "y\n");
  const wrapper = ["sh", "-c", `exec script -qec "$*" /dev/null < ${answers}`, "sh"];
  const ending = await desk.edit(script, { wrapper });
  assertEquals(ending.code, 0, ending.stdout);
  assert(/error:.* cannot read .*"db.yaml".*: line \d+, column \d+/.test(ending.stdout), ending.stdout);
  assertStringIncludes(await Deno.readTextFile(`${machine.root}/again`), "secret: [typed\n");
  await Deno.remove(`${machine.root}/again`);
  await desk.checkTraces(ending);
  assertEquals(await desk.decrypt(), PLAIN.replace(VALUES[0], "typed"));
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  peerTest(`edit removes the text in clear at ${signal}`, PEERS, async () => {
    await using desk = await Desk.create();
    const before = await desk.read();
    const options = await desk.editor(`echo x >> "$1"; : > "$ROOT/ready"; exec sleep 60`);
    const run = await desk.machine.start(["edit", "db.yaml"], options);
    while (await readIfThere(`${desk.machine.root}/ready`) === undefined) await sleep(5);
    Deno.kill(run.pid, signal);
    const ending = await run.ending;
    assert(ending.code !== 0, "it failed");
    assertEquals(await desk.read(), before);
    await desk.checkTraces(ending);
  });

  peerTest(`exec-env passes ${signal} on, and its child's exit status back`, ["sh"], async () => {
    await using desk = await Desk.create();
    const { machine } = desk;
    const options = await desk.editor("");
    const command = `trap 'exit 7' ${signal.slice(3)}; env > "$ROOT/env"\n${NOTE_ARGUMENTS}\n` +
      `: > "$ROOT/ready"; while :; do sleep 0.05; done`;
    const run = await machine.start(["exec-env", "db.yaml", command], options);
    while (await readIfThere(`${machine.root}/ready`) === undefined) await sleep(5);
    Deno.kill(run.pid, signal);
    const { code, stdout, stderr } = await run.ending;
    assertEquals([code, stdout, stderr], [7, "", ""]);
    assertStringIncludes(await Deno.readTextFile(`${machine.root}/env`), `secret=${VALUES[0]}\n`);
    const argv = await Deno.readTextFile(`${machine.root}/argv`);
    assertStringIncludes(argv, "exec-env");
    assert(!argv.includes(VALUES[0]), "a value in the process list");
  });
}

for (const [command, status] of [["exit 3", 3], ["kill -9 $$", 137], ["kill -TERM $$", 143], ["true", 0]] as const) {
  peerTest(`exec-env and exec-file end with ${status} after: ${command}`, ["sh"], async () => {
    await using desk = await Desk.create();
    const options = await desk.editor("");
    assertEquals((await desk.machine.run(["exec-env", "db.yaml", command], options)).code, status);
    assertEquals((await desk.machine.run(["exec-file", "db.yaml", `test -s {} && ${command}`], options)).code, status);
    assertEquals([...Deno.readDirSync(desk.places)], []);
  });
}
