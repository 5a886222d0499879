/**
 * For each kind of mistake a `.sops.yaml` that has it and near misses that do not. The keys are TEST KEYS.
 *
 * @module
 */
import type { LintSurroundings } from "../../../lib/config/lint/lint.ts";
import type { LintCode } from "../../../lib/config/lint/code.ts";
import { HYBRID_RECIPIENT } from "../../keys/age/recipient_cases.ts";
import {
  TEST_SSH_ED25519,
  TEST_SSH_RSA,
  TEST_SSH_RSA_SMALL,
  TEST_X25519,
  TEST_X25519_OTHER,
} from "../../keys/test_keys.ts";

/** A test recipient. */
export const KEY_A = TEST_X25519.recipient;

/** Another one. */
export const KEY_B = TEST_X25519_OTHER.recipient;

/** The age form of {@link TEST_SSH_ED25519}, as ssh-to-age converts it. */
export const CONVERTED_SSH = "CONVERTED";

/** A file that has a mistake, or nearly. */
export interface LintCase {
  readonly name: string;
  readonly source: string;
  readonly around?: Partial<LintSurroundings>;
}

/** One that fires, with the place and a piece of the message. */
export interface FiringCase extends LintCase {
  /** `line:column`. */
  readonly at: string;
  readonly says: RegExp;
}

/** Both sides of one kind. */
export interface CodeCases {
  readonly fires: readonly FiringCase[];
  readonly misses: readonly LintCase[];
}

/** A file with one rule: `lines` stand under `- path_regex: secret`. */
function rule(lines: string): string {
  return `creation_rules:\n  - path_regex: secret\n${lines.replace(/^/gm, "    ")}\n`;
}

/** A file with one rule for each pattern. */
function patterns(...written: readonly string[]): string {
  return "creation_rules:\n" + written.map((text) => `  - path_regex: ${text}\n    age: ${KEY_A}\n`).join("");
}

const GOOD = rule(`age: ${KEY_A}`);

/** The cases. */
export const LINT_CASES: Readonly<Record<LintCode, CodeCases>> = {
  "bad-recipient": {
    fires: [
      { name: "a wrong checksum", source: rule(`age: ${KEY_A.replace(/.$/, "q")}`), at: "3:10", says: /checksum/ },
      { name: "capital letters", source: rule(`age: ${KEY_A.toUpperCase()}`), at: "3:10", says: /capital letters/ },
      { name: "a stray space", source: rule(`age: ${KEY_A} ${KEY_B}`), at: "3:10", says: /white space/ },
      { name: "an identity", source: rule(`age: ${TEST_X25519.identity}`), at: "3:10", says: /a private key/ },
      { name: "a fingerprint", source: rule(`age: ${"AB".repeat(20)}`), at: "3:10", says: /a PGP fingerprint/ },
      { name: "a small RSA key", source: rule(`age: ${TEST_SSH_RSA_SMALL}`), at: "3:10", says: /2048/ },
      { name: "an ECDSA key", source: rule("age: ecdsa-sha2-nistp256 AAAA"), at: "3:10", says: /type of ssh key/ },
      { name: "an age key as pgp", source: rule(`pgp: ${KEY_A}`), at: "3:10", says: /among the pgp keys/ },
      {
        name: "the definition behind an alias",
        source: `keys: [&a age1wrong]\n${rule("key_groups:\n- age: [*a]")}`,
        at: "1:11",
        says: /checksum/,
      },
    ],
    misses: [
      { name: "spaces around commas", source: rule(`age: ${KEY_A} , ${KEY_B},`) },
      { name: "a fingerprint as pgp", source: rule(`pgp: ${"AB".repeat(20)}`) },
      {
        name: "ssh and post-quantum keys",
        source: rule(`age: ${TEST_SSH_ED25519},${TEST_SSH_RSA},${HYBRID_RECIPIENT}`),
      },
    ],
  },
  "blank-in-regex": {
    fires: [
      {
        name: "blanks around a bar",
        source: rule(`age: ${KEY_A}\nencrypted_regex: ^(data | stringData)$`),
        at: "4:22",
        says: /encrypted_regex of rule 1 .* in clear/,
      },
      {
        name: "a blank before the end",
        source: rule(`age: ${KEY_A}\nunencrypted_regex: '^(kind |a)'`),
        at: "4:24",
        says: /leaves nothing out/,
      },
    ],
    misses: [
      { name: "a blank inside of a name", source: rule(`age: ${KEY_A}\nencrypted_regex: ^(pass word|data)$`) },
      { name: "a blank that may be missing", source: rule(`age: ${KEY_A}\nencrypted_regex: '^( ?data)$'`) },
      { name: "a suffix, which is no pattern", source: rule(`age: ${KEY_A}\nencrypted_suffix: ' x'`) },
    ],
  },
  "bad-regex": {
    fires: [
      { name: "an open group", source: patterns("a(b"), at: "2:17", says: /path_regex of rule 1 .* missing closing/ },
      { name: "look-ahead", source: patterns("'a(?!b)'"), at: "2:19", says: /Perl syntax/ },
      {
        name: "in a selector",
        source: rule(`age: ${KEY_A}\nencrypted_regex: '*'`),
        at: "4:22",
        says: /encrypted_regex of rule 1 .* leaves every value in clear/,
      },
    ],
    misses: [
      { name: "syntax that RE2 has", source: patterns(String.raw`'(?i)a{2,3}[[:alpha:]]\pL\Qa(b\E'`) },
      { name: "a suffix, which is no pattern", source: rule(`age: ${KEY_A}\nencrypted_suffix: (`) },
    ],
  },
  "bad-threshold": {
    fires: [
      {
        name: "more than groups",
        source: rule(`shamir_threshold: 3\nkey_groups: [{age: [${KEY_A}]}, {age: [${KEY_B}]}]`),
        at: "3:23",
        says: /3 of 2 key groups/,
      },
      {
        name: "one of two",
        source: rule(`shamir_threshold: 1\nkey_groups: [{age: [${KEY_A}]}, {age: [${KEY_B}]}]`),
        at: "3:23",
        says: /1 of 2/,
      },
    ],
    misses: [
      { name: "two of two", source: rule(`shamir_threshold: 2\nkey_groups: [{age: [${KEY_A}]}, {age: [${KEY_B}]}]`) },
      { name: "no effect with one group", source: rule(`shamir_threshold: 1\nkey_groups: [{age: [${KEY_A}]}]`) },
    ],
  },
  "bad-type": {
    fires: [
      { name: "a number in quotes", source: rule(`age: ${KEY_A}\nshamir_threshold: '2'`), at: "4:23", says: /number/ },
      {
        name: "text in a key group",
        source: rule(`key_groups: [{age: ${KEY_A}}]`),
        at: "3:24",
        says: /expected a list/,
      },
      { name: "text as a rule", source: "creation_rules:\n  - all\n", at: "2:5", says: /expected a mapping/ },
    ],
    misses: [
      { name: "a number", source: rule(`age: ${KEY_A}\nshamir_threshold: 2`) },
      { name: "yes as a boolean", source: rule(`age: ${KEY_A}\nmac_only_encrypted: yes`) },
    ],
  },
  "dead-rule": {
    fires: [
      {
        name: "a misspelt folder",
        source: patterns("^sercets/"),
        around: { files: ["secrets/a.yaml"] },
        at: "2:17",
        says: /matches no file/,
      },
      {
        name: "an earlier rule wins",
        source: patterns("^a/", "x"),
        around: { files: ["a/x"] },
        at: "4:17",
        says: /for "a\/x" rule 1 comes first/,
      },
    ],
    misses: [
      { name: "one file is enough", source: patterns("^secrets/"), around: { files: ["b", "secrets/a.yaml"] } },
      { name: "files are not known", source: patterns("^secrets/") },
      { name: "a rule for every file", source: `creation_rules: [{age: ${KEY_A}}]`, around: { files: [] } },
    ],
  },
  "duplicate-recipient": {
    fires: [
      { name: "in a text", source: rule(`age: ${KEY_A},${KEY_B},${KEY_A}`), at: "3:136", says: /stands twice/ },
      { name: "in a list", source: rule(`key_groups:\n- age:\n  - ${KEY_A}\n  - ${KEY_A}`), at: "6:9", says: /twice/ },
      {
        name: "in two groups",
        source: rule(`key_groups: [{age: [${KEY_A}]}, {age: [${KEY_A}, ${KEY_B}]}]`),
        at: "3:98",
        says: /two key groups/,
      },
      {
        name: "under two names",
        source: `keys: [&a ${KEY_A}, &b ${KEY_A}]\n${rule("key_groups: [{age: [*a, *b]}]")}`,
        at: "4:29",
        says: /"a" and "b" of rule 1 are the same key/,
      },
      {
        name: "as ssh key and converted",
        source: rule(`age: '${TEST_SSH_ED25519},${CONVERTED_SSH}'`),
        at: "3:110",
        says: /one key, as ssh key and converted/,
      },
      {
        name: "the same ssh key with two comments",
        source: rule(`age: '${TEST_SSH_ED25519},${TEST_SSH_ED25519}-2'`),
        at: "3:110",
        says: /are one key/,
      },
    ],
    misses: [
      { name: "in two rules", source: patterns("a", "b") },
      { name: "an age key beside another ssh key", source: rule(`age: '${TEST_SSH_ED25519},${KEY_A}'`) },
    ],
  },
  "ignored-age": {
    fires: [
      {
        name: "age",
        source: rule(`age: ${KEY_A}\nkey_groups: [{age: [${KEY_B}]}]`),
        at: "3:5",
        says: /"age" of rule 1 has no effect/,
      },
      {
        name: "pgp",
        source: rule(`key_groups: [{age: [${KEY_B}]}]\npgp: ${"AB".repeat(20)}`),
        at: "4:5",
        says: /"pgp"/,
      },
    ],
    misses: [
      { name: "empty key_groups", source: rule(`age: ${KEY_A}\nkey_groups: []`) },
      { name: "pgp beside age", source: rule(`age: ${KEY_A}\npgp: ${"AB".repeat(20)}`) },
      { name: "a null beside key_groups", source: rule(`age:\nkey_groups: [{age: [${KEY_B}]}]`) },
    ],
  },
  "list-needs-3.11": {
    fires: [{
      name: "age as a list",
      source: rule(`age:\n  - ${KEY_A}\n  - ${KEY_B}`),
      at: "3:5",
      says: /before 3\.11/,
    }],
    misses: [
      { name: "a list in key_groups", source: rule(`key_groups:\n- age: [${KEY_A}]`) },
      { name: "a text", source: GOOD },
    ],
  },
  "mixed-quantum": {
    fires: [
      {
        name: "one of each",
        source: rule(`age: ${HYBRID_RECIPIENT},${KEY_A}`),
        at: "3:1970",
        says: /1 classical recipient stands beside 1 post-quantum/,
      },
    ],
    misses: [
      { name: "post-quantum alone", source: rule(`age: ${HYBRID_RECIPIENT}`) },
      {
        name: "in two groups",
        source: rule(`shamir_threshold: 2\nkey_groups: [{age: [${HYBRID_RECIPIENT}]}, {age: [${KEY_A}]}]`),
      },
    ],
  },
  "needs-two-keys": {
    fires: [
      {
        name: "a stray dash",
        source: rule(`key_groups:\n- age: [${KEY_A}]\n- pgp: [${"AB".repeat(20)}]`),
        at: "5:7",
        says: /2 key groups: a reader needs one key of each/,
      },
    ],
    misses: [
      { name: "one group", source: rule(`key_groups:\n- age: [${KEY_A}]\n  pgp: [${"AB".repeat(20)}]`) },
      { name: "said so", source: rule(`shamir_threshold: 2\nkey_groups: [{age: [${KEY_A}]}, {age: [${KEY_B}]}]`) },
    ],
  },
  "no-recipients": {
    fires: [
      { name: "a rule without keys", source: rule("encrypted_regex: a"), at: "2:5", says: /rule 1 has no recipients/ },
      { name: "an empty text", source: rule("age: ''"), at: "2:5", says: /rule 1 has no recipients/ },
      {
        name: "an empty group",
        source: rule(`shamir_threshold: 2\nkey_groups: [{age: [${KEY_A}]}, {}]`),
        at: "4:91",
        says: /key group 2 of rule 1/,
      },
    ],
    misses: [
      { name: "a key of another type", source: rule("kms: arn:aws:kms:eu-west-1:1:key/a") },
      { name: "flat keys beside empty groups", source: rule(`age: ${KEY_A}\nkey_groups: []`) },
    ],
  },
  "no-rules": {
    fires: [
      { name: "an empty file", source: "", at: "1:1", says: /there are no creation rules/ },
      { name: "an empty list", source: "\ncreation_rules: []", at: "2:1", says: /refuses to encrypt every file/ },
    ],
    misses: [{ name: "a rule", source: GOOD }],
  },
  "path-from-here": {
    fires: [
      { name: "a dot and a slash", source: patterns("./secrets/.*"), at: "2:17", says: /begins with \.\/ .* root/ },
      { name: "behind ^", source: patterns("^./secrets/"), at: "2:17", says: /begins with \^\.\// },
      {
        name: "with both separators",
        source: patterns(String.raw`^\.[/\\]secrets`),
        at: "2:17",
        says: /begins with \^/,
      },
      { name: "an escaped dot", source: patterns(String.raw`^\./secrets/`), at: "2:17", says: /matches nothing/ },
    ],
    misses: [
      { name: "two dots", source: patterns("^../secrets/") },
      { name: "a dot for any character", source: patterns("^.*/secrets/", "^.secrets/") },
    ],
  },
  "private-key": {
    fires: [
      { name: "in a comment", source: `# ${TEST_X25519.identity}\n${GOOD}`, at: "1:3", says: /a private key stands/ },
      { name: "under keys", source: `keys: [&a ${TEST_X25519.identity}]\n${GOOD}`, at: "1:11", says: /a private key/ },
      {
        name: "an ssh key",
        source: `# -----BEGIN OPENSSH PRIVATE KEY-----\n${GOOD}`,
        at: "1:3",
        says: /a private key/,
      },
    ],
    misses: [{ name: "the words alone", source: `# never write an AGE-SECRET-KEY-1… in here\n${GOOD}` }],
  },
  "second-document": {
    fires: [{ name: "two documents", source: `${GOOD}---\na: b\n`, at: "4:1", says: /only the first YAML document/ }],
    misses: [{ name: "a document start and end", source: `---\n${GOOD}...\n` }],
  },
  "selector-conflict": {
    fires: [
      {
        name: "two of them",
        source: rule(`age: ${KEY_A}\nencrypted_regex: a\nunencrypted_suffix: _b`),
        at: "5:5",
        says: /"encrypted_regex" and "unencrypted_suffix"/,
      },
    ],
    misses: [{ name: "one is empty", source: rule(`age: ${KEY_A}\nencrypted_regex: a\nunencrypted_suffix: ''`) }],
  },
  "shadowed-rule": {
    fires: [
      { name: "a catch-all first", source: patterns(".*", "^prod/"), at: "4:17", says: /rule 1, which comes first/ },
      { name: "a narrower pattern", source: patterns("secrets/", "^secrets/prod/[^/]+$"), at: "4:17", says: /rule 1/ },
      { name: "the same pattern", source: patterns("^a(?i)b", "^a(?i)b"), at: "4:17", says: /everything/ },
      {
        name: "two rules together",
        source: patterns("^a", "^[^a]", "b$"),
        at: "6:17",
        says: /rules 1 and 2, which come/,
      },
      {
        name: "a rule without a pattern",
        source: `creation_rules: [{age: ${KEY_A}}, {path_regex: 'x\\b', age: ${KEY_A}}]`,
        at: "1:102",
        says: /rule 2 never wins/,
      },
      {
        name: "only as far as was tried",
        source: patterns(String.raw`secrets\b`, "^secrets/"),
        around: { files: ["secrets/a"] },
        at: "4:17",
        says: /all its files and every path that was tried/,
      },
    ],
    misses: [
      { name: "the catch-all last", source: patterns("^prod/", ".*") },
      { name: "a path outside", source: patterns("^secrets/.*[.]yaml$", "^secrets/") },
      { name: "overlap", source: patterns("^secrets/", "prod/") },
      { name: "one that does not compile", source: patterns("(", "b") },
    ],
  },
  "ssh-needs-3.10": {
    fires: [{ name: "an ssh key", source: rule(`age: ${TEST_SSH_ED25519}`), at: "3:10", says: /before 3\.10/ }],
    misses: [{ name: "an age key", source: GOOD }],
  },
  "unanchored-regex": {
    fires: [
      { name: "a bare dot", source: patterns("^secrets.yaml$"), at: "2:17", says: /for example "secrets-yaml"/ },
      { name: "no end", source: patterns(String.raw`^secrets/.*\.yaml`), at: "2:17", says: /without \$/ },
      { name: "both", source: patterns("secrets/[^/]+.(yaml|json)"), at: "2:17", says: /"secrets\/x-yaml.old"/ },
    ],
    misses: [
      { name: "an escaped dot and an end", source: patterns(String.raw`^secrets/.*\.(ya?ml|json)$`) },
      { name: "a dot in a class", source: patterns("secrets[.]yaml$") },
      { name: "a folder", source: patterns("^secrets/") },
      { name: "anything on purpose", source: patterns(String.raw`secrets\.yaml.*`) },
    ],
  },
  "undefined-alias": {
    fires: [
      { name: "nowhere", source: rule("key_groups: [{age: [*bob]}]"), at: "3:25", says: /"&bob"/ },
      {
        name: "only behind it",
        source: `${rule("key_groups: [{age: [*bob]}]")}keys: [&bob ${KEY_A}]`,
        at: "3:25",
        says: /before this alias/,
      },
      { name: "merged", source: rule("<<: *base"), at: "3:9", says: /"&base"/ },
    ],
    misses: [{ name: "defined before it", source: `keys: [&bob ${KEY_A}]\n${rule("key_groups: [{age: [*bob]}]")}` }],
  },
  "unknown-key": {
    fires: [
      { name: "keygroups", source: rule("keygroups: []"), at: "3:5", says: /did you mean "key_groups"/ },
      {
        name: "path-regex",
        source: `creation_rules: [{path-regex: a, age: ${KEY_A}}]`,
        at: "1:19",
        says: /"path_regex"/,
      },
      { name: "shamir_treshold", source: rule("shamir_treshold: 2"), at: "3:5", says: /"shamir_threshold"/ },
      { name: "recipients", source: rule("recipients: a"), at: "3:5", says: /did you mean "age"/ },
      {
        name: "in a key group",
        source: rule(`key_groups: [{aeg: [${KEY_A}]}]`),
        at: "3:19",
        says: /a key group of rule 1/,
      },
      { name: "at the top", source: `creation_rule: []\n${GOOD}`, at: "1:1", says: /"creation_rules"/ },
      { name: "in stores", source: `stores: {yaml: {ident: 2}}\n${GOOD}`, at: "1:17", says: /"indent"/ },
    ],
    misses: [
      { name: "a place for anchors", source: `people: [&a ${KEY_A}]\n${rule("age: *a")}` },
      { name: "encryption contexts", source: rule("key_groups: [{kms: [{arn: a, context: {Any: name}}]}]") },
    ],
  },
  "unused-key": {
    fires: [{
      name: "a leftover",
      source: `keys:\n  - &bob ${KEY_B}\n${GOOD}`,
      at: "2:10",
      says: /no rule uses "bob"/,
    }],
    misses: [
      { name: "used by alias", source: `keys: [&bob ${KEY_B}]\n${rule("key_groups: [{age: [*bob]}]")}` },
      { name: "used by text", source: `keys: [&a ${KEY_A}]\n${GOOD}` },
      { name: "used through a list", source: `keys: [&all [&bob ${KEY_B}]]\n${rule("key_groups: [{age: *all}]")}` },
    ],
  },
  "windows-path": {
    fires: [
      { name: "a folder", source: patterns("^secrets/"), at: "2:17", says: /matches no path on Windows/ },
      { name: "two rules", source: patterns("x", "^a/", String.raw`b\/`), at: "4:17", says: /2 rules/ },
    ],
    misses: [
      { name: "either separator", source: patterns(String.raw`^secrets[/\\][^/\\]+$`) },
      { name: "only in a class", source: patterns("secret[^/]*$") },
    ],
  },
  "wrong-name": {
    fires: [
      { name: "yml", source: GOOD, around: { place: "ignored-name" }, at: "1:1", says: /does not read/ },
      {
        name: "below the root",
        source: GOOD,
        around: { place: "below-root" },
        at: "1:1",
        says: /only when it is started/,
      },
    ],
    misses: [{ name: "found", source: GOOD }],
  },
};
