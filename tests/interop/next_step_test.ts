/**
 * The next step that a command names, typed into a real shell: it does what the report promises.
 *
 * @module
 */
import { deriveRecipient, generateIdentity } from "../../lib/keys/age/identity.ts";
import { run } from "../../main.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { runPeer, sops } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { putProgramOnPath } from "../support/program_path.ts";
import { seededRandom, type TestHost, testHost } from "../support/test_host.ts";

const PEERS = ["sops", "bash"];

/** The environment in which `sopsmith` is a command, by host. */
const programs = new Map<TestHost, Record<string, string>>();

/** Makes a test key; that of `me` is in the keys file of SOPS. @returns the recipient */
async function makeKey(host: TestHost, name: string, seed: number): Promise<string> {
  const identity = generateIdentity("x25519", seededRandom(seed));
  const path = name === "me" ? "~/.config/sops/age/keys.txt" : `~/${name}.txt`;
  await host.writeText(path, `# test key\n${identity.revealText()}\n`);
  if (Deno.build.os !== "windows") await Deno.chmod(host.path(path), 0o600);
  return await deriveRecipient(identity);
}

/** Runs `sopsmith`. @returns the next step that it names */
async function nextStep(host: TestHost, ...args: string[]): Promise<string> {
  const start = host.output.length;
  await run(args, host);
  const written = host.output.slice(start).map(({ text }) => text).join("");
  const [, command] = /^next: (.+)$/m.exec(written) ?? [];
  assert(command !== undefined, `no next step in: ${written}`);
  return command;
}

/** Types a command into a shell; the answer to its question is given by a flag, as there is no terminal. */
async function typeInShell(host: TestHost, step: string): Promise<void> {
  const command = step.replace("updatekeys", "updatekeys --yes");
  const env = programs.get(host) ?? await putProgramOnPath(host);
  programs.set(host, env);
  const { code, stderr } = await runPeer(host, "bash", ["--norc", "-c", command], env);
  assertEquals(code, 0, `${command}: ${stderr}`);
}

async function recipientsOf(host: TestHost, path: string): Promise<string[]> {
  const text = await Deno.readTextFile(host.path(path));
  return Array.from(text.matchAll(/recipient: (.+)/g), ([, key]) => key!);
}

peerTest(
  "the next step of doctor and recipient add updates a file by the config that counts for it",
  PEERS,
  async () => {
    await using host = await testHost({ files: { ".git/HEAD": "ref: refs/heads/main\n" } });
    const me = await makeKey(host, "me", 1);
    const root = await makeKey(host, "root", 2);
    const team = await makeKey(host, "team", 3);
    const late = await makeKey(host, "late", 4);
    await host.writeText(".sops.yaml", `creation_rules:\n  - age: ${me},${root}\n`);
    await host.writeText("my app/.sops.yaml", `creation_rules:\n  - age: ${me}\n`);
    const path = "my app/it's.yaml";
    await host.writeText(path, "password: hunter2\n");
    await sops(host, ["--config", "my app/.sops.yaml", "encrypt", "--in-place", path]);
    await host.writeText("my app/.sops.yaml", `creation_rules:\n  - age: ${me},${team}\n`);

    await typeInShell(host, await nextStep(host, "doctor"));
    assertEquals(await recipientsOf(host, path), [me, team]);
    await typeInShell(host, await nextStep(host, "recipient", "add", late, "--file", path));
    assertEquals(await recipientsOf(host, path), [me, team, late]);
  },
);

peerTest("the next step for many files is one for the repository, and a shell takes it", PEERS, async () => {
  await using host = await testHost({ files: { ".git/HEAD": "ref: refs/heads/main\n" } });
  const me = await makeKey(host, "me", 5);
  const late = await makeKey(host, "late", 6);
  await host.writeText(".sops.yaml", `creation_rules:\n  - age: ${me}\n`);
  for (let i = 0; i < 5; i++) {
    await host.writeText(`${i}.yaml`, "password: hunter2\n");
    await sops(host, ["encrypt", "--in-place", `${i}.yaml`]);
  }
  const step = await nextStep(host, "recipient", "add", late);
  assertEquals(step, "sopsmith updatekeys");
  await typeInShell(host, step);
  for (let i = 0; i < 5; i++) assertEquals(await recipientsOf(host, `${i}.yaml`), [me, late]);
});

peerTest(
  "the next steps of somebody who leaves give new data keys, where they are wanted and where not",
  PEERS,
  async () => {
    await using host = await testHost({ files: { ".git/HEAD": "ref: refs/heads/main\n" } });
    const me = await makeKey(host, "me", 7);
    const late = await makeKey(host, "late", 8);
    await host.writeText(".sops.yaml", `creation_rules:\n  - age: ${me}\n`);
    const values = async (): Promise<string[]> => {
      const texts = await Promise.all([0, 1, 2, 3, 4].map((i) => host.readText(`apps/${i}.yaml`)));
      return texts.map((text) => /^password: .*/m.exec(text)![0]);
    };
    for (const [flags, command] of [[[], "updatekeys --rotate"], [["--keep-data-key"], "updatekeys"]] as const) {
      await host.writeText(".sops.yaml", `creation_rules:\n  - age: ${me},${late}\n`);
      for (let i = 0; i < 5; i++) {
        await host.writeText(`apps/${i}.yaml`, "password: hunter2\n");
        await sops(host, ["encrypt", "--in-place", `apps/${i}.yaml`]);
      }
      const before = await values();
      const step = await nextStep(host, "recipient", "remove", late, ...flags);
      assertEquals(step, `sopsmith ${command} apps`);
      await typeInShell(host, step);
      for (let i = 0; i < 5; i++) assertEquals(await recipientsOf(host, `apps/${i}.yaml`), [me]);
      assertEquals((await values()).filter((value) => before.includes(value)).length, flags.length === 0 ? 0 : 5);
      assertEquals((await runPeer(host, "sops", ["decrypt", "apps/4.yaml"])).stdout, "password: hunter2\n");
    }
  },
);
