/**
 * `secret …` beside real atmos, both ways: the same vaults, the same files, the same keys in them, and each reads what the
 * other has written. atmos wants every name declared in a stack manifest; we read the vaults of `atmos.yaml`.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { runPeer, sops } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { type TestHost, testHost } from "../support/test_host.ts";
import { run } from "../../main.ts";

/** Values that YAML, a shell or a template could take for something else. */
const VALUES: Readonly<Record<string, string>> = {
  DB_PASSWORD: "hunter2",
  NUMBER: "0123",
  FLOAT: "1e3",
  BOOLEAN: "true",
  NOTHING: "null",
  EMPTY: "",
  URL: "postgres://u:p@db.example.org/x?a=1&b=2#c",
  TEMPLATE: "{{ .atmos_stack }} ${HOME} `id`",
  QUOTES: `it's "quoted" \\ twice`,
  COMMENT: "a: b # c",
  SPACES: "  both ends  ",
  LINES: "-----BEGIN-----\nabc\n\n  def\n-----END-----",
  UNICODE: "pässwörd ✓ 🔑",
  TAG: "!secret X",
  DATE: "2026-11-29",
};

const ATMOS = `base_path: "./"
components: {terraform: {base_path: components/terraform}}
stacks: {base_path: stacks, included_paths: ["deploy/**/*"], name_template: "{{.vars.stage}}"}
logs: {file: /dev/stderr, level: Warning}
secrets:
  providers:
    by-path: {kind: sops/age, spec: {path: secrets/by-path}}
    by-file: {kind: sops/age, spec: {file: "secrets/{{ .atmos_stack }}.{{ .atmos_component | upper }}.enc.yaml"}}
`;

/** @param vault that every name is declared for */
function manifest(vault: string): string {
  const declare = (name: string): string => `          ${name}: {sops: ${vault}}\n`;
  const names = Object.keys(VALUES).map(declare).join("");
  return `vars: {stage: prod}
secrets:
  vars:
    SHARED: {sops: ${vault}}
components:
  terraform:
    api:
      secrets:
        vars:
${names}`;
}

async function prepare(vault: string): Promise<TestHost> {
  const host = await testHost({
    files: { "atmos.yaml": ATMOS, "stacks/deploy/prod.yaml": manifest(vault), "components/terraform/api/main.tf": "" },
  });
  return host;
}

const SCOPE = ["--stack=prod", "--component=api"];

async function atmos(host: TestHost, args: readonly string[]): Promise<string> {
  const env = {
    ATMOS_EXPERIMENTAL: "silence",
    ATMOS_MASK: "false",
    XDG_CONFIG_HOME: `${host.home}/.config`,
    CI: "true",
  };
  const { code, stdout, stderr } = await runPeer(host, "atmos", ["secret", ...args], env);
  assertEquals(code, 0, `atmos secret ${args.join(" ")}: ${stderr}`);
  return stdout;
}

async function sopsmith(host: TestHost, args: readonly string[]): Promise<string> {
  const start = host.output.length;
  const code = await run(["secret", ...args], host);
  const said = (stream: string): string =>
    host.output.slice(start).filter((piece) => piece.stream === stream).map(({ text }) => text).join("");
  assertEquals(code, 0, `sopsmith secret ${args.join(" ")}: ${said("stderr")}`);
  return said("stdout");
}

for (
  const [vault, file] of [
    ["by-path", "secrets/by-path/prod.api.enc.yaml"],
    ["by-file", "secrets/prod.API.enc.yaml"],
  ] as const
) {
  const vaultFlag = ["--vault", vault];
  for (const keygen of ["atmos", "sopsmith"] as const) {
    peerTest(`secrets of vault ${vault} whose key ${keygen} made, both ways`, ["atmos", "sops"], async () => {
      await using host = await prepare(vault);
      await (keygen === "atmos" ? atmos : sopsmith)(host, ["keygen", vault]);
      const names = Object.keys(VALUES);
      for (const [index, name] of names.entries()) { // in turn, so that each changes what the other wrote
        const assignment = `${name}=${VALUES[name]}`;
        if (index % 2 === 0) await atmos(host, ["set", assignment, ...SCOPE]);
        else await sopsmith(host, ["set", assignment, ...SCOPE, ...vaultFlag]);
      }
      for (const name of names) {
        const ours = await sopsmith(host, ["get", name, "--raw", ...SCOPE, ...vaultFlag]);
        assertEquals(ours, VALUES[name], `ours: ${name}`);
        assertEquals(await atmos(host, ["get", name, "--raw", ...SCOPE]), ours, `atmos: ${name}`);
        assertEquals(
          await sopsmith(host, ["get", name, "--format=json", ...SCOPE, ...vaultFlag]),
          await atmos(host, ["get", name, "--format=json", ...SCOPE]).then(respell),
          name,
        );
      }
      assertEquals(await sopsmith(host, ["list", ...SCOPE, ...vaultFlag]), names.map((name) => `${name}\n`).join(""));
      assertEquals(JSON.parse(await sops(host, ["decrypt", "--output-type", "json", file])), VALUES);
      await sopsmith(host, ["delete", "NUMBER", "--force", ...SCOPE, ...vaultFlag]);
      await atmos(host, ["delete", "DB_PASSWORD", "--force", ...SCOPE]);
      const left = names.filter((name) => name !== "NUMBER" && name !== "DB_PASSWORD");
      assertEquals(await sopsmith(host, ["list", ...SCOPE, ...vaultFlag]), left.map((name) => `${name}\n`).join(""));
      assert((await atmos(host, ["list", "--format=json", ...SCOPE])).includes("missing"));
    });
  }

  peerTest(`what one pulls from vault ${vault} the other pushes`, ["atmos"], async () => {
    await using host = await prepare(vault);
    await sopsmith(host, ["keygen", vault]);
    const lines = "URL=postgres://db.example.org/x?a=1\nNUMBER=0123\n";
    await host.writeText("in.env", lines);
    await sopsmith(host, ["push", "--input", "in.env", ...SCOPE, ...vaultFlag]);
    await atmos(host, ["pull", "-o", "theirs.json", "--format=json", ...SCOPE]);
    assertEquals(JSON.parse(await host.readText("theirs.json")), {
      NUMBER: "0123",
      URL: "postgres://db.example.org/x?a=1",
    });
    await atmos(host, ["push", "--input", "theirs.json", "--format=json", ...SCOPE]);
    await sopsmith(host, ["pull", "-o", "ours.env", ...SCOPE, ...vaultFlag]);
    await atmos(host, ["import", "ours.env", ...SCOPE]);
    assertEquals(await atmos(host, ["pull", ...SCOPE]), await host.readText("ours.env"));
    assertEquals(
      await atmos(host, ["exec", ...SCOPE, "--", "printenv", "NUMBER"]),
      "0123\n",
    );
  });
}

peerTest("a secret of a whole stack stands in the stack's file for both", ["atmos"], async () => {
  await using host = await prepare("by-path");
  await atmos(host, ["keygen", "by-path"]);
  await atmos(host, ["set", "SHARED=1", ...SCOPE]);
  assertEquals(await sopsmith(host, ["get", "SHARED", "-s", "prod", "--vault=by-path"]), "1\n");
  await sopsmith(host, ["set", "SHARED=2", "-s", "prod", "--vault=by-path"]);
  assertEquals(await atmos(host, ["get", "SHARED", ...SCOPE]), "2\n");
});

/** Go writes some characters of JSON as escapes; the text is the same. */
function respell(json: string): string {
  return `${JSON.stringify(JSON.parse(json))}\n`;
}
