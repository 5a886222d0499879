/**
 * Nobody loses access to a real encrypted file without being told: keygen with files of sops in place, then `sops
 * updatekeys`, then one attempt to decrypt for each person.
 *
 * @module
 */
import { deriveRecipient, generateIdentity } from "../../lib/keys/age/identity.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { keygenIn, VAULT_CONFIG } from "../support/interop_config.ts";
import { runPeer, sops } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { seededRandom, type TestHost, testHost } from "../support/test_host.ts";

/** Someone with a keys file in the home folder, `<name>.txt`, that the tests name to sops. */
interface Person {
  readonly name: string;
  readonly recipient: string;
}

const PLAIN = "kind: Secret\ndata:\n  password: hunter2\n";

const VAULT_FILES = ["secrets/zz-new/dev.enc.yaml", "secrets/zz-new/prod.enc.yaml"];

/** Makes test keys of the named people. The keys file of keygen itself is left alone. */
async function makePeople(host: TestHost, ...names: string[]): Promise<Person[]> {
  const people: Person[] = [];
  for (const [index, name] of names.entries()) {
    const identity = generateIdentity(name.startsWith("pq") ? "hybrid" : "x25519", seededRandom(100 + index));
    await host.writeText(`~/${name}.txt`, `${identity.revealText()}\n`);
    people.push({ name, recipient: await deriveRecipient(identity) });
  }
  return people;
}

function keysOf(host: TestHost, person: Person): Record<string, string> {
  return { SOPS_AGE_KEY_FILE: `${host.home}/${person.name}.txt` };
}

/** @returns the names of those who can decrypt a file; `me` stands for the keys file of keygen */
async function readersOf(host: TestHost, path: string, people: readonly Person[]): Promise<string[]> {
  // A folder without configuration: only what is named counts.
  const nowhere = { XDG_CONFIG_HOME: `${host.home}/nowhere` };
  const attempts: [string, Record<string, string>][] = [
    ["me", {}],
    ...people.map((person): [string, Record<string, string>] => [person.name, { ...nowhere, ...keysOf(host, person) }]),
  ];
  const readers: string[] = [];
  for (const [name, env] of attempts) {
    const { code, stdout } = await runPeer(host, "sops", ["decrypt", path], env);
    if (code === 0) {
      assertStringIncludes(stdout, "hunter2");
      readers.push(name);
    }
  }
  return readers;
}

async function encryptAll(host: TestHost, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await host.writeText(path, PLAIN);
    await sops(host, ["encrypt", "--in-place", path]);
  }
}

/** Rules that win for the vault's files until keygen comes, in several dialects. */
const RULES: Readonly<Record<string, (people: readonly Person[]) => string>> = {
  "flat text": (people) =>
    `creation_rules:
  - path_regex: .*\\.yaml$
    encrypted_regex: ^(data|stringData)$
    age: ${people.map(({ recipient }) => recipient).join(",")}
`,
  "key group of aliases": (people) =>
    `keys:
${people.map(({ name, recipient }) => `  - &${name} ${recipient}\n`).join("")}
creation_rules:
  - path_regex: other/.*
    key_groups:
      - age:
          - *${people[0]?.name}
  - path_regex: .*
    encrypted_regex: ^(data|stringData)$
    key_groups:
      - age:
${people.map(({ name }) => `          - *${name}\n`).join("")}`,
  "list by a shared anchor": (people) =>
    `team: &team
${people.map(({ name, recipient }) => `  - ${recipient} # ${name}\n`).join("")}
creation_rules:
- path_regex: other/.*
  key_groups:
  - age: *team
- key_groups:
  - age: *team
  encrypted_regex: ^(data|stringData)$
`,
};

for (const [dialect, write] of Object.entries(RULES)) {
  peerTest(`keygen stops before it takes files from others, ${dialect}`, ["sops"], async () => {
    await using host = await testHost({ files: { "sopsmith.yaml": VAULT_CONFIG } });
    const people = await makePeople(host, "alice", "bob");
    await host.writeText(".sops.yaml", write(people));
    await encryptAll(host, [...VAULT_FILES, "other.yaml"]);
    const before = await Promise.all([...VAULT_FILES, ".sops.yaml"].map((name) => host.readText(name)));
    const stopped = await keygenIn(host);
    assertEquals([stopped.exitCode, stopped.stdout], [1, ""]);
    for (const path of VAULT_FILES) assertStringIncludes(stopped.stderr, path);
    assertStringIncludes(stopped.stderr, "2 encrypted files");
    assert(!stopped.stderr.includes("other.yaml"));
    assert(!stopped.stderr.includes("updatekeys"));
    if (dialect !== "flat text") assert(/alice\s+and\s+bob\s+would\s+lose\s+them/.test(stopped.stderr), stopped.stderr);
    assertEquals(await Promise.all([...VAULT_FILES, ".sops.yaml"].map((name) => host.readText(name))), before);
    assertEquals([...Deno.readDirSync(host.home)].map(({ name }) => name).toSorted(), ["alice.txt", "bob.txt"]);
  });

  peerTest(`keygen --with-recipients keeps every reader through sops updatekeys, ${dialect}`, ["sops"], async () => {
    await using host = await testHost({ files: { "sopsmith.yaml": VAULT_CONFIG } });
    const people = await makePeople(host, "alice", "bob", "pq-carol");
    const [alice] = people;
    await host.writeText(".sops.yaml", write(people));
    await encryptAll(host, [VAULT_FILES[0]!, "other.yaml"]);
    const { exitCode, stdout, stderr } = await keygenIn(host, "--with-recipients");
    assertEquals(exitCode, 0, stderr);
    assertStringIncludes(stderr, "sopsmith updatekeys secrets/zz-new/dev.enc.yaml");
    assertEquals(await readersOf(host, VAULT_FILES[0]!, people), ["alice", "bob", "pq-carol"]);
    for (const path of [VAULT_FILES[0]!, "other.yaml"]) {
      await sops(host, ["updatekeys", "--yes", path], keysOf(host, alice!));
    }
    assertEquals(await readersOf(host, VAULT_FILES[0]!, people), ["me", "alice", "bob", "pq-carol"]);
    assertEquals(await readersOf(host, "other.yaml", people), ["alice", "bob", "pq-carol"]);
    await encryptAll(host, [VAULT_FILES[1]!]);
    assertEquals(await readersOf(host, VAULT_FILES[1]!, people), ["me", "alice", "bob", "pq-carol"]);
    for (const path of VAULT_FILES) {
      const encrypted = await host.readText(path);
      assertStringIncludes(encrypted, "kind: Secret\n");
      assertStringIncludes(encrypted, "encrypted_regex: ^(data|stringData)$");
      assertStringIncludes(encrypted, `recipient: ${stdout.trimEnd()}`);
      assert(!encrypted.includes("hunter2"));
    }
  });

  peerTest(`keygen --only-me takes the files away, and the selector stays, ${dialect}`, ["sops"], async () => {
    await using host = await testHost({ files: { "sopsmith.yaml": VAULT_CONFIG } });
    const people = await makePeople(host, "alice", "bob");
    const [alice] = people;
    await host.writeText(".sops.yaml", write(people));
    await encryptAll(host, [VAULT_FILES[0]!, "other.yaml"]);
    const { exitCode, stderr } = await keygenIn(host, "--only-me");
    assertEquals(exitCode, 0, stderr);
    assertEquals(await readersOf(host, VAULT_FILES[0]!, people), ["alice", "bob"]);
    await sops(host, ["updatekeys", "--yes", VAULT_FILES[0]!], keysOf(host, alice!));
    assertEquals(await readersOf(host, VAULT_FILES[0]!, people), ["me"]);
    assertEquals(await readersOf(host, "other.yaml", people), ["alice", "bob"]);
    await encryptAll(host, [VAULT_FILES[1]!]);
    assertEquals(await readersOf(host, VAULT_FILES[1]!, people), ["me"]);
    assertStringIncludes(await host.readText(VAULT_FILES[1]!), "kind: Secret\n");
  });
}

peerTest("keygen joins the rule of the built-in vault, and sops updatekeys gives the old files to the new key", [
  "sops",
], async () => {
  const files: Readonly<Record<string, string>> = {
    "secrets/a.yaml": PLAIN,
    "secrets/b.json": '{"password": "hunter2"}\n',
    "secrets/c.env": "PASSWORD=hunter2\n",
    "secrets/d.ini": "[a]\npassword = hunter2\n",
    "secrets/deep/er/e.yml": PLAIN,
  };
  await using host = await testHost({ files });
  const people = await makePeople(host, "alice");
  await host.writeText(".sops.yaml", `creation_rules:\n  - path_regex: ^secrets/\n    age: ${people[0]?.recipient}\n`);
  for (const path of Object.keys(files)) await sops(host, ["encrypt", "--in-place", path]);
  const { exitCode, stderr } = await keygenIn(host);
  assertEquals(exitCode, 0, stderr);
  assertStringIncludes(stderr, "5 encrypted files do not know this key yet");
  for (const path of Object.keys(files)) {
    await sops(host, ["updatekeys", "--yes", path], keysOf(host, people[0]!));
    assertEquals(await readersOf(host, path, people), ["me", "alice"], path);
  }
  assertEquals((await keygenIn(host)).stderr.includes("nothing changed"), true);
});

peerTest("a second keygen --force leaves the first key in force for files and rule", ["sops"], async () => {
  await using host = await testHost();
  const first = await keygenIn(host);
  await encryptAll(host, ["secrets/a.yaml"]);
  const second = await keygenIn(host, "--force");
  assertStringIncludes(second.stderr, "1 encrypted file does not know this key yet");
  await sops(host, ["updatekeys", "--yes", "secrets/a.yaml"]);
  const encrypted = await host.readText("secrets/a.yaml");
  for (const { stdout } of [first, second]) assertStringIncludes(encrypted, stdout.trimEnd());
  assertEquals(await readersOf(host, "secrets/a.yaml", []), ["me"]);
});
