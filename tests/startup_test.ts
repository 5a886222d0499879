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

/** A pattern that is not simple. */
const RE2_CONFIG = "creation_rules:\n  - path_regex: (?i)^SECRETS/\n";

/** Every command needs these. */
const ALWAYS = { packages: ["@stricli/core", "path-browserify"], rooms: ["base"] };

const CONFIG_ROOMS = ["keys", "yaml", "config", "repository"];

/** One command, and everything that it loads besides {@link ALWAYS}: nothing more, and nothing less. */
const COMMANDS: readonly {
  readonly args: readonly string[];
  readonly packages: readonly string[];
  readonly rooms: readonly string[];
  /** Besides, or instead of, a keys file and a `.sops.yaml` with a simple pattern. */
  readonly files?: Readonly<Record<string, string>>;
}[] = [
  { args: ["--version"], packages: [], rooms: ["commands"] },
  { args: ["--help"], packages: [], rooms: ["commands"] },
  { args: ["keygen", "--help"], packages: [], rooms: ["commands"] },
  { args: ["identity", "public", "keys.txt"], packages: [], rooms: ["commands", "keys"] },
  { args: ["rules", "list"], packages: ["yaml"], rooms: ["commands", ...CONFIG_ROOMS] },
  {
    args: ["rules", "explain", "secrets/x.yaml"],
    packages: ["yaml"],
    rooms: ["commands", "sops", ...CONFIG_ROOMS],
  },
  {
    args: ["rules", "explain", "secrets/x.yaml"],
    files: { ".sops.yaml": RE2_CONFIG },
    packages: ["yaml", "re2js"],
    rooms: ["commands", "sops", ...CONFIG_ROOMS],
  },
  { args: ["vault", "list"], packages: ["yaml"], rooms: ["commands", "keys", "yaml", "config"] },
  { args: ["keygen"], packages: ["yaml"], rooms: ["commands", "sops", ...CONFIG_ROOMS] },
  { args: ["keygen", "--dry-run"], packages: ["yaml", "diff"], rooms: ["commands", "sops", ...CONFIG_ROOMS] },
  {
    args: ["keygen", "--post-quantum"],
    packages: [
      "yaml",
      "age-encryption",
      "@scure/base",
      "@noble/hashes",
      "@noble/curves",
      "@noble/ciphers",
      "@noble/post-quantum",
    ],
    rooms: ["commands", "sops", ...CONFIG_ROOMS],
  },
];

/** Deno's cache folder, which would else depend on `HOME`. */
const { denoDir }: { denoDir: string } = JSON.parse(await outputOf(Deno.execPath(), ["info", "--json"]));

for (const { args, packages, rooms, files } of COMMANDS) {
  const where = files === undefined ? "" : " with a pattern that is not simple";
  Deno.test(`sopsmith ${args.join(" ")}${where} loads what it needs and nothing else`, async () => {
    await using host = await testHost({ files: { "keys.txt": KEYS_FILE, ".sops.yaml": SOPS_CONFIG, ...files } });
    const coverage = `${host.root}/coverage`;
    const command = ["run", "-q", `--config=${ROOT}/deno.json`, "-P", `--coverage=${coverage}`, `${ROOT}/main.ts`];
    const env = { HOME: host.home, PATH: host.env("PATH") ?? "", DENO_DIR: denoDir };
    const result = await runIsolated(Deno.execPath(), [...command, ...args], { cwd: host.cwd, env });
    assert(result !== undefined && result.code < 2, new TextDecoder().decode(result?.stderr));
    const urls = await readLoadedUrls(coverage);
    assert(urls.includes(`${ROOT_URL}main.ts`), "the coverage run lists nothing");
    const loaded = {
      packages: distinct(urls, /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/\d/),
      rooms: distinct(urls, /\/lib\/([^/]+)\/[^/]+\.ts$/),
    };
    assertEquals(loaded, {
      packages: [...ALWAYS.packages, ...packages].sort(),
      rooms: [...ALWAYS.rooms, ...rooms].sort(),
    });
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
