/**
 * Prints the bill of materials of a release, SPDX 2.3 as JSON: the program itself, every package of which the bundle
 * holds a part, with the checksum that Deno verifies, and the runtime in the executables. What only tests and scripts
 * use does not ship and is not listed. The same sources give the same text, apart from the date.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { readBundledPackages } from "./bundle.ts";
import { ROOT } from "../process.ts";

/** The part of `deno.lock` that is read here. */
export interface LockFile {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

/** What a release is made of. */
export interface Contents {
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly lock: LockFile;
  /** Version of the runtime in the executables. */
  readonly denoVersion: string;
  readonly created: Date;
}

/** An entry of the bill. */
type Entry = Readonly<Record<string, unknown>> & { readonly SPDXID: string };

/** An entry without a licence, because the lock file does not know them. */
function describePackage(name: string, version: string): Entry {
  return {
    SPDXID: `SPDXRef-Package-${`${name}-${version}`.replace(/[^A-Za-z0-9.-]+/g, "-")}`,
    name,
    versionInfo: version,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
  };
}

/** @throws Error for a package that the lock file does not have */
function describeNpmPackage(name: string, version: string, lock: LockFile): Entry {
  const key = Object.keys(lock.npm).find((found) => found.split("_")[0] === `${name}@${version}`);
  const { integrity = "" } = lock.npm[key ?? ""] ?? {};
  const [algorithm = "", digest] = integrity.split("-"); // `sha512-` and the digest in base64
  if (digest === undefined) throw new Error(`${name} ${version} is in the bundle and not in deno.lock`);
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    ...describePackage(name, version),
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
    checksums: [{ algorithm: algorithm.toUpperCase(), checksumValue: Uint8Array.fromBase64(digest).toHex() }],
  };
}

/** The runtime, by the identifier that lists of vulnerabilities know it by. */
function describeRuntime(version: string): Entry {
  const cpe = `cpe:2.3:a:deno:deno:${version}:*:*:*:*:*:*:*`;
  return {
    ...describePackage("deno", version),
    licenseDeclared: "MIT",
    comment: "in the executables; sopsmith.js runs on the one that is installed",
    externalRefs: [{ referenceCategory: "SECURITY", referenceType: "cpe23Type", referenceLocator: cpe }],
  };
}

/** @returns the bill. @throws Error for a package that the lock file does not have */
export function describeRelease({ packages, lock, denoVersion, created }: Contents): Record<string, unknown> {
  const own = { ...describePackage(config.name, config.version), licenseDeclared: config.license };
  const parts = packages.map(({ name, version }) => describeNpmPackage(name, version, lock));
  const runtime = describeRuntime(denoVersion);
  const relate = (relationshipType: string, to: Entry): Record<string, string> => ({
    spdxElementId: own.SPDXID,
    relationshipType,
    relatedSpdxElement: to.SPDXID,
  });
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `sopsmith-${config.version}`,
    documentNamespace: `urn:sopsmith:sbom:${config.version}`,
    creationInfo: { created: created.toISOString().replace(/\.\d+Z$/, "Z"), creators: ["Tool: sopsmith-sbom"] },
    packages: [own, ...parts, runtime],
    relationships: [
      { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: own.SPDXID },
      ...parts.map((part) => relate("CONTAINS", part)),
      relate("DEPENDS_ON", runtime),
    ],
  };
}

if (import.meta.main) {
  const bill = describeRelease({
    packages: await readBundledPackages(),
    lock: JSON.parse(await Deno.readTextFile(`${ROOT}/deno.lock`)),
    denoVersion: Deno.version.deno,
    created: new Date(),
  });
  await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(bill, null, 2)}\n`));
}
