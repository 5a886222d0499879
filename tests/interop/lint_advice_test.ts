/**
 * What `rules lint` advises is followed, by hand or by `--fix`: the mistake is gone then, no worse one has come, and real
 * SOPS encrypts what it encrypted before, and no less of it. Every code has a row.
 *
 * @module
 */
import type { LintCode } from "../../lib/config/lint/code.ts";
import type { Finding } from "../../lib/config/lint/finding.ts";
import { planFixes } from "../../lib/config/lint/fix.ts";
import { lintSopsConfig } from "../../lib/config/lint/lint.ts";
import { HYBRID_RECIPIENT } from "../keys/age/recipient_cases.ts";
import { TEST_SSH_ED25519, TEST_X25519 } from "../keys/test_keys.ts";
import { KEY_A, KEY_B } from "../config/lint/cases.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { forEachOf, runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { testHost } from "../support/test_host.ts";

/** A file with a mistake, what the advice has to say, and the file of someone who has followed it. */
interface Advice {
  readonly before: string;
  readonly says: RegExp;
  /** `--fix`: the program follows it. */
  readonly after: string | "--fix";
}

const PGP = "AB".repeat(20);

/** A file with one rule: `lines` stand under `- path_regex: secret`. */
function rule(lines: string): string {
  return `creation_rules:\n  - path_regex: secret\n${lines.replace(/^/gm, "    ")}\n`;
}

/** The same mistake with another line. */
function inRule(before: string, says: RegExp, after: string): Advice {
  return { before: rule(before), says, after: rule(after) };
}

function pattern(before: string, says: RegExp, after: string): Advice {
  const file = (text: string): string => `creation_rules:\n  - path_regex: ${text}\n    age: ${KEY_A}\n`;
  return { before: file(before), says, after: after === "--fix" ? after : file(after) };
}

const AGE = `age: ${KEY_A}`;

/** By code; a text says why nothing can be followed in a file alone. */
const ADVICE: Readonly<Record<LintCode, readonly Advice[] | string>> = {
  "bad-recipient": [
    inRule(`age: ${KEY_A.replace(/.$/, "q")}`, /copy the public key again/, AGE),
    inRule(`age: ${KEY_A.toUpperCase()}`, /small letters/, AGE),
    inRule(`age: >-\n  ${KEY_A}\n  ${KEY_B}`, /comma between/, `age: >-\n  ${KEY_A},\n  ${KEY_B}`),
    inRule(`age: ${KEY_A};${KEY_B}`, /comma between/, `age: ${KEY_A},${KEY_B}`),
    inRule(`age: '${PGP}'`, /move it to the pgp keys/, `pgp: '${PGP}'`),
    inRule(`pgp: ${KEY_A}`, /move it to the age keys/, AGE),
  ],
  "bad-regex": [pattern("'secret(?!x)'", /RE2/, "secret")],
  "bad-threshold": [
    inRule(
      `shamir_threshold: 3\nkey_groups: [{age: [${KEY_A}]}, {age: [${KEY_B}]}]`,
      /from 2 to 2/,
      `shamir_threshold: 2\nkey_groups: [{age: [${KEY_A}]}, {age: [${KEY_B}]}]`,
    ),
  ],
  "bad-type": [inRule(`${AGE}\nshamir_threshold: '2'`, /./, `${AGE}\nshamir_threshold: 2`)],
  "blank-in-regex": [
    inRule(`${AGE}\nencrypted_regex: ^(a | b)$`, /take the blanks/, `${AGE}\nencrypted_regex: ^(a|b)$`),
  ],
  "dead-rule": "the message says what there is, and the pattern or the files are the person's",
  "duplicate-recipient": [
    { ...inRule(`age: ${KEY_A},${KEY_A}`, /take one/, ""), after: "--fix" },
    inRule(
      `shamir_threshold: 2\nkey_groups: [{age: [${KEY_A}]}, {age: [${KEY_A}]}]`,
      /another reader in its place/,
      `shamir_threshold: 2\nkey_groups: [{age: [${KEY_A}]}, {age: [${KEY_B}]}]`,
    ),
    inRule(
      `shamir_threshold: 2\nkey_groups: [{age: [${KEY_A}]}, {age: [${KEY_A}, ${KEY_B}]}]`,
      /out of one of the groups/,
      `shamir_threshold: 2\nkey_groups: [{age: [${KEY_A}]}, {age: [${KEY_B}]}]`,
    ),
  ],
  "ignored-age": [
    inRule(
      `${AGE}\nkey_groups: [{age: [${KEY_B}]}]`,
      /as items of a list/,
      `key_groups: [{age: [${KEY_B}, ${KEY_A}]}]`,
    ),
  ],
  "list-needs-3.11": [{ ...inRule(`age:\n  - ${KEY_A}`, /key_groups/, ""), after: "--fix" }],
  "mixed-quantum": [
    inRule(`age: ${HYBRID_RECIPIENT},${KEY_A}`, /post-quantum keys too/, `age: ${HYBRID_RECIPIENT}`),
  ],
  "needs-two-keys": [
    inRule(
      `key_groups:\n- age: [${KEY_A}]\n- kms: [{arn: 'arn:aws:kms:eu-west-1:1:key/a'}]`,
      /a "- " too many/,
      `key_groups:\n- age: [${KEY_A}]\n  kms: [{arn: 'arn:aws:kms:eu-west-1:1:key/a'}]`,
    ),
    inRule(
      `key_groups:\n- age: [${KEY_A}]\n- age: [${KEY_B}]`,
      /into the lists of one group/,
      `key_groups:\n- age: [${KEY_A}, ${KEY_B}]`,
    ),
    inRule(
      `key_groups:\n- age: [${KEY_A}]\n- age: [${KEY_B}]`,
      /shamir_threshold: 2/,
      `shamir_threshold: 2\nkey_groups:\n- age: [${KEY_A}]\n- age: [${KEY_B}]`,
    ),
  ],
  "no-recipients": [
    inRule("encrypted_regex: a", /^add one/, `encrypted_regex: a\n${AGE}`),
    {
      before: `creation_rules:\n  - path_regex: secret\n  - ${AGE}\n`,
      says: /spaces for the "- " in line 3; else add one/,
      after: rule(AGE),
    },
    {
      before: `creation_rules:\n  - ${AGE}\n  - path_regex: secret\n`,
      says: /if rule 2 goes on with rule 1, write spaces for the "- " in line 3/,
      after: `creation_rules:\n  - ${AGE}\n    path_regex: secret\n`,
    },
  ],
  "no-rules": [{ before: "creation_rules: []\n", says: /add a rule/, after: rule(AGE) }],
  "path-from-here": [pattern("./secret", /write \^ instead/, "^secret")],
  "private-key": [{ before: `# ${TEST_X25519.identity}\n${rule(AGE)}`, says: /move it/, after: rule(AGE) }],
  "second-document": [{ before: `---\na: b\n---\n${rule(AGE)}`, says: /first document/, after: rule(AGE) }],
  "selector-conflict": [
    inRule(`${AGE}\nencrypted_regex: a\nunencrypted_suffix: _b`, /keep the one/, `${AGE}\nencrypted_regex: a`),
  ],
  "shadowed-rule": [
    {
      before: `creation_rules:\n  - ${AGE}\n  - path_regex: ^secret\n    age: ${KEY_B}\n`,
      says: /move rule 2 above rule 1/,
      after: `creation_rules:\n  - path_regex: ^secret\n    age: ${KEY_B}\n  - ${AGE}\n`,
    },
    ...["secret", "(?:secret)"].map((second): Advice => ({
      before: `creation_rules:\n  - path_regex: secret\n    ${AGE}\n  - path_regex: ${second}\n    age: ${KEY_B}\n`,
      says: /^take rule 2 out, after all who shall read are in rule 1$/,
      after: rule(`age: ${KEY_A},${KEY_B}`),
    })),
  ],
  "ssh-needs-3.10": [inRule(`age: ${TEST_SSH_ED25519}`, /age form/, AGE)],
  "unanchored-regex": [
    pattern("^secret.yaml", /write \\\. for a dot, and write \$/, String.raw`^secret\.yaml$`),
    pattern('"^secret.yaml$"', /write \[\.\] for a dot/, '"^secret[.]yaml$"'),
  ],
  "undefined-alias": [
    {
      before: rule("key_groups: [{age: [*bob]}]"),
      says: /./,
      after: `keys: [&bob ${KEY_A}]\n${rule("key_groups: [{age: [*bob]}]")}`,
    },
  ],
  "unknown-key": [
    inRule(`keygroups: [{age: [${KEY_A}]}]`, /write "key_groups"/, `key_groups: [{age: [${KEY_A}]}]`),
    inRule(
      `${AGE}\nunencrypted-regex: ^b\nencrypted_regex: ^a`,
      /^take "unencrypted-regex" out: beside "encrypted_regex"/,
      `${AGE}\nencrypted_regex: ^a`,
    ),
    inRule(`${AGE}\npath: x`, /^take "path" out: "path_regex" stands beside it$/, AGE),
    inRule(
      `recipients: [${KEY_A}]\nkey_groups: [{age: [${KEY_B}]}]`,
      /into key_groups, as a list "age"/,
      `key_groups: [{age: [${KEY_B}, ${KEY_A}]}]`,
    ),
    {
      before: `creation_rules:\n  - path: ./secret\n    ${AGE}\n`,
      says: /write "path_regex" without the \.\/ at the start/,
      after: rule(AGE),
    },
    {
      before: `creation_rules:\n  - path: './*.yaml'\n    ${AGE}\n`,
      says: /without the \.\/ at the start, with a regular expression/,
      after: `creation_rules:\n  - path_regex: '^[^/]*[.]yaml$'\n    ${AGE}\n`,
    },
    {
      before: `creation_rules:\n  - path: '*.yaml'\n    ${AGE}\n`,
      says: /where \.\* stands for any text/,
      after: `creation_rules:\n  - path_regex: '.*[.]yaml$'\n    ${AGE}\n`,
    },
  ],
  "unused-key": [
    {
      before: `keys: [&bob ${KEY_B}]\n${rule(AGE)}`,
      says: /add it to a rule/,
      after: `keys: [&bob ${KEY_B}]\n${rule(`key_groups: [{age: [${KEY_A}, *bob]}]`)}`,
    },
  ],
  "windows-path": [
    pattern("^(?:x/)?secret", /write \[\/\\\\\], in single quotes, for \//, String.raw`'^(?:x[/\\])?secret'`),
    pattern('"^(?:x/)?secret"', /write \[\/\\\\\\\\\] for \//, String.raw`"^(?:x[/\\\\])?secret"`),
    pattern("^(?:x/)?secret", /--fix/, "--fix"),
  ],
  "wrong-name": "another name for the file, or another folder",
};

const ROWS = Object.entries(ADVICE).flatMap(([code, rows]) =>
  typeof rows === "string" ? [] : rows.map((advice, index) => ({ code: code as LintCode, index, ...advice }))
);

async function lint(source: string): Promise<readonly Finding[]> {
  return (await lintSopsConfig(source, "/r/.sops.yaml", { place: "found", files: undefined })).findings;
}

async function follow({ code, before, after }: Advice & { readonly code: LintCode }): Promise<string> {
  if (after !== "--fix") return after;
  const surroundings = { place: "found", files: undefined } as const;
  return (await planFixes(before, "/r/.sops.yaml", { surroundings, only: new Set([code]) })).source;
}

for (const row of ROWS) {
  Deno.test(`the advice of ${row.code} can be followed, ${row.index + 1}`, async () => {
    const found = await lint(row.before);
    const advice = found.filter(({ code }) => code === row.code).map(({ fix, message }) => fix ?? message);
    assert(advice.some((text) => row.says.test(text)), `the advice is: ${advice.join("; ")}`);
    const left = await lint(await follow(row));
    assertEquals(left.filter(({ code }) => code === row.code).map(({ message }) => message), []);
    const errors = (findings: readonly Finding[]): LintCode[] =>
      findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
    const known = errors(found);
    assertEquals(errors(left).filter((code) => !known.includes(code)), []);
  });
}

/** Keys that cannot be used without a service or a key ring. */
const NEEDS_MORE = /\b(?:pgp|kms):/;

/** @returns the names of the values that SOPS encrypts; undefined where it refuses */
async function encrypted(source: string): Promise<readonly string[] | undefined> {
  await using host = await testHost({ files: { ".sops.yaml": source, "secret.yaml": "a: x\nb: y\n" } });
  const { code, stdout } = await runPeer(host, "sops", ["encrypt", "secret.yaml"], { SOPS_DISABLE_VERSION_CHECK: "1" });
  return code === 0 ? Array.from(stdout.matchAll(/^(\w+): ENC\[/gm), ([, name = ""]) => name) : undefined;
}

peerTest("SOPS encrypts what it did and no less where advice of lint is followed", ["sops"], async () => {
  const rows = ROWS.filter(({ before, after }) => !NEEDS_MORE.test(before) && !NEEDS_MORE.test(after));
  assert(rows.length > 30);
  const worse = await forEachOf(rows, async (row) => {
    const [before, after] = [await encrypted(row.before), await encrypted(await follow(row))];
    const isGood = after !== undefined && after.length > 0 && (before ?? []).every((name) => after.includes(name));
    return isGood ? [] : [`${row.code} ${row.index + 1}: ${before} before, ${after} after`];
  });
  assertEquals(worse.flat(), []);
});
