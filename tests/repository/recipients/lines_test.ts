/** Recipients with names in a text. */
import {
  type FoundRecipient,
  parseRecipientLines,
  parseTypedRecipient,
  type SshForm,
} from "../../../lib/repository/recipients/lines.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import fc from "../../support/property.ts";

const K1 = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";
const K2 = "age13k8kz6sc28j46rgleh9sfaxucup2gg73wyfvlr6xykw0a9r6ryys38ts8c";
/** A test key, and its age form as ssh-to-age prints it. */
const ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFnE5txgzjzDDPUTZ5ABif+YuDpMIRj3NHo7L4V99mNe";
const CONVERTED = "age1ymrwlnlkcsjssx8y2pfqgn6d0h8h5pz0rp3hqn295ge8jf2h5usqvae2fv";
const RSA =
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDqmajwl0+4zAZ4OSdyakt0e9DGfFvqt275OQiAlXJkPdAuJ3W/Sxd8THU0HBuAvtNubgyF9QxI5L/inxCoKy4XBaDoWJUzn8ZAS6RymQcua6G7AZGSebdS289037izvmn4nfH+u6fuVVh3vJPWqQEW0C6ebXmL+6UoMJokEdQuGNWO9ThX2wHbYF/NWLM0mWQUWEqcJvYpqi4HOiZ4AvXvvegiAk6qbK+02tnq/jFyIu0rrZ8iyjpSWiHOjUvgllWeDUim8BG3lsnux2HuH6A9iLeSbgGGkinBBlauSiCaGBmNWnjZ1a4k1ufj2+5oBDsDH1OnfDHz3d2EgHmu6Kq/";
const ECDSA =
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=";

function read(text: string, form: SshForm = "converted"): readonly FoundRecipient[] {
  return parseRecipientLines(text, "team.txt", form).recipients;
}

Deno.test("parseRecipientLines() takes names behind a recipient, before it, and from the line above", () => {
  const named = [{ text: K1, name: "alice" }];
  for (
    const line of [
      `${K1} # alice`,
      `${K1} alice`,
      `alice ${K1}`,
      `alice: ${K1}`,
      `alice = "${K1}"`,
      `- &alice ${K1}`,
      `  - &alice '${K1}'  `,
      `# alice\n${K1}`,
      `\ufeff${K1}\t# alice\r\n`,
    ]
  ) assertEquals(read(line), named, line);
});

Deno.test("parseRecipientLines() takes a comment line above for no name when it heads several, or is a sentence", () => {
  const bare = [{ text: K1 }, { text: K2 }];
  assertEquals(read(`# the team\n${K1}\n${K2}`), bare);
  assertEquals(read(`# These may read all.\n${K1}\n\n${K2}`), bare);
  assertEquals(read(`# people:\n${K1}\n\n${K2}\n`), bare);
});

Deno.test("parseRecipientLines() reads the keys list of a .sops.yaml, and an age recipients file", () => {
  assertEquals(read(`keys: # people\n  - &alice ${K1}\n  - &bob ${K2} # since May\n`), [
    { text: K1, name: "alice" },
    { text: K2, name: "bob" },
  ]);
  assertEquals(read(`# alice\n${K1}\n\n# bob\n${K2}\n`), [{ text: K1, name: "alice" }, { text: K2, name: "bob" }]);
});

Deno.test("parseRecipientLines() counts a key that stands there twice once, by its first name", () => {
  assertEquals(read(`${K1} # alice\n${K1} # also\n`), [{ text: K1, name: "alice" }]);
});

Deno.test("parseRecipientLines() converts ssh keys and says what they were", () => {
  const own = { origin: "ssh-ed25519 me@laptop", convertedFrom: "personal key", owner: "person" } as const;
  const ofHost = { convertedFrom: "host key", owner: "host" } as const;
  assertEquals(read(`${ED25519} me@laptop`), [{ text: CONVERTED, name: "me@laptop", ...own }]);
  assertEquals(read(`command="a b",no-pty ${ED25519} me@laptop`), [{ text: CONVERTED, name: "me@laptop", ...own }]);
  assertEquals(read(`[web1.example]:2222,10.0.0.1 ${ED25519}`), [
    { text: CONVERTED, name: "web1.example", origin: "ssh-ed25519 [web1.example]:2222", ...ofHost },
  ]);
  assertEquals(read(`${ED25519} root@web1`), [{
    text: CONVERTED,
    name: "web1",
    origin: "ssh-ed25519 root@web1",
    ...ofHost,
  }]);
  assertEquals(read(`- &web1 ${ED25519}`), [{
    text: CONVERTED,
    name: "web1",
    origin: "ssh-ed25519 web1",
    convertedFrom: "host key",
  }]);
  assertEquals(read(ED25519), [{ text: CONVERTED, origin: "ssh-ed25519", convertedFrom: "personal key" }]);
});

Deno.test("parseRecipientLines() keeps ssh keys as they are in the native form, without comments", () => {
  assertEquals(read(`${ED25519} me@laptop\n${RSA} me@desk`, "native"), [
    { text: ED25519, name: "me@laptop", owner: "person" },
    { text: RSA, name: "me@desk", owner: "person" },
  ]);
});

Deno.test("parseRecipientLines() leaves out ssh keys that age cannot use, and says why", () => {
  const text = `${RSA} a\n${ECDSA} b\n${ED25519} c\n`;
  const { recipients, skipped } = parseRecipientLines(text, "team.txt", "converted");
  assertEquals(recipients.map(({ name }) => name), ["c"]);
  assertEquals(skipped.map(({ lineNumber, isKeptNative }) => [lineNumber, isKeptNative]), [[1, true], [2, false]]);
  assertEquals(parseRecipientLines(text, "team.txt", "native").skipped.map(({ lineNumber }) => lineNumber), [2]);
});

Deno.test("parseRecipientLines() refuses a text with a line that is no public key, and shows none of it", () => {
  const many = "zzsecret\n".repeat(7);
  const error = assertUserError(assertThrows(() => read(`${K1}\n${K2}x # bob\n${many}`)), "malformed", /"team\.txt"/);
  assertEquals(error.details, [
    "line 2: it is a recipient with a wrong checksum, letter or length",
    "line 3: it is no public key",
    "line 4: it is no public key",
    "line 5: it is no public key",
    "line 6: it is no public key",
    "… 3 more",
  ]);
  assertEquals(JSON.stringify(error).includes("zzsecret"), false);
});

Deno.test("parseRecipientLines() refuses a private key and shows none of it", () => {
  for (const line of ["AGE-SECRET-KEY-1TESTKEY", "me AGE-SECRET-KEY-1TESTKEY", "-----BEGIN OPENSSH PRIVATE KEY-----"]) {
    const error = assertUserError(assertThrows(() => read(`${K1}\n${line}\n`)), "malformed", /line 2 .* private key/);
    assertEquals(error.location, { path: "team.txt", line: 2 });
    assertEquals(`${error.message}${error.hints}${error.details}`.includes("TESTKEY"), false);
  }
});

Deno.test("parseTypedRecipient() reads one key and refuses what is none", () => {
  assertEquals(parseTypedRecipient(` ${K1} `, "converted"), { text: K1 });
  assertEquals(parseTypedRecipient(ED25519, "native"), { text: ED25519 });
  const refusal = (text: string, form: SshForm = "converted"): unknown =>
    assertThrows(() => parseTypedRecipient(text, form));
  assertUserError(refusal("hello"), "malformed", /no public key/);
  assertUserError(refusal("AGE-SECRET-KEY-1TESTKEY"), "malformed", /an identity/);
  assertUserError(refusal(ED25519.slice(0, 30)), "malformed", /damaged/);
  assertEquals(assertUserError(refusal(ECDSA), "unsupported").hints, []);
  assertEquals(assertUserError(refusal(RSA), "unsupported").hints.length, 1);
});

Deno.test("parseRecipientLines() reads back every name that a line can carry", () => {
  const name = fc.stringMatching(/^[0-9A-Za-z_][0-9A-Za-z_.@-]{0,20}$/).filter((text) => !/^age1|^ssh-/.test(text));
  fc.assert(fc.property(name, fc.constantFrom(K1, K2), (wanted, key) => {
    for (const line of [`${key} # ${wanted}`, `${wanted} ${key}`, `  - &${wanted} ${key}`]) {
      assertEquals(read(line), [{ text: key, name: wanted }]);
    }
  }));
});

Deno.test("parseRecipientLines() never throws anything but a refusal", () => {
  const piece = fc.constantFrom(K1, ED25519, "ssh-ed25519", "#", "- &a", "age1", "keys:", '"', "\r", "\n", " ");
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), fc.constantFrom("converted", "native"), (parts, form) => {
      try {
        for (const { text } of read(parts.join(""), form as SshForm)) assert(/^(?:age1|ssh-)/.test(text));
      } catch (error) {
        assertUserError(error, "malformed");
      }
    }),
  );
});
