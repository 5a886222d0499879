/** Does real SOPS refuse what `rules lint` says that it refuses, and take the near misses? Needs `sops`. */
import { lintSopsConfig } from "../../lib/config/lint/lint.ts";
import { planFixes } from "../../lib/config/lint/fix.ts";
import type { LintCode } from "../../lib/config/lint/code.ts";
import { KEY_A, LINT_CASES, type LintCase } from "../config/lint/cases.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { corpusTest, readCorpusText } from "../support/corpus.ts";
import { forEachOf, runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { testHost } from "../support/test_host.ts";

/** The kinds that keep SOPS from encrypting. */
const REFUSED: readonly LintCode[] = [
  "bad-recipient",
  "bad-regex",
  "bad-threshold",
  "bad-type",
  "no-recipients",
  "selector-conflict",
  "undefined-alias",
];

/** Keys that cannot be used without a service or a key ring. */
const NEEDS_MORE = /\b(?:pgp|kms|gcp_kms|azure_keyvault)\b/;

/** A selector that does not compile is worse than refused: see below. */
const SELECTOR_REGEX = /encrypted_regex: '\*'/;

/** Paths that the rules of the cases are about. */
const FILE = "secret.yaml";

async function encrypts({ source }: Pick<LintCase, "source">): Promise<string | undefined> {
  await using host = await testHost({ files: { ".sops.yaml": source, [FILE]: "a: b\n" } });
  const { code, stderr } = await runPeer(host, "sops", ["encrypt", FILE], { SOPS_DISABLE_VERSION_CHECK: "1" });
  return code === 0 ? undefined : stderr;
}

peerTest("lintSopsConfig() says of what SOPS refuses that it does", ["sops"], async () => {
  const cases = REFUSED.flatMap((code) => LINT_CASES[code].fires.map((file) => ({ code, file })))
    .filter(({ file }) => !NEEDS_MORE.test(file.source) && !SELECTOR_REGEX.test(file.source));
  assert(cases.length > 15);
  const taken = await forEachOf(
    cases,
    async ({ code, file }) => await encrypts(file) === undefined ? [`${code}: ${file.name}`] : [],
  );
  assertEquals(taken.flat(), []);
});

peerTest("lintSopsConfig() says nothing of what SOPS takes", ["sops"], async () => {
  const cases = REFUSED.flatMap((code) => LINT_CASES[code].misses.map((file) => ({ code, file })))
    .filter(({ file }) => !NEEDS_MORE.test(file.source) && /path_regex: secret\b/.test(file.source));
  assert(cases.length > 8);
  const refused = await forEachOf(cases, async ({ code, file }) => {
    const problem = await encrypts(file);
    return problem === undefined ? [] : [`${code}: ${file.name}: ${problem}`];
  });
  assertEquals(refused.flat(), []);
});

peerTest("lintSopsConfig() knows what SOPS ignores", ["sops"], async () => {
  const cases = [...LINT_CASES["ignored-age"].fires, ...LINT_CASES["duplicate-recipient"].fires.slice(0, 2)]
    .filter(({ source }) => !NEEDS_MORE.test(source));
  for (const { name, source } of cases) assertEquals(await encrypts({ source }), undefined, name);
});

peerTest("lintSopsConfig() knows what SOPS makes of a selector that does not compile", ["sops"], async () => {
  for (
    const selector of ["encrypted_regex", "encrypted_comment_regex", "unencrypted_regex", "unencrypted_comment_regex"]
  ) {
    const source = `creation_rules:\n  - age: ${KEY_A}\n    ${selector}: '*'\n`;
    await using host = await testHost({ files: { ".sops.yaml": source, [FILE]: "a: plain\n" } });
    const { code, stdout } = await runPeer(host, "sops", ["encrypt", FILE], { SOPS_DISABLE_VERSION_CHECK: "1" });
    assertEquals(code, 0);
    const { findings } = await lintSopsConfig(source, "/r/.sops.yaml", { place: "found", files: undefined });
    const message = findings.find(({ code }) => code === "bad-regex")?.message ?? "";
    assertEquals(message.includes("leaves every value in clear"), stdout.includes("a: plain"), selector);
  }
});

/** Files of the corpus whose keys are all age keys, with a path that a rule is for. */
const REPAIRED: readonly (readonly [file: string, path: string])[] = [
  ["TUM-DSE_doctor-cluster-config_.sops.yaml", "modules/secrets.yml"],
  ["nix-community_infra_.sops.yaml", "hosts/build02/secrets.yaml"],
  ["Mic92_dotfiles_.sops.yaml", "terraform/secrets.enc.json"],
  ["budimanjojo_home-cluster_.sops.yaml", "cluster/a/b.sops.yaml"],
];

corpusTest("planFixes() leaves to SOPS who reads a file", ["sops"], async () => {
  const only = new Set<LintCode>(["duplicate-recipient", "list-needs-3.11", "windows-path"]);
  for (const [file, path] of REPAIRED) {
    const source = readCorpusText(file);
    const { source: fixed } = await planFixes(source, file, {
      surroundings: { place: "found", files: undefined },
      only,
    });
    assert(fixed !== source, `${file} is not repaired`);
    assertEquals(await readersOf(fixed, path), await readersOf(source, path), file);
  }
});

async function readersOf(source: string, path: string): Promise<readonly string[]> {
  await using host = await testHost({ files: { ".sops.yaml": source, [path]: '{"a": "b"}' } });
  const types = ["--input-type", "json", "--output-type", "json"];
  const env = { SOPS_DISABLE_VERSION_CHECK: "1" };
  const { code, stdout, stderr } = await runPeer(host, "sops", ["encrypt", ...types, path], env);
  assertEquals(code, 0, stderr);
  const age: readonly { recipient: string }[] = JSON.parse(stdout).sops.age;
  return [...new Set(age.map(({ recipient }) => recipient))].sort();
}
