import { InternalError } from "../../../lib/base/error.ts";
import type { NewRule } from "../../../lib/config/edit/intent.ts";
import { planAddRecipient, planNewConfig } from "./plans.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";

const PATH = "/repo/.sops.yaml";
const RULE: NewRule = {
  pathRegex: "^secrets/.*\\.(ya?ml|json|env|ini)$",
  recipients: [{ text: "age1testnew00", name: "prod sops" }],
  selectors: {},
  macOnlyEncrypted: false,
};

Deno.test("planNewConfig() names keys by anchor, as the sops-nix documentation does", () => {
  const edit = planNewConfig(PATH, RULE, "named-keys", "who can read the secrets of this repository");
  assertEquals(
    edit.source,
    `# who can read the secrets of this repository
keys:
  - &prod-sops age1testnew00

creation_rules:
  - path_regex: ^secrets/.*\\.(ya?ml|json|env|ini)$
    key_groups:
      - age:
          - *prod-sops

stores:
  yaml:
    indent: 2
`,
  );
  assertEquals([edit.name, edit.ruleIndex, edit.lineNumber], ["prod-sops", 0, 6]);
  assertEquals(edit.config.keys.map((key) => key.name), ["prod-sops"]);
});

Deno.test("planNewConfig() writes a flat text for files that atmos adds to", () => {
  const edit = planNewConfig(PATH, RULE, "flat", "who can read\nthe secrets");
  assertEquals(
    edit.source,
    `# who can read the secrets
creation_rules:
  - path_regex: ^secrets/.*\\.(ya?ml|json|env|ini)$
    age: age1testnew00

stores:
  yaml:
    indent: 2
`,
  );
  assertEquals([edit.name, edit.lineNumber], ["prod sops", 3]);
});

for (const form of ["named-keys", "flat"] as const) {
  Deno.test(`planNewConfig() ${form} holds selectors and several recipients, and quotes what needs it`, () => {
    const rule: NewRule = {
      pathRegex: "[/\\\\]x: #.*$",
      recipients: [{ text: "age1testnew00", name: "a" }, { text: "ssh-ed25519 AAAAC3test a #1", name: "a" }],
      selectors: { encrypted_regex: "^(data|stringData)$" },
      macOnlyEncrypted: true,
    };
    const { config, source } = planNewConfig(PATH, rule, form, "test");
    const [only] = config.rules;
    assertEquals(only!.pathRegex, rule.pathRegex);
    assertEquals(only!.selectors, rule.selectors);
    assertEquals(only!.macOnlyEncrypted, true);
    assertEquals(only!.groups[0]!.keys.map((key) => key.text), rule.recipients.map(({ text }) => text));
    assertEquals(source.includes("&a-2"), form === "named-keys");
  });

  Deno.test(`planNewConfig() ${form} can be added to`, () => {
    const edit = planNewConfig(PATH, RULE, form, "test");
    const more = planAddRecipient(edit.config, 0, { text: "age1testbob00", name: "bob" });
    assertEquals(more.config.rules[0]!.groups[0]!.keys.map((key) => key.text), ["age1testnew00", "age1testbob00"]);
  });
}

Deno.test("planNewConfig() refuses a recipient that cannot stand in the file", () => {
  const rule = { ...RULE, recipients: [{ text: "a,b", name: "n" }] };
  assertUserError(assertThrows(() => planNewConfig(PATH, rule, "flat", "")), "malformed", /"n"/);
});

for (const rule of [{ ...RULE, recipients: [] }, { ...RULE, keysOfRule: 0 }]) {
  Deno.test(`planNewConfig() takes ${JSON.stringify(Object.keys(rule))} without its own keys for a bug`, () => {
    const error = assertThrows(() => planNewConfig(PATH, rule, "flat", ""));
    assert(error instanceof InternalError);
  });
}
