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

const BOTH_ATMOS = `base_path: "./"
components: {terraform: {base_path: components/terraform}}
stacks: {base_path: stacks, included_paths: ["*"], name_template: "{{.vars.stage}}"}
logs: {file: /dev/stderr, level: Warning}
stores:
  kc: {type: keychain}
  named: {kind: keychain, options: {service: team-secrets, prefix: acme, stack_delimiter: "_"}}
secrets:
  providers:
    prod-sops: {kind: sops/age, spec: {path: secrets/a, age_key: {store: kc}}}
    own_sops: {kind: sops/age, spec: {path: secrets/b, age_key: {store: named, path: the-key}}}
`;

const BOTH_STACK = `vars: {stage: prod}
components:
  terraform:
    api: {secrets: {vars: {A: {sops: prod-sops}, B: {sops: own_sops}}}}
`;

/** What one puts into the keyring and into the file the other reads, whoever made the key. */
const BOTH_SCRIPT = `set -e
printf 'test password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
export ATMOS_EXPERIMENTAL=silence CI=true ATMOS_MASK=false ATMOS_TELEMETRY_ENABLED=false XDG_CONFIG_HOME="$HOME/.config"
atmos secret keygen prod-sops >/dev/null 2>&1
sopsmith keygen own_sops >/dev/null
sopsmith secret set A=from-ours -s prod -c api
atmos secret set B=from-atmos -s prod -c api >/dev/null 2>&1
echo "atmos: $(atmos secret get A -s prod -c api) $(atmos secret get B -s prod -c api)"
echo "ours: $(sopsmith secret get A -s prod -c api) $(sopsmith secret get B -s prod -c api)"
test "$(sopsmith secret get SOPS_AGE_KEY --vault prod-sops | cut -c1-15)" = AGE-SECRET-KEY-
sopsmith secret get SOPS_AGE_KEY --vault own_sops | sopsmith identity public -
test ! -e "$HOME/.config/sops/age/keys.txt"
`;

peerTest("atmos and sopsmith read each other's keys in a real keyring", ["atmos", ...PEERS], async () => {
  await using host = await testHost({
    files: { "atmos.yaml": BOTH_ATMOS, "stacks/prod.yaml": BOTH_STACK, "components/terraform/api/main.tf": "" },
  });
  const env = await putProgramOnPath(host);
  await Deno.mkdir(`${host.root}/run`, { mode: 0o700 });
  const result = await runIsolated("dbus-run-session", ["--", "sh", "-c", BOTH_SCRIPT], {
    cwd: host.cwd,
    env: { ...env, XDG_RUNTIME_DIR: `${host.root}/run` },
  });
  const decoder = new TextDecoder();
  const [atmos, ours, recipient] = decoder.decode(result?.stdout).trimEnd().split("\n");
  assertEquals(
    [atmos, ours],
    ["atmos: from-ours from-atmos", "ours: from-ours from-atmos"],
    decoder.decode(result?.stderr),
  );
  assertEquals((await host.readText(".sops.yaml")).includes(recipient ?? "nothing"), true);
});
