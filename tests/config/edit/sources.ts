/**
 * Random `.sops.yaml` files in every dialect, for property tests. Pure.
 *
 * @module
 */
import fc from "../../support/property.ts";

/** A generated file. */
export interface GeneratedConfig {
  readonly source: string;
  readonly ruleCount: number;
  /** The list of rules is a block list, so that new rules are whole lines. */
  readonly isBlock: boolean;
}

const PEOPLE = ["alice", "bob00", "carol", "dave0"] as const;
type Person = typeof PEOPLE[number];
const keyOf = (person: Person): string => `age1test${person}`;

const person = fc.constantFrom(...PEOPLE);
const people = fc.uniqueArray(person, { minLength: 1, maxLength: 4 });
const comment = fc.constantFrom("", " # note", "\t#\ttabs", "  # alice, bob");
const pattern = fc.constantFrom("a", "^secrets/.*\\.yaml$", "'[/\\\\]b'", '"c\\\\.d"', "hosts/(x|y)", "d  # not e");

/** How keys are named in a file. */
const NAMINGS = [
  "none",
  "list",
  "headed",
  "brackets",
  "mapping",
  "pairs",
  "kinds",
  "kind-lists",
  "kind-mappings",
  "kind-items",
  "kind-brackets",
  "empty-kind",
  "no-kind",
  "top",
] as const;
type Naming = typeof NAMINGS[number];
const naming = fc.constantFrom<Naming>(...NAMINGS);

function namedKeys(form: Naming, indent: string): string[] {
  const define = (name: Person): string => `&${name} ${keyOf(name)}`;
  const items = PEOPLE.map(define);
  const [users, hosts] = [items.slice(0, 2), items.slice(2)];
  const list = (lines: readonly string[], space: string): string[] => lines.map((line) => `${space}- ${line}`);
  switch (form) {
    case "none":
      return [];
    case "list":
      return ["keys:", ...list(items, indent)];
    case "brackets":
      return [`keys: [${items.join(", ")}]`];
    case "mapping":
      return ["keys:", ...PEOPLE.map((name) => `  ${name}: ${define(name)}`)];
    case "headed":
      return ["keys:", `${indent}# Users`, ...list(users, indent), "", `${indent}# Hosts`, ...list(hosts, indent)];
    case "pairs":
      return ["keys:", ...PEOPLE.map((name) => `${indent}- ${name}: ${define(name)}`)];
    case "kind-mappings":
      return [
        "keys:",
        "  people: # all of us",
        ...PEOPLE.slice(0, 2).map((name) => `    ${name}: ${define(name)}`),
        "  machines:",
        ...PEOPLE.slice(2).map((name) => `    ${name}: ${define(name)}`),
      ];
    case "kind-items":
      return ["keys:", "  - users:", ...list(users, "      "), "  - hosts:", ...list(hosts, "    ")];
    case "kind-brackets":
      return ["keys:", `  users: [ ${users.join(", ")} ]`, `  hosts: [${hosts.join(", ")}] # all`];
    case "empty-kind":
      return ["keys:", "  admins: []", "  users:", ...list(items, `  ${indent}`), "  hosts: # none yet"];
    case "no-kind":
      return ["keys:", "  blue:", ...list(users, `  ${indent}`), "  red:", ...list(hosts, `  ${indent}`)];
    case "kinds":
      return ["keys:", "  users:", ...list(users, `  ${indent}`), "  hosts:", ...list(hosts, `  ${indent}`)];
    case "kind-lists":
      return ["keys:", "  - &users", ...list(users, "    "), "  # hosts", "  - &hosts", ...list(hosts, "    ")];
    case "top":
      return PEOPLE.map((name) => `${name}: ${define(name)}`);
  }
}

/** Lists, groups and mappings that rules share. */
const SHARED = [
  "shared-list: &list",
  "  - age1testshared # shared",
  "  - age1testsecond",
  "shared-brackets: &brackets [age1testshared, age1testsecond]",
  "shared-text: &text 'age1testshared, age1testsecond'",
  "shared-group: &group",
  "  pgp:",
  "    - FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4",
  "  age: *list",
  "shared-groups: &groups",
  "- *group",
  "shared-base: &base",
  "  encrypted_regex: ^(data)$",
  "  key_groups: *groups",
  "shared-flat: &flat { age: *text }",
];

interface Keys {
  readonly kind: string;
  readonly people: readonly Person[];
  readonly aliases: boolean;
  readonly comment: string;
  readonly wide: number;
}

const keys: fc.Arbitrary<Keys> = fc.record({
  kind: fc.constantFrom(
    "plain",
    "single",
    "double",
    "folded",
    "literal",
    "lines",
    "comma",
    "spaced",
    "none",
    "null",
    "empty",
    "pgp",
    "list",
    "brackets",
    "long-brackets",
    "groups",
    "group-brackets",
    "group-braces",
    "group-pgp",
    "group-empty",
    "two-groups",
    "in-place",
    "alias-list",
    "alias-text",
    "alias-brackets",
    "alias-group",
    "alias-groups",
    "merge",
    "merge-flat",
    "held",
    "commented",
    "comma-items",
    "group-merge",
    "alias-users",
    "pgp-beside",
    "double-escaped",
  ),
  people,
  aliases: fc.boolean(),
  comment,
  wide: fc.constantFrom(0, 2, 4),
});

/** The lines of a rule's keys, relative to its first key. */
function keyLines({ kind, people, aliases, comment, wide }: Keys, naming: Naming, index: number): string[] {
  const hasNames = naming !== "none";
  const hasKinds = naming === "kind-lists";
  const texts = people.map(keyOf);
  const items = people.map((name, at) => hasNames && (aliases || at === 0) ? `*${name}` : keyOf(name));
  const space = " ".repeat(wide);
  const list = (lead: string): string[] => items.map((item) => `${lead}${space}- ${item}${comment}`);
  const rows = (trailing: string): string[] =>
    texts.map((text, at) => `  ${space}${text}${at < texts.length - 1 ? "," : trailing}`);
  switch (kind) {
    case "plain":
      return [`age: ${texts.join(",")}${comment}`];
    case "single":
      return [`age: '${texts.join(",")}'${comment}`];
    case "double":
      return [`age: "${texts.join(", ")}"${comment}`];
    case "folded":
      return ["age: >-", ...rows("")];
    case "literal":
      return ["age: |", ...rows(",")];
    case "lines":
      return [`age: ${texts[0]},`, ...texts.slice(1).map((text) => `  ${text},`), `  age1testlast0${comment}`];
    case "comma":
      return [`age: ${texts.join(",")},${comment}`];
    case "spaced":
      return [`age:   "${texts.join(" , ")}"`];
    case "none":
      return [];
    case "null":
      return [`age:${comment}`];
    case "empty":
      return ["age: ''"];
    case "pgp":
      return ["pgp: >-", "  FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4"];
    case "list":
      return [`age:${comment}`, ...list("")];
    case "brackets":
      return [`age: [${items.join(", ")}]${comment}`];
    case "long-brackets":
      return ["age: [", ...items.map((item) => `    ${item},${comment}`), "  ]"];
    case "groups":
      return ["key_groups:", `${space}- age:${comment}`, ...list(`${space}  `)];
    case "group-brackets":
      return ["key_groups:", `  - age: [ ${items.join(", ")} ]${comment}`];
    case "group-braces":
      return [`key_groups: [{age: [${items.join(", ")}]}]`];
    case "group-pgp":
      return ["key_groups:", "- pgp:", "  - FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4", `  # end${comment}`];
    case "group-empty":
      return ["key_groups:", `  - {}${comment}`];
    case "two-groups":
      return ["key_groups:", `  - age: [${items.join(", ")}]`, "  - age:", "    - age1testother"];
    case "in-place":
      return ["key_groups:", "  - age:", `    - &own${index} age1testown${index}0${comment}`];
    case "alias-list":
      return ["key_groups:", `  - age: *list${comment}`];
    case "alias-text":
      return [`age: *text${comment}`];
    case "alias-brackets":
      return [`age: *brackets${comment}`];
    case "alias-group":
      return ["key_groups:", `  - *group${comment}`];
    case "alias-groups":
      return [`key_groups: *groups${comment}`];
    case "commented":
      return ["age:", ...items.flatMap((item, at) => [`${space}# ${people[at]}`, `${space}- ${item}`])];
    case "comma-items":
      return ["age:", `${space}- ${texts.join(", ")}${comment}`, `${space}- age1testother`];
    case "group-merge":
      return [
        "key_groups:",
        `  - merge:`,
        `      - age: [${items.join(", ")}]${comment}`,
        `      - *group`,
        "    age:",
        ...list("      "),
      ];
    case "alias-users":
      return [hasKinds ? "age: *users" : "age: *list"];
    case "pgp-beside":
      return [`age: ${texts[0]}${comment}`, "pgp: FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4"];
    case "double-escaped":
      return [`age: "${texts.join(",\\\n            ")}"`];
    case "merge":
      return ["<<: *base"];
    case "merge-flat":
      return ["<<: *flat"];
    default:
      return ["key_groups: &held" + index, "  - age:", ...list("    ")];
  }
}

/** Random configuration files. */
export const generatedConfig: fc.Arbitrary<GeneratedConfig> = fc.record({
  naming,
  rules: fc.array(fc.record({ keys, pattern, first: fc.boolean(), above: comment, blank: fc.boolean() }), {
    maxLength: 4,
  }),
  indent: fc.constantFrom("", "  ", "    "),
  gap: fc.constantFrom(" ", "   "),
  head: fc.constantFrom([], ["---"], ["# head", ""], ["# head", "---", "# more"]),
  tail: fc.constantFrom(
    [],
    ["stores:", "  yaml:", "    indent: 2"],
    ["# about stores", "stores: {}"],
    ["---", "other: 1"],
    ["..."],
    ["  ", ""],
    ["other: *list", "more: *group"],
  ),
  empty: fc.constantFrom("", " []", " ~", " null # none"),
  lineBreak: fc.constantFrom("\n", "\r\n", "\r"),
  bom: fc.boolean(),
  finalNewline: fc.boolean(),
  inBraces: fc.boolean(),
}).map((file) => {
  const { rules, indent, gap } = file;
  const body = rules.flatMap((rule, index): string[] => {
    const fields = keyLines(rule.keys, file.naming, index);
    const selector = index === 1 && !fields.includes("<<: *base") ? ["encrypted_suffix: _x"] : [];
    const path = [`path_regex: ${rule.pattern}`];
    const lines = rule.first ? [...path, ...selector, ...fields] : [...fields, ...path, ...selector];
    const above = rule.above === "" ? [] : [`${indent}${rule.above.trimStart()}`];
    return [
      ...(rule.blank ? [""] : []),
      ...above,
      ...lines.map((line, at) => at === 0 ? `${indent}-${gap}${line}` : `${indent} ${gap.replace(/./g, " ")}${line}`),
    ];
  });
  const held = rules.flatMap((rule, index) => rule.keys.kind === "held" ? [index] : []);
  const own = rules.flatMap((rule, index) => rule.keys.kind === "in-place" && rule.keys.aliases ? [index] : []);
  const users = [
    ...held.map((index) => `${indent}-${gap}{path_regex: held${index}, key_groups: *held${index}}`),
    ...own.map((index) => `${indent}-${gap}{path_regex: own${index}, age: [age1testother, *own${index}]}`),
  ];
  const isBraces = file.inBraces && rules.length === 0;
  const lines = isBraces ? ["{stores: {}, creation_rules: [{path_regex: a, age: age1testalice}]}"] : [
    ...file.head,
    ...namedKeys(file.naming, indent),
    ...SHARED,
    `creation_rules:${rules.length === 0 ? file.empty : ""}`,
    ...body,
    ...users,
    ...file.tail,
  ];
  const { lineBreak } = file;
  const text = lines.join(lineBreak) + (file.finalNewline ? lineBreak : "");
  return {
    source: (file.bom ? "\ufeff" : "") + text,
    ruleCount: isBraces ? 1 : rules.length + users.length,
    isBlock: !isBraces && rules.length > 0,
  };
});
