/**
 * Prints the bill of materials of a release, SPDX 2.3 as JSON: every package that `deno.lock` holds, with the checksum
 * that Deno verifies, and the program itself. The same lock file gives the same text, apart from the date.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { ROOT } from "../process.ts";

/** The part of `deno.lock` that is read here. */
interface LockFile {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

/** An entry of the bill. Licences are not stated, because the lock file does not know them. */
function describePackage(name: string, version: string): Record<string, unknown> {
  return {
    SPDXID: packageId(name, version),
    name,
    versionInfo: version,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
  };
}

/** @param integrity as the lock file has it: `sha512-` and the digest in base64 */
function describeNpmPackage(name: string, version: string, integrity: string): Record<string, unknown> {
  const [algorithm = "", digest = ""] = integrity.split("-");
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    ...describePackage(name, version),
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
    checksums: [{ algorithm: algorithm.toUpperCase(), checksumValue: Uint8Array.fromBase64(digest).toHex() }],
  };
}

function packageId(name: string, version: string): string {
  return `SPDXRef-Package-${`${name}-${version}`.replace(/[^A-Za-z0-9.-]+/g, "-")}`;
}

const lock: LockFile = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.lock`));
const own = packageId(config.name, config.version);
const packages = Object.entries(lock.npm).map(([key, { integrity }]) => {
  const [, name = "", version = ""] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
  return describeNpmPackage(name, version, integrity);
});
const bill = {
  spdxVersion: "SPDX-2.3",
  dataLicense: "CC0-1.0",
  SPDXID: "SPDXRef-DOCUMENT",
  name: `sopsmith-${config.version}`,
  documentNamespace: `urn:sopsmith:sbom:${config.version}`,
  creationInfo: { created: new Date().toISOString().replace(/\.\d+Z$/, "Z"), creators: ["Tool: sopsmith-sbom"] },
  packages: [{ ...describePackage(config.name, config.version), licenseDeclared: config.license }, ...packages],
  relationships: [
    { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: own },
    ...packages.map((entry) => ({
      spdxElementId: own,
      relationshipType: "DEPENDS_ON",
      relatedSpdxElement: entry["SPDXID"],
    })),
  ],
};
await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(bill, null, 2)}\n`));
