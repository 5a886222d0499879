import { generateIdentity } from "../../../lib/keys/age/identity.ts";
import {
  findIdentityByRecipient,
  findIdentityForVault,
  type KeysFile,
  parseKeysFile,
} from "../../../lib/keys/file/keys_file.ts";
import { refuseUnusable } from "../../../lib/keys/file/problem.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import fc from "../../support/property.ts";
import { seededRandom } from "../../support/test_host.ts";
import { UNUSABLE_FILES, USABLE_FILES } from "./keys_file_cases.ts";
import { TEST_HYBRID, TEST_PLUGIN, TEST_SSH_ED25519, TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";

const X = TEST_X25519.identity;
const Y = TEST_X25519_OTHER.identity;

function parse(content: string | Uint8Array): KeysFile {
  return parseKeysFile(typeof content === "string" ? new TextEncoder().encode(content) : content, "/keys.txt");
}

Deno.test("parseKeysFile() reads identities of every kind with their lines", () => {
  const file = parse(`# mine\n${X}\n\n${TEST_HYBRID.identity}\n# key\n${TEST_PLUGIN.identity}\n`);
  assertEquals(file.problems, []);
  assertEquals(
    file.entries.map(({ lineNumber, kind, secret }) => [lineNumber, kind, secret.revealText()]),
    [[2, "x25519", X], [4, "hybrid", TEST_HYBRID.identity], [6, "plugin", TEST_PLUGIN.identity]],
  );
});

Deno.test("parseKeysFile() reads CRLF and a missing final line end", () => {
  const file = parse(`# public key: age1x\r\n${X}\r\n\r\n${Y}`);
  assertEquals(file.problems, []);
  assertEquals(file.entries.map(({ lineNumber, comments }) => [lineNumber, comments.publicKey]), [[2, "age1x"], [
    4,
    undefined,
  ]]);
});

for (const [what, [content, entries]] of Object.entries(USABLE_FILES)) {
  Deno.test(`parseKeysFile() takes ${what}`, () => {
    const file = parse(content);
    assertEquals([file.entries.length, file.problems], [entries, []]);
    refuseUnusable(file);
  });
}

Deno.test("parseKeysFile() takes the comments directly above only", () => {
  const file = parse(`# public key: age1far\n\n${X}\n# public key: age1near\n${Y}\n`);
  assertEquals(file.entries.map(({ comments }) => comments), [{}, { publicKey: "age1near" }]);
});

for (const [what, [content, problems, message]] of Object.entries(UNUSABLE_FILES)) {
  Deno.test(`parseKeysFile() finds ${what}`, () => {
    const file = parse(content);
    const found = file.problems.map((problem) =>
      "lineNumber" in problem ? `${problem.problem}@${problem.lineNumber}` : problem.problem
    );
    assertEquals(found.join(" "), problems);
  });

  Deno.test(`refuseUnusable() refuses ${what}, without its text`, () => {
    const file = parse(content);
    const kind = problems === "age-encrypted" ? "unsupported" : "malformed";
    const error = assertUserError(assertThrows(() => refuseUnusable(file)), kind, message);
    assertEquals(error.hints.length, 1);
    assertEquals(error.location?.path, "/keys.txt");
    const shown = [error.message, ...error.hints, ...error.details].join("\n");
    for (const secret of [X.slice(16, 30), Y.slice(16, 30), "hunter2", TEST_X25519.recipient.slice(4)]) {
      assert(!shown.toUpperCase().includes(secret.toUpperCase()));
    }
  });
}

Deno.test("refuseUnusable() lists some of many bad lines and counts the rest", () => {
  const error = assertThrows(() => refuseUnusable(parse("a\nb\nc\nd\ne\nf\ng\nh\n")));
  const { details } = assertUserError(error, "malformed");
  assertEquals(details.length, 7);
  assertEquals(details[0], "line 2 is no age identity");
  assertEquals(details[5], "… 2 more");
});

Deno.test("parseKeysFile() never throws, and loses no identity between other lines", () => {
  const line = fc.oneof(fc.constantFrom("", "# c", X, Y, "\r", " "), fc.string(), fc.string({ unit: "binary" }));
  fc.assert(fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
    const file = parse(lines.join("\n"));
    const expected = lines.join("\n").split("\n").filter((text) => text === X || text === Y);
    if (file.problems.every((problem) => "lineNumber" in problem)) {
      const found = file.entries.map(({ secret }) => secret.revealText());
      assertEquals(found.filter((text) => text === X || text === Y), expected);
    }
  }));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (content) => void parse(content)));
});

const MARK = { vault: "default", config: "/repo/.sops.yaml" };
const MARK_LINE = "# vault: default, config: /repo/.sops.yaml";

Deno.test("findIdentityForVault() finds the last identity of the vault and its configuration", () => {
  const file = parse(`${MARK_LINE}\n${X}\n${MARK_LINE}\n${Y}\n# vault: other, config: /repo/.sops.yaml\n${X}\n`);
  assertEquals(findIdentityForVault(file, MARK)?.lineNumber, 4);
});

Deno.test("findIdentityForVault() needs name and configuration", () => {
  const file = parse(`${MARK_LINE}\n${X}\n${Y}\n`);
  assertEquals(findIdentityForVault(file, { ...MARK, config: "/elsewhere/.sops.yaml" }), undefined);
  assertEquals(findIdentityForVault(file, { ...MARK, vault: "prod" }), undefined);
});

Deno.test("findIdentityForVault() passes over a plugin identity", () => {
  assertEquals(findIdentityForVault(parse(`${MARK_LINE}\n${TEST_PLUGIN.identity}\n`), MARK), undefined);
});

Deno.test("findIdentityByRecipient() finds the last identity that belongs to one of the recipients", async () => {
  const file = parse(`${X}\n${Y}\n${X}\n${TEST_PLUGIN.identity}\n`);
  const match = await findIdentityByRecipient(file, ["age1other", TEST_X25519.recipient]);
  assertEquals([match?.entry.lineNumber, match?.recipient], [3, TEST_X25519.recipient]);
  const both = await findIdentityByRecipient(file, [TEST_X25519_OTHER.recipient]);
  assertEquals(both?.entry.lineNumber, 2);
});

Deno.test("findIdentityByRecipient() does not believe a comment", async () => {
  const file = parse(`# public key: ${TEST_X25519.recipient}\n${Y}\n`);
  assertEquals(await findIdentityByRecipient(file, [TEST_X25519.recipient]), undefined);
  assertEquals((await findIdentityByRecipient(file, [TEST_X25519_OTHER.recipient]))?.entry.lineNumber, 2);
});

Deno.test("findIdentityByRecipient() finds nothing for no recipients or opaque ones", async () => {
  const file = parse(`${X}\n${TEST_PLUGIN.identity}\n`);
  assertEquals(await findIdentityByRecipient(file, []), undefined);
  assertEquals(await findIdentityByRecipient(file, [TEST_PLUGIN.recipient, TEST_SSH_ED25519]), undefined);
});

Deno.test("findIdentityByRecipient() finds a hybrid identity", async () => {
  const file = parse(`${TEST_HYBRID.identity}\n${X}\n`);
  const { deriveRecipient } = await import("../../../lib/keys/age/identity.ts");
  const [first] = file.entries;
  assert(first !== undefined);
  const recipient = await deriveRecipient(first.secret);
  assertEquals((await findIdentityByRecipient(file, [recipient]))?.entry.lineNumber, 1);
});

Deno.test("findIdentityByRecipient() looks through 200 identities", async () => {
  const random = seededRandom(7);
  const lines = Array.from({ length: 199 }, () => generateIdentity("x25519", random).revealText());
  const match = await findIdentityByRecipient(parse([X, ...lines].join("\n")), [TEST_X25519.recipient]);
  assertEquals(match?.entry.lineNumber, 1);
});
