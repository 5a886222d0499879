/**
 * What a command loads: start-up is fast only as long as a command loads nothing that it does not need. Measured by the
 * list of loaded modules (from a coverage run), not by time.
 *
 * @module
 */
import { outputOf, ROOT, ROOT_URL } from "../scripts/process.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { runIsolated, testHost } from "./support/test_host.ts";

/** A test key. */
const KEYS_FILE = "# test key\nAGE-SECRET-KEY-1LES6LSFL3E2CDLULD2670D046Q8TMG4FCYL8HFTQE3KC3E5EXT4SXY2NT2\n";

const SOPS_CONFIG =
  "creation_rules:\n  - path_regex: ^secrets/\n    age: age1kqehv8js54z96yy6rxcygehs5sfh68cll5d0qctdeneq33tygp8qe2aly2\n";

/** Every command needs these. */
const ALWAYS = { packages: ["@stricli/core", "path-browserify"], rooms: ["base", "commands"] };

/** What a command may load besides {@link ALWAYS}. */
const COMMANDS: readonly { args: readonly string[]; packages: readonly string[]; rooms: readonly string[] }[] = [
  { args: ["--version"], packages: [], rooms: [] },
  { args: ["--help"], packages: [], rooms: [] },
  { args: ["keygen", "--help"], packages: [], rooms: [] },
  { args: ["identity", "public", "keys.txt"], packages: ["@scure/base"], rooms: ["keys"] },
  {
    args: ["rules", "list"],
    packages: ["@scure/base", "yaml", "re2js"],
    rooms: ["keys", "yaml", "config", "repository"],
  },
  {
    args: ["rules", "explain", "secrets/x.yaml"],
    packages: ["@scure/base", "yaml", "re2js"],
    rooms: ["keys", "yaml", "config", "sops", "repository"],
  },
  {
    args: ["vault", "list"],
    packages: ["@scure/base", "yaml", "re2js"],
    rooms: ["keys", "yaml", "config", "repository"],
  },
  {
    args: ["keygen"],
    packages: ["@scure/base", "yaml", "re2js"],
    rooms: ["keys", "yaml", "config", "sops", "repository"],
  },
  {
    args: ["keygen", "--dry-run"],
    packages: ["@scure/base", "yaml", "re2js", "diff"],
    rooms: ["keys", "yaml", "config", "sops", "repository"],
  },
  {
    args: ["keygen", "--post-quantum"],
    packages: [
      "@scure/base",
      "yaml",
      "re2js",
      "age-encryption",
      "@noble/hashes",
      "@noble/curves",
      "@noble/ciphers",
      "@noble/post-quantum",
    ],
    rooms: ["keys", "yaml", "config", "sops", "repository"],
  },
];

/** Deno's cache folder, which would else depend on `HOME`. */
const { denoDir }: { denoDir: string } = JSON.parse(await outputOf(Deno.execPath(), ["info", "--json"]));

for (const { args, packages, rooms } of COMMANDS) {
  Deno.test(`sopsmith ${args.join(" ")} loads only what it needs`, async () => {
    await using host = await testHost({ files: { "keys.txt": KEYS_FILE, ".sops.yaml": SOPS_CONFIG } });
    const coverage = `${host.root}/coverage`;
    const command = ["run", "-q", `--config=${ROOT}/deno.json`, "-P", `--coverage=${coverage}`, `${ROOT}/main.ts`];
    const env = { HOME: host.home, PATH: host.env("PATH") ?? "", DENO_DIR: denoDir };
    const result = await runIsolated(Deno.execPath(), [...command, ...args], { cwd: host.cwd, env });
    assertEquals(result?.code, 0, new TextDecoder().decode(result?.stderr));
    const urls = await readLoadedUrls(coverage);
    assert(urls.includes(`${ROOT_URL}main.ts`), "the coverage run lists nothing");
    const loaded = {
      packages: distinct(urls, /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/\d/),
      rooms: distinct(urls, /\/lib\/([^/]+)\/[^/]+\.ts$/),
    };
    const surplus = {
      packages: loaded.packages.filter((name) => ![...ALWAYS.packages, ...packages].includes(name)),
      rooms: loaded.rooms.filter((name) => ![...ALWAYS.rooms, ...rooms].includes(name)),
    };
    assertEquals(surplus, { packages: [], rooms: [] });
  });
}

async function readLoadedUrls(folder: string): Promise<string[]> {
  const urls: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const record: { url: string } = JSON.parse(await Deno.readTextFile(`${folder}/${entry.name}`));
    urls.push(record.url);
  }
  return urls;
}

function distinct(urls: readonly string[], pattern: RegExp): string[] {
  return [...new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? []))].sort();
}
