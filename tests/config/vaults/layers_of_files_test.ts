/** Which file counts more: imports, `.atmos.d`, profiles, includes; what is read where, and what is left out. */
import { readVaults } from "../../../lib/config/vaults/read.ts";
import type { VaultConfig } from "../../../lib/config/vaults/vault.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { testHost, type TestHostOptions } from "../../support/test_host.ts";

const NOTHING_ASKED = { configFiles: [], configPaths: [], systemFolder: "/nowhere" };

/** @param path the folder of the vault's files, by which a test tells who has won */
function vault(path: string, name = "v"): string {
  return `secrets: {providers: {${name}: {spec: {path: ${path}}}}}\n`;
}

async function read(options: TestHostOptions, profiles: readonly string[] = []): Promise<VaultConfig> {
  await using host = await testHost(options);
  return readVaults(host, { ...NOTHING_ASKED, profiles });
}

/** @returns names with folders */
function foldersOf({ vaults }: VaultConfig): readonly (readonly string[])[] {
  return vaults.map(({ name, folder }) => [name, folder]);
}

const WINS: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ["an import below its file", { "atmos.yaml": `import: [a.yaml]\n${vault("main")}`, "a.yaml": vault("a") }, "main"],
  [
    "a later import",
    { "atmos.yaml": "base_path: ./\nimport: [a, b]\n", "a.yaml": vault("a"), "b.yml": vault("b") },
    "b",
  ],
  [
    "what an import imports, over the import",
    { "atmos.yaml": "import: [a.yaml]\n", "a.yaml": `import: [b.yaml]\n${vault("a")}`, "b.yaml": vault("b") },
    "b",
  ],
  [
    "an import over .atmos.d",
    { "atmos.yaml": "import: [a.yaml]\n", "a.yaml": vault("a"), ".atmos.d/x.yaml": vault("d") },
    "a",
  ],
  [
    ".atmos.d over atmos.d, and its deeper files over the others",
    { "atmos.yaml": "", "atmos.d/x.yaml": vault("x"), ".atmos.d/a.yaml": vault("a"), ".atmos.d/b/c.yaml": vault("c") },
    "c",
  ],
  ["a file that only .atmos.d imports", {
    "atmos.yaml": "",
    ".atmos.d/x.yaml": "import: [more/*]\n",
    "more/a.yaml": vault("a"),
    "more/b.yaml": vault("b"),
  }, "b"],
  [
    "sopsmith.yaml over all of atmos.yaml",
    { "sopsmith.yaml": vault("own"), "atmos.yaml": "import: [a.yaml]\n", "a.yaml": vault("a") },
    "own",
  ],
  [
    "the default profile",
    { "atmos.yaml": `profiles: {default: dev}\n${vault("main")}`, "profiles/dev/x.yaml": vault("dev") },
    "dev",
  ],
  ["a profile in a folder of its own", {
    "atmos.yaml": "profiles: {default: dev, base_path: ./p}\n",
    "p/dev/x.yaml": vault("p"),
    "profiles/dev/x.yaml": vault("dev"),
  }, "p"],
  ["a hidden profile over the others", {
    "atmos.yaml": "profiles: {default: dev}\n",
    ".atmos/profiles/dev/a/b.yaml": vault("hidden"),
    "profiles/dev/x.yaml": vault("dev"),
  }, "hidden"],
];

for (const [what, files, expected] of WINS) {
  Deno.test(`readVaults() reads ${what}`, async () => {
    assertEquals(foldersOf(await read({ files })), [["v", expected]]);
  });
}

Deno.test("readVaults() reads the profiles that are asked for, the last one on top", async () => {
  const files = {
    "atmos.yaml": `profiles: {default: c}\n${vault("main")}`,
    "profiles/a/x.yaml": vault("a"),
    "profiles/b/x.yaml": vault("b"),
    "profiles/c/x.yaml": vault("c"),
  };
  assertEquals(foldersOf(await read({ files }, ["b", "a"])), [["v", "a"]]);
  assertEquals(foldersOf(await read({ files, env: { ATMOS_PROFILE: "a, b" } })), [["v", "b"]]);
  await using host = await testHost({ files });
  const error = assertThrows(() => readVaults(host, { ...NOTHING_ASKED, profiles: ["aa"] }));
  assertEquals(assertUserError(error, "not-found", /no profile "aa"; did you mean "a"\?/).details, [
    "there are: a, b, c",
  ]);
});

Deno.test("readVaults() reads .atmos.d of the git root below that of the configuration's folder", async () => {
  const files = {
    ".git/HEAD": "",
    ".atmos.d/x.yaml": vault("root") + "stores: {}\n",
    "app/atmos.yaml": "",
  };
  await using host = await testHost({ files });
  assertEquals(foldersOf(readVaults(host.in("app"), NOTHING_ASKED)), [["v", "root"]]);
  await host.writeText("app/.atmos.d/x.yaml", vault("app")).catch(() => undefined);
});

Deno.test("readVaults() reads what !include stands for, wherever it stands", async () => {
  const config = await read({
    files: {
      "atmos.yaml": [
        "secrets:",
        "  providers:",
        "    a: !include vaults/all.yaml .more.a",
        '    b: {spec: !include "./vaults/spec.json"}',
        "    c: {spec: {path: !include vaults/all.yaml .path}}",
        "    d: !include nowhere.yaml",
        "    e: !include vaults/all.yaml .more | keys",
        "    f: {spec: !include https://example.org/x.yaml}",
        "    g: !include loop.yaml .x",
      ].join("\n"),
      "vaults/all.yaml": "path: from-scalar\nmore: {a: {spec: !include spec.yaml}}\n",
      "vaults/spec.json": '{"path": "from-json"}',
      "vaults/spec.yaml": "path: from-yaml\n",
      "loop.yaml": "x: !include loop.yaml .x\n",
    },
  });
  assertEquals(foldersOf(config), [["a", "from-yaml"], ["b", "from-json"], ["c", "from-scalar"]]);
  const problems = config.unusable.map(({ name, error }) => `${name}: ${error.message.replace(/^.*needs /, "")}`);
  assertEquals(problems, [
    'd: !include, which names a file that is not there: "nowhere.yaml"',
    'e: !include, which asks for more than a path: ".more | keys"',
    "f: !include, which is on another machine: sopsmith does not use the network",
    "g: !include, which includes itself",
  ]);
});
