/**
 * The keychain of Linux for real: GNOME Keyring in a D-Bus session of its own, reached by `secret-tool`, with real sops
 * taking the key from it. While that runs, the command lines and environments of all processes in it are searched for
 * the key.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { putProgramOnPath } from "../support/program_path.ts";
import { IDENTITY_PATTERN, runIsolated, type TestHost, testHost } from "../support/test_host.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../keys/test_keys.ts";

const PEERS = ["dbus-run-session", "dbus-send", "gnome-keyring-daemon", "secret-tool", "sops"];

const ATMOS = `stores: {kc: {type: keychain}}
secrets:
  providers:
    prod-sops: {kind: sops/age, spec: {path: secrets, age_key: {store: kc}}}
`;

/** Stands before secret-tool on the path: notes what the process list shows of it, and gives time to look at it. */
const WATCHED_TOOL = `#!/bin/sh
cat /proc/$$/cmdline /proc/$$/environ >> "$HOME/seen"
sleep 0.1
exec "$SECRET_TOOL" "$@"
`;

/** What one shell script in a session showed. */
interface Session {
  readonly host: TestHost;
  readonly stdout: string;
  readonly stderr: string;
  /** Command lines and environments of the session's processes, while the script ran. */
  readonly processes: string;
}

/** Runs a shell script in a session with an empty, unlocked keyring. */
async function runSession(host: TestHost, script: string): Promise<Session> {
  const env = await putProgramOnPath(host);
  const which = await runPeer(host, "sh", ["-c", "command -v secret-tool"]);
  await Deno.writeTextFile(`${host.root}/bin/secret-tool`, WATCHED_TOOL, { mode: 0o755 });
  await Deno.mkdir(`${host.root}/run`, { mode: 0o700 });
  const start = `printf 'test password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\n`;
  const watch = watchProcesses(host);
  let processes = "";
  let result: Awaited<ReturnType<typeof runIsolated>>;
  try {
    result = await runIsolated("dbus-run-session", ["--", "sh", "-c", start + script], {
      cwd: host.cwd,
      env: { ...env, XDG_RUNTIME_DIR: `${host.root}/run`, SECRET_TOOL: which.stdout.trim() },
    });
  } finally {
    processes = await watch.stop();
  }
  const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
  return { host, stdout: decode(result?.stdout), stderr: decode(result?.stderr), processes };
}

/** Notes over and over the command line and environment of every process that has this home folder. */
const WATCH = `while :; do
  for file in $(grep -alsF "HOME=$1" /proc/[0-9]*/environ); do cat "$file" "\${file%environ}cmdline" 2>/dev/null; echo; done
  sleep 0.02
done`;

/** Deno reads /proc only with all permissions; a shell does it here. */
function watchProcesses(host: TestHost): { stop(): Promise<string> } {
  const child = new Deno.Command("sh", {
    args: ["-c", WATCH, "sh", host.home],
    env: { PATH: Deno.env.get("PATH") ?? "" },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const output = child.output();
  return {
    async stop() {
      child.kill();
      return new TextDecoder().decode((await output).stdout).replaceAll("\0", " ");
    },
  };
}

/** Fails when a key stands in a command line or environment. */
async function refuseVisibleKeys({ host, processes }: Session): Promise<void> {
  const seen = await host.readText("~/seen");
  assertStringIncludes(seen, "store"); // the watch has seen the moment that matters
  for (const text of [seen, processes]) assert(text.search(IDENTITY_PATTERN) < 0, "a key is visible to others");
  assertStringIncludes(processes, "secret-tool");
}

peerTest("keygen puts a key into a real keyring, and sops takes it from there", PEERS, async () => {
  await using host = await testHost({ files: { "atmos.yaml": ATMOS, "secrets/plain.yaml": "a: b\n" } });
  const session = await runSession(
    host,
    `set -e
sopsmith keygen prod-sops
sopsmith keygen prod-sops
secret-tool lookup service atmos/prod/sops/age-key/prod-sops username atmos-secrets | sed 's/AGE-SECRET-KEY-1[0-9A-Z]*/KEY/'
echo
cp secrets/plain.yaml secrets/x.enc.yaml
sops encrypt --in-place secrets/x.enc.yaml
SOPS_AGE_KEY_CMD='sopsmith identity export --vault prod-sops' sops decrypt secrets/x.enc.yaml
for i in 1 2 3 4; do sopsmith keygen prod-sops --force > /dev/null 2>&1 & done
wait
sopsmith identity export --vault prod-sops | sort -u | grep -c '^AGE-SECRET-KEY-1'
grep -o 'age1[0-9a-z]*' .sops.yaml | sort -u | wc -l
`,
  );
  const [recipient = "", ...lines] = session.stdout.trimEnd().split("\n");
  assertEquals([recipient.startsWith("age1"), ...lines.map((line) => line.trim())], [
    true,
    recipient,
    '"KEY"',
    "a: b",
    "5",
    "5",
  ], session.stderr);
  await refuseVisibleKeys(session);
});

peerTest("doctor finds a vault's entry, and sops opens the file by the line that it prints", PEERS, async () => {
  await using host = await testHost({ files: { "atmos.yaml": ATMOS, "secrets/x.enc.yaml": "a: b\n" } });
  const session = await runSession(
    host,
    `
sopsmith keygen prod-sops > /dev/null
sopsmith encrypt -i secrets/x.enc.yaml
file=$PWD/secrets/x.enc.yaml
line=$(sopsmith doctor "$file" | sed -n 's/^next: //p')
(
  cd /
  eval "$line"
  sops decrypt "$file"
  sopsmith decrypt "$file"
  sopsmith doctor "$file" | grep 'SOPS_AGE_KEY_CMD  '
  sopsmith doctor "$file" > /dev/null; echo "exit $?"
)
dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \\
  org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login > /dev/null
[ "$(sopsmith doctor "$file" | sed -n 's/^next: //p')" = "$line" ] && echo "the same of a locked one"
`,
  );
  const [bySops, byUs, place = "", exit, locked] = session.stdout.trimEnd().split("\n");
  assertEquals([bySops, byUs, exit, locked], ["a: b", "a: b", "exit 0", "the same of a locked one"], session.stderr);
  assertStringIncludes(place, "1 identity: age1");
  assert(!session.stderr.includes("Prompter"), "a person would have been asked");
  await refuseVisibleKeys(session);
});

peerTest("identity store and export share entries with atmos, and know a locked keyring", PEERS, async () => {
  const keys = `# vault: prod-sops, config: <file>\n${TEST_X25519.identity}\n`; // a test key
  await using host = await testHost({ files: { "atmos.yaml": ATMOS } });
  await host.writeText("~/.config/sops/age/keys.txt", keys);
  // what atmos writes, from a file: this test is searched for the key too
  await host.writeText("atmos_value", `"${TEST_X25519_OTHER.identity}"`);
  const session = await runSession(
    host,
    `
name='service atmos/prod/sops/age-key/prod-sops username atmos-secrets'
"$SECRET_TOOL" store --label='made by atmos' $name < atmos_value
sopsmith identity store prod-sops
sopsmith identity store prod-sops
sopsmith identity export --vault prod-sops
dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \\
  org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login > /dev/null
sopsmith identity export --vault prod-sops; echo "exit $?"
sopsmith identity store prod-sops; echo "exit $?"
`,
  );
  assertEquals(session.stdout.trimEnd().split("\n"), [
    TEST_X25519.recipient,
    TEST_X25519.recipient,
    TEST_X25519_OTHER.identity,
    TEST_X25519.identity,
    "exit 1",
    "exit 1",
  ], session.stderr);
  assertEquals(session.stderr.match(/^error: cannot read the keychain: it is locked$/gm)?.length, 2, session.stderr);
  await refuseVisibleKeys(session);
});

peerTest("without a session there is an error, and no key in a file", ["secret-tool"], async () => {
  await using host = await testHost({ files: { "atmos.yaml": ATMOS } });
  const env = await putProgramOnPath(host);
  const result = await runIsolated("sopsmith", ["keygen", "prod-sops"], { cwd: host.cwd, env });
  const stderr = new TextDecoder().decode(result?.stderr);
  assertEquals(result?.code, 1, stderr);
  assert(/^error: cannot read the keychain: .+\n/.test(stderr), stderr);
  assertStringIncludes(stderr, "keep the key in a file instead");
  assertEquals(Array.from(Deno.readDirSync(host.cwd), ({ name }) => name), ["atmos.yaml"]);
  assert(!Array.from(Deno.readDirSync(host.home), ({ name }) => name).includes(".config"));
});
