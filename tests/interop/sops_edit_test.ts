/**
 * Edited configuration files read by the real `sops`: the new rule encrypts to exactly the intended recipients, and
 * other paths resolve as they did before.
 *
 * @module
 */
import { planAddRecipient, planAddRule, planNewConfig } from "../config/edit/plans.ts";
import type { NewRule } from "../../lib/config/edit/intent.ts";
import { findWinningRule } from "../support/rule_match.ts";
import { parseSopsConfig } from "../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { corpusTest, readConfigFiles } from "../support/corpus.ts";
import { peerTest } from "../support/peers.ts";
import { ageKeysOf, encryptedTo, isAgeOnly, NEW_KEY, PEOPLE, realCases, samplePaths, withFolder } from "./edit_sops.ts";

const TARGET = "secrets/zz-new/x.enc.yaml";

corpusTest("sops encrypts to the new rule of every real file, and to the old ones as before", ["sops"], async (t) => {
  for (const { name, content } of readConfigFiles("corpus")) {
    await t.step(name, () =>
      withFolder(async (folder) => {
        const config = parseSopsConfig(new TextDecoder().decode(content), folder.config);
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

for (const page of ["recipient_text", "recipient_list", "recipient_names", "recipient_shared"]) {
  peerTest(`sops encrypts to a recipient that was added (${page})`, ["sops"], async (t) => {
    for (const { title, options, source } of realCases(page)) {
      await t.step(title, () =>
        withFolder(async (folder) => {
          const config = parseSopsConfig(source, folder.config);
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
          const config = parseSopsConfig(source, folder.config);
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
