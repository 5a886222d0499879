import type { Os } from "../../../lib/base/host/host.ts";
import { pathsOf } from "../../support/paths.ts";
import { sopsRelativePath } from "../../../lib/config/patterns/matcher.ts";
import fc from "../../support/property.ts";
import { matchesPath } from "../../support/rule_match.ts";
import type { Vault } from "../../../lib/config/vaults/vault.ts";
import { deriveVaultFile, formatFileTemplate, syntheticPath, vaultPattern } from "../../../lib/config/vaults/files.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";

const BASE: Vault = {
  name: "prod",
  kind: "sops/age",
  definedAt: { path: "/repo/atmos.yaml", line: 3 },
  basePath: "/repo",
  file: undefined,
  fileAt: undefined,
  folder: "secrets",
  ageKey: { form: "default" },
  ageKeyAt: undefined,
  recipientsFile: "/repo/.sops.yaml",
  ageRecipients: undefined,
  ageRecipientsAt: undefined,
  hiddenConfig: undefined,
  definedFor: undefined,
};

const BUILT_IN: Vault = { ...BASE, name: "default", definedAt: undefined };

function host(
  os: Os = "linux",
): { os: Os; paths: ReturnType<typeof pathsOf>; env: (name: string) => string | undefined } {
  return { os, paths: pathsOf(os), env: (name) => name === "REGION" ? "eu" : undefined };
}

function pattern(vault: Partial<Vault>, configDirectory = "/repo"): string {
  return vaultPattern({ ...BASE, ...vault }, host(), { configDirectory, anchoring: "anchored" });
}

Deno.test("vaultPattern() writes the pattern of every form of vault", () => {
  const table: readonly (readonly [vault: Partial<Vault>, configDirectory: string, pattern: string])[] = [
    [{ file: "secrets/{{ .atmos_stack }}.enc.yaml" }, "/repo", String.raw`^secrets/.*\.enc\.yaml$`],
    [{ file: "./secrets/{{ .s }}.yaml" }, "/repo", String.raw`^secrets/.*\.yaml$`],
    [{ file: "/repo/s/{{ .s }}.yaml" }, "/repo", String.raw`^s/.*\.yaml$`],
    [{ file: "a/../s/{{ .s }}" }, "/repo", "^s/.*$"],
    [{}, "/repo", String.raw`^secrets/.*\.enc\.yaml$`],
    [{ folder: "./my.secrets/" }, "/repo", String.raw`^my\.secrets/.*\.enc\.yaml$`],
    [{ folder: "." }, "/repo", String.raw`^.*\.enc\.yaml$`],
    [{ definedAt: undefined }, "/repo", String.raw`^secrets/.*\.(ya?ml|json|env|ini)$`],
    // The recipients file above or below the base path.
    [{ basePath: "/repo/infra" }, "/repo", String.raw`^infra/secrets/.*\.enc\.yaml$`],
    [{ basePath: "/repo/infra", file: "../s/{{ .s }}" }, "/repo", "^s/.*$"],
    [{}, "/repo/secrets", String.raw`^.*\.enc\.yaml$`],
    // Files outside of its folder: SOPS compares absolute paths there.
    [{}, "/repo/config", String.raw`secrets/.*\.enc\.yaml$`],
    [{ file: "../other/{{ .s }}" }, "/repo", "other/.*$"],
    [{ file: "/other/{{ .s }}" }, "/repo", "/other/.*$"],
    [{ basePath: "/repository", file: "{{ .s }}" }, "/repo", ".*$"],
  ];
  for (const [vault, configDirectory, expected] of table) assertEquals(pattern(vault, configDirectory), expected);
});

Deno.test("vaultPattern() leaves the anchor out when asked", () => {
  assertEquals(
    vaultPattern(BASE, host(), { configDirectory: "/repo", anchoring: "unanchored" }),
    String.raw`secrets/.*\.enc\.yaml$`,
  );
});

Deno.test("vaultPattern() reads and writes separators as Windows does", () => {
  const windows = host("windows");
  const vault = { ...BASE, basePath: "C:\\repo\\infra" };
  const expected = String.raw`^infra[/\\]secrets[/\\].*\.enc\.yaml$`;
  assertEquals(vaultPattern(vault, windows, { configDirectory: "C:\\repo", anchoring: "anchored" }), expected);
  for (const file of ["secrets/{{ .s }}.enc.yaml", "secrets\\{{ .s }}.enc.yaml"]) {
    assertEquals(
      vaultPattern({ ...vault, file }, windows, { configDirectory: "C:\\repo", anchoring: "anchored" }),
      expected,
    );
  }
  const builtIn = { ...BUILT_IN, basePath: "C:\\repo" };
  const builtInPattern = String.raw`^secrets[/\\].*\.(ya?ml|json|env|ini)$`;
  assertEquals(vaultPattern(builtIn, windows, { configDirectory: "C:\\repo", anchoring: "anchored" }), builtInPattern);
});

Deno.test("deriveVaultFile() names the file of a stack and of a component", () => {
  const derive = (vault: Partial<Vault>, component?: string): string => {
    return deriveVaultFile({ ...BASE, ...vault }, { stack: "dev", component }, host());
  };
  assertEquals(derive({}), "/repo/secrets/dev.enc.yaml");
  assertEquals(derive({}, "vpc"), "/repo/secrets/dev.vpc.enc.yaml");
  assertEquals(derive({}, "vpc/primary"), "/repo/secrets/dev.vpc/primary.enc.yaml");
  assertEquals(derive({ folder: "/abs" }), "/abs/dev.enc.yaml");
  assertEquals(derive({ definedAt: undefined }), "/repo/secrets/dev.yaml");
  const file = '{{ env "REGION" }}/{{ .atmos_stack }}-{{ .atmos_component }}.yaml';
  assertEquals(derive({ file }, "vpc"), "/repo/eu/dev-vpc.yaml");
  assertEquals(derive({ file }), "/repo/eu/dev-.yaml");
});

Deno.test("deriveVaultFile() says where the template stands that it cannot render", () => {
  const fileAt = { path: "/repo/atmos.yaml", line: 5, column: 9 };
  const vault = { ...BASE, file: "{{ sha256sum .atmos_stack }}", fileAt };
  const error = assertThrows(() => deriveVaultFile(vault, { stack: "dev", component: undefined }, host()));
  assertEquals(assertUserError(error, "unsupported", /"sha256sum"/).location, fileAt);
});

Deno.test("syntheticPath() names one file of the vault", () => {
  assertEquals(syntheticPath(BASE, host()), "/repo/secrets/sopsmith-sample.enc.yaml");
  assertEquals(syntheticPath(BUILT_IN, host()), "/repo/secrets/sopsmith-sample.yaml");
  const file = "{{ .atmos_component }}/{{ .atmos_stack }}";
  assertEquals(syntheticPath({ ...BASE, file }, host()), "/repo/sopsmith-sample/sopsmith-sample");
});

Deno.test("formatFileTemplate() shows the template or the form of derived names", () => {
  assertEquals(formatFileTemplate({ ...BASE, file: "a/{{ .s }}" }), "a/{{ .s }}");
  assertEquals(formatFileTemplate(BASE), "secrets/STACK.enc.yaml");
  assertEquals(formatFileTemplate(BUILT_IN), "secrets/NAME.yaml (or json, env, ini)");
});

Deno.test("vaultPattern() matches every file of the vault as SOPS compares it", () => {
  const segment = fc.string({ unit: fc.constantFrom(..."ab.-_+()[]{$^ é"), minLength: 1, maxLength: 6 })
    .filter((text) => !text.includes("{{") && !text.endsWith("{") && !/^\.\.?$/.test(text));
  const part = fc.oneof(
    segment,
    fc.constantFrom(
      "{{ .atmos_stack }}",
      "{{ .atmos_component | lower }}",
      '{{ replace "/" "//" .atmos_component }}',
    ),
  );
  const start = fc.constantFrom("", "./", "x/../", "../x/", "x//y/", "/repo/infra/");
  const file = fc.tuple(start, fc.array(part, { minLength: 1, maxLength: 5 })).map(([start, parts]) => {
    return start + parts.join("/");
  });
  const name = fc.string({ unit: fc.constantFrom(..."abcXYZ-_/"), minLength: 1, maxLength: 8 })
    .filter((text) => !text.startsWith("/"));
  const folder = fc.constantFrom("/repo", "/repo/infra", "/repo/infra/x", "/elsewhere");
  fc.assert(fc.property(
    fc.option(file, { nil: undefined }),
    name,
    name,
    folder,
    folder,
    fc.constantFrom("anchored", "unanchored"),
    (file, stack, component, basePath, configDirectory, anchoring) => {
      // a template may then render into the folder itself, where its first segments are no part of what SOPS compares
      fc.pre(basePath === configDirectory || !pathsOf("linux").contains(basePath, configDirectory));
      const vault = { ...BASE, file, basePath };
      const regex = vaultPattern(vault, host(), { configDirectory, anchoring });
      const path = deriveVaultFile(vault, { stack, component }, host());
      const compared = sopsRelativePath(pathsOf("linux"), `${configDirectory}/.sops.yaml`, path);
      return matchesPath(regex, compared);
    },
  ));
});

Deno.test("vaultPattern() of the built-in vault matches what people name their files", () => {
  const regex = vaultPattern(BUILT_IN, host(), { configDirectory: "/repo", anchoring: "anchored" });
  for (const name of ["a.yaml", "a.yml", "a.json", ".env", "deep/a.enc.yaml", "a.ini"]) {
    assert(matchesPath(regex, `secrets/${name}`), name);
  }
  for (const path of ["a.yaml", "secrets/a.txt", "my/secrets/a.yaml", "secrets/a.yaml.bak"]) {
    assert(!matchesPath(regex, path), path);
  }
});
