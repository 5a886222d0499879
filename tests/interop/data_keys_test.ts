/**
 * Data keys against the real `age` and `sops`, in both directions, with identities from every place that SOPS looks in.
 *
 * @module
 */
import { loadIdentities } from "../../lib/keys/places/identities.ts";
import { createKeyOpener } from "../../lib/keys/age/unwrap.ts";
import { createKeyWrapper } from "../../lib/keys/age/wrap.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { type TestHost, testHost } from "../support/test_host.ts";

const DATA_KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const PASSPHRASE = "a passphrase of a test";

async function run(host: TestHost, command: string, args: readonly string[], stdin?: Uint8Array): Promise<Uint8Array> {
  const result = await host.run(command, args, { env: { SOPS_DISABLE_VERSION_CHECK: "1" }, ...(stdin && { stdin }) });
  assertEquals(result?.code, 0, `${command}: ${new TextDecoder().decode(result?.stderr)}`);
  return result!.stdout;
}

async function runText(host: TestHost, command: string, args: readonly string[]): Promise<string> {
  return new TextDecoder().decode(await run(host, command, args));
}

/** Makes an ssh key pair. @returns the public half as a line */
async function makeSshKey(host: TestHost, name: string, args: readonly string[]): Promise<string> {
  await Deno.mkdir(host.path("~/.ssh"), { recursive: true });
  await run(host, "ssh-keygen", ["-q", "-C", "test key", "-f", host.path(name), ...args]);
  return (await host.readText(`${name}.pub`)).trim();
}

/** `age -d` with an identity file opens what was wrapped here, and the other way round. */
async function checkBothWays(host: TestHost, recipient: string, identityFile: string): Promise<void> {
  const encrypted = await createKeyWrapper(host)(recipient, DATA_KEY);
  const input = new TextEncoder().encode(encrypted);
  assertEquals(await run(host, "age", ["--decrypt", "-i", host.path(identityFile)], input), DATA_KEY);
  const theirs = new TextDecoder().decode(await run(host, "age", ["--armor", "-r", recipient], DATA_KEY));
  const open = createKeyOpener(await loadIdentities(host));
  assertEquals(await open(recipient, theirs), { dataKey: DATA_KEY });
}

for (const [kind, flag] of [["X25519", []], ["post-quantum", ["-pq"]]] as const) {
  peerTest(`age and this program open each other's keys: ${kind}`, ["age", "age-keygen"], async () => {
    await using host = await testHost();
    await run(host, "age-keygen", [...flag, "-o", host.path("keys.txt")]);
    const recipient = (await runText(host, "age-keygen", ["-y", host.path("keys.txt")])).trim();
    const identities = await host.readText("keys.txt");
    await host.writeText("~/.config/sops/age/keys.txt", identities);
    await checkBothWays(host, recipient, "keys.txt");
  });
}

for (
  const [name, args] of [
    ["~/.ssh/id_ed25519", ["-t", "ed25519", "-N", ""]],
    ["~/.ssh/id_rsa", ["-t", "rsa", "-b", "2048", "-N", ""]],
    ["~/.ssh/id_rsa", ["-t", "rsa", "-b", "3072", "-m", "PEM", "-N", ""]],
    ["~/.ssh/id_rsa", ["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", ""]],
  ] as const
) {
  peerTest(
    `age and this program open each other's keys: ssh-keygen ${args.join(" ")}`,
    ["age", "ssh-keygen"],
    async () => {
      await using host = await testHost();
      await checkBothWays(host, await makeSshKey(host, name, args), name);
    },
  );
}

for (const type of [["-t", "ed25519"], ["-t", "rsa", "-b", "2048"]]) {
  peerTest(
    `a passphrase is asked for once, and only for a file that names the key: ${type[1]}`,
    ["ssh-keygen"],
    async () => {
      await using host = await testHost({ terminal: ["stdin", "stderr"], answers: [PASSPHRASE] });
      const name = `~/.ssh/id_${type[1]}`;
      const recipient = await makeSshKey(host, name, [...type, "-N", PASSPHRASE]);
      const other = await makeSshKey(host, "other", [...type, "-N", ""]);
      const wrap = createKeyWrapper(host);
      const open = createKeyOpener(await loadIdentities(host));
      const foreign = await open(other, await wrap(other, DATA_KEY));
      assertEquals(foreign, { attempts: [{ origin: name }] });
      assertEquals(host.written("stderr"), "");
      for (let time = 0; time < 3; time++) {
        assertEquals(await open(recipient, await wrap(recipient, DATA_KEY)), { dataKey: DATA_KEY });
      }
      assertEquals(host.written("stderr"), `passphrase of "${name}": \n`);
    },
  );
}

peerTest(
  "sops opens data keys that were encrypted here, for every kind of key",
  ["sops", "age-keygen", "ssh-keygen"],
  async () => {
    await using host = await testHost();
    await run(host, "age-keygen", ["-o", host.path("keys.txt")]);
    await run(host, "age-keygen", ["-pq", "-o", host.path("pq.txt")]);
    const recipients = [
      (await runText(host, "age-keygen", ["-y", host.path("keys.txt")])).trim(),
      (await runText(host, "age-keygen", ["-y", host.path("pq.txt")])).trim(),
      await makeSshKey(host, "~/.ssh/id_ed25519", ["-t", "ed25519", "-N", ""]),
      await makeSshKey(host, "~/.ssh/id_rsa", ["-t", "rsa", "-b", "2048", "-N", ""]),
    ];
    await host.writeText("keys.json", '{"a": "b"}');
    for (const [index, recipient] of recipients.entries()) {
      const text = await runText(host, "sops", ["encrypt", "--age", recipient, host.path("keys.json")]);
      const file = JSON.parse(text);
      await host.writeText("~/.config/sops/age/keys.txt", await host.readText(index === 1 ? "pq.txt" : "keys.txt"));
      const open = createKeyOpener(await loadIdentities(host));
      const opened = await open(recipient, file.sops.age[0].enc);
      assert("dataKey" in opened, recipient);
      file.sops.age[0].enc = await createKeyWrapper(host)(recipient, opened.dataKey);
      await host.writeText("ours.json", JSON.stringify(file));
      assertEquals(JSON.parse(await runText(host, "sops", ["decrypt", host.path("ours.json")])), { a: "b" });
    }
  },
);
