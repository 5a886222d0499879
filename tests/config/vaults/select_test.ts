import { UserError } from "../../../lib/base/error.ts";
import type { VaultConfig } from "../../../lib/config/vaults/vault.ts";
import { readVaults } from "../../../lib/config/vaults/read.ts";
import { selectVault } from "../../../lib/config/vaults/select.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

/** @returns a configuration with these entries under `providers` */
async function configured(providers: string): Promise<VaultConfig> {
  await using host = await testHost({ files: { "atmos.yaml": `secrets: {providers: {${providers}}}\n` } });
  return await readVaults(host, { configFiles: ["atmos.yaml"], configPaths: [] });
}

/** @returns the message and what stands under it */
function refusal(config: VaultConfig, name?: string): readonly string[] {
  const error = assertUserError(assertThrows(() => selectVault(config, name)), "usage");
  return [error.message, ...error.details];
}

Deno.test("selectVault() takes the named vault, whatever its kind", async () => {
  const config = await configured("a: {kind: sops/age}, b: {kind: sops/gpg}");
  assertEquals(selectVault(config, "b").name, "b");
});

Deno.test("selectVault() takes the only vault that keys can be generated for", async () => {
  const config = await configured("a: {kind: sops/gpg}, b: {kind: custom/age}, c: {kind: ssl/x509}");
  assertEquals(selectVault(config, undefined).name, "b");
});

Deno.test("selectVault() takes the only vault", async () => {
  assertEquals(selectVault(await configured("a: {kind: sops/gpg}"), undefined).name, "a");
  assertEquals(selectVault(await configured(""), undefined).name, "default");
  assertEquals(selectVault(await configured(""), "default").name, "default");
});

Deno.test("selectVault() lists several vaults to choose from", async () => {
  const config = await configured(
    "b: {kind: sops}, a: {kind: sops/age}, c: {kind: sops/gpg}, d: {spec: {file: !exec x}}",
  );
  assertEquals(refusal(config), [
    "no vault named, and there are 3 to choose from",
    "configured in atmos.yaml: a, b, d",
  ]);
});

Deno.test("selectVault() suggests the vault that was meant", async () => {
  const config = await configured("dev-sops: , prod-sops: ");
  assertEquals(refusal(config, "prod-sop"), [
    'no vault "prod-sop"; did you mean "prod-sops"?',
    "configured in atmos.yaml: dev-sops, prod-sops",
  ]);
  assertEquals(refusal(config, "other")[0], 'no vault "other"');
  assertEquals(refusal(config, "")[0], 'no vault ""');
});

Deno.test("selectVault() says that only the built-in vault is there", async () => {
  assertEquals(refusal(await configured(""), "prod"), [
    'no vault "prod"',
    'none is configured; there is only the built-in vault "default"',
  ]);
});

Deno.test("selectVault() throws the error of a vault that cannot be used", async () => {
  const config = await configured("a: {spec: {file: !exec x}}");
  for (const name of ["a", undefined]) {
    const error = assertThrows(() => selectVault(config, name));
    assertUserError(error, "unsupported", /needs !exec/);
    assertEquals(error instanceof UserError && error.location?.line, 1);
  }
});
