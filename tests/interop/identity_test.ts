/**
 * Protected and imported keys files against the real `age` and `sops`, in both directions. Passphrases are typed on a
 * pseudo-terminal, which `script` gives.
 *
 * @module
 */
import { run } from "../../main.ts";
import { TEST_HYBRID, TEST_X25519, TEST_X25519_OTHER } from "../keys/test_keys.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { runPeer, sops } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { putProgramOnPath } from "../support/program_path.ts";
import { runIsolated, type Surroundings, type TestHost, testHost } from "../support/test_host.ts";

const KEYS_FILE = "~/.config/sops/age/keys.txt";

const PASSPHRASE = "test passphrase";

/** A file of test keys. */
const KEYS = `# a test key\n${TEST_X25519.identity}\n${TEST_HYBRID.identity}\n`;

/** Runs sopsmith in process with the passphrase of these tests. @returns its standard output */
async function sopsmith(host: TestHost, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const start = host.output.length;
  const surroundings: Surroundings = {
    cwd: host.cwd,
    env: { HOME: host.home, PATH: Deno.env.get("PATH") ?? "", SOPSMITH_PASSPHRASE: PASSPHRASE, ...env },
    stdin: new Uint8Array(),
  };
  const exitCode = await run(args, host.restarted(surroundings));
  const output = host.output.slice(start);
  assertEquals(exitCode, 0, output.map(({ text }) => text).join(""));
  return output.filter(({ stream }) => stream === "stdout").map(({ text }) => text).join("");
}

/** Runs a command on a terminal at which these lines are typed. @returns what the terminal shows */
async function onTerminal(host: TestHost, command: string, typed: readonly string[]): Promise<string> {
  const result = await runIsolated("script", ["-qec", command, "/dev/null"], {
    cwd: host.cwd,
    env: { HOME: host.home, PATH: Deno.env.get("PATH") ?? "", SOPS_DISABLE_VERSION_CHECK: "1", TERM: "dumb" },
    stdin: new TextEncoder().encode(typed.map((line) => `${line}\n`).join("")),
  });
  return new TextDecoder().decode(result?.stdout);
}

/** A host with the test keys in the default keys file and a file that sops has encrypted to the first of them. */
async function hostWithFile(): Promise<TestHost> {
  const host = await testHost({ files: { [KEYS_FILE]: KEYS, "plain.yaml": "a: b\n" } });
  await Deno.chmod(host.path(KEYS_FILE), 0o600);
  await sops(host, ["encrypt", "--age", TEST_X25519.recipient, "--output", "x.yaml", "plain.yaml"]);
  return host;
}

peerTest("sops and age read what identity protect wrote", ["sops", "age", "script"], async () => {
  await using host = await hostWithFile();
  await sopsmith(host, ["identity", "protect"]);
  assert(!(await host.readText(KEYS_FILE)).includes("SECRET"));
  const shown = await onTerminal(host, "sops decrypt x.yaml", [PASSPHRASE]);
  assert(shown.includes("a: b"), shown);
  const encrypted = await runPeer(host, "age", ["-r", TEST_X25519.recipient, "-o", "x.age", "plain.yaml"]);
  assertEquals(encrypted.code, 0, encrypted.stderr);
  const decrypted = await onTerminal(host, `age --decrypt -i '${host.path(KEYS_FILE)}' x.age`, [PASSPHRASE]);
  assert(decrypted.includes("a: b"), decrypted);
  await sopsmith(host, ["identity", "unprotect"]);
  assertEquals(await host.readText(KEYS_FILE), KEYS);
});

for (const [form, flag] of [["armored", "-a"], ["binary", ""]]) {
  peerTest(`identity commands read a keys file that age protected, ${form}`, ["sops", "age", "script"], async () => {
    await using host = await hostWithFile();
    const protect = `age -p ${flag} -o protected.txt '${host.path(KEYS_FILE)}'`;
    const shown = await onTerminal(host, protect, [PASSPHRASE, PASSPHRASE]);
    await host.writeText(KEYS_FILE, "");
    assertEquals(
      (await sopsmith(host, ["identity", "import", "protected.txt"])).split("\n")[0],
      TEST_X25519.recipient,
      shown,
    );
    assertEquals(await sops(host, ["decrypt", "x.yaml"]), "a: b\n");
    await sopsmith(host, ["identity", "unprotect", "protected.txt"]);
    assertEquals(await host.readText("protected.txt"), KEYS);
  });
}

peerTest("sops takes its key from identity export", ["sops"], async () => {
  await using host = await hostWithFile();
  await Deno.rename(host.path(KEYS_FILE), host.path("elsewhere.txt"));
  const env = await putProgramOnPath(host);
  const decrypt = async (command: string): Promise<{ code: number | undefined; shown: string }> => {
    const result = await runIsolated("sops", ["decrypt", "x.yaml"], {
      cwd: host.cwd,
      env: { ...env, SOPS_AGE_KEY_CMD: command, SOPSMITH_PASSPHRASE: PASSPHRASE },
    });
    return { code: result?.code, shown: new TextDecoder().decode(result?.stdout) };
  };
  assertEquals(await decrypt("sopsmith identity export elsewhere.txt"), { code: 0, shown: "a: b\n" });
  await sopsmith(host, ["identity", "protect", "elsewhere.txt"]);
  assertEquals(await decrypt("sopsmith identity export elsewhere.txt"), { code: 0, shown: "a: b\n" });
  await host.writeText("other.txt", `${TEST_X25519_OTHER.identity}\n`);
  assertEquals((await decrypt("sopsmith identity export other.txt")).code, 128);
});

peerTest("sops reads keys files that PowerShell wrote once they are imported", ["sops"], async () => {
  await using host = await hostWithFile();
  const text = `\ufeff${KEYS.replaceAll("\n", "\r\n")}`;
  const utf16 = new Uint8Array(Uint16Array.from(text, (unit) => unit.charCodeAt(0)).buffer);
  await Deno.writeFile(host.path(KEYS_FILE), utf16);
  assertEquals((await runPeer(host, "sops", ["decrypt", "x.yaml"])).code, 128);
  await sopsmith(host, ["identity", "import", host.path(KEYS_FILE)]);
  assertEquals(await sops(host, ["decrypt", "x.yaml"]), "a: b\n");
});

peerTest("sops decrypts with an imported ssh key", ["sops", "ssh-keygen"], async () => {
  await using host = await testHost({ files: { "plain.yaml": "a: b\n" } });
  const made = await runPeer(host, "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test key", "-f", "id"]);
  assertEquals(made.code, 0, made.stderr);
  const recipient = (await sopsmith(host, ["identity", "import", "--ssh", "id", "--name", "me"])).trimEnd();
  await sops(host, ["encrypt", "--age", recipient, "--output", "x.yaml", "plain.yaml"]);
  assertEquals(await sops(host, ["decrypt", "x.yaml"]), "a: b\n");
});

peerTest("sops reads the key that keygen --passphrase made", ["sops", "script"], async () => {
  await using host = await testHost();
  const recipient = (await sopsmith(host, ["keygen", "--passphrase"])).trimEnd();
  await host.writeText("secrets/x.yaml", "a: b\n");
  await sops(host, ["encrypt", "--in-place", "secrets/x.yaml"]);
  assert((await host.readText("secrets/x.yaml")).includes(recipient));
  const shown = await onTerminal(host, "sops decrypt secrets/x.yaml", [PASSPHRASE]);
  assert(shown.includes("a: b"), shown);
});

peerTest("imports at the same time lose no identity", ["age-keygen"], async () => {
  const AT_ONCE = 8;
  await using host = await testHost();
  const env = await putProgramOnPath(host);
  const recipients = await Promise.all(Array.from({ length: AT_ONCE }, async (_, i) => {
    const made = await runPeer(host, "age-keygen", ["-o", `${i}.txt`]);
    assertEquals(made.code, 0, made.stderr);
    const result = await runIsolated("sopsmith", ["identity", "import", `${i}.txt`], { cwd: host.cwd, env });
    assertEquals(result?.code, 0, new TextDecoder().decode(result?.stderr));
    return new TextDecoder().decode(result?.stdout).trimEnd();
  }));
  const { stdout } = await runPeer(host, "age-keygen", ["-y", host.path(KEYS_FILE)]);
  assertEquals(stdout.trimEnd().split("\n").sort(), recipients.sort());
});
