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

const DECLARED = {
  "atmos.yaml": `base_path: "./"
import: [config/*.yaml]
profiles: {default: ci}
components: {terraform: {base_path: components/terraform}, helmfile: {base_path: components/helmfile}}
stacks:
  base_path: stacks
  included_paths: ["deploy/**/*"]
  excluded_paths: ["**/_defaults.yaml"]
  name_template: "{{.vars.environment}}-{{.vars.stage}}"
logs: {file: /dev/stderr, level: Warning}
`,
  "config/vaults.yaml": "secrets: {providers: {everywhere: {kind: sops/age, spec: {path: overridden}}}}\n",
  "profiles/ci/vaults.yaml": "secrets: {providers: {everywhere: {spec: {path: secrets/all}}}}\n",
  "stacks/deploy/_defaults.yaml":
    "vars: {environment: eu}\nsecrets: {vars: {SHARED: {sops: everywhere, required: true}}}\n",
  "stacks/catalog/api.yaml": `components:
  terraform:
    base:
      metadata: {type: abstract}
      secrets: {vars: {KEY: {sops: own, description: "The key", required: true}, OTHER: {sops: everywhere}}}
    api:
      metadata: {inherits: [base]}
      secrets: {vars: {OTHER: {sops: own}}}
  helmfile:
    team/web:
      secrets: {vars: {KEY: {sops: everywhere}}}
`,
  "stacks/deploy/dev.yaml": `import: [./_defaults, catalog/api]
vars: {stage: dev}
secrets: {providers: {own: {kind: sops/age, spec: {file: "secrets/{{ .atmos_stack }}/{{ .atmos_component }}.enc.yaml"}}}}
`,
  "stacks/deploy/prod.yaml": `import: [deploy/_defaults, catalog/api]
vars: {stage: prod}
secrets: {providers: {own: {kind: sops/age, spec: {path: secrets/prod}}}}
`,
  "components/terraform/api/main.tf": "",
  "components/terraform/base/main.tf": "",
  "components/helmfile/team/web/helmfile.yaml": "",
} as const;

/** Typed at both, word for word; what is printed is the same. */
const SAME_LINES = [
  "list",
  "list --stack=eu-dev",
  "list --stack=eu-prod --component=api --verbose",
  "list --component=api --format=csv",
  "list --format=tsv",
  "list -s eu-prod -c team/web -f csv -v",
  "get KEY --stack=eu-dev --component=api --mask=false",
  "get SHARED --stack=eu-dev --component=team/web --mask=false",
  "get OTHER --stack=eu-prod --component=api --format=env --mask=false",
  "get KEY --raw -s eu-prod -c team/web --mask=false",
  "pull --stack=eu-dev --component=api --mask=false",
  "pull --stack=eu-prod --component=team/web --format=json --mask=false",
  "exec --stack=eu-dev --component=api -- printenv KEY",
  "validate --stack=eu-dev --component=api",
] as const;

peerTest(
  "declared secrets of stacks, components and profiles: the same lines, files and values",
  ["atmos"],
  async () => {
    await using host = await testHost({ files: DECLARED });
    await sopsmith(host, ["keygen", "everywhere"]);
    await sopsmith(host, ["keygen", "own", "--stack=eu-dev"]);
    await sopsmith(host, ["keygen", "own", "--stack=eu-prod"]);
    const scopes = ["eu-dev api", "eu-dev team/web", "eu-prod api", "eu-prod team/web"];
    let count = 0;
    for (const scope of scopes) { // in turn, so that each changes what the other wrote
      const [stack, component] = scope.split(" ");
      for (const name of component === "api" ? ["KEY", "SHARED", "OTHER"] : ["KEY", "SHARED"]) {
        const write = count++ % 2 === 0 ? atmos : sopsmith;
        await write(host, ["set", `${name}=${name} of ${scope}`, `--stack=${stack}`, `--component=${component}`]);
      }
    }
    const files = [
      "secrets/all/eu-dev.enc.yaml",
      "secrets/all/eu-dev.team/web.enc.yaml",
      "secrets/all/eu-prod.enc.yaml",
      "secrets/all/eu-prod.team/web.enc.yaml",
      "secrets/eu-dev/api.enc.yaml",
      "secrets/prod/eu-prod.api.enc.yaml",
    ];
    assertEquals((await listFiles(host, "secrets")).sort(), files);
    for (const line of SAME_LINES) {
      const theirs = await atmos(host, line.split(" "));
      assertEquals(sortLines(await sopsmith(host, line.split(" "))), sortLines(theirs), line);
    }
    const scope = ["--stack=eu-dev", "--component=api"];
    await atmos(host, ["delete", "OTHER", "--force", ...scope]);
    assertEquals(await sopsmith(host, ["pull", ...scope]), await atmos(host, ["pull", ...scope]));
    await sopsmith(host, ["delete", "--all", "--force", ...scope]);
    assertEquals(await sopsmith(host, ["list", ...scope]), await atmos(host, ["list", ...scope]));
    await host.writeText("values.env", "KEY=from file\nSHARED=shared\nUNKNOWN=x\n");
    await sopsmith(host, ["init", "--input", "values.env", ...scope]);
    await atmos(host, ["import", "values.env", "--stack=eu-prod", "--component=api"]);
    for (const stack of ["eu-dev", "eu-prod"]) {
      const line = ["pull", `--stack=${stack}`, "--component=api"];
      assertEquals(await sopsmith(host, line), await atmos(host, line));
    }
  },
);

/** @returns paths from the working folder */
async function listFiles(host: TestHost, folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(host.path(folder))) {
    if (isDirectory) found.push(...await listFiles(host, `${folder}/${name}`));
    else found.push(`${folder}/${name}`);
  }
  return found;
}

/** atmos sorts stacks and secrets, and leaves equal rows as a hash map gives them. */
function sortLines(text: string): string {
  return text.split("\n").sort().join("\n");
}

/** Go writes some characters of JSON as escapes; the text is the same. */
function respell(json: string): string {
  return `${JSON.stringify(JSON.parse(json))}\n`;
}
