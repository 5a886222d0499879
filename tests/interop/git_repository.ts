/**
 * A repository of git with encrypted files, for the tests of the drivers: git, sops and the program from source run in it,
 * and every file below it can be searched for values in clear.
 *
 * @module
 */
import { deriveRecipient, generateIdentity } from "../../lib/keys/age/identity.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { putProgramOnPath } from "../support/program_path.ts";
import { seededRandom, type TestHost, testHost } from "../support/test_host.ts";

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The programs that have to open what a merge writes. */
export const READERS = ["sops", "sops-3.13.3"] as const;

/** Test keys, made of a seed. */
export interface Person {
  readonly identity: string;
  readonly recipient: string;
}

export async function makePerson(seed: number): Promise<Person> {
  const identity = generateIdentity("x25519", seededRandom(seed));
  return { identity: identity.revealText(), recipient: await deriveRecipient(identity) };
}

export class Repository implements AsyncDisposable {
  readonly host: TestHost;
  /** Holds what an editor has seen; it lies outside of everything that is searched. */
  readonly aside: string;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(host: TestHost, aside: string, env: Readonly<Record<string, string>>) {
    this.host = host;
    this.aside = aside;
    this.#env = env;
  }

  /** @param me whose keys file lies where SOPS looks @param others who can read the files besides */
  static async make(me: Person, others: readonly Person[] = []): Promise<Repository> {
    const host = await testHost();
    await host.writeText("~/.config/sops/age/keys.txt", `${me.identity}\n`);
    const env = await putProgramOnPath(host);
    for (const name of ["tmp", "run"]) await Deno.mkdir(`${host.root}/${name}`, { mode: 0o700 });
    const aside = await Deno.makeTempDir({ prefix: "sopsmith-aside-" });
    const repository = new Repository(host, aside, {
      ...env,
      TMPDIR: `${host.root}/tmp`,
      XDG_RUNTIME_DIR: `${host.root}/run`,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_EDITOR: "true",
    });
    await repository.writeRules([me, ...others]);
    await repository.git("init", "-q", "-b", "main");
    await repository.git("config", "user.name", "me");
    await repository.git("config", "user.email", "me@example.org");
    await repository.git("config", "rerere.enabled", "true");
    return repository;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.aside, { recursive: true });
    await this.host.dispose();
  }

  async writeRules(people: readonly Person[]): Promise<void> {
    const recipients = people.map(({ recipient }) => recipient).join();
    await this.write(".sops.yaml", `creation_rules:\n  - path_regex: ^secrets/\n    age: ${recipients}\n`);
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await Deno.mkdir(`${this.host.cwd}/${name}`.replace(/\/[^/]+$/, ""), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${this.host.cwd}/${name}`, bytes);
  }

  async run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const { code, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      cwd: this.host.cwd,
      env: { ...this.#env, ...env },
      clearEnv: true,
      stdin: "null",
    }).output();
    return { code, stdout: new TextDecoder().decode(stdout), stderr: unfold(new TextDecoder().decode(stderr)) };
  }

  /** Runs git, which has to succeed. @returns what it printed */
  async git(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run("git", args);
    assertEquals(code, 0, `git ${args.join(" ")}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs the program, which has to succeed. */
  async sopsmith(...args: string[]): Promise<Ended> {
    const ended = await this.run("sopsmith", args);
    assertEquals(ended.code, 0, `sopsmith ${args.join(" ")}\n${ended.stderr}`);
    return ended;
  }

  /** Encrypts a text, under the data key of the file where there is one. */
  async put(name: string, text: string | Uint8Array): Promise<void> {
    const isThere = await Deno.stat(`${this.host.cwd}/${name}`).then(() => true, () => false);
    if (!isThere) {
      await this.write(name, text);
      await this.sopsmith("encrypt", "-i", name);
      return;
    }
    await Deno.writeFile(`${this.aside}/new`, typeof text === "string" ? new TextEncoder().encode(text) : text);
    await this.sopsmith("edit", "--from", `${this.aside}/new`, name);
  }

  /** Commits everything. */
  async commit(message: string): Promise<void> {
    await this.git("add", "-A");
    await this.git("commit", "-q", "-m", message);
  }

  /** Makes two branches of a base: `theirs`, and `main`, which is checked out. */
  async branch(
    { base, ours, theirs }: Readonly<Record<"base" | "ours" | "theirs", () => Promise<void>>>,
  ): Promise<void> {
    await base();
    await this.commit("base");
    await this.git("switch", "-q", "-c", "theirs");
    await theirs();
    await this.commit("theirs");
    await this.git("switch", "-q", "main");
    await ours();
    await this.commit("ours");
  }

  /** What every version of sops opens the file to. */
  async opened(name: string): Promise<string> {
    const texts = new Set<string>();
    for (const reader of READERS) {
      const { code, stdout, stderr } = await this.run(reader, ["decrypt", name]);
      assertEquals(code, 0, `${reader} decrypt ${name}\n${stderr}`);
      texts.add(stdout);
    }
    const [text, ...others] = texts;
    assertEquals(others, [], "all versions of sops read the same");
    return text!;
  }

  /** The file in clear, in the author's layout. */
  async plain(name: string): Promise<string> {
    await this.opened(name);
    return (await this.sopsmith("decrypt", name)).stdout;
  }

  /** An editor that keeps what it is shown, and makes it what `script` of sed says. */
  async editor(script: string): Promise<Readonly<Record<string, string>>> {
    const path = `${this.aside}/editor`;
    await Deno.writeTextFile(path, `#!/bin/sh\ncp "$1" '${this.aside}/seen'\nsed -i '${script}' "$1"\n`, {
      mode: 0o755,
    });
    return { SOPS_EDITOR: path };
  }

  /** What the editor was shown. */
  async seen(): Promise<string> {
    return await Deno.readTextFile(`${this.aside}/seen`);
  }

  /** Fails when one of the texts stands in clear in any file below the root, in an object of git, or in a temporary file. */
  async refuseClear(...texts: string[]): Promise<void> {
    const objects = await new Deno.Command("git", {
      args: ["cat-file", "--batch-all-objects", "--batch"],
      cwd: this.host.cwd,
      env: { ...this.#env },
      clearEnv: true,
    }).output();
    const found: string[] = [];
    const look = (name: string, bytes: Uint8Array): void => {
      const content = new TextDecoder("latin1").decode(bytes);
      for (const text of texts) if (content.includes(text)) found.push(`${name}: ${text}`);
    };
    look("an object of git", objects.stdout);
    for await (const path of listFiles(this.host.root)) look(path, await Deno.readFile(path));
    assertEquals(found, [], "a value stands in clear");
    assert(objects.stdout.length > 0, "there are objects");
  }
}

/** @returns messages as they are before they are fitted to a width */
function unfold(text: string): string {
  return text.replace(/\n {4,}/g, " ");
}

async function* listFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* listFiles(path);
    else if (isFile) yield path;
  }
}
