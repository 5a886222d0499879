/** file → config → rule → differences. */
import { scanRepository } from "../../../lib/repository/scan/encrypted_files.ts";
import { FileRules } from "../../../lib/repository/scan/file_rules.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

const ENCRYPTED = Deno.readTextFileSync(new URL("../../vectors/sops/enc/simple.yaml", import.meta.url));
const READER = /age1[0-9a-z]+/.exec(ENCRYPTED)?.[0] ?? "";

/** A test key. */
const OTHER = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z";

const config = (pattern: string, recipient: string): string =>
  `creation_rules:\n  - path_regex: ${pattern}\n    age: ${recipient}\n`;

Deno.test("FileRules findAll() gives every file the rule of the nearest config, and what differs", async () => {
  await using host = await testHost({
    files: {
      ".git/HEAD": "",
      ".sops.yaml": config("^s[/\\\\]", READER),
      "a.yaml": ENCRYPTED,
      "s/b.yaml": ENCRYPTED,
      "t/.sops.yaml": config(".*", OTHER),
      "t/c.yaml": ENCRYPTED,
    },
  });
  const found = await Array.fromAsync(new FileRules(host, undefined).findAll(scanRepository(host, host.cwd)));
  const told = found.map(({ relativePath, fileRule: { config, rule }, differences }) => [
    relativePath,
    config?.path.slice(host.cwd.length + 1),
    rule?.pathRegex,
    differences && [...differences.missing, ...differences.extra].map(({ key }) => key.text),
  ]);
  assertEquals(told, [
    ["a.yaml", ".sops.yaml", undefined, undefined],
    ["s/b.yaml", ".sops.yaml", "^s[/\\\\]", []],
    ["t/c.yaml", "t/.sops.yaml", ".*", [OTHER, READER]],
  ]);
});

Deno.test("FileRules findAll() reads a config once, and says the same of many files in the same objects", async () => {
  const read: string[] = [];
  await using host = await testHost({
    files: { ".sops.yaml": config("^s[/\\\\]", OTHER), "s/a.yaml": ENCRYPTED, "s/d/b.yaml": ENCRYPTED },
    beforeFileOperation: (operation, path) => void (operation === "read" && read.push(path)),
  });
  const rules = new FileRules(host, ".sops.yaml");
  const [a, b] = await Array.fromAsync(rules.findAll(scanRepository(host, host.cwd)));
  assert(a !== undefined && b !== undefined && a.fileRule === b.fileRule && a.differences === b.differences, "shared");
  assertEquals(read.filter((path) => path.endsWith(".sops.yaml")), [host.path(".sops.yaml")]);
});

Deno.test("FileRules find() says why there is no rule where configOf() fails", async () => {
  await using host = await testHost({ files: { ".git/HEAD": "", "x/.sops.yaml": "creation_rules: 1\n" } });
  const rules = new FileRules(host, undefined);
  const absent = host.path("a.yaml");
  assertUserError(await assertRejects(() => rules.configOf(absent)), "not-found", /no "\.sops\.yaml"/);
  assert((await rules.find(absent)).problem?.startsWith('no ".sops.yaml" in') === true, "no config");
  assertUserError(await assertRejects(() => rules.configOf(host.path("x/a.yaml"))), "malformed", /creation_rules/);
  assert((await rules.find(host.path("x/a.yaml"))).problem?.includes("creation_rules") === true, "a broken config");
});

Deno.test("FileRules find() says which pattern stands in the way", async () => {
  await using host = await testHost({ files: { ".sops.yaml": config('"(?<=a)b"', READER) } });
  const { problem } = await new FileRules(host, undefined).find(host.path("a.yaml"));
  assert(problem?.includes("path_regex of rule 1") === true, `said: ${problem}`);
});
