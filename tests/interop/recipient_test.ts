/**
 * The `recipient` commands on files of the real `sops`: after each change sops resolves every rule to exactly the intended
 * set, and after `sops updatekeys` those and nobody else can decrypt.
 *
 * @module
 */
import { deriveRecipient, generateIdentity } from "../../lib/keys/age/identity.ts";
import { run } from "../../main.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { runPeer, sops } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { seededRandom, type TestHost, testHost } from "../support/test_host.ts";

/** Someone with a keys file in the home folder, `<name>.txt`, that the tests name to sops. */
interface Person {
  readonly name: string;
  readonly recipient: string;
}

const PLAIN = "password: hunter2\n";

/** Makes test keys. */
async function makePeople(host: TestHost, ...names: string[]): Promise<Person[]> {
  const people: Person[] = [];
  for (const [index, name] of names.entries()) {
    const identity = generateIdentity("x25519", seededRandom(200 + index));
    await host.writeText(`~/${name}.txt`, `${identity.revealText()}\n`);
    people.push({ name, recipient: await deriveRecipient(identity) });
  }
  return people;
}

/** @returns the names of those who can decrypt a file */
async function readersOf(host: TestHost, path: string, people: readonly Person[]): Promise<string[]> {
  const readers: string[] = [];
  for (const { name } of people) {
    const env = { XDG_CONFIG_HOME: `${host.home}/nowhere`, SOPS_AGE_KEY_FILE: `${host.home}/${name}.txt` };
    const { code, stdout } = await runPeer(host, "sops", ["decrypt", path], env);
    if (code !== 0) continue;
    assertStringIncludes(stdout, "hunter2");
    readers.push(name);
  }
  return readers;
}

/** @returns the names of those whom sops encrypts a new file of this name to, group by group */
async function intendedReaders(host: TestHost, path: string, people: readonly Person[]): Promise<string[]> {
  await host.writeText("plain.yaml", PLAIN);
  const text = await sops(host, ["encrypt", "--filename-override", path, "plain.yaml"]);
  await Deno.remove(host.path("plain.yaml"));
  return Array.from(
    text.matchAll(/recipient: (.+)/g),
    ([, key]) => people.find(({ recipient }) => recipient === key)?.name ?? key!,
  ).toSorted();
}

/** Runs `sopsmith`. @returns everything it wrote */
async function sopsmith(host: TestHost, ...args: string[]): Promise<string> {
  const start = host.output.length;
  const exitCode = await run(args, host);
  const written = host.output.slice(start).map(({ text }) => text).join("");
  assertEquals(exitCode, 0, written);
  return written;
}

async function updateKeys(host: TestHost, person: string, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    await sops(host, ["updatekeys", "--yes", path], { SOPS_AGE_KEY_FILE: `${host.home}/${person}.txt` });
  }
}

/** Two rules with alice and bob, in the dialects of real files. */
const DIALECTS: Readonly<Record<string, (alice: Person, bob: Person) => string>> = {
  "text": (alice, bob) =>
    `creation_rules:
  - path_regex: ^a/
    age: ${alice.recipient},${bob.recipient}
  - path_regex: ^b/
    age: ${bob.recipient},${alice.recipient}
`,
  "folded text": (alice, bob) =>
    `creation_rules:
  - path_regex: ^a/
    age: >-
      ${alice.recipient},
      ${bob.recipient}
  - path_regex: ^b/
    age: >-
      ${alice.recipient},
      ${bob.recipient}
`,
  "block list with comments": (alice, bob) =>
    `creation_rules:
- path_regex: ^a/
  age:
  - ${alice.recipient} # alice
  - ${bob.recipient} # bob
- path_regex: ^b/
  age:
  # bob
  - ${bob.recipient}
  # alice
  - ${alice.recipient}
`,
  "flow list in key groups": (alice, bob) =>
    `creation_rules:
  - path_regex: ^a/
    key_groups: [{age: [${alice.recipient}, ${bob.recipient}]}]
  - path_regex: ^b/
    key_groups:
      - age: ["${alice.recipient}", "${bob.recipient}"]
`,
  "anchors under keys": (alice, bob) =>
    `keys:
  - &alice ${alice.recipient}
  - &bob ${bob.recipient}
creation_rules:
  - path_regex: ^a/
    key_groups:
      - age:
          - *alice
          - *bob
  - path_regex: ^b/
    key_groups:
      - age: [*bob, *alice]
`,
  "a shared list": (alice, bob) =>
    `team: &team
  - ${alice.recipient} # alice
  - ${bob.recipient} # bob
creation_rules:
  - path_regex: ^a/
    key_groups:
      - age: *team
  - path_regex: ^b/
    key_groups:
      - age: *team
`,
  "anchors in a rule, with CRLF": (alice, bob) =>
    `creation_rules:
  - path_regex: ^a/
    key_groups:
      - age:
          - &alice ${alice.recipient}
          - &bob ${bob.recipient}
  - path_regex: ^b/
    key_groups:
      - age:
          - *alice
          - *bob`.replaceAll("\n", "\r\n"),
};

for (const [dialect, write] of Object.entries(DIALECTS)) {
  peerTest(`recipient add, remove and set change what sops does, ${dialect}`, ["sops"], async () => {
    await using host = await testHost();
    const people = await makePeople(host, "alice", "bob", "carol");
    const [alice, bob, carol] = people as [Person, Person, Person];
    await host.writeText(".sops.yaml", write(alice, bob));
    await Deno.mkdir(host.path("a"));
    await Deno.mkdir(host.path("b"));
    const files = ["a/x.yaml", "b/x.yaml"];
    for (const file of files) {
      await host.writeText(file, PLAIN);
      await sops(host, ["encrypt", "--in-place", file]);
    }
    const added = await sopsmith(host, "recipient", "add", "carol", carol.recipient, "--rule", "1");
    assertStringIncludes(added, "1 encrypted file does not know");
    assertStringIncludes(added, "sopsmith updatekeys a/x.yaml");
    assertEquals(await intendedReaders(host, "a/new.yaml", people), ["alice", "bob", "carol"]);
    assertEquals(await intendedReaders(host, "b/new.yaml", people), ["alice", "bob"]);
    await updateKeys(host, "alice", ...files);
    assertEquals(await readersOf(host, "a/x.yaml", people), ["alice", "bob", "carol"]);
    assertEquals(await readersOf(host, "b/x.yaml", people), ["alice", "bob"]);

    const removed = await sopsmith(host, "recipient", "remove", bob.recipient, "--file", "a/x.yaml");
    assertStringIncludes(removed, "a/x.yaml");
    assertEquals(await intendedReaders(host, "a/new.yaml", people), ["alice", "carol"]);
    assertEquals(await intendedReaders(host, "b/new.yaml", people), ["alice", "bob"]);
    await updateKeys(host, "carol", "a/x.yaml");
    assertEquals(await readersOf(host, "a/x.yaml", people), ["alice", "carol"]);

    await sopsmith(host, "recipient", "set", carol.recipient, "--all-rules");
    for (const file of ["a/new.yaml", "b/new.yaml"]) assertEquals(await intendedReaders(host, file, people), ["carol"]);
    await updateKeys(host, "alice", ...files);
    for (const file of files) assertEquals(await readersOf(host, file, people), ["carol"]);
  });
}

peerTest("recipient rename changes nothing for sops", ["sops"], async () => {
  await using host = await testHost();
  const people = await makePeople(host, "alice", "bob");
  const [alice, bob] = people as [Person, Person];
  await host.writeText(".sops.yaml", DIALECTS["anchors under keys"]!(alice, bob));
  await sopsmith(host, "recipient", "rename", "bob", "robert");
  assertStringIncludes(await host.readText(".sops.yaml"), "*robert");
  for (const file of ["a/new.yaml", "b/new.yaml"]) {
    assertEquals(await intendedReaders(host, file, people), ["alice", "bob"]);
  }
});

peerTest("recipient remove --drop-rule leaves files to the rule that sops takes then", ["sops"], async () => {
  await using host = await testHost();
  const people = await makePeople(host, "alice", "bob");
  const [alice, bob] = people as [Person, Person];
  const config = `creation_rules:
  - path_regex: ^a/
    age: ${bob.recipient}
  - path_regex: .*
    age: ${alice.recipient}
`;
  await host.writeText(".sops.yaml", config);
  await host.writeText("a/x.yaml", PLAIN);
  await sops(host, ["encrypt", "--in-place", "a/x.yaml"]);
  assertStringIncludes(
    await sopsmith(host, "recipient", "remove", bob.recipient, "--rule", "1", "--drop-rule"),
    "rule 1",
  );
  assertEquals(await intendedReaders(host, "a/new.yaml", people), ["alice"]);
  await updateKeys(host, "bob", "a/x.yaml");
  assertEquals(await readersOf(host, "a/x.yaml", people), ["alice"]);
});

peerTest(
  "recipient add takes ssh keys that real sops can use, converted and as they are",
  ["sops", "ssh-keygen"],
  async () => {
    await using host = await testHost();
    const people = await makePeople(host, "alice");
    await host.writeText(".sops.yaml", `creation_rules:\n  - age: ${people[0]!.recipient}\n`);
    await host.writeText("x.yaml", PLAIN);
    await sops(host, ["encrypt", "--in-place", "x.yaml"]);
    await Deno.mkdir(host.path("~/.ssh"), { mode: 0o700 });
    for (const name of ["id_ed25519", "laptop"]) {
      const key = host.path(`~/.ssh/${name}`);
      assertEquals(
        (await runPeer(host, "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key])).code,
        0,
      );
    }
    await sopsmith(host, "recipient", "add", "native", "--ssh-key", host.path("~/.ssh/id_ed25519.pub"), "--ssh-native");
    await sopsmith(host, "recipient", "add", "laptop", "--ssh-key", host.path("~/.ssh/laptop"));
    await updateKeys(host, "alice", "x.yaml");
    const nobody = { XDG_CONFIG_HOME: `${host.home}/nowhere` };
    assertStringIncludes(await sops(host, ["decrypt", "x.yaml"], nobody), "hunter2"); // by ~/.ssh/id_ed25519
    await Deno.remove(host.path("~/.ssh/id_ed25519"));
    assert((await runPeer(host, "sops", ["decrypt", "x.yaml"], nobody)).code !== 0);
    await sopsmith(
      host,
      "ssh-to-age",
      "--private-key",
      "-i",
      host.path("~/.ssh/laptop"),
      "-o",
      host.path("~/laptop.txt"),
    );
    assertEquals(await readersOf(host, "x.yaml", [...people, { name: "laptop", recipient: "" }]), ["alice", "laptop"]);
  },
);

peerTest("recipient import gives a whole team access", ["sops"], async () => {
  await using host = await testHost();
  const people = await makePeople(host, "alice", "bob", "carol");
  const [alice, bob, carol] = people as [Person, Person, Person];
  await host.writeText(".sops.yaml", DIALECTS["anchors under keys"]!(alice, bob));
  await host.writeText("a/x.yaml", PLAIN);
  await sops(host, ["encrypt", "--in-place", "a/x.yaml"]);
  await host.writeText("team.txt", `${alice.recipient} # alice\n${carol.recipient} # carol\n`);
  await sopsmith(host, "recipient", "import", "team.txt", "--all-rules");
  for (const file of ["a/new.yaml", "b/new.yaml"]) {
    assertEquals(await intendedReaders(host, file, people), ["alice", "bob", "carol"]);
  }
  await updateKeys(host, "bob", "a/x.yaml");
  assertEquals(await readersOf(host, "a/x.yaml", people), ["alice", "bob", "carol"]);
  assertStringIncludes(await sopsmith(host, "recipient", "list"), "carol");
});
