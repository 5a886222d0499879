import { formatComments, readComments } from "../../../lib/keys/file/comment.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { TEST_X25519 } from "../test_keys.ts";
import fc from "../../support/property.ts";

const CREATED = new Date("2026-11-21T12:00:00.999Z");

Deno.test("formatComments() writes the three lines", () => {
  const mark = { vault: "prod-sops", config: "/repo/atmos.yaml" };
  assertEquals(formatComments(CREATED, mark, TEST_X25519.recipient), [
    "# created: 2026-11-21T12:00:00Z",
    "# vault: prod-sops, config: /repo/atmos.yaml",
    `# public key: ${TEST_X25519.recipient}`,
  ]);
});

Deno.test("formatComments() leaves out the vault of an identity for none", () => {
  assertEquals(formatComments(CREATED, undefined, "age1x").length, 2);
});

Deno.test("formatComments() keeps a Windows path plain", () => {
  const [, line] = formatComments(CREATED, { vault: "a b", config: "C:\\work, old\\atmos.yaml" }, "age1x");
  assertEquals(line, "# vault: a b, config: C:\\work, old\\atmos.yaml");
});

Deno.test("formatComments() quotes what could be misread or end the line", () => {
  const [, line] = formatComments(CREATED, { vault: "a, config: b", config: "/x\nAGE-" }, "age1x");
  assertEquals(line, '# vault: "a, config: b", config: "/x\\nAGE-"');
  const [, hidden] = formatComments(CREATED, { vault: "a\u202e\u2028\ud800-\udb40\udc01", config: "/x" }, "age1x");
  assertEquals(hidden, '# vault: "a\\u202e\\u2028\\ud800-\\udb40\\udc01", config: /x');
});

/** Text of every nasty kind: the words of the syntax, line ends, quotes, lone surrogates, controls. */
const NASTY = fc.array(
  fc.oneof(
    fc.constantFrom(
      ", config: ",
      "# vault: ",
      '"',
      "\\",
      ",",
      " ",
      "\n",
      "\r",
      "\0",
      "\u2028",
      "\u0085",
      "\ud800",
      "\ufeff",
    ),
    fc.string({ unit: "binary" }),
    fc.string(),
  ),
  { maxLength: 6 },
).map((parts) => parts.join(""));

Deno.test("readComments() reads back exactly what formatComments() writes", () => {
  fc.assert(
    fc.property(NASTY, NASTY, (vault, config) => {
      const lines = formatComments(CREATED, { vault, config }, TEST_X25519.recipient);
      assertEquals(readComments(lines), {
        created: new Date("2026-11-21T12:00:00Z"),
        mark: { vault, config },
        publicKey: TEST_X25519.recipient,
      });
      for (const line of lines) {
        assert(line.startsWith("# ") && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(line));
        assertEquals(new TextDecoder().decode(new TextEncoder().encode(line)), line);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("readComments() reads what age-keygen writes", () => {
  assertEquals(readComments(["# created: 2021-01-02T15:30:45+01:00", "# public key: age1x"]), {
    created: new Date("2021-01-02T14:30:45Z"),
    publicKey: "age1x",
  });
});

Deno.test("readComments() passes over what is not a mark of ours", () => {
  for (
    const line of [
      "#",
      "# my laptop",
      "#vault: a, config: /b",
      "# vault: a",
      "# vault: a, config: ",
      "# vault: , config: /b",
      '# vault: "a, config: /b',
      '# vault: "a"x, config: /b',
      '# vault: "\\q", config: /b',
      '# vault: a, config: "b',
      "# created: yesterday",
    ]
  ) {
    assertEquals(readComments([line]), {});
  }
});

Deno.test("readComments() believes the lower of two lines", () => {
  const lines = ["# vault: a, config: /a", "# vault: b, config: /b", "# vault: broken"];
  assertEquals(readComments(lines).mark, { vault: "b", config: "/b" });
});

Deno.test("readComments() never throws", () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.string(), NASTY.map((text) => `# vault: ${text}`))), (lines) => {
    readComments(lines);
  }));
});
