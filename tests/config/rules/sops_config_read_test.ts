import type { Rule, SopsConfig } from "../../../lib/config/rules/sops_config.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { readConfigFiles } from "../../support/corpus.ts";

function read(source: string): SopsConfig {
  return parseSopsConfig(source, "/r/.sops.yaml");
}

/** The only rule of a file with these lines under `- path_regex: x`. */
function ruleOf(lines: string): Rule {
  const [rule] = read(`creation_rules:\n  - path_regex: x\n${lines.replace(/^/gm, "    ")}\n`).rules;
  assert(rule !== undefined);
  return rule;
}

/** The keys of each group as `type text`, age left out. */
function groupsOf(rule: Rule): string[][] {
  return rule.groups.map(({ keys }) => keys.map(({ type, text }) => type === "age" ? text : `${type} ${text}`));
}

const FLAT: readonly (readonly [name: string, lines: string, keys: readonly string[]])[] = [
  ["one text", "age: a", ["a"]],
  ["a comma text", "age: a, b ,c", ["a", "b", "c"]],
  ["a comma text with empty parts", "age: ',a,, b,'", ["a", "b"]],
  ["a folded text", "age: >-\n  a,\n  b,", ["a", "b"]],
  ["a literal text", "age: |\n  a,\n  b", ["a", "b"]],
  ["a plain text over lines", "age: a,\n  b", ["a", "b"]],
  ["a flow list", "age: [a, 'b']", ["a", "b"]],
  ["a block list with commas in an item", "age:\n- a, b\n- c", ["a", "b", "c"]],
  ["a list with an empty item, which SOPS refuses later", "age: [a, '']", ["a", ""]],
  ["a list of one empty item", "age: ['']", []],
  ["an empty list", "age: []", []],
  ["an empty text", "age: ''", []],
  ["null", "age: ~", []],
  ["duplicates, which stay", "age: a,a", ["a", "a"]],
  [
    "every type in the order of SOPS",
    "hc_vault_transit_uri: h\nazure_keyvault: z\nhckms: [k]\ngcp_kms: g\nkms: ar n\npgp: A B\nage: a",
    ["a", "pgp AB", "kms arn", "gcp_kms g", "hckms k", "azure_keyvault z", "hc_vault_transit_uri h"],
  ],
  ["flat fields beside an empty key_groups", "key_groups: []\nage: a", ["a"]],
  ["flat fields beside key_groups of nothing", "key_groups: [~]\nage: a", ["a"]],
];

for (const [name, lines, keys] of FLAT) {
  Deno.test(`parseSopsConfig() reads flat fields: ${name}`, () => {
    const rule = ruleOf(lines);
    assertEquals(groupsOf(rule), [[...keys]]);
    assertEquals(rule.nodes.groups.length, 0);
  });
}

const GROUPS: readonly (readonly [name: string, lines: string, groups: readonly (readonly string[])[]])[] = [
  ["one group", "key_groups:\n- age: [a, b]", [["a", "b"]]],
  ["two groups, of which one is empty", "key_groups: [{age: [a]}, {}]", [["a"], []]],
  ["duplicates, which go", "key_groups: [{age: ['a,b', a]}]", [["a", "b"]]],
  ["merged groups first", "key_groups: [{age: [a, b], merge: [{age: [c], merge: [{age: [d]}]}, {age: [b]}]}]", [[
    "d",
    "c",
    "b",
    "a",
  ]]],
  ["an empty item", "key_groups: [{age: ['']}]", [[]]],
  ["null items and null lists", "key_groups: [{age: [~, a], pgp: ~}]", [["a"]]],
  ["numbers as texts", "key_groups: [{age: [1, true]}]", [["1", "true"]]],
  [
    "cloud keys",
    "key_groups:\n- hc_vault: [h]\n  azure_keyvault: [{vaultUrl: https://v, key: k, version: '1'}]\n" +
    "  hckms: [{key_id: 'r:1'}]\n  gcp_kms: [{resource_id: g}]\n  kms: [{arn: n, role: r}]\n  pgp: [A]",
    [["pgp A", "kms n+r", "gcp_kms g", "hckms r:1", "azure_keyvault https://v/keys/k/1", "hc_vault_transit_uri h"]],
  ],
  ["key_groups beside age, which SOPS ignores", "age: z\nkey_groups: [{age: [a]}]", [["a"]]],
];

for (const [name, lines, groups] of GROUPS) {
  Deno.test(`parseSopsConfig() reads key_groups: ${name}`, () => {
    const rule = ruleOf(lines);
    assertEquals(groupsOf(rule), groups.map((group) => [...group]));
    assertEquals(rule.nodes.groups.length, groups.length);
  });
}

const REFUSED: readonly (readonly [name: string, source: string, place: string, problem: RegExp])[] = [
  ["a list as the file", "- a\n", "1:1", /^a list as the whole file/],
  ["text as the file", "a\n", "1:1", /^text as the whole file/],
  [
    "creation_rules as a mapping",
    "creation_rules:\n  path_regex: x\n",
    "2:3",
    /^a mapping as the value of "creation_rules", expected a list/,
  ],
  ["creation_rules as text", "creation_rules: ''\n", "1:17", /^text as the value of "creation_rules"/],
  ["a rule that is text", "creation_rules:\n  - secrets\n", "2:5", /^text as rule 1, expected a mapping/],
  ["a rule that is a list", "creation_rules:\n  - - a: b\n", "2:5", /^a list as rule 1/],
  ["a number as age", "creation_rules: [{age: 5}]", "1:24", /^a number as the value of "age", expected text/],
  ["a mapping as age", "creation_rules: [{age: {a: b}}]", "1:24", /^a mapping as the value of "age"/],
  ["a number in an age list", "creation_rules: [{age: [a, 5]}]", "1:28", /^a number as an item of "age"/],
  ["nothing in an age list", "creation_rules: [{age: [a, ~]}]", "1:28", /^nothing as an item of "age"/],
  ["text as hckms", "creation_rules: [{hckms: a}]", "1:26", /^text as the value of "hckms", expected a list/],
  [
    "a threshold in quotes",
    "creation_rules: [{shamir_threshold: '2'}]",
    "1:37",
    /^text as the value of "shamir_threshold", expected a number/,
  ],
  [
    "mac_only_encrypted as a number",
    "creation_rules: [{mac_only_encrypted: 1}]",
    "1:39",
    /^a number as .*, expected true or false/,
  ],
  [
    "path_regex as a list",
    "creation_rules: [{path_regex: [a]}]",
    "1:31",
    /^a list as the value of "path_regex", expected text/,
  ],
  [
    "a selector as a list",
    "creation_rules: [{encrypted_regex: [a]}]",
    "1:36",
    /^a list as the value of "encrypted_regex"/,
  ],
  [
    "key_groups as a mapping",
    "creation_rules: [{key_groups: {age: [a]}}]",
    "1:31",
    /^a mapping as the value of "key_groups", expected a list/,
  ],
  ["a key group that is a list", "creation_rules: [{key_groups: [[a]]}]", "1:32", /^a list as a key group/],
  [
    "text as age of a group",
    "creation_rules: [{key_groups: [{age: a}]}]",
    "1:38",
    /^text as the value of "age", expected a list/,
  ],
  [
    "a mapping among the age of a group",
    "creation_rules: [{key_groups: [{age: [{a: b}]}]}]",
    "1:39",
    /^a mapping as an item of "age", expected text/,
  ],
  [
    "text as a cloud key",
    "creation_rules: [{key_groups: [{kms: [a]}]}]",
    "1:39",
    /^text as an item of "kms", expected a mapping/,
  ],
  ["text as stores", "stores: x\n", "1:9", /^text as the value of "stores", expected a mapping/],
  ["text as an indentation", "stores: {yaml: {indent: x}}\n", "1:25", /^text as the value of "indent"/],
  ["a destination rule that is text", "destination_rules: [a]\n", "1:21", /^text as a destination rule/],
  [
    "a destination rule with a version that is text",
    "destination_rules: [{vault_kv_version: '2'}]\n",
    "1:40",
    /^text as the value of "vault_kv_version"/,
  ],
  ["a colon behind an anchor", "creation_rules:\n  - age:\n      - &a: b\n", "3:9", /behind an anchor/],
];

for (const [name, source, place, problem] of REFUSED) {
  Deno.test(`parseSopsConfig() refuses ${name}`, () => {
    const error = assertUserError(assertThrows(() => read(source)), "malformed");
    assertEquals(`${error.location?.line}:${error.location?.column}`, place);
    assert(problem.test(error.message.replace(/^.*?column \d+: /, "")), error.message);
  });
}

Deno.test("parseSopsConfig() tells an empty list of rules from none", () => {
  const has = (source: string): [boolean, number] => [read(source).hasCreationRules, read(source).rules.length];
  assertEquals(["", "{}", "creation_rules:", "creation_rules: ~", "stores: {}"].map(has), Array(5).fill([false, 0]));
  assertEquals(has("creation_rules: []"), [true, 0]);
  assertEquals(has("creation_rules: [~]"), [true, 0]);
  assertEquals(read("creation_rules: ~").creationRules?.name, "creation_rules");
});

Deno.test("parseSopsConfig() reads the booleans of YAML 1.1, quoted or not", () => {
  const values = ["true", "yes", "'yes'", "on", "Y", "false", "no", "off", "'n'", "~"];
  const expected = [true, true, true, true, true, false, false, false, false, false];
  assertEquals(values.map((value) => ruleOf(`mac_only_encrypted: ${value}`).macOnlyEncrypted), expected);
});

Deno.test("parseSopsConfig() keeps every selector of a rule and the threshold", () => {
  const rule = ruleOf("encrypted_regex: ^a$\nunencrypted_suffix: _u\nencrypted_suffix: ''\nshamir_threshold: 2");
  assertEquals(rule.selectors, { encrypted_regex: "^a$", unencrypted_suffix: "_u" });
  assertEquals([rule.shamirThreshold, ruleOf("age: a").shamirThreshold], [2, undefined]);
});

Deno.test("parseSopsConfig() follows aliases to lists, groups and rules, and merges", () => {
  const config = read([
    "team: &team [a, b]",
    "group: &group {age: *team, pgp: [P]}",
    "base: &base {path_regex: x, age: *team}",
    "creation_rules:",
    "  - age: *team",
    "  - key_groups: [*group, {age: [c]}]",
    "  - *base",
    "  - <<: *base",
    "    path_regex: y",
  ].join("\n"));
  assertEquals(config.rules.map(groupsOf), [[["a", "b"]], [["a", "b", "pgp P"], ["c"]], [["a", "b"]], [["a", "b"]]]);
  assertEquals(config.rules.map((rule) => rule.pathRegex), [undefined, undefined, "x", "y"]);
  assertEquals(config.rules.map(({ nodes }) => [nodes.isAlias, nodes.usesMerge]), [
    [false, false],
    [false, false],
    [true, false],
    [false, true],
  ]);
  assertEquals(config.rules[3]?.nodes.entries.map(({ name, owner }) => [name, owner === config.rules[3]?.nodes.map]), [
    ["path_regex", true],
    ["age", false],
  ]);
});

Deno.test("parseSopsConfig() tells where every key of a comma text stands", () => {
  const source = "creation_rules:\n  - age: >-\n      age1aa,\n      age1a, age1aa\n";
  const [rule] = read(source).rules;
  const keys = rule?.groups[0]?.keys ?? [];
  assertEquals(keys.map(({ range }) => source.slice(range.start, range.end)), ["age1aa", "age1a", "age1aa"]);
  assertEquals(keys.map(({ range }) => range.start), [34, 48, 55]);
});

Deno.test("parseSopsConfig() tells how every key is written", () => {
  const rule = ruleOf("key_groups:\n- age:\n  - age1a\n  - &b age1b\n  - *b\n  - &c 'age1c'");
  assertEquals(rule.groups[0]?.keys.map(({ text, written, name }) => [text, written, name]), [
    ["age1a", "literal", undefined],
    ["age1b", "anchor", "b"],
    ["age1c", "anchor", "c"],
  ]);
});

/** Lines under `key_groups: - age:` or a flat field, and the names of the keys. */
const NAMES: readonly (readonly [name: string, lines: string, names: readonly (string | undefined)[]])[] = [
  ["comments at the end of the line", "age:\n- a # alice\n- b   # bob b\n- c", ["alice", "bob b", undefined]],
  ["comments above each", "age:\n# alice\n- a\n# bob\n- b", ["alice", "bob"]],
  ["a comment that heads a list", "age:\n# admins\n- a\n- b", [undefined, undefined]],
  ["a comment above an item whose neighbour has its own", "age:\n# alice\n- a\n- b # bob", ["alice", "bob"]],
  ["a comment above the last of several", "age:\n- a\n# bob\n- b", [undefined, "bob"]],
  ["a comment above a single item", "age:\n# alice\n- a", ["alice"]],
  ["a comment above a text of one key", "# alice\nage: a", ["alice"]],
  ["a comment above a text of several keys", "# alice\nage: a, b", [undefined, undefined]],
  ["a comment that names several people", "# alice, bob\nage: a", [undefined]],
  ["a comment of several lines", "age:\n# see the wiki\n# for more\n- a", [undefined]],
  ["a key that is commented out", `age:\n# - age1${"q".repeat(58)}\n- a`, [undefined]],
  ["a comment behind the mark of a folded text", "age: >- # alice\n  a", ["alice"]],
  ["a comment below a folded text", "age: >-\n  a\n # alice", [undefined]],
  ["a sentence", "# This key is kept by the operations team.\nage: a", [undefined]],
];

for (const [name, lines, names] of NAMES) {
  Deno.test(`parseSopsConfig() names keys: ${name}`, () => {
    assertEquals(ruleOf(lines).groups[0]?.keys.map((key) => key.name), [...names]);
  });
}

Deno.test("parseSopsConfig() takes the comment above the last item of a rule for its name, whatever follows the rule", () => {
  const rule = "  - key_groups:\n      - age:\n          - a # alice\n          # bob\n          - b\n";
  for (const next of ["", "  - age: c\n", "      - age: [c]\n", "stores: {}\n"]) {
    const [first] = read(`creation_rules:\n${rule}${next}`).rules;
    assertEquals(first?.groups[0]?.keys.map(({ name }) => name), ["alice", "bob"], next);
  }
});

Deno.test("parseSopsConfig() does not take the comment above a rule for the name of its key", () => {
  const [rule] = read("creation_rules:\n  # production\n  - age: a\n    path_regex: x\n").rules;
  assertEquals(rule?.groups[0]?.keys[0]?.name, undefined);
});

Deno.test("parseSopsConfig() lists the keys that anchors name, nested ones too", () => {
  const config = read([
    "keys:",
    "  - &alice age1alicealice",
    "  - &hosts:",
    "    - &web age1webwebweb",
    "  - users:",
    "      - &bob 7088C7421873E0DB97FF17C2245CAB70B4C225E9",
    "      - &note just a text",
    "creation_rules:",
    "  - age: &here age1herehere",
  ].join("\n"));
  assertEquals(config.keys.map(({ name, lineNumber, trail }) => [name, lineNumber, trail.join("/")]), [
    ["alice", 2, "keys"],
    ["web", 4, "keys/hosts"],
    ["bob", 6, "keys/users"],
    ["here", 9, "creation_rules/age"],
  ]);
});

Deno.test("parseSopsConfig() warns of what SOPS ignores, with its place", () => {
  const source = [
    "key_file: x",
    "people: [&a age1aaaaaaaa]",
    "creation_rules:",
    "  - path-regex: x",
    "    key_groups:",
    "      - ages: [*a]",
    "---",
    "creation_rules: []",
  ].join("\n");
  assertEquals(read(source).warnings.map(({ message, lineNumber, column }) => [lineNumber, column, message]), [
    [1, 1, 'SOPS does not know the key "key_file" of the top level and ignores it'],
    [4, 5, 'SOPS does not know the key "path-regex" of rule 1 and ignores it'],
    [6, 9, 'SOPS does not know the key "ages" of a key group of rule 1 and ignores it'],
    [7, 1, "SOPS reads only the first YAML document of a file, and this is the second"],
  ]);
});

Deno.test("parseSopsConfig() reads every file, each key at its place", () => {
  for (const { name, content } of readConfigFiles("corpus")) {
    const config = parseSopsConfig(new TextDecoder().decode(content), name);
    assert(config.rules.length > 0, name);
    for (const { groups } of config.rules) {
      for (const { text, range, written } of groups.flatMap(({ keys }) => keys)) {
        const piece = config.document.source.slice(range.start, range.end);
        if (written === "literal") assert(piece.includes(text), `${name}: ${text} is not at its place`);
      }
    }
  }
});
