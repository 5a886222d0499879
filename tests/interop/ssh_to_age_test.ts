/**
 * `ssh-to-age` against the real program of that name, on keys that the real `ssh-keygen` makes. Left out where the
 * real program is missing, also in the gate, because it comes from no package registry; `tests/vectors/ssh/` holds what it
 * printed.
 *
 * @module
 */
import { run } from "../../main.ts";
import { OTHER_KEYS } from "../keys/ssh/build.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { forEachOf, runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { runIsolated, type TestHost, testHost } from "../support/test_host.ts";

const KEYS = 1000;

/** Ciphers that the real ssh-to-age decrypts, of those of OpenSSH. */
const CIPHERS_OF_BOTH: readonly string[] = ["aes256-ctr", "aes256-cbc"];

const PASSPHRASE = "correct horse";

const HAS_SSH_TO_AGE = await runIsolated("ssh-to-age", ["-version"], {
  cwd: Deno.cwd(),
  env: { PATH: Deno.env.get("PATH") ?? "" },
}) !== undefined;

function comparedTest(name: string, body: (host: TestHost) => Promise<void>): void {
  Deno.test({
    name: HAS_SSH_TO_AGE ? name : `${name} [needs ssh-to-age]`,
    ignore: !HAS_SSH_TO_AGE,
    async fn() {
      await using host = await testHost();
      await body(host);
    },
  });
}

/** Makes an ed25519 key pair in the host's working folder. */
async function makeKey(host: TestHost, name: string, args: readonly string[] = []): Promise<void> {
  const passphrase = args.includes("-Z") ? PASSPHRASE : "";
  const all = ["-q", "-t", "ed25519", "-N", passphrase, "-C", `test key ${name}`, ...args, "-f", name];
  const { code, stderr } = await runPeer(host, "ssh-keygen", all);
  if (code !== 0) throw new Error(`ssh-keygen ${args.join(" ")}: ${stderr}`);
}

/** What the real program prints. */
async function real(host: TestHost, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await runPeer(host, "ssh-to-age", args, env);
  if (code !== 0) throw new Error(`ssh-to-age ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** What ours prints. */
async function ours(host: TestHost, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const before = host.written("stdout").length;
  const surroundings = { cwd: host.cwd, env: { HOME: host.home, ...env }, stdin: new Uint8Array() };
  const code = await run(["ssh-to-age", ...args], host.restarted(surroundings));
  if (code !== 0) {
    throw new Error(`sopsmith ssh-to-age ${args.join(" ")} ended with ${code}: ${host.written("stderr")}`);
  }
  return host.written("stdout").slice(before);
}

comparedTest(`ssh-to-age prints what the real one prints for ${KEYS} keys, public and private`, async (host) => {
  const names = Array.from({ length: KEYS }, (_, index) => `key${index}`);
  await forEachOf(names, (name) => makeKey(host, name));
  const lines = await Promise.all(names.map((name) => host.readText(`${name}.pub`)));
  await host.writeText("all.pub", lines.join(""));
  const recipients = await ours(host, ["-i", "all.pub"]);
  assertEquals(recipients, await real(host, ["-i", "all.pub"]));
  assertEquals(new Set(recipients.trimEnd().split("\n")).size, KEYS);
  const identities = await forEachOf(names, (name) => real(host, ["-private-key", "-i", name]));
  for (const [index, name] of names.entries()) {
    assertEquals(await ours(host, ["-private-key", "-i", name]) === identities[index], true, name);
  }
});

comparedTest("ssh-to-age takes the passphrase as the real one does", async (host) => {
  await host.writeText("pass.txt", `${PASSPHRASE}\n`);
  for (const cipher of CIPHERS_OF_BOTH) {
    await makeKey(host, cipher, ["-Z", cipher, "-a", "2"]);
    const args = ["-private-key", "-i", cipher];
    const env = { SSH_TO_AGE_PASSPHRASE: PASSPHRASE };
    assertEquals(await ours(host, args, env) === await real(host, args, env), true, cipher);
  }
});

comparedTest(
  "ssh-to-age reads known_hosts, ssh-keyscan output and authorized_keys as the real one does",
  async (host) => {
    for (const name of ["a", "b", "c"]) await makeKey(host, name);
    const [a, b, c] = await Promise.all(["a", "b", "c"].map(async (name) => {
      return (await host.readText(`${name}.pub`)).split(" ").slice(0, 2).join(" ");
    }));
    const ecdsa = OTHER_KEYS["ecdsa"]!.public!.split(" ").slice(0, 2).join(" ");
    const rsa = OTHER_KEYS["rsa"]!.public!.split(" ").slice(0, 2).join(" ");
    const inputs: Readonly<Record<string, string>> = {
      known_hosts:
        `web1,10.0.0.1 ${a}\n[web2]:2222 ${b} comment here\n|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ${c}\n`,
      keyscan: `# web1:22 SSH-2.0-OpenSSH_9.2\nweb1 ${rsa}\n# web1:22 SSH-2.0-OpenSSH_9.2\nweb1 ${a}\nweb1 ${ecdsa}\n`,
      authorized_keys: `# people\n${a} me@laptop\n\nno-pty,restrict ${b} you\nfrom="10.0.0.*" ${c}\n${rsa}\n`,
      crlf: `${a} me\r\n${b}\r\n`,
      without_line_end: `${a} me`,
    };
    for (const [name, text] of Object.entries(inputs)) {
      await host.writeText(name, text);
      const expected = await real(host, ["-i", name]);
      assert(expected.startsWith("age1"), name);
      assertEquals(await ours(host, ["-i", name]), expected, name);
    }
  },
);

peerTest("ssh-to-age opens keys of every cipher that ssh-keygen has, as age-keygen confirms", [
  "ssh",
  "ssh-keygen",
  "age-keygen",
], async () => {
  await using host = await testHost();
  const ciphers = (await runPeer(host, "ssh", ["-Q", "cipher"])).stdout.trimEnd().split("\n");
  assert(ciphers.length >= 8, ciphers.join(" "));
  for (const [index, cipher] of ciphers.entries()) {
    const name = `id${index}`;
    await makeKey(host, name, ["-Z", cipher, "-a", "2"]);
    const recipient = await ours(host, ["-i", `${name}.pub`]);
    assertEquals(await ours(host, ["-i", name]), recipient, cipher);
    await ours(host, ["-private-key", "-i", name, "-o", `${name}.txt`], { SSH_TO_AGE_PASSPHRASE: PASSPHRASE });
    const { stdout } = await runPeer(host, "age-keygen", ["-y", `${name}.txt`]);
    assertEquals(stdout, recipient, cipher);
    const wrong = { cwd: host.cwd, env: { HOME: host.home, SSH_TO_AGE_PASSPHRASE: "wrong" }, stdin: new Uint8Array() };
    assertEquals(await run(["ssh-to-age", "-private-key", "-i", name], host.restarted(wrong)), 1, cipher);
    assert(
      host.written("stderr").endsWith("hint: check the passphrase that the variable SSH_TO_AGE_PASSPHRASE holds\n"),
    );
  }
});
