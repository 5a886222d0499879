/**
 * Golden pages: a rule added to a file, in every dialect. `deno test … -- --update` rewrites the pages.
 *
 * @module
 */
import { InternalError, UserError } from "../../../lib/base/error.ts";
import { planAddRule } from "./plans.ts";
import type { NewRecipient, NewRule } from "../../../lib/config/edit/intent.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { type EditCase, editPages, formatEditPage, hideText, parseEditPage } from "./page.ts";
import { isSplicedFrom, keepsLines } from "./subsequence.ts";

const PAGES = editPages("rule_");
const PATH = "/repo/.sops.yaml";
const RULE: NewRule = {
  pathRegex: "new/.*\\.yaml$",
  recipients: [{ text: "age1testnew00", name: "new" }],
  selectors: {},
  macOnlyEncrypted: false,
};

function runCase({ options, before }: EditCase): string {
  const config = parseSopsConfig(before, PATH);
  const { position, replaces, inLine, ...changes } = options as { position?: number } & Record<string, never>;
  const place = position ?? config.rules.length;
  const rule: NewRule = { ...RULE, ...changes };
  try {
    const edit = planAddRule(config, rule, place);
    assertEquals(edit.ruleIndex, place);
    assertEquals(edit.config.rules[place]!.pathRegex, rule.pathRegex);
    if (replaces !== true) {
      assert(isSplicedFrom(before, edit.source), "every character survives");
      if (inLine !== true) assert(keepsLines(before, edit.source), "every line survives");
    }
    return hideText(edit.source);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `error ${error.kind}: ${error.message}\nhint: ${error.hints.join("; ")}\n`;
  }
}

assert(PAGES.length > 0, "there are pages");
for (const name of PAGES) {
  const url = new URL(`edits/${name}.txt`, import.meta.url);
  const cases = parseEditPage(Deno.readTextFileSync(url));
  assert(cases.length > 0, `${name} has cases`);
  if (Deno.args.includes("--update")) {
    Deno.writeTextFileSync(url, formatEditPage(cases.map((page) => ({ ...page, after: runCase(page) }))));
    continue;
  }
  for (const page of cases) {
    Deno.test(`planAddRule() ${name}: ${page.title}`, () => assertEquals(runCase(page), page.after));
  }
}

const ONE_RULE = "# head\ncreation_rules:\n  - path_regex: a\n    age: age1testalice\n";

Deno.test("planAddRule() tells the line on which the new rule starts", () => {
  const config = parseSopsConfig(ONE_RULE, PATH);
  assertEquals(planAddRule(config, RULE, 0).lineNumber, 3);
  assertEquals(planAddRule(config, RULE, 1).lineNumber, 5);
});

Deno.test("planAddRule() tells the name that it wrote, and the wanted one where it wrote none", () => {
  const groups = "creation_rules:\n  - key_groups:\n      - age:\n          - age1testalice # new\n";
  assertEquals(planAddRule(parseSopsConfig(groups, PATH), RULE, 0).name, "new-2");
  assertEquals(planAddRule(parseSopsConfig(ONE_RULE, PATH), RULE, 0).name, "new");
});

Deno.test("planAddRule() refuses a recipient with a comma", () => {
  const recipients: NewRecipient[] = [{ text: "age1testnew00,age1testbob00", name: "two" }];
  const error = assertThrows(() => planAddRule(parseSopsConfig(ONE_RULE, PATH), { ...RULE, recipients }, 0));
  assertUserError(error, "malformed", /cannot record the key "two"/);
});

for (const position of [-1, 2]) {
  Deno.test(`planAddRule() takes the position ${position} for a bug of the caller`, () => {
    const error = assertThrows(() => planAddRule(parseSopsConfig(ONE_RULE, PATH), RULE, position));
    assert(error instanceof InternalError);
  });
}

Deno.test("planAddRule() takes the keys of a rule that does not exist for a bug of the caller", () => {
  const error = assertThrows(() => planAddRule(parseSopsConfig(ONE_RULE, PATH), { ...RULE, keysOfRule: 7 }, 0));
  assert(error instanceof InternalError);
});
