import { InternalError } from "../../../lib/base/error.ts";
import { Expected, type KeyName } from "../../../lib/config/edit/draft.ts";
import { proveChange, proveNewConfig } from "../../../lib/config/edit/proof.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";

const PATH = "/repo/.sops.yaml";
const BEFORE = `keys:
  - &alice age1testalice
team: &team [age1testcarol]
creation_rules:
  - path_regex: a
    encrypted_regex: ^x$
    key_groups:
      - age:
          - *alice
  - path_regex: b
    age: age1testbob00,age1testcarol
  - path_regex: c
    age: *team
stores: {yaml: {indent: 2}}
`;

/** What one group gains and loses, and what else is expected. */
interface Intent {
  readonly gains?: readonly [group: string, text: string];
  readonly losses?: readonly [group: string, text: string];
  readonly defined?: readonly KeyName[];
  readonly forgotten?: readonly KeyName[];
  readonly outside?: string;
  readonly renamed?: Expected["renamed"];
  readonly dropped?: number;
  readonly added?: Expected["added"];
}

function expectedOf({ gains, losses, defined = [], forgotten = [], outside, dropped, ...others }: Intent): Expected {
  const expected = Object.assign(new Expected(), others);
  if (gains !== undefined) expected.of(gains[0]).gained.add(gains[1]);
  if (losses !== undefined) expected.of(losses[0]).lost.add(losses[1]);
  expected.defined.push(...defined);
  expected.forgotten.push(...forgotten);
  if (outside !== undefined) expected.outside.add(outside);
  if (dropped !== undefined) expected.dropped.add(dropped);
  return expected;
}

const GAIN: Intent = { gains: ["0/0", "age1testnew00"], defined: [{ name: "new", text: "age1testnew00" }] };
const ADDED: Intent = {
  added: {
    index: 1,
    rule: { pathRegex: "n", selectors: {}, macOnlyEncrypted: false },
    keys: [{ type: "age", text: "age1testnew00" }],
  },
};

function change(...pieces: readonly [string, string][]): string {
  return pieces.reduce((text, [from, to]) => {
    assert(text.includes(from), `the file holds ${from}`);
    return text.replace(from, to);
  }, BEFORE);
}

function prove(after: string, intent: Intent): void {
  proveChange(parseSopsConfig(BEFORE, PATH), parseSopsConfig(after, PATH), expectedOf(intent));
}

const DEFINE: [string, string] = ["age1testalice\n", "age1testalice\n  - &new age1testnew00\n"];
const USE: [string, string] = ["- *alice\n", "- *alice\n          - *new\n"];
const RULE: [string, string] = ["  - path_regex: b", "  - path_regex: n\n    age: age1testnew00\n  - path_regex: b"];

Deno.test("proveChange() passes the intended difference", () => {
  prove(change(DEFINE, USE), GAIN);
  prove(change(RULE), ADDED);
  prove(BEFORE, {});
});

const SHARED: Intent = { gains: ["2/0", "age1testnew00"], outside: "age1testnew00" };

Deno.test("proveChange() passes a gain in a shared list, once", () => {
  prove(change(["[age1testcarol]", "[age1testcarol, age1testnew00]"]), SHARED);
  assert(
    assertThrows(() =>
      prove(change(["[age1testcarol]", "[age1testcarol, age1testnew00, age1testnew00]"]), SHARED)
    ) instanceof
      InternalError,
  );
});

const FAILURES: readonly (readonly [string, string, Intent, RegExp])[] = [
  ["nothing done", BEFORE, GAIN, /rule 1/],
  [
    "the use without the definition's name",
    change(["- *alice\n", "- *alice\n          - age1testnew00\n"]),
    GAIN,
    /name/,
  ],
  ["the definition alone", change(DEFINE), GAIN, /rule 1/],
  [
    "another text under the name",
    change(["age1testalice\n", "age1testalice\n  - &new age1testbob00\n"], USE),
    GAIN,
    /rule 1/,
  ],
  ["a second definition", change(DEFINE, ["- &new", "- &more age1testmore0\n  - &new"], USE), GAIN, /outside/],
  ["a key lost", change(DEFINE, ["- *alice\n", "- *new\n"]), GAIN, /rule 1/],
  [
    "the order changed",
    change(["age1testbob00,age1testcarol", "age1testcarol,age1testbob00"]),
    {},
    /rule 2/,
  ],
  ["a key in another rule", change(DEFINE, USE, ["age1testbob00,", "age1testbob00,age1testnew00,"]), GAIN, /rule 2/],
  ["another pattern", change(DEFINE, USE, ["path_regex: b", "path_regex: bb"]), GAIN, /settings of rule 2/],
  ["another selector", change(DEFINE, USE, ["^x$", "^xx$"]), GAIN, /settings of rule 1/],
  [
    "a threshold",
    change(DEFINE, USE, ["path_regex: b", "shamir_threshold: 2\n    path_regex: b"]),
    GAIN,
    /settings of rule 2/,
  ],
  [
    "mac_only_encrypted",
    change(DEFINE, USE, ["path_regex: b", "mac_only_encrypted: true\n    path_regex: b"]),
    GAIN,
    /rule 2/,
  ],
  ["a second group", change(DEFINE, ["- *alice\n", "- *alice\n      - age:\n          - *new\n"]), GAIN, /rule 1/],
  ["a rule lost", change(DEFINE, USE, ["  - path_regex: c\n    age: *team\n", ""]), GAIN, /2 rules, expected 3/],
  ["a rule more", change(DEFINE, USE, RULE), GAIN, /4 rules, expected 3/],
  ["another setting of the stores", change(DEFINE, USE, ["indent: 2", "indent: 4"]), GAIN, /outside/],
  ["a new top-level key", change(DEFINE, USE, ["stores:", "more: 1\nstores:"]), GAIN, /outside/],
  ["a key under another name", change(["&alice", "&alicia"], ["*alice", "*alicia"]), {}, /rule 1/],
  [
    "the new rule in another place",
    change(["  - path_regex: c", "  - path_regex: n\n    age: age1testnew00\n  - path_regex: c"]),
    ADDED,
    /rule 2/,
  ],
  ["another pattern in the new rule", change(RULE, ["path_regex: n", "path_regex: m"]), ADDED, /path_regex in rule 2/],
  [
    "a selector in the new rule",
    change(RULE, ["path_regex: n", "encrypted_suffix: _x\n    path_regex: n"]),
    ADDED,
    /selectors in rule 2/,
  ],
  [
    "mac_only_encrypted in the new rule",
    change(RULE, ["path_regex: n", "mac_only_encrypted: true\n    path_regex: n"]),
    ADDED,
    /mac_only/,
  ],
  [
    "a threshold in the new rule",
    change(RULE, ["path_regex: n", "shamir_threshold: 1\n    path_regex: n"]),
    ADDED,
    /threshold in rule 2/,
  ],
  [
    "a key more in the new rule",
    change(RULE, ["age: age1testnew00", "age: age1testnew00,age1testbob00"]),
    ADDED,
    /keys in rule 2/,
  ],
  ["no key in the new rule", change(RULE, ["    age: age1testnew00\n", ""]), ADDED, /keys in rule 2/],
];

const LOSS: Intent = { losses: ["1/0", "age1testbob00"] };
const CUT: [string, string] = ["age1testbob00,age1testcarol", "age1testcarol"];
const FORGET: Intent = {
  losses: ["0/0", "age1testalice"],
  forgotten: [{ name: "alice", text: "age1testalice" }],
};
const FORGOTTEN: readonly [string, string][] = [["  - &alice age1testalice\n", "  []\n"], ["- *alice", "[]"]];
const RENAME: Intent = { renamed: { from: "alice", to: "alicia" } };
const RENAMED: readonly [string, string][] = [["&alice", "&alicia"], ["*alice", "*alicia"]];
const DROP: Intent = { dropped: 1 };
const DROPPED: [string, string] = ["  - path_regex: b\n    age: age1testbob00,age1testcarol\n", ""];

Deno.test("proveChange() passes an intended removal, renaming and drop", () => {
  prove(change(CUT), LOSS);
  prove(change(...FORGOTTEN), FORGET);
  prove(change(...RENAMED), RENAME);
  prove(change(DROPPED), DROP);
  prove(change(["[age1testcarol]", "[]"]), { losses: ["2/0", "age1testcarol"], outside: "age1testcarol" });
});

const CHANGE_FAILURES: readonly (readonly [string, string, Intent, RegExp])[] = [
  ["a removal that left the key", BEFORE, LOSS, /removal of a recipient in rule 2/],
  ["a removal of another key too", change(["age: age1testbob00,age1testcarol", "age: ''"]), LOSS, /rule 2/],
  ["a removal from another rule too", change(CUT, ["age: *team", "age: []"]), LOSS, /rule 3/],
  [
    "a removal that took a definition too",
    change(CUT, ...FORGOTTEN.slice(0, 1), ["*alice", "age1testalice"]),
    LOSS,
    /lost/,
  ],
  [
    "a forgotten definition that another content shows",
    change(...FORGOTTEN, ["indent: 2", "indent: 4"]),
    FORGET,
    /outside/,
  ],
  [
    "a removal in a list outside that was not shared",
    change(CUT, ["team: &team [age1testcarol]", "team: &team []"], ["age: *team", "age: age1testcarol"]),
    LOSS,
    /outside/,
  ],
  ["a renaming that was not done", BEFORE, RENAME, /names or keys in rule 1/],
  ["a renaming to something else", change(["&alice", "&alma"], ["*alice", "*alma"]), RENAME, /rule 1/],
  ["a renaming that changed a key", change(...RENAMED, ["age1testbob00", "age1testnew00"]), RENAME, /rule 2/],
  ["a drop that was not done", BEFORE, DROP, /3 rules, expected 2/],
  ["a drop of another rule", change(["  - path_regex: c\n    age: *team\n", ""]), DROP, /settings of rule 3/],
  ["a drop that changed the content outside", change(DROPPED, ["indent: 2", "indent: 3"]), DROP, /outside/],
];

for (const [name, after, intent, message] of [...FAILURES, ...CHANGE_FAILURES]) {
  Deno.test(`proveChange() refuses ${name}`, () => {
    const error = assertThrows(() => prove(after, intent), message);
    assert(error instanceof InternalError);
    assertEquals(/age1test/.test(error.message), false, "no key in the message");
  });
}

Deno.test("proveChange() refuses a document that is lost", () => {
  const before = parseSopsConfig(`${BEFORE}---\na: 1\n---\nb: 1\n`, PATH);
  const after = parseSopsConfig(`${BEFORE}---\na: 1\n`, PATH);
  const error = assertThrows(() => proveChange(before, after, new Expected()));
  assert(error instanceof InternalError);
});

const NEW = `keys:
  - &alice age1testalice
creation_rules:
  - path_regex: a
    key_groups:
      - age:
          - *alice
`;

/** What a new file must not be, by the message. */
const NOT_NEW: readonly (readonly [after: string, message: RegExp])[] = [
  [`${NEW}  - path_regex: b\n    age: age1testalice\n`, /2 rules, expected 1/],
  ["creation_rules: []\n", /0 rules, expected 1/],
  [NEW.replace("path_regex: a", "path_regex: b"), /another path_regex/],
  [NEW.replace("&alice", "&bob").replace("*alice", "*bob"), /other names of keys/],
  [NEW.replace("age1testalice", "age1testbob00"), /other keys in rule 1/],
  [NEW.replace("creation_rules", "  - &bob age1testbob00\ncreation_rules"), /other definitions of keys/],
  [`${NEW}key_groups: []\n`, /something that SOPS ignores/],
];

Deno.test("proveNewConfig() takes one rule with its definitions, and nothing else", () => {
  const rule = {
    rule: { pathRegex: "a", selectors: {}, macOnlyEncrypted: false },
    keys: [{ type: "age", text: "age1testalice" }],
  } as const;
  const defined = [{ name: "alice", text: "age1testalice" }];
  proveNewConfig(parseSopsConfig(NEW, PATH), rule, defined);
  for (const [after, message] of NOT_NEW) {
    const error = assertThrows(() => proveNewConfig(parseSopsConfig(after, PATH), rule, defined));
    assert(error instanceof InternalError && message.test(error.message), `${after}: ${error}`);
  }
});
