import { InternalError } from "../../../lib/base/error.ts";
import { Secret } from "../../../lib/base/secret.ts";
import { type IdentityBlock, planAppendIdentity } from "../../../lib/keys/file/append.ts";
import { findIdentityForVault, type KeysFile, parseKeysFile } from "../../../lib/keys/file/keys_file.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { TEST_HYBRID, TEST_PLUGIN, TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";
import fc from "../../support/property.ts";

const BLOCK: IdentityBlock = {
  created: new Date("2026-11-21T12:00:00Z"),
  mark: { vault: "prod-sops", config: "/repo/atmos.yaml" },
  recipient: TEST_X25519.recipient,
  identity: new Secret(TEST_X25519.identity),
};

const BLOCK_LINES = [
  "# created: 2026-11-21T12:00:00Z",
  "# vault: prod-sops, config: /repo/atmos.yaml",
  `# public key: ${TEST_X25519.recipient}`,
  TEST_X25519.identity,
  "",
];

const OTHER = TEST_X25519_OTHER.identity;

function parse(text: string): KeysFile {
  return parseKeysFile(new TextEncoder().encode(text), "/keys.txt");
}

function append(text: string | undefined, block: IdentityBlock = BLOCK): string {
  return new TextDecoder().decode(planAppendIdentity(text === undefined ? undefined : parse(text), block));
}

/** What stands before, and what stands between it and the block. */
const CASES: Readonly<Record<string, readonly [before: string, separator: string, lineEnd: string]>> = {
  "an empty file": ["", "", "\n"],
  "a file with LF": [`${OTHER}\n`, "", "\n"],
  "a file without a final line end": [OTHER, "\n", "\n"],
  "a file with CRLF": [`${OTHER}\r\n`, "", "\r\n"],
  "a file with CRLF, unended": [`# c\r\n${OTHER}`, "\r\n", "\r\n"],
  "a file that ends in half a CRLF": [`# c\r\n${OTHER}\r`, "\n", "\r\n"],
  "a file that ends in a carriage return": [`${OTHER}\r`, "\n", "\n"],
  "a mixed file, by its last line end": [`# c\r\n${OTHER}\n`, "", "\n"],
  "a comment at the end": [`${OTHER}\n# vault: b, config: /b\n`, "\n", "\n"],
  "an unended comment": ["# vault: b, config: /b", "\n\n", "\n"],
  "an unended comment with CRLF": ["# a\r\n# b", "\r\n\r\n", "\r\n"],
  "an empty line at the end": [`${OTHER}\n\n`, "", "\n"],
  "an empty line": ["\n", "", "\n"],
  "plugin and hybrid identities": [`${TEST_PLUGIN.identity}\n${TEST_HYBRID.identity}\n`, "", "\n"],
};

for (const [what, [before, separator, lineEnd]] of Object.entries(CASES)) {
  Deno.test(`planAppendIdentity() after ${what}`, () => {
    assertEquals(append(before), before + separator + BLOCK_LINES.join(lineEnd));
  });
}

Deno.test("planAppendIdentity() makes a new file", () => assertEquals(append(undefined), BLOCK_LINES.join("\n")));

Deno.test("planAppendIdentity() leaves out the vault when there is none", () => {
  const { mark: _, ...block } = BLOCK;
  assertEquals(append("", block), BLOCK_LINES.filter((line) => !line.startsWith("# vault")).join("\n"));
});

Deno.test("planAppendIdentity() refuses a file that SOPS would drop", () => {
  assertUserError(assertThrows(() => append(`${OTHER}\ngarbage\n`)), "malformed", /line 2/);
  assertUserError(assertThrows(() => append("age-encryption.org/v1\n")), "unsupported", /encrypted/);
});

Deno.test("planAppendIdentity() refuses a vault name longer than a line", () => {
  const mark = { vault: "v".repeat(70_000), config: "/c" };
  assertUserError(assertThrows(() => append("", { ...BLOCK, mark })), "refused", /longer than a line may be/);
});

Deno.test("planAppendIdentity() fails its own proof on what is no identity", () => {
  const error = assertThrows(() => append("", { ...BLOCK, identity: new Secret("x") }));
  assert(error instanceof InternalError);
});

Deno.test("planAppendIdentity() only adds, and the vault finds its identity, whatever stands there", () => {
  const line = fc.constantFrom("", "# c", "# vault: a, config: /b", OTHER, TEST_PLUGIN.identity, `${OTHER}\r`, "\r");
  const name = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("a\nAGE-SECRET-KEY-1", "a\r", ", config: ", '"', "é"),
  );
  fc.assert(
    fc.property(
      fc.array(line),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      name,
      name,
      (lines, end, ended, vault, config) => {
        const before = lines.join(end) + (ended ? end : "");
        const block = { ...BLOCK, mark: { vault, config } };
        // A line that ends in two CR is one that SOPS refuses.
        fc.pre(parse(before).problems.length === 0);
        const after = append(before, block);
        assert(after.startsWith(before));
        const file = parse(after);
        assertEquals(file.problems, []);
        assertEquals(file.entries.slice(0, -1).length, parse(before).entries.length);
        assertEquals(findIdentityForVault(file, block.mark)?.secret.revealText(), TEST_X25519.identity);
        assertEquals(file.entries.at(-1)?.comments.created, BLOCK.created);
      },
    ),
    { numRuns: 500 },
  );
});
