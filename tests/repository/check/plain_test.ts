/** Which files in clear count, told by every sign that there is. */
import { judgePlainFile } from "../../../lib/repository/check/plain.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { TEST_X25519 } from "../../keys/test_keys.ts";
import { assertEquals } from "../../support/assert.ts";

/** A file, and the rule that wins for it. */
interface Question {
  readonly path: string;
  readonly text?: string;
  readonly pattern?: string;
  /** A line of the rule. */
  readonly selector?: string;
  readonly wasEncrypted?: boolean;
  readonly hasNoRule?: boolean;
}

/** @returns `error 2` (severity, line), `unjudged` or `open` */
async function judge(
  { path, text = "password: x\n", pattern, selector, wasEncrypted = false, hasNoRule }: Question,
): Promise<string> {
  const lines = [
    ...(pattern === undefined ? [] : [`path_regex: '${pattern}'`]),
    ...(selector === undefined ? [] : [selector]),
    `age: ${TEST_X25519.recipient}`,
  ];
  const config = parseSopsConfig(`creation_rules:\n  - ${lines.join("\n    ")}\n`, "/r/.sops.yaml");
  const bytes = new TextEncoder().encode(text);
  const rule = hasNoRule ? undefined : config.rules[0];
  const found = await judgePlainFile({ path: `/r/${path}`, comparedPath: path, bytes, rule, config, wasEncrypted });
  if (found === undefined) return "open";
  return found === "unjudged"
    ? found
    : `${found.severity}${found.lineNumber === undefined ? "" : ` ${found.lineNumber}`}`;
}

/** A manifest of Kubernetes. */
const manifest = (kind: string): string => `apiVersion: v1\nkind: ${kind}\ndata:\n  a: b\n`;

const CASES: readonly (readonly [expected: string, question: Question])[] = [
  // a pattern that says so
  ["error 1", { path: "secrets/db.yaml", pattern: "^secrets/" }],
  ["error 1", { path: "a/private.yaml", pattern: "private" }],
  ["error 1", { path: "prod/app.env", pattern: "\\.env$", text: "A=x\n" }],
  ["error", { path: "secrets/wireguard.key", pattern: "^secrets/", text: "x\n" }],
  // a pattern that is about this file
  ["error 1", { path: "hosts/alpha.yaml", pattern: "hosts/alpha\\.yaml$" }],
  ["unjudged", { path: "hosts/alpha.yaml", pattern: "hosts/.*\\.yaml$" }],
  // a name that says so
  ["error 1", { path: "a/db.enc.yaml" }],
  ["error 1", { path: "a/db.sops.json", text: '{"a": "b"}' }],
  ["warning 1", { path: "a/secrets.yaml" }],
  ["unjudged", { path: "a/values.yaml" }],
  ["unjudged", { path: "a/encoder.yaml", pattern: ".*" }],
  ["unjudged", { path: "opencrypto.yaml" }],
  ["error", { path: "a/x.enc.py", text: "x" }],
  ["open", { path: "a/enc-x.py", text: "x" }],
  ["open", { path: "sops.go", text: "x" }],
  ["unjudged", { path: "argo-sops-plugin.yaml" }],
  ["unjudged", { path: "sops.yaml" }],
  ["error 1", { path: "secrets/readme-stats.env", pattern: "^secrets/", text: "A=x\n" }],
  ["open", { path: "a/db.sops.example.yaml" }],
  // without a rule
  ["error 1", { path: "a/db.sops.yaml", hasNoRule: true }],
  ["open", { path: "a/secrets.yaml", hasNoRule: true }],
  // the last commit
  ["error 1", { path: "a/values.yaml", wasEncrypted: true }],
  ["error", { path: "a/data", text: "x", wasEncrypted: true }],
  // manifests
  ["error 4", { path: "a/x.yaml", text: manifest("Secret"), selector: "encrypted_regex: ^(data|stringData)$" }],
  ["open", { path: "a/x.yaml", text: manifest("ConfigMap"), selector: "encrypted_regex: ^(data|stringData)$" }],
  ["open", { path: "secrets/x.yaml", text: manifest("ExternalSecret"), pattern: "^secrets/" }],
  ["error 4", { path: "x.enc.yaml", text: manifest("HelmRelease") }],
  // nothing that the selector would encrypt
  ["open", { path: "secrets/db.yaml", pattern: "^secrets/", selector: "encrypted_regex: ^token$" }],
  ["open", { path: "secrets/db.yaml", pattern: "^secrets/", text: "a: ''\nb:\n" }],
  ["open", { path: "secrets/db.yaml", pattern: "^secrets/", text: "a: x.${DOMAIN}\nb: <password>\nc: $X\n" }],
  ["open", { path: "secrets/db.yaml", pattern: "^secrets/", text: "# only a comment\n" }],
  ["open", { path: "secrets/db.yaml", pattern: "^secrets/", text: "a: {{ .Values.a }}\n" }],
  ["open", { path: "secrets/empty.yaml", pattern: "^secrets/", text: "\n" }],
  // what is no secret by its name, and what another program has encrypted
  ["open", { path: "secrets/README.md", pattern: "^secrets/" }],
  ["open", { path: "secrets/default.nix", pattern: "^secrets/" }],
  ["open", { path: "secrets/id.pub", pattern: "^secrets/" }],
  ["open", { path: "secrets/.gitignore", pattern: "^secrets/" }],
  ["open", { path: "secrets/kustomization.yaml", pattern: "^secrets/" }],
  ["open", { path: "secrets/db.example.yaml", pattern: "^secrets/" }],
  ["open", { path: "secrets/db.yaml.tmpl", pattern: "^secrets/" }],
  ["open", { path: "secrets/vault.yml", pattern: "^secrets/", text: "$ANSIBLE_VAULT;1.1;AES256\n6162\n" }],
  ["open", { path: "secrets/x", pattern: "^secrets/", text: "age-encryption.org/v1\n" }],
  // a file of no format that a rule for everything matches
  ["open", { path: "main.txt", text: "text\n" }],
];

for (const [expected, question] of CASES) {
  const { path, pattern = "(every file)", selector = "", wasEncrypted, hasNoRule } = question;
  const by = hasNoRule ? "no rule" : pattern;
  Deno.test(`judgePlainFile() of ${path} by ${by} ${selector}${wasEncrypted ? " that was encrypted" : ""}: ${expected}`, async () => {
    assertEquals(await judge(question), expected);
  });
}
