/**
 * Changes of recipients as the real `sops` sees them: what it encrypted to before is what it encrypts to afterwards, but
 * for the change that was asked for.
 *
 * @module
 */
import {
  planAddRecipientToRules,
  planDropRule,
  planRemoveRecipient,
  planRenameRecipient,
  planSetRecipients,
} from "../config/edit/plans.ts";
import type { SopsConfig } from "../../lib/config/rules/sops_config.ts";
import { parseSopsConfig } from "../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { corpusTest, readConfigFiles } from "../support/corpus.ts";
import { peerTest } from "../support/peers.ts";
import { findWinningRule } from "../support/rule_match.ts";
import {
  encryptedTo,
  type Folder,
  isAgeOnly,
  NEW_KEY,
  PEOPLE,
  realCases,
  samplePaths,
  withFolder,
  withRealKeys,
} from "./edit_sops.ts";

type Recipients = readonly string[];

/** A planned edit, and what it should do to the recipients of a rule. */
interface Change {
  readonly after: SopsConfig;
  readonly expected: (before: Recipients, ruleIndex: number) => Recipients | undefined;
}

type Options = Readonly<Record<string, never>>;

/** How each page is planned, as `tests/config/edit/changes_test.ts` does; what sops should say is told apart from it. */
const CHANGES: Readonly<Record<string, (config: SopsConfig, options: Options) => Change>> = {
  remove: (config, { rules = [0], text = PEOPLE["age1testbob00"]!, group, scope }) => {
    const more = { ...(group === undefined ? {} : { group }), ...(scope === undefined ? {} : { scope }) };
    return {
      after: planRemoveRecipient(config, rules, text, more).config,
      expected: (before, index) => {
        if (group !== undefined) return undefined;
        const isNamed = rules.includes(index as never) || scope === "shared";
        return isNamed ? before.filter((key) => key !== text) : before;
      },
    };
  },
  several: (config, { rules = [0, 1], name = "new", group }) => ({
    after: planAddRecipientToRules(config, rules, { text: NEW_KEY, name }, group === undefined ? {} : { group }).config,
    expected: (before, index) =>
      before.includes(NEW_KEY) || !rules.includes(index as never) ? before : [...before, NEW_KEY],
  }),
  set: (config, { people = {}, group }) => {
    const recipients = Object.entries<string>(people).map(([name, text]) => ({ name, text }));
    return {
      after: planSetRecipients(config, 0, recipients, group === undefined ? {} : { group }).config,
      expected: (before, index) =>
        group !== undefined ? undefined : index === 0 ? recipients.map(({ text }) => text) : before,
    };
  },
  rename: (config, { from = "bob", to = "robert" }) => ({
    after: planRenameRecipient(config, from, to).config,
    expected: (before) => before,
  }),
  drop: (config, { rule = 0 }) => ({
    after: planDropRule(config, rule).config,
    expected: (before, index) => index === rule ? undefined : before,
  }),
};

const PAGES = [
  "remove_text",
  "remove_list",
  "remove_names",
  "remove_shared",
  "several_rules",
  "set_all",
  "rename_all",
  "drop_rule",
];

function sorted(recipients: Recipients | string): Recipients | string {
  return typeof recipients === "string" ? recipients : [...recipients].sort();
}

for (const page of PAGES) {
  peerTest(`sops encrypts to exactly the intended recipients (${page})`, ["sops"], async (t) => {
    let compared = 0;
    for (const { title, options, source } of realCases(page)) {
      await t.step(title, () =>
        withFolder(async (folder) => {
          const config = parseSopsConfig(source, folder.config);
          const real = JSON.parse(withRealKeys(JSON.stringify(options)));
          const { after, expected } = CHANGES[page.split("_")[0]!]!(config, real);
          for (const { index, pathRegex } of config.rules) {
            const path = pathRegex ?? "x";
            if (!isAgeOnly(findWinningRule(config, path)) || findWinningRule(config, path)?.index !== index) continue;
            const before = await encryptedTo(folder, config.document.source, path);
            assert(typeof before !== "string", `sops reads the file before: ${before}`);
            const wanted = expected([...new Set(before)], index);
            const found = await encryptedTo(folder, after.document.source, path);
            if (wanted === undefined) continue;
            assertEquals(sorted(found), sorted(wanted), `rule ${index + 1}`);
            compared++;
          }
        }));
    }
    assert(compared >= 5, `${compared} rules were compared`);
  });
}

/** Compares what sops says of some paths before and after. */
async function compare(
  folder: Folder,
  config: SopsConfig,
  paths: readonly string[],
  { after, expected }: Change,
): Promise<void> {
  for (const path of paths) {
    const before = await encryptedTo(folder, config.document.source, path);
    assert(typeof before !== "string", `sops reads the file before: ${before}`);
    const wanted = expected(before, findWinningRule(config, path)!.index);
    assertEquals(await encryptedTo(folder, after.document.source, path), wanted, path);
  }
}

corpusTest("sops sees the changes of recipients in every real file", ["sops"], async (t) => {
  for (const { name, content } of readConfigFiles("corpus")) {
    await t.step(name, () =>
      withFolder(async (folder) => {
        const config = parseSopsConfig(new TextDecoder().decode(content), folder.config);
        const paths = samplePaths(config).filter((path) => isAgeOnly(findWinningRule(config, path))).slice(0, 2);
        const rule = findWinningRule(config, paths[0] ?? "");
        const keys = rule?.groups.flatMap((group) => group.keys) ?? [];
        if (rule === undefined || rule.groups.length > 1) return;
        const { text, name: keyName } = keys[0]!;
        const add = planAddRecipientToRules(config, [rule.index], { text: NEW_KEY, name: "zz-new" });
        await compare(folder, config, paths, {
          after: planRemoveRecipient(add.config, [rule.index], text).config,
          expected: (before, index) =>
            index === rule.index ? [...before.filter((key) => key !== text), NEW_KEY] : before,
        });
        await compare(folder, config, paths, {
          after: planSetRecipients(config, rule.index, [{ text: NEW_KEY, name: "zz-new" }]).config,
          expected: (before, index) => index === rule.index ? [NEW_KEY] : before,
        });
        if (keyName === undefined) return;
        await compare(folder, config, paths, {
          after: planRenameRecipient(config, keyName, "zz-renamed").config,
          expected: (before) => before,
        });
      }));
  }
});
