import { convertSshPublicKey } from "../../../lib/keys/ssh/convert.ts";
import { findSshPublicKey } from "../../../lib/keys/ssh/public_key.ts";
import { type LintResult, lintSopsConfig, type LintSurroundings } from "../../../lib/config/lint/lint.ts";
import { LINT_CODES, type LintCode, listLintCodes, SEVERITIES } from "../../../lib/config/lint/code.ts";
import { TEST_SSH_ED25519, TEST_X25519 } from "../../keys/test_keys.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { CONVERTED_SSH, KEY_A, LINT_CASES, type LintCase } from "./cases.ts";

const CONVERTED = convertSshPublicKey(findSshPublicKey(TEST_SSH_ED25519)!);

function lint({ source, around }: Pick<LintCase, "source" | "around">): Promise<LintResult> {
  const surroundings: LintSurroundings = { place: "found", files: undefined, ...around };
  return lintSopsConfig(source.replace(CONVERTED_SSH, CONVERTED), "/r/.sops.yaml", surroundings);
}

for (const code of listLintCodes()) {
  const { fires, misses } = LINT_CASES[code];
  for (const { name, at, says, ...file } of fires) {
    Deno.test(`lintSopsConfig() finds ${code}: ${name}`, async () => {
      const { findings } = await lint(file as LintCase);
      const found = findings.filter((finding) => finding.code === code);
      assertEquals(found.map(({ lineNumber, column }) => `${lineNumber}:${column}`), [at]);
      assert(says.test(found[0]!.message), `the message is: ${found[0]!.message}`);
      const allowed = SEVERITIES.indexOf(LINT_CODES[code].severity);
      assert(SEVERITIES.indexOf(found[0]!.severity) <= allowed, "worse than the table says");
    });
  }
  for (const file of misses) {
    Deno.test(`lintSopsConfig() finds no ${code}: ${file.name}`, async () => {
      const { findings } = await lint(file);
      assertEquals(findings.filter((finding) => finding.code === code).map(({ message }) => message), []);
    });
  }
}

/** The circumstance of each finding of one code. */
async function circumstances(
  code: LintCode,
  patterns: readonly string[],
  files?: readonly string[],
): Promise<unknown[]> {
  const source = `creation_rules: ${
    JSON.stringify(patterns.map((pattern) => ({ path_regex: pattern, age: KEY_A })))
  }\n`;
  const { findings } = await lint({ source, around: { files } });
  return findings.filter((finding) => finding.code === code).map(({ onlyIf }) => onlyIf);
}

Deno.test("lintSopsConfig() tells a bare / always where another rule takes a backslash", async () => {
  assertEquals(await circumstances("windows-path", ["^a/"]), ["windows"]);
  assertEquals(await circumstances("windows-path", ["^a/", String.raw`^b\.yaml$`]), ["windows"]);
  assertEquals(await circumstances("windows-path", ["^a/", String.raw`^b[/\\]`]), [undefined]);
});

Deno.test("lintSopsConfig() tells a rule without files always where another rule has some", async () => {
  assertEquals(await circumstances("dead-rule", ["^a/"], ["x"]), ["in-use"]);
  assertEquals(await circumstances("dead-rule", ["^a/", "^b/"], ["b/x"]), [undefined]);
});

Deno.test("lintSopsConfig() shows no private key", async () => {
  for (const { fires } of Object.values(LINT_CASES)) {
    for (const file of fires) {
      const { findings } = await lint(file);
      for (const { message, fix } of findings) assert(!/AGE-SECRET-KEY-1[0-9A-Z]/.test(message + (fix ?? "")), message);
    }
  }
});

Deno.test("lintSopsConfig() shows no private key wherever it stands, and tells of each once", async () => {
  const key = TEST_X25519.identity;
  const places: readonly (readonly [source: string, count: number])[] = [
    [`creation_rules: [{age: "${key}"}]\n`, 1],
    [`creation_rules: [{age: '${KEY_A}, ${key}, ${key}'}]\n`, 2],
    [`creation_rules: [{age: [${key}, ${key}]}]\n`, 2],
    [`creation_rules: [{key_groups: [{age: ["${key}", ${key}]}, {pgp: ['${key}']}]}]\n`, 3],
    [`keys: [&me ${key}]\ncreation_rules: [{key_groups: [{age: [*me, *me]}]}, {age: *me}]\n`, 1],
    [`keys: [&me ${key}]\n`, 1],
  ];
  for (const [source, count] of places) {
    const { findings, isReadable } = await lint({ source });
    for (const { message, fix } of findings) assert(!/AGE-SECRET-KEY-1[0-9A-Z]/.test(message + (fix ?? "")), message);
    const told = findings.filter(({ code }) => code === "bad-recipient" || code === "private-key");
    assertEquals(told.length, count, `${source}${told.map(({ message }) => message).join("\n")}`);
    assertEquals(isReadable, told.every(({ code }) => code === "private-key"));
  }
});

Deno.test("lintSopsConfig() goes on behind aliases without an anchor, and values of << that are none", async () => {
  const source = "x: &n\ncreation_rules:\n- {<<: *base, age: *nobody}\n- {<<: [*base, *n]}\n- {<<: 1, colour: red}\n";
  const { findings } = await lint({ source });
  assertEquals(findings.map(({ code, lineNumber, column }) => `${lineNumber}:${column} ${code}`), [
    "3:8 undefined-alias",
    "3:20 undefined-alias",
    "4:8 bad-type",
    "4:9 undefined-alias",
    "5:8 bad-type",
    "5:11 unknown-key",
  ]);
});

Deno.test("lintSopsConfig() looks behind what SOPS refuses", async () => {
  const source = "creation_rules:\n  - path_regex: [a]\n    age: {}\n  - keygroups: 2\n    shamir_threshold: '2'\n";
  const { findings, isReadable } = await lint({ source });
  assertEquals(findings.map(({ code, lineNumber }) => `${lineNumber} ${code}`), [
    "2 bad-type",
    "3 bad-type",
    "4 unknown-key",
    "5 bad-type",
  ]);
  assertEquals(isReadable, false);
});

Deno.test("lintSopsConfig() leaves broken YAML to the usual error", async () => {
  assertUserError(await assertRejects(() => lint({ source: "a: [b\n" })), "malformed", /line 1/);
});
