/**
 * Edited configuration files read by the real `sops`: the new rule encrypts to exactly the intended recipients, and
 * other paths resolve as they did before.
 *
 * @module
 */
import { planAddRecipient } from "../../lib/config/edit_recipient.ts";
import { planAddRule } from "../../lib/config/edit_rule.ts";
import type { NewRule } from "../../lib/config/edit.ts";
import { planNewConfig } from "../../lib/config/new_config.ts";
import { findWinningRule } from "../support/rule_match.ts";
import type { Rule, SopsConfig } from "../../lib/config/sops_config.ts";
import { readSopsConfig } from "../../lib/config/sops_config_read.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { parseEditPage } from "../config/edit_page.ts";
import { peerTest } from "../support/peers.ts";

/** Test keys: public halves whose private halves nobody has kept. */
const NEW_KEY = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z";
const PEOPLE: Readonly<Record<string, string>> = {
  age1testnew00: NEW_KEY,
  age1testalice: "age1yt3tfqlfrwdwx0z0ynwplcr6qxcxfaqycuprpmy89nr83ltx74tqdpszlw",
  age1testbob00: "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
  age1testcarol: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
};

const CORPUS = new URL("../corpus/", import.meta.url);
const TARGET = "secrets/zz-new/x.enc.yaml";

/** How many paths of other rules are tried on each file. */
const MAX_OTHERS = 4;

interface Folder {
  readonly path: string;
  readonly config: string;
}

async function withFolder(body: (folder: Folder) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "sopsmith-edit-" });
  try {
    await Deno.writeTextFile(`${path}/plain.yaml`, "data: x\n");
    await body({ path, config: `${path}/.sops.yaml` });
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** @returns the recipients that sops encrypts a file of this name to, or what it says when it does not */
async function encryptedTo(folder: Folder, source: string, name: string): Promise<readonly string[] | string> {
  await Deno.writeTextFile(folder.config, source);
  const { code, stdout, stderr } = await new Deno.Command("sops", {
    args: [
      "--config",
      folder.config,
      "encrypt",
      "--filename-override",
      `${folder.path}/${name}`,
      "--input-type",
      "yaml",
      "--output-type",
      "json",
      "plain.yaml",
    ],
    cwd: folder.path,
    env: { SOPS_DISABLE_VERSION_CHECK: "1" },
    stdin: "null",
  }).output();
  if (code !== 0) return new TextDecoder().decode(stderr);
  const { sops } = JSON.parse(new TextDecoder().decode(stdout));
  const groups = (sops.key_groups ?? [sops]) as { age?: { recipient: string }[] }[];
  return groups.flatMap((group) => (group.age ?? []).map((key) => key.recipient));
}

function ageKeysOf(rule: Rule | undefined): readonly string[] {
  return rule?.groups.flatMap(({ keys }) => keys.map((key) => key.text)) ?? [];
}

function isAgeOnly(rule: Rule | undefined): boolean {
  const keys = rule?.groups.flatMap((group) => group.keys) ?? [];
  return keys.length > 0 && keys.every((key) => key.type === "age" && /^age1(?!yubikey)/.test(key.text));
}

/** @returns paths that the first rules of a file win, found by taking the regex apart; where that fails, none */
function samplePaths(config: SopsConfig): readonly string[] {
  const paths = config.rules.map((rule) =>
    (rule.pathRegex ?? "some/file.yaml")
      .replace(/^\^|\$$/g, "").replace(/\[\^\/\]\+|\.\*|\.\+/g, "x").replace(/\(([^|()]*)\|[^()]*\)/g, "$1")
      .replace(/\\(.)/g, "$1").replace(/\?/g, "")
  );
  return paths.filter((path, at) => findWinningRule(config, path)?.index === at).slice(0, MAX_OTHERS);
}

const FILES = [...Deno.readDirSync(CORPUS)].map((entry) => entry.name).filter((name) => name.endsWith(".yaml")).sort();

peerTest("sops encrypts to the new rule of every corpus file, and to the old ones as before", ["sops"], async (t) => {
  assertEquals(FILES.length, 31);
  for (const name of FILES) {
    await t.step(name, () =>
      withFolder(async (folder) => {
        const config = readSopsConfig(await Deno.readTextFile(new URL(name, CORPUS)), folder.config);
        const winner = findWinningRule(config, TARGET);
        const rule: NewRule = {
          pathRegex: "secrets/zz-new/.*\\.enc\\.yaml$",
          recipients: [{ text: NEW_KEY, name: "prod-sops" }],
          selectors: winner?.selectors ?? {},
          macOnlyEncrypted: winner?.macOnlyEncrypted ?? false,
        };
        const edit = planAddRule(config, rule, winner?.index ?? config.rules.length);
        assertEquals(await encryptedTo(folder, edit.source, TARGET), [NEW_KEY]);
        for (const path of samplePaths(config)) {
          const before = findWinningRule(config, path);
          if (isAgeOnly(before)) {
            const found = await encryptedTo(folder, edit.source, path);
            assertEquals(found, await encryptedTo(folder, config.document.source, path), path);
            assertEquals(found, ageKeysOf(before), path);
          } else {
            assertEquals(ageKeysOf(findWinningRule(edit.config, path)), ageKeysOf(before), path);
          }
        }
      }));
  }
});

/** Pages of the golden cases, with keys that sops accepts. */
function realCases(page: string): { title: string; options: Readonly<Record<string, unknown>>; source: string }[] {
  const text = Deno.readTextFileSync(new URL(`../config/edits/${page}.txt`, import.meta.url));
  return parseEditPage(text).filter(({ after }) => !after.startsWith("error "))
    .map(({ title, options, before }) => ({ title, options, source: withRealKeys(before) }));
}

function withRealKeys(text: string): string {
  return text.replace(/age1test\w{5}/g, (key) => PEOPLE[key] ?? key);
}

for (const page of ["recipient_text", "recipient_list", "recipient_names", "recipient_shared"]) {
  peerTest(`sops encrypts to a recipient that was added (${page})`, ["sops"], async (t) => {
    for (const { title, options, source } of realCases(page)) {
      await t.step(title, () =>
        withFolder(async (folder) => {
          const config = readSopsConfig(source, folder.config);
          const { rule = 0, group, scope, text = "age1testnew00" } = options as Record<string, never>;
          const key = PEOPLE[text] ?? text;
          const more = { ...(group === undefined ? {} : { group }), ...(scope === undefined ? {} : { scope }) };
          const edit = planAddRecipient(config, rule, { text: key, name: "new" }, more);
          // What sops needs a cloud or gpg for is proved by our own reading alone.
          const isOurs = isAgeOnly(edit.config.rules[rule]);
          const path = edit.config.rules[rule]!.pathRegex ?? "a";
          if (!isOurs || findWinningRule(edit.config, path)?.index !== rule) return;
          const found = await encryptedTo(folder, edit.source, path);
          assert(found.includes(key), `${found}`);
          assertEquals([...found].sort(), [...ageKeysOf(edit.config.rules[rule])].sort());
        }));
    }
  });
}

for (const page of ["rule_place", "rule_first", "rule_style", "rule_keys"]) {
  peerTest(`sops encrypts to a rule that was added (${page})`, ["sops"], async (t) => {
    for (const { title, options, source } of realCases(page)) {
      await t.step(title, () =>
        withFolder(async (folder) => {
          const config = readSopsConfig(source, folder.config);
          const { position = config.rules.length, keysOfRule } = options as Record<string, never>;
          const rule: NewRule = {
            pathRegex: "^new/.*\\.yaml$",
            recipients: [{ text: NEW_KEY, name: "new" }],
            selectors: {},
            macOnlyEncrypted: false,
            ...(keysOfRule === undefined ? {} : { keysOfRule }),
          };
          const edit = planAddRule(config, rule, position);
          const winner = findWinningRule(edit.config, "new/x.yaml");
          if (!isAgeOnly(winner)) return;
          assertEquals([...await encryptedTo(folder, edit.source, "new/x.yaml")].sort(), [...ageKeysOf(winner)].sort());
        }));
    }
  });
}

for (const form of ["named-keys", "flat"] as const) {
  peerTest(`sops encrypts with a new configuration (${form})`, ["sops"], () =>
    withFolder(async (folder) => {
      const edit = planNewConfig(
        folder.config,
        {
          pathRegex: "^secrets/.*\\.(ya?ml|json|env|ini)$",
          recipients: [{ text: NEW_KEY, name: "default" }],
          selectors: {},
          macOnlyEncrypted: false,
        },
        form,
        "test",
      );
      assertEquals(await encryptedTo(folder, edit.source, "secrets/x.env"), [NEW_KEY]);
      assertStringIncludes(String(await encryptedTo(folder, edit.source, "other/x.env")), "no matching creation rules");
    }));
}
