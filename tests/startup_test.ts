/**
 * What a command loads: start-up is fast only as long as a command loads nothing that it does not need. Measured by the
 * list of loaded modules (from a coverage run), not by time.
 *
 * @module
 */
import { COMMANDS as ALL_COMMANDS } from "../lib/commands/command_table.ts";
import { COMPLETE_WORD } from "../lib/commands/completion/shell.ts";
import { outputOf, ROOT, ROOT_URL } from "../scripts/process.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { runIsolated, testHost } from "./support/test_host.ts";

/** A test key. */
const KEYS_FILE = "# test key\nAGE-SECRET-KEY-1LES6LSFL3E2CDLULD2670D046Q8TMG4FCYL8HFTQE3KC3E5EXT4SXY2NT2\n";

const SOPS_CONFIG =
  "creation_rules:\n  - path_regex: ^secrets/\n    age: age1kqehv8js54z96yy6rxcygehs5sfh68cll5d0qctdeneq33tygp8qe2aly2\n";

/** A pattern that is left to the engine. */
const RE2_CONFIG = "creation_rules:\n  - path_regex: (?i)^SECRETS/\n";

/** An ssh key that was made for these tests. */
const SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGWZ+9TwjyTFz5pTWdg4JMwDyRlSwuGsR3vmi9JYTJHV test key\n";

/** Every command needs these. */
const ALWAYS = { packages: ["path-browserify"], rooms: ["base", "commands"] };

const CONFIG_ROOMS = ["keys", "yaml", "config", "repository"];

/** One command, and everything that it loads besides {@link ALWAYS}: nothing more, and nothing less. */
const COMMANDS: readonly {
  readonly args: readonly string[];
  readonly packages: readonly string[];
  readonly rooms: readonly string[];
  /** Besides, or instead of, a keys file, an ssh key and a `.sops.yaml` with a pattern that needs no engine. */
  readonly files?: Readonly<Record<string, string>>;
}[] = [
  { args: ["--version"], packages: [], rooms: [] },
  { args: ["--help"], packages: [], rooms: [] },
  { args: ["keygen", "--help"], packages: [], rooms: [] },
  { args: ["identity", "public", "keys.txt"], packages: [], rooms: ["keys"] },
  { args: ["identity", "list", "keys.txt"], packages: [], rooms: ["keys"] },
  { args: ["identity", "import", "keys.txt"], packages: [], rooms: ["config", "keys", "repository"] },
  { args: ["rules", "list"], packages: ["yaml"], rooms: ["sops", ...CONFIG_ROOMS] },
  { args: ["rules", "lint"], packages: ["yaml"], rooms: ["sops", ...CONFIG_ROOMS] },
  { args: ["rules", "explain", "secrets/x.yaml"], packages: ["yaml"], rooms: ["sops", ...CONFIG_ROOMS] },
  {
    args: ["rules", "explain", "secrets/x.yaml"],
    files: { ".sops.yaml": RE2_CONFIG },
    packages: ["yaml", "re2js"],
    rooms: ["sops", ...CONFIG_ROOMS],
  },
  { args: ["recipient", "list"], packages: ["yaml"], rooms: ["sops", ...CONFIG_ROOMS] },
  { args: ["vault", "list"], packages: ["yaml"], rooms: ["keys", "yaml", "config"] },
  { args: ["check", "id.pub"], packages: ["yaml"], rooms: ["sops", ...CONFIG_ROOMS] },
  { args: ["access"], packages: ["yaml"], rooms: ["sops", ...CONFIG_ROOMS] },
  { args: ["doctor"], packages: ["yaml"], rooms: ["sops", ...CONFIG_ROOMS] },
  { args: ["init", "--dry-run"], packages: ["yaml", "diff"], rooms: ["sops", ...CONFIG_ROOMS] },
  { args: ["completion", "bash"], packages: [], rooms: [] },
  { args: [COMPLETE_WORD, "bash", "keygen", ""], packages: ["yaml"], rooms: ["yaml", "config"] },
  { args: ["ssh-to-age", "-i", "id.pub"], packages: [], rooms: ["keys"] },
  { args: ["nix", "key", "generate-secret", "--key-name", "a-1"], packages: [], rooms: ["keys", "nix"] },
  { args: ["keygen"], packages: ["yaml"], rooms: ["sops", ...CONFIG_ROOMS] },
  { args: ["keygen", "--dry-run"], packages: ["yaml", "diff"], rooms: ["sops", ...CONFIG_ROOMS] },
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
    rooms: ["sops", ...CONFIG_ROOMS],
  },
];

/** Files of a command's folder that others need as well: the table of all commands, and the word that shells complete by. */
const SHARED: ReadonlySet<string> = new Set(["declaration.ts", "shell.ts"]);

const OWNERS = [...new Set(ALL_COMMANDS.map(({ words }) => (words[0] ?? "").replaceAll("-", "_")))];

/** Deno's cache folder, which would else depend on `HOME`. */
const { denoDir }: { denoDir: string } = JSON.parse(await outputOf(Deno.execPath(), ["info", "--json"]));

for (const { args, packages, rooms, files } of COMMANDS) {
  const where = files === undefined ? "" : " with a pattern for the engine";
  Deno.test(`sopsmith ${args.join(" ")}${where} loads what it needs and nothing else`, async () => {
    await using host = await testHost({
      files: { "keys.txt": KEYS_FILE, "id.pub": SSH_KEY, ".sops.yaml": SOPS_CONFIG, ...files },
    });
    const coverage = `${host.root}/coverage`;
    const command = ["run", "-q", `--config=${ROOT}/deno.json`, "-P", `--coverage=${coverage}`, `${ROOT}/main.ts`];
    const env = { HOME: host.home, PATH: host.env("PATH") ?? "", DENO_DIR: denoDir };
    const result = await runIsolated(Deno.execPath(), [...command, ...args], { cwd: host.cwd, env });
    assert(result !== undefined && result.code < 2, new TextDecoder().decode(result?.stderr));
    const urls = await readLoadedUrls(coverage);
    assert(urls.includes(`${ROOT_URL}main.ts`), "the coverage run lists nothing");
    const loaded = {
      packages: distinct(urls, /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/\d/),
      rooms: distinct(urls, /\/lib\/([^/]+)\/.+\.ts$/),
    };
    assertEquals(loaded, {
      packages: [...ALWAYS.packages, ...packages].sort(),
      rooms: [...ALWAYS.rooms, ...rooms].sort(),
    });
    assertEquals(
      urls.filter((url) => isOfAnotherCommand(url, args[0] === COMPLETE_WORD ? "completion" : args[0] ?? "")),
      [],
    );
  });
}

/** The folders of `lib/commands/` are named after the first word of their commands: `recipient/`, `ssh_to_age/`. */
function isOfAnotherCommand(url: string, firstWord: string): boolean {
  const [, folder, name] = /\/lib\/commands\/([^/]+)\/([^/]+)$/.exec(url) ?? [];
  if (folder === undefined || name === undefined || SHARED.has(name)) return false;
  return OWNERS.includes(folder) && folder !== firstWord.replaceAll("-", "_");
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
