/**
 * Golden pages: a recipient added to a rule, in every dialect. `deno test … -- --update` rewrites the pages.
 *
 * @module
 */
import { InternalError, UserError } from "../../../lib/base/error.ts";
import { planAddRecipient } from "./plans.ts";
import { isSplicedFrom } from "./subsequence.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { type EditCase, editPages, formatEditPage, hideText, parseEditPage } from "./page.ts";

const PAGES = editPages("recipient_");
const NEW = "age1testnew00";
const PATH = "/repo/.sops.yaml";

function runCase({ options, before }: EditCase): string {
  const config = parseSopsConfig(before, PATH);
  const { rule = 0, name = "new", text = NEW, group, scope, owner } = options as Record<string, never>;
  const recipient = { text, name, ...(owner === undefined ? {} : { owner }) };
  try {
    const edit = planAddRecipient(config, rule, recipient, {
      ...(group === undefined ? {} : { group }),
      ...(scope === undefined ? {} : { scope }),
    });
    const again = planAddRecipient(edit.config, rule, recipient, { ...(group === undefined ? {} : { group }) });
    assertEquals(again.source, edit.source, "the second time changes nothing");
    const keys = edit.config.rules[rule]!.groups.flatMap((found) => found.keys);
    assert(keys.some((key) => key.text === text), "the rule has the recipient");
    if (options["takes"] !== true) assert(isSplicedFrom(before, edit.source), "every character survives");
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
    Deno.test(`planAddRecipient() ${name}: ${page.title}`, () => assertEquals(runCase(page), page.after));
  }
}

const ONE_RULE = "creation_rules:\n  - path_regex: a\n    age: age1testalice\n";

Deno.test("planAddRecipient() tells the line and the name of the recipient", () => {
  const source =
    "keys:\n  - &alice age1testalice\ncreation_rules:\n  - key_groups:\n      - age:\n          - *alice\n";
  const edit = planAddRecipient(parseSopsConfig(source, PATH), 0, { text: NEW, name: "prod sops" });
  assertEquals([edit.ruleIndex, edit.lineNumber, edit.name], [0, 8, "prod-sops"]);
  assertEquals(edit.source.split("\n")[edit.lineNumber - 1], "          - *prod-sops");
});

Deno.test("planAddRecipient() gives the line of a recipient that is there already, and the text itself", () => {
  const config = parseSopsConfig(ONE_RULE, PATH);
  const edit = planAddRecipient(config, 0, { text: "age1testalice", name: "other" });
  assertEquals(edit.source, ONE_RULE);
  assert(edit.config === config);
  assertEquals(edit.lineNumber, 3);
});

Deno.test("planAddRecipient() defines a text that is no key, which a preview has in its place", () => {
  const source = "keys:\n  - &alice age1testalice\ncreation_rules:\n  - age: [*alice]\n";
  const edit = planAddRecipient(parseSopsConfig(source, PATH), 0, { text: "<new recipient>", name: "new" });
  assertEquals(edit.source.split("\n")[2], "  - &new <new recipient>");
});

for (const text of ["", "a,b", "a\nb", " a", "a ", "a\u2028b"]) {
  Deno.test(`planAddRecipient() refuses the text ${JSON.stringify(text)}`, () => {
    const error = assertThrows(() => planAddRecipient(parseSopsConfig(ONE_RULE, PATH), 0, { text, name: "n" }));
    assertUserError(error, "malformed", /cannot record the key "n"/);
  });
}

Deno.test("planAddRecipient() refuses a rule that does not exist as a bug of the caller", () => {
  const error = assertThrows(() => planAddRecipient(parseSopsConfig(ONE_RULE, PATH), 1, { text: NEW, name: "n" }));
  assert(error instanceof InternalError);
});
