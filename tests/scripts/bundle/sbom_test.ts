import { readBundledPackages } from "../../../scripts/bundle/bundle.ts";
import { describeRelease, type LockFile } from "../../../scripts/bundle/sbom.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";

const lock: LockFile = JSON.parse(await Deno.readTextFile(new URL("../../../deno.lock", import.meta.url)));
const denoVersion = (await Deno.readTextFile(new URL("../../../.deno-version", import.meta.url))).trim();

interface Bill {
  readonly packages: readonly { readonly name: string; readonly checksums?: unknown }[];
  readonly relationships: readonly { readonly relatedSpdxElement: string }[];
}

Deno.test("describeRelease() lists what the bundle holds and the runtime, and nothing that only tests use", async () => {
  const packages = await readBundledPackages();
  const bill = describeRelease({ packages, lock, denoVersion, created: new Date(0) }) as unknown as Bill;
  const names = bill.packages.map(({ name }) => name);
  assertEquals(names, ["@sopsmith/sopsmith", ...packages.map(({ name }) => name), "deno"]);
  assertEquals(bill.relationships.length, names.length);
  for (const testOnly of ["fast-check", "ajv", "@rollup/wasm-node", "acorn"]) assert(!names.includes(testOnly));
  assert(names.includes("yaml") && names.includes("age-encryption"));
  for (const entry of bill.packages.slice(1, -1)) assert(entry.checksums !== undefined, entry.name);
});

Deno.test("describeRelease() refuses a package without a checksum", () => {
  const packages = [{ name: "unknown", version: "1.0.0" }];
  assertThrows(
    () => describeRelease({ packages, lock, denoVersion, created: new Date(0) }),
    /unknown 1\.0\.0 is in the bundle and not in deno\.lock/,
  );
});
