/**
 * The licences of the packages that a bundle holds, as one text for people.
 *
 * Which packages these are comes from the bundle's source map, so that a package which only tests use is left out. The
 * texts come from the packages themselves; one that brings none gets the standard text of the licence that it declares
 * (`license_texts/`), and one whose licence is not known here stops the build. The same packages give the same text.
 *
 * @module
 */
import { ROOT } from "../process.ts";

/** A package in Deno's cache. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute path of its folder. */
  readonly folder: string;
}

/** The parts of a package's `package.json` that are read here. */
interface Manifest {
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

/** Who else holds rights in a package without a licence file, as its comments or its repository say. */
const OTHER_AUTHORS: Readonly<Record<string, readonly string[]>> = {
  "path-unified": ["Node.js contributors"],
};

/** A file of a package in Deno's cache: `…/npm/HOST/NAME/VERSION/…`, where the name may have a scope. */
const IN_PACKAGE = /^(.*\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/([^/]+))\//;

const LICENSE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

const HEAD = "sopsmith contains the packages below, which are under these licences.\n";

/**
 * @param map the text of a bundle's source map
 * @param mapFolder where the map lies; what it names is relative to that
 * @returns the packages of which the bundle holds a part, sorted by name and version
 */
export function findBundledPackages(map: string, mapFolder: string): BundledPackage[] {
  const { sources }: { sources: readonly string[] } = JSON.parse(map);
  const found = new Map<string, BundledPackage>();
  for (const source of sources) {
    const { pathname } = new URL(source, `file://${mapFolder}/`);
    const [, folder, name, version] = IN_PACKAGE.exec(decodeURIComponent(pathname)) ?? [];
    if (folder === undefined || name === undefined || version === undefined) continue;
    found.set(folder, { name, version, folder });
  }
  const order = ({ name, version }: BundledPackage): string => `${name} ${version}`;
  return [...found.values()].sort((a, b) => order(a) < order(b) ? -1 : 1);
}

/** @returns the text of all licences. @throws Error for a package whose licence is not known */
export async function formatLicenses(packages: readonly BundledPackage[]): Promise<string> {
  const parts = [HEAD];
  for (const found of packages) {
    const title = `${found.name} ${found.version}`;
    parts.push(`${"=".repeat(title.length)}\n${title}\n${"=".repeat(title.length)}\n\n${await readLicense(found)}\n`);
  }
  return parts.join("\n");
}

async function readLicense({ name, version, folder }: BundledPackage): Promise<string> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) if (LICENSE_FILE.test(entry.name)) files.push(entry.name);
  if (files.length > 0) {
    const texts = await Promise.all(files.sort().map((file) => Deno.readTextFile(`${folder}/${file}`)));
    return texts.map((text) => text.trim()).join("\n\n");
  }
  const manifest: Manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  const { license, author } = manifest;
  const writer = typeof author === "string" ? author.replace(/\s*<.*$/, "") : author?.name;
  if (license === undefined || !/^[\w.-]+$/.test(license) || writer === undefined) {
    throw new Error(`${name} ${version} has no licence file, and does not declare licence and author`);
  }
  const text = await readLicenseText(license);
  const copyright = [writer, ...OTHER_AUTHORS[name] ?? []].map((holder) => `Copyright ${holder}`).join("\n");
  return `${license} (declared by the package, which brings no text)\n${copyright}\n\n${text}`;
}

/** @param license SPDX identifier. @returns its standard text. @throws Error when it is not kept here */
export async function readLicenseText(license: string): Promise<string> {
  return (await Deno.readTextFile(`${ROOT}/scripts/bundle/license_texts/${license}.txt`)).trim();
}
