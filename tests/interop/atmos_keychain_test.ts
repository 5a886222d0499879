/**
 * Secrets of a vault that keeps its key in the keychain, for real: GNOME Keyring in a D-Bus session of its own.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { putProgramOnPath } from "../support/program_path.ts";
import { runIsolated, testHost } from "../support/test_host.ts";

const ATMOS = `stores: {kc: {type: keychain}}
secrets:
  providers:
    prod-sops: {kind: sops/age, spec: {path: secrets, age_key: {store: kc}}}
`;

const SCRIPT = `set -e
printf 'test password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
sopsmith keygen prod-sops >/dev/null
printf hunter2 | sopsmith secret set A --stdin --stack prod
sopsmith secret get A --stack prod
test "$(sopsmith secret get SOPS_AGE_KEY --stack prod)" = "$(sopsmith identity export --vault prod-sops)"
sopsmith secret init --stack prod --json | grep '"changed"'
test ! -e "$HOME/.config/sops/age/keys.txt"
secret-tool clear service atmos/prod/sops/age-key/prod-sops username atmos-secrets
sopsmith secret get A --stack prod || echo "exit $?"
`;

const PEERS = ["dbus-run-session", "gnome-keyring-daemon", "secret-tool", "sh"];

peerTest("secrets whose key lives in a real keyring are set and read, and not without it", PEERS, async () => {
  await using host = await testHost({ files: { "atmos.yaml": ATMOS } });
  const env = await putProgramOnPath(host);
  await Deno.mkdir(`${host.root}/run`, { mode: 0o700 });
  const result = await runIsolated("dbus-run-session", ["--", "sh", "-c", SCRIPT], {
    cwd: host.cwd,
    env: { ...env, XDG_RUNTIME_DIR: `${host.root}/run` },
  });
  const decoder = new TextDecoder();
  const lines = decoder.decode(result?.stdout).trimEnd().split("\n").map((line) => line.trim());
  assertEquals(lines, ["hunter2", '"changed": false,', "exit 4"], decoder.decode(result?.stderr));
});
