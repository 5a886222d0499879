/** `rules add` on real files and on files of odd layouts: the rule takes effect, and nothing else changes. */
import { Report } from "../../../lib/base/show/report.ts";
import { rulesAdd, type RulesAddFlags } from "../../../lib/commands/rules/add.ts";
import { lintSopsConfig } from "../../../lib/config/lint/lint.ts";
import { decodeYaml } from "../../../lib/yaml/decode.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../../keys/test_keys.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { CONFIG_FOLDERS, readConfigFiles } from "../../support/corpus.ts";
import { countExtendedLines, probePaths, resolutionOf, rulesOf } from "../../support/interop_config.ts";
import { type TestHost, testHost } from "../../support/test_host.ts";

const PATTERN = String.raw`^secrets[/\\]zz-new[/\\].*\.yaml$`;
const NEW_FILE = "secrets/zz-new/a.yaml";

/** A file whose `[]` or `~` gives way to the first rule loses that one value. */
const LOSES_A_VALUE = new Set(["empty_rules.sops.yaml", "tilde_rules.sops.yaml"]);

async function add(host: TestHost, flags: RulesAddFlags, ...args: string[]): Promise<Uint8Array> {
  assertEquals(await rulesAdd(flags, args, { host, report: new Report(host) }), 0);
  return await Deno.readFile(host.path(".sops.yaml"));
}

async function shadowedIn(content: Uint8Array): Promise<number> {
  const surroundings = { place: "found", files: undefined } as const;
  const { findings } = await lintSopsConfig(decodeYaml(content, "x"), "x", surroundings);
  return findings.filter(({ code }) => code === "shadowed-rule").length;
}

for (const folder of CONFIG_FOLDERS) {
  for (const { name, content } of readConfigFiles(folder)) {
    Deno.test(`rules add takes effect in ${name} and changes nothing else`, async () => {
      await using host = await testHost({ files: { ".git/HEAD": "", ".sops.yaml": content } });
      const before = await rulesOf(content);
      const after = await add(host, {}, PATTERN, `newbie=${TEST_X25519.recipient}`);
      const rules = await rulesOf(after);
      const winner = rules.findWinner(NEW_FILE);
      assertEquals(winner?.pathRegex, PATTERN);
      assertEquals(winner?.groups.map(({ keys }) => keys.map(({ text }) => text)), [[TEST_X25519.recipient]]);
      for (const path of probePaths(before)) {
        assertEquals(resolutionOf(rules, path), resolutionOf(before, path), path);
      }
      assertEquals(await shadowedIn(after), await shadowedIn(content));
      if (!LOSES_A_VALUE.has(name)) assert(countExtendedLines(content, after) <= 1, "text was taken away");
      assertEquals(await add(host, {}, PATTERN, `newbie=${TEST_X25519.recipient}`), after);
    });
  }
}

const TWO_RULES = `creation_rules:
  - path_regex: ^a[/\\\\]
    age: ${TEST_X25519.recipient}
  - path_regex: .*
    encrypted_regex: ^data$
    mac_only_encrypted: true
    age: ${TEST_X25519.recipient}
`;

Deno.test("rules add copies the settings of the rule that won until now, unless others are given", async () => {
  await using host = await testHost({ files: { ".sops.yaml": TWO_RULES } });
  await add(host, {}, "^b[/\\\\]", `bob=${TEST_X25519_OTHER.recipient}`);
  const after = await add(host, { unencryptedSuffix: "_x" }, "^c[/\\\\]", `bob=${TEST_X25519_OTHER.recipient}`);
  const { config } = await rulesOf(after);
  const settings = config.rules.map(({ pathRegex, selectors, macOnlyEncrypted }) => [
    pathRegex,
    selectors,
    macOnlyEncrypted,
  ]);
  assertEquals(settings, [
    ["^a[/\\\\]", {}, false],
    ["^b[/\\\\]", { encrypted_regex: "^data$" }, true],
    ["^c[/\\\\]", { unencrypted_suffix: "_x" }, true],
    [".*", { encrypted_regex: "^data$" }, true],
  ]);
});

Deno.test("rules add converts ssh keys unless --ssh-native keeps them", async () => {
  await using host = await testHost({ files: { ".sops.yaml": "creation_rules: []\n" } });
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBbFa9N45Qri/WVPkQCnqCpMuWv+A8dLScNGbeU+MSbd test-key@sopsmith";
  const after = await add(host, {}, "^a[/\\\\]", `me=${key}`);
  assert((await rulesOf(after)).config.rules[0]!.groups[0]!.keys[0]!.text.startsWith("age1"));
  const native = await add(host, { sshNative: true }, "^b[/\\\\]", `native=${key}`);
  assertEquals((await rulesOf(native)).config.rules[1]!.groups[0]!.keys[0]!.text, key.replace(/ test-key.*/, ""));
});

Deno.test("rules add finds a path that narrower rules leave", async () => {
  const key = TEST_X25519.recipient;
  const narrow = ["x.yaml", "x", "xx.yaml"].map((name) => `- {path_regex: '^a[/\\\\]${name}$', age: ${key}}\n`).join(
    "",
  );
  await using host = await testHost({ files: { ".sops.yaml": `creation_rules:\n${narrow}- {age: ${key}}\n` } });
  const { config } = await rulesOf(await add(host, {}, "^a[/\\\\].+", `bob=${TEST_X25519_OTHER.recipient}`));
  assertEquals(config.rules.map(({ pathRegex }) => pathRegex?.slice(0, 9)), [
    "^a[/\\\\]x.",
    "^a[/\\\\]x$",
    "^a[/\\\\]xx",
    "^a[/\\\\].+",
    undefined,
  ]);
});

Deno.test("rules add refuses a pattern that an earlier, wider rule shadows", async () => {
  const source = `creation_rules:\n- path_regex: ^a\n  age: ${TEST_X25519.recipient}\n` +
    `- path_regex: ^ab\n  age: ${TEST_X25519.recipient}\n`;
  await using host = await testHost({ files: { ".sops.yaml": source } });
  const error = await assertRejects(() => add(host, {}, "^ab", `bob=${TEST_X25519_OTHER.recipient}`));
  assertUserError(error, "refused", /comes before it and wins/);
  assertEquals(await host.readText(".sops.yaml"), source);
});
