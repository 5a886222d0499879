/**
 * Golden pages: a recipient removed, renamed, set or added to several rules, a rule dropped. A page's name starts with
 * the edit. `deno test … -- --update` rewrites the pages.
 *
 * @module
 */
import { InternalError, UserError } from "../../../lib/base/error.ts";
import {
  type ConfigEdits,
  planAddRecipientToRules,
  planDropRule,
  planRemoveRecipient,
  planRenameRecipient,
  planSetRecipients,
} from "./plans.ts";
import type { SopsConfig } from "../../../lib/config/rules/sops_config.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";
import { type EditCase, editPages, formatEditPage, hideText, parseEditPage } from "./page.ts";

const PATH = "/repo/.sops.yaml";

type Options = Readonly<Record<string, never>>;

/** How each kind of page is planned. */
const PLANS: Readonly<Record<string, (config: SopsConfig, options: Options) => ConfigEdits>> = {
  remove: (config, { rules = [0], text = "age1testbob00", group, scope }) =>
    planRemoveRecipient(config, rules, text, given({ group, scope })),
  several: (config, { rules = [0, 1], text = "age1testnew00", name = "new", group, scope }) =>
    planAddRecipientToRules(config, rules, { text, name }, given({ group, scope })),
  set: (config, { rule = 0, people = {}, group, scope }) => {
    const recipients = Object.entries<string>(people).map(([name, text]) => ({ name, text }));
    return planSetRecipients(config, rule, recipients, given({ group, scope }));
  },
  rename: (config, { from = "bob", to = "robert" }) => planRenameRecipient(config, from, to),
  drop: (config, { rule = 0 }) => planDropRule(config, rule),
};

function given<T extends object>(options: T): { [K in keyof T]-?: NonNullable<T[K]> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]-?: NonNullable<T[K]> };
}

function runCase(kind: string, { options, before }: EditCase): string {
  const config = parseSopsConfig(before, PATH);
  try {
    const edit = PLANS[kind]!(config, options as Options);
    assertEquals(edit.source === before, edit.changes.length === 0 && options["unused"] !== true);
    if (kind !== "rename" && kind !== "drop") {
      assertEquals(
        PLANS[kind]!(edit.config, options as Options).source,
        edit.source,
        "the second time changes nothing",
      );
    }
    return hideText(edit.source);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `error ${error.kind}: ${error.message}\nhint: ${error.hints.join("; ")}\n`;
  }
}

for (const kind of Object.keys(PLANS)) {
  const pages = editPages(`${kind}_`);
  assert(pages.length > 0, `there are pages of ${kind}`);
  for (const name of pages) {
    const url = new URL(`edits/${name}.txt`, import.meta.url);
    const cases = parseEditPage(Deno.readTextFileSync(url));
    assert(cases.length > 0, `${name} has cases`);
    if (Deno.args.includes("--update")) {
      Deno.writeTextFileSync(url, formatEditPage(cases.map((page) => ({ ...page, after: runCase(kind, page) }))));
      continue;
    }
    for (const page of cases) {
      Deno.test(`edit ${name}: ${page.title}`, () => assertEquals(runCase(kind, page), page.after));
    }
  }
}

const TWO_RULES = `keys:
  - &alice age1testalice
  - &bob age1testbob00 # bob's laptop
creation_rules:
  - path_regex: a
    key_groups:
      - age: [*alice, *bob]
  - path_regex: b
    age: age1testalice,age1testbob00
`;

Deno.test("an edit tells what changed, rule by rule, with names and lines", () => {
  const config = parseSopsConfig(TWO_RULES, PATH);
  const bob = { type: "age", text: "age1testbob00" } as const;
  assertEquals(planRemoveRecipient(config, [1, 0], bob.text).changes, [
    { ruleIndex: 0, added: [], removed: [{ ...bob, name: "bob", lineNumber: 7 }], renamed: [] },
    { ruleIndex: 1, added: [], removed: [{ ...bob, lineNumber: 9 }], renamed: [] },
  ]);
  assertEquals(planRenameRecipient(config, "bob", "robert").changes, [
    { ruleIndex: 0, added: [], removed: [], renamed: [{ ...bob, name: "robert", lineNumber: 7 }] },
  ]);
  const carol = { text: "age1testcarol", name: "carol" };
  assertEquals(planAddRecipientToRules(config, [1, 0, 1], carol).changes, [
    {
      ruleIndex: 0,
      added: [{ type: "age", text: carol.text, name: "carol", lineNumber: 8 }],
      removed: [],
      renamed: [],
    },
    { ruleIndex: 1, added: [{ type: "age", text: carol.text, lineNumber: 10 }], removed: [], renamed: [] },
  ]);
  assertEquals(planDropRule(config, 0).changes.map(({ ruleIndex, removed }) => [ruleIndex, removed.length]), [[0, 2]]);
});

Deno.test("an edit without effect gives the config itself", () => {
  const config = parseSopsConfig(TWO_RULES, PATH);
  const edits = [
    planRemoveRecipient(config, [0, 1], "age1testcarol"),
    planRemoveRecipient(config, [], "age1testbob00"),
    planAddRecipientToRules(config, [0, 1], { text: "age1testbob00", name: "any" }),
    planSetRecipients(config, 1, [{ text: "age1testbob00", name: "x" }, { text: "age1testalice", name: "y" }]),
    planRenameRecipient(config, "bob", "bob"),
  ];
  for (const edit of edits) {
    assert(edit.config === config);
    assertEquals(edit.source, TWO_RULES);
    assertEquals(edit.changes, []);
  }
});

Deno.test("an edit of a rule that does not exist is a bug of the caller", () => {
  const config = parseSopsConfig(TWO_RULES, PATH);
  const recipient = { text: "age1testnew00", name: "new" };
  for (
    const plan of [
      () => planRemoveRecipient(config, [2], "age1testbob00"),
      () => planAddRecipientToRules(config, [0, 2], recipient),
      () => planSetRecipients(config, 2, [recipient]),
      () => planDropRule(config, 2),
    ]
  ) assert(assertThrows(plan) instanceof InternalError);
});
