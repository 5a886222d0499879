/** Stacks: what atmos makes of manifests, as far as secrets go. */
import { listDeclarations } from "../../../lib/config/stacks/declaration.ts";
import { readVaults } from "../../../lib/config/vaults/read.ts";
import { selectVault } from "../../../lib/config/vaults/select.ts";
import type { VaultConfig } from "../../../lib/config/vaults/vault.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

const ATMOS = 'base_path: ./\nstacks: {base_path: stacks, included_paths: ["deploy/**/*"], ';

/** @param more settings of stacks */
async function read(
  files: Readonly<Record<string, string>>,
  more = 'name_template: "{{.vars.stage}}"',
): Promise<VaultConfig> {
  await using host = await testHost({ files: { "atmos.yaml": `${ATMOS}${more}}\n`, ...files }, env: { REGION: "eu" } });
  return readVaults(host, { configFiles: [], configPaths: [], systemFolder: "/nowhere" });
}

/** @returns `stack/component: name→vault(scope)` of everything that is declared */
function declared({ scopes }: VaultConfig): string[] {
  return scopes.map((scope) => {
    const owner = `${scope.stack ?? "?"}${scope.component === undefined ? "" : `/${scope.component.name}`}`;
    const secrets = listDeclarations(scope).map(({ name, backend, scope }) => {
      const where = backend === undefined ? "-" : backend.kind === "sops" ? backend.vault : `store ${backend.store}`;
      return `${name}→${where}(${scope})`;
    });
    return `${owner}: ${secrets.join(" ")}`;
  });
}

Deno.test("readVaults() lays manifests over their imports, and components over what they inherit", async () => {
  const config = await read({
    "stacks/catalog/base.yaml": [
      "components:",
      "  terraform:",
      "    base: {metadata: {type: abstract}, secrets: {vars: {A: {sops: base}, B: {sops: base}}}}",
      "    middle: {metadata: {type: abstract, inherits: [base]}, secrets: {vars: {B: {sops: middle}}}}",
    ].join("\n"),
    "stacks/deploy/dev.yaml": [
      "import: [catalog/base, {path: ./_more}]",
      "vars: {stage: dev}",
      "secrets: {vars: {S: {sops: shared}, C: {sops: shared}}}",
      "components:",
      "  terraform:",
      "    api:",
      "      metadata: {inherits: [middle]}",
      "      secrets: {vars: {C: {sops: own}, G: {store: ssm, scope: global}}}",
      "      overrides: {secrets: {vars: {A: {sops: override}}}}",
    ].join("\n"),
    "stacks/deploy/_more.yaml": "secrets: {vars: {M: {}}}\n",
  }, 'name_template: "{{.vars.stage}}", excluded_paths: ["**/_*.yaml"]');
  const shared = "C→shared(stack) M→-(stack) S→shared(stack)";
  assertEquals(declared(config), [
    `dev: ${shared}`,
    "dev/api: A→override(instance) B→middle(instance) C→own(instance) G→store ssm(global) M→-(stack) S→shared(stack)",
    `dev/base: A→base(instance) B→base(instance) ${shared}`,
    `dev/middle: A→base(instance) B→middle(instance) ${shared}`,
  ]);
});

Deno.test("readVaults() names stacks by template, pattern, manifest and name", async () => {
  const files = {
    "stacks/deploy/eu/dev.yaml": "vars: {tenant: acme, environment: eu, stage: dev}\nsecrets: {vars: {A: {}}}\n",
    "stacks/deploy/named.yaml": "name: other\nvars: {tenant: acme, stage: x}\nsecrets: {vars: {A: {}}}\n",
  };
  const names = async (more: string): Promise<unknown> => (await read(files, more)).scopes.map(({ stack }) => stack);
  assertEquals(await names('name_template: "{{ .vars.tenant }}-{{ .vars.stage | upper }}"'), ["acme-DEV", "other"]);
  assertEquals(await names('name_pattern: "{tenant}-{environment}-{stage}"'), ["acme-eu-dev", "other"]);
  assertEquals(await names("excluded_paths: []"), ["deploy/eu/dev", "other"]);
  assertEquals(await names('name_template: "{{ env \\"REGION\\" }}-{{ .vars.stage }}"'), ["eu-dev", "other"]);
});

Deno.test("readVaults() tells names that only atmos can tell", async () => {
  const template = 'name_template: "{{ if .vars.stage }}{{ .vars.stage }}{{ end }}"';
  const { scopes, skipped } = await read({ "stacks/deploy/dev.yaml": "secrets: {vars: {A: {}}}\n" }, template);
  assertEquals(scopes.map(({ stack, manifest }) => [stack, manifest]), [[undefined, "deploy/dev"]]);
  assertEquals(skipped.map(({ message, location }) => [message, location?.line]), [
    ["the names of stacks follow from a template that only atmos evaluates", 2],
  ]);
});

Deno.test("readVaults() evaluates the fields of templates, and skips what takes more", async () => {
  const { scopes, skipped, vaults, unusable } = await read({
    "stacks/deploy/dev.yaml": [
      "import:",
      "  - {path: catalog/simple, context: {flavor: blue, secret: {name: TOKEN}}}",
      "  - {path: catalog/loop, context: {flavor: blue}}",
      "  - https://example.org/stack.yaml",
      '  - "mixins/{{ .vars.stage }}"',
      "  - catalog/nowhere",
      "  - {path: catalog/absent, skip_if_missing: true}",
      "vars: {stage: dev}",
      "secrets: {providers: {p: {spec: {age_key_file: 'keys/{{ .vars.stage }}.txt', path: 's/{{ .vars.none }}'}}}}",
    ].join("\n"),
    "stacks/catalog/simple.yaml.tmpl":
      'components:\n  terraform:\n    "api-{{ .flavor }}":\n      secrets: {vars: {"{{ .secret.name }}": {sops: p}}}\n',
    "stacks/catalog/loop.yaml": "{{ range .x }}\nsecrets: 1\n{{ end }}\n",
  });
  assertEquals(scopes.map(({ component }) => component?.name), [undefined, "api-blue"]);
  assertEquals(listDeclarations(scopes[1]!).map(({ name }) => name), ["TOKEN"]);
  assertEquals(skipped.map(({ message, location }) => `${location?.line}: ${message}`).sort(), [
    "1: the manifest is skipped: it is a template that only atmos evaluates",
    '4: the import of "https://example.org/stack.yaml" is skipped: sopsmith does not use the network',
    '5: the import of "mixins/{{ .vars.stage }}" is skipped: its path is a template',
    '6: the import of "catalog/nowhere" matches no file',
  ]);
  assertEquals([vaults, unusable.map(({ name }) => name)], [[], ["p"]]);
});

Deno.test("readVaults() refuses a scope that contradicts its place", async () => {
  const config = await read({
    "stacks/deploy/dev.yaml": "vars: {stage: dev}\nsecrets: {vars: {A: {sops: x, scope: instance}}}\n",
  });
  const error = assertThrows(() => listDeclarations(config.scopes[0]!));
  assertUserError(error, "malformed", /secret "A" has the scope "instance", and stands where it is stack/);
});

Deno.test("readVaults() parses no manifest where none speaks of secrets", async () => {
  const { scopes, skipped } = await read({ "stacks/deploy/broken.yaml": "{ not: [yaml\n" });
  assertEquals([scopes, skipped], [[], []]);
  await using host = await testHost({
    files: { "atmos.yaml": `${ATMOS}}\n`, "stacks/deploy/broken.yaml": "secrets: [\n" },
  });
  assertUserError(
    assertThrows(() => readVaults(host, { configFiles: [], configPaths: [], systemFolder: "/nowhere" })),
    "malformed",
  );
});

Deno.test("readVaults() ends where manifests import each other", async () => {
  const { scopes, skipped } = await read({
    "stacks/deploy/dev.yaml": "import: [deploy/prod]\nvars: {stage: dev}\nsecrets: {vars: {A: {}}}\n",
    "stacks/deploy/prod.yaml": "import: [deploy/dev]\nvars: {stage: prod}\n",
  });
  assertEquals(scopes.map(({ stack }) => stack), ["dev", "prod"]);
  assertEquals(skipped.map(({ message }) => message), [
    'the import of "deploy/dev" leads in a circle',
    'the import of "deploy/prod" leads in a circle',
  ]);
});

const TWO_STACKS = {
  "stacks/deploy/dev.yaml": [
    "vars: {stage: dev}",
    "secrets: {providers: {v: {spec: {path: dev}}, same: {spec: {path: same}}}}",
    "components: {terraform: {api: {secrets: {providers: {v: {spec: {path: api}}}}}}}",
  ].join("\n"),
  "stacks/deploy/prod.yaml": [
    "vars: {stage: prod}",
    "secrets: {providers: {V: {spec: {path: prod}}, same: {spec: {path: same}}}}",
  ].join("\n"),
};

Deno.test("selectVault() takes the definition of the stack, and of the component in it", async () => {
  const config = await read(TWO_STACKS);
  const folder = (name: string, stack?: string, component?: string): string =>
    selectVault(config, name, { stack, component }).folder;
  assertEquals(folder("v", "dev"), "dev");
  assertEquals(folder("v", "deploy/dev"), "dev");
  assertEquals(folder("v", "dev", "api"), "api");
  assertEquals(folder("v", "dev", "web"), "dev");
  assertEquals(folder("v", "prod", "api"), "prod");
  assertEquals(folder("same"), "same");
  const error = assertUserError(assertThrows(() => folder("v")), "usage", /^vault "v" is defined in 2 different ways$/);
  assertEquals(error.details, [
    "stacks/deploy/dev.yaml:2: stack dev",
    "stacks/deploy/dev.yaml:3: component api of stack dev",
  ]);
  assertUserError(assertThrows(() => folder("v", "test")), "usage", /no vault "v"/);
});

Deno.test("selectVault() compares names without case, and knows those that are spelled", async () => {
  const config = await read(TWO_STACKS);
  assertEquals(selectVault(config, "SAME").name, "same");
  assertEquals(selectVault(config, "V").folder, "prod");
  assert(config.vaults.length > 3);
});
