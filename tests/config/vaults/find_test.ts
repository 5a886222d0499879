import { findConfigFiles } from "../../../lib/config/vaults/find.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";

/** What a search is asked with; folders count from the working folder of the test. */
interface Search extends Pick<TestHostOptions, "env"> {
  /** Empty files to lay out. */
  readonly files: readonly string[];
  readonly configFiles?: readonly string[];
  readonly configPaths?: readonly string[];
  /** Where the command stands. */
  readonly cwd?: string;
}

/** @returns the files found, highest first, relative to the working folder of the test; `~` for home */
async function search({ files, env, configFiles = [], configPaths = [], cwd = "." }: Search): Promise<string[]> {
  await using host = await layOut(files, env);
  await Deno.mkdir(host.path(cwd), { recursive: true });
  const selection = { configFiles, configPaths, systemFolder: host.path("system") };
  const { files: found } = await findConfigFiles(host.in(cwd), selection);
  return found.map(({ path }) => shorten(host, path));
}

function layOut(files: readonly string[], env: TestHostOptions["env"] = {}): Promise<TestHost> {
  return testHost({ files: Object.fromEntries(files.map((file) => [file, ""])), env });
}

function shorten(host: TestHost, path: string): string {
  return path.startsWith(host.home) ? path.replace(host.home, "~") : host.paths.relative(host.cwd, path);
}

/** Every place that a configuration is read from, the working directory being `repo/sub` in the work tree `repo`. */
const SHARED = ["~/.atmos/atmos.yaml", "system/atmos.yaml"];
const EVERYWHERE = [
  "repo/sub/atmos.yaml",
  "repo/atmos.yaml",
  "repo/.git/HEAD",
  "atmos.yaml",
  "named/atmos.yaml",
  ...SHARED,
];

const TABLE: readonly (readonly [name: string, search: Search, found: readonly string[]])[] = [
  ["the working directory, home and the machine", { files: EVERYWHERE, cwd: "repo/sub" }, [
    "repo/sub/atmos.yaml",
    ...SHARED,
  ]],
  ["the git root over the nearest parent when the working directory has nothing", {
    files: ["repo/.git/HEAD", "repo/atmos.yaml", "repo/a/atmos.yaml", "atmos.yaml", ...SHARED],
    cwd: "repo/a/b",
  }, ["repo/atmos.yaml", "repo/a/atmos.yaml", ...SHARED]],
  ["the git root once when it is the nearest parent", {
    files: ["repo/.git/HEAD", "repo/atmos.yaml"],
    cwd: "repo/a/b",
  }, ["repo/atmos.yaml"]],
  ["a parent above the git root when there is nothing below", {
    files: ["repo/.git/HEAD", "atmos.yaml"],
    cwd: "repo/a",
  }, ["atmos.yaml"]],
  ["only the nearest parent with ATMOS_GIT_ROOT_BASEPATH=false", {
    files: ["repo/.git/HEAD", "repo/atmos.yaml", "repo/a/atmos.yaml"],
    cwd: "repo/a/b",
    env: { ATMOS_GIT_ROOT_BASEPATH: "false" },
  }, ["repo/a/atmos.yaml"]],
  ["no parent when the working directory has an atmos folder", {
    files: ["repo/.git/HEAD", "repo/atmos.yaml", "repo/sub/.atmos.d/x.yaml"],
    cwd: "repo/sub",
  }, []],
  ["the folder of ATMOS_CLI_CONFIG_PATH over the working directory, without parents", {
    files: EVERYWHERE,
    cwd: "repo/sub",
    env: { ATMOS_CLI_CONFIG_PATH: "../../named" },
  }, ["named/atmos.yaml", "repo/sub/atmos.yaml", ...SHARED]],
  ["no parents with ATMOS_CLI_CONFIG_PATH, even without anything else", {
    files: ["repo/.git/HEAD", "repo/atmos.yaml", "named/atmos.yaml"],
    cwd: "repo/sub",
    env: { ATMOS_CLI_CONFIG_PATH: "../../named" },
  }, ["named/atmos.yaml"]],
  ["the files of ATMOS_CONFIG alone, the last one first", {
    files: [...EVERYWHERE, "one.yaml", "two.yaml"],
    env: { ATMOS_CONFIG: "one.yaml, two.yaml" },
  }, ["two.yaml", "one.yaml"]],
  ["the folders of ATMOS_CONFIG_PATH over the files of ATMOS_CONFIG", {
    files: [...EVERYWHERE, "one.yaml"],
    env: { ATMOS_CONFIG: "one.yaml", ATMOS_CONFIG_PATH: "named,repo" },
  }, ["repo/atmos.yaml", "named/atmos.yaml", "one.yaml"]],
  ["flags in place of their variables", {
    files: [...EVERYWHERE, "one.yaml", "two.yaml"],
    configFiles: ["two.yaml"],
    configPaths: ["repo"],
    env: { ATMOS_CONFIG: "one.yaml", ATMOS_CONFIG_PATH: "named", ATMOS_CLI_CONFIG_PATH: "named" },
  }, ["repo/atmos.yaml", "two.yaml"]],
  ["sopsmith.yaml over atmos.yaml in every folder", {
    files: [
      "repo/.git/HEAD",
      "repo/sopsmith.yaml",
      "repo/atmos.yaml",
      "atmos.yaml",
      "sopsmith.yaml",
      "~/.atmos/sopsmith.yaml",
      ...SHARED,
    ],
    cwd: "repo/sub",
  }, ["repo/sopsmith.yaml", "repo/atmos.yaml", "~/.atmos/sopsmith.yaml", ...SHARED]],
  ["sopsmith.yaml alone as a configuration of the working directory", {
    files: ["repo/.git/HEAD", "repo/atmos.yaml", "repo/sub/sopsmith.yaml"],
    cwd: "repo/sub",
  }, ["repo/sub/sopsmith.yaml"]],
  [".atmos.yaml only without atmos.yaml", {
    files: [".atmos.yaml", "~/.atmos/.atmos.yaml", "~/.atmos/atmos.yaml"],
  }, [".atmos.yaml", "~/.atmos/atmos.yaml"]],
  ["no folder with the name of a file", { files: ["atmos.yaml/x", "system/atmos.yaml"] }, ["system/atmos.yaml"]],
  ["home without HOME", { files: SHARED, env: { HOME: undefined, USERPROFILE: undefined } }, ["system/atmos.yaml"]],
  ["nothing", { files: [] }, []],
];

for (const [name, asked, found] of TABLE) {
  Deno.test(`findConfigFiles() finds ${name}`, async () => assertEquals(await search(asked), [...found]));
}

Deno.test("findConfigFiles() says which files belong to the person or the machine", async () => {
  await using host = await layOut(["atmos.yaml", ...SHARED]);
  const selection = { configFiles: [], configPaths: [], systemFolder: host.path("system") };
  const { files } = await findConfigFiles(host, selection);
  assertEquals(files.map(({ isShared }) => isShared), [false, true, true]);
});

Deno.test("findConfigFiles() makes the git root the default base only without a local configuration", async () => {
  await using host = await layOut(["repo/.git/HEAD", "repo/atmos.yaml", "repo/own/atmos.yaml", "repo/sub/x"]);
  const base = async (cwd: string): Promise<string | undefined> => {
    return (await findConfigFiles(host.in(cwd), { configFiles: [], configPaths: [] })).defaultBase;
  };
  assertEquals(await base("repo/sub"), host.path("repo"));
  assertEquals(await base("repo/own"), undefined);
  assertEquals(await base("repo"), undefined);
});

Deno.test("findConfigFiles() refuses a file or folder that was asked for and is not there", async () => {
  await using host = await layOut(["empty/x"]);
  const find = (selection: { configFiles?: string[]; configPaths?: string[] }): Error => {
    return assertThrows(() => findConfigFiles(host, { configFiles: [], configPaths: [], ...selection }));
  };
  assertUserError(find({ configFiles: ["no.yaml"] }), "not-found", /^cannot read "no.yaml": no such file$/);
  assertUserError(find({ configPaths: ["empty"] }), "not-found", /in "empty": no file sopsmith.yaml, atmos.yaml/);
  assertUserError(find({ configPaths: ["no"] }), "not-found");
});

Deno.test("findConfigFiles() notes a folder that was asked for and holds nothing", async () => {
  await using host = await layOut([], { ATMOS_CLI_CONFIG_PATH: "nowhere" });
  const { notes } = await findConfigFiles(host, { configFiles: [], configPaths: [] });
  assertEquals(notes.map(({ message }) => message), [
    'ATMOS_CLI_CONFIG_PATH is "nowhere", which holds no configuration',
  ]);
});

Deno.test("findConfigFiles() goes past a file in place of a folder", async () => {
  await using host = await layOut(["named", ".atmos"], { ATMOS_CLI_CONFIG_PATH: "named" });
  assertEquals(
    (await findConfigFiles(host, { configFiles: [], configPaths: [], systemFolder: host.path("named") })).files,
    [],
  );
});
