/** Does real SOPS choose the same rule and the same recipients? Needs `sops`. */
import { findWinningRule } from "../support/rule_match.ts";
import { parseSopsConfig } from "../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { corpusTest, readCorpusText } from "../support/corpus.ts";
import { peerTest } from "../support/peers.ts";

/** A file and paths in it; every rule that a path meets holds age X25519 keys only. */
const SAMPLES: readonly (readonly [file: string, paths: readonly string[]])[] = [
  ["0rvar_config_.sops.yaml", ["hosts/snufkin/secrets.yaml", "hosts/snufkin/secrets/a.yaml", "other.yaml"]],
  ["10xdeca_xdeca-infra_.sops.yaml", ["outline/secrets.yaml", "x.yaml"]],
  ["1Lab-vibe_a1_client_.sops.yaml", ["app/secrets/prod.enc.env", "secrets.enc.env"]],
  ["1activegeek_home-ops_.sops.yaml", ["talos/a.sops.yaml", "kubernetes/b.sops.yml", "c.yaml"]],
  ["1doce8_argocd-sops-test_.sops.yaml", ["any.yaml"]],
  ["244sinfall_darkmoon-cluster_.sops.yaml", ["x/config/secrets/a.enc.yaml", "apps/b/secrets/c.enc.yml", "d.yaml"]],
  ["25huizengek1_dotfiles_home_.sops.yaml", ["secrets/a", "secret/a"]],
  ["Mic92_dotfiles_.sops.yaml", ["terraform/secrets.enc.json", "darwin/evo/test-secrets.yml", "x"]],
  ["NixOS_infra_macs_.sops.yaml", ["secrets/nixos-foundation-macstadium-44911207.yml", "secrets/x.yml"]],
  ["budimanjojo_home-cluster_.sops.yaml", ["cluster/a/b.sops.yaml", "talos/c.sops.yml", "x-secret.sops.yaml"]],
  ["nix-community_infra_.sops.yaml", ["hosts/build02/secrets.yaml", "hosts/build02/secrets_yaml", "x"]],
  ["TUM-DSE_doctor-cluster-config_.sops.yaml", ["docs/hosts/craig.sops", "hosts/ace.yml", "x"]],
  ["truxnell_nix-config_.sops.yaml", ["a.sops.yaml", "a.yaml"]],
];

/** Dialects that the corpus lacks; the recipients are public keys of the corpus. */
const A = "age10nvjwnwetrzd4xkv6ylks44hm6pfz6dtnsfzay5n3azmapwrz48qy48swx";
const B = "age18qf8zg4y6w298xmzrka8kpad0s7k2sueccnwep49xgv3rtx82gwqzgruyr";
const DIALECTS: Readonly<Record<string, string>> = {
  "flow rules": `creation_rules: [{path_regex: a, age: "${A},${B}"}, {age: ["${B}"]}]\n`,
  "shared list": `x: &x\n  - ${A}\n  - ${B}\ncreation_rules:\n- path_regex: a\n  age: *x\n- age: ${B}\n`,
  "merged rule": `b: &b {age: ${A}}\ncreation_rules:\n- path_regex: a\n  <<: *b\n- <<: *b\n  age: ${B}\n`,
  "merged groups": `creation_rules:\n- key_groups:\n  - age: [${A}]\n    merge:\n    - age: ["${B},${A}"]\n`,
  "folded text": `\ufeffcreation_rules:\r\n- age: >-\r\n    ${A},\r\n\r\n    ${B},\r\n`,
  "duplicates": `creation_rules:\n- age: ${A},${A}\n`,
  "booleans and documents":
    `---\ncreation_rules:\n- age: |\n    ${A}\n  mac_only_encrypted: on\n---\ncreation_rules: 1\n`,
};

corpusTest("findWinningRule() resolves the corpus as SOPS does", ["sops"], async () => {
  for (const [file, paths] of SAMPLES) {
    const source = readCorpusText(file);
    for (const path of paths) await compare(file, source, path);
  }
});

peerTest("findWinningRule() resolves other dialects as SOPS does", ["sops"], async () => {
  for (const [name, source] of Object.entries(DIALECTS)) {
    for (const path of ["a/x", "z"]) await compare(name, source, path);
  }
});

/** Encrypts a value under a path with real SOPS and compares the recipients, or that neither finds a rule. */
async function compare(name: string, source: string, path: string): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "sopsmith-test-" }));
  try {
    await Deno.writeTextFile(`${folder}/.sops.yaml`, source);
    await Deno.writeTextFile(`${folder}/plain.json`, '{"a": "b"}');
    const types = ["--input-type", "json", "--output-type", "json"];
    const { code, stdout, stderr } = await new Deno.Command("sops", {
      args: ["--config", ".sops.yaml", "encrypt", ...types, "--filename-override", path, "plain.json"],
      cwd: folder,
      env: { SOPS_DISABLE_VERSION_CHECK: "1", HOME: folder, PWD: folder },
    }).output();
    const rule = findWinningRule(parseSopsConfig(source, `${folder}/.sops.yaml`), path);
    if (code !== 0) {
      const message = new TextDecoder().decode(stderr);
      assert(message.includes("no matching creation rules found"), `${name}, ${path}: ${message}`);
      assertEquals(rule, undefined, `${name}, ${path}: SOPS finds no rule`);
      return;
    }
    const { sops } = JSON.parse(new TextDecoder().decode(stdout));
    const recipients: readonly string[] = sops.age.map(({ recipient }: { recipient: string }) => recipient);
    assertEquals(rule?.groups.map(({ keys }) => keys.map(({ text }) => text)), [[...recipients]], `${name}, ${path}`);
    assertEquals(rule?.macOnlyEncrypted, sops.mac_only_encrypted ?? false, `${name}, ${path}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
