import { namesOfSshKey, parseSshKeyLines, type SshKeyLine } from "../../../lib/keys/ssh/key_lines.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { join, KEY_PAIRS, OTHER_KEYS, wireString } from "./build.ts";
import { TEST_SSH_RSA, TEST_X25519 } from "../test_keys.ts";
import fc from "../../support/property.ts";

const KEY = KEY_PAIRS[0]!.public.split(" ").slice(0, 2).join(" ");
const ENCODED = KEY.split(" ")[1]!;

function parseOne(line: string): SshKeyLine {
  const [parsed, ...others] = parseSshKeyLines(line);
  assertEquals(others, []);
  if (parsed === undefined) throw new Error("no line was found");
  return parsed;
}

/** What is expected of a line that holds the test key. */
interface Expected {
  readonly hosts?: readonly string[];
  readonly isHashed?: boolean;
  readonly comment?: string;
}

const SOUND: Readonly<Record<string, readonly [line: string, expected: Expected]>> = {
  "a .pub file": [`${KEY} me@laptop`, { comment: "me@laptop" }],
  "a .pub file without a comment": [KEY, {}],
  "a comment of several words": [`${KEY}  my  old laptop `, { comment: "my  old laptop" }],
  "tabs": [`ssh-ed25519\t${ENCODED}\tme@laptop`, { comment: "me@laptop" }],
  "blanks before it": [`   ${KEY}`, {}],
  "ssh-keyscan": [`github.com ${KEY}`, { hosts: ["github.com"] }],
  "ssh-keyscan of a port": [`[web1]:2222 ${KEY}`, { hosts: ["[web1]:2222"] }],
  "known_hosts with addresses": [`web1,10.0.0.1,::1 ${KEY} x`, { hosts: ["web1", "10.0.0.1", "::1"], comment: "x" }],
  "known_hosts with patterns": [`*.example.com,!bad.example.com ${KEY}`, {
    hosts: ["*.example.com", "!bad.example.com"],
  }],
  "known_hosts with a hashed name": [`|1|c2FsdA==|aGFzaA== ${KEY}`, { isHashed: true }],
  "authorized_keys with an option": [`no-pty ${KEY} me`, { comment: "me" }],
  "authorized_keys with options": [`from="10.0.0.*",no-agent-forwarding ${KEY} me`, { comment: "me" }],
  "authorized_keys with a blank inside": [`command="a b",restrict ${KEY} me`, { comment: "me" }],
  "authorized_keys with quotes inside": [`environment="A=\\"x y\\"" ${KEY} me`, { comment: "me" }],
  "authorized_keys with a key type inside": [`command="ssh-rsa AAAA" ${KEY} me`, { comment: "me" }],
  "authorized_keys in capitals": [`Restrict ${KEY}`, {}],
};

for (const [name, [line, expected]] of Object.entries(SOUND)) {
  Deno.test(`parseSshKeyLines() reads ${name}`, () => {
    const { found, ...rest } = parseOne(line);
    assertEquals(rest, { lineNumber: 1, hosts: [], isHashed: false, comment: "", ...expected });
    assert(found.kind === "key");
    assertEquals(`${found.key.type} ${found.key.encoded}`, KEY);
  });
}

const UNUSABLE: Readonly<Record<string, readonly [line: string, reason: RegExp]>> = {
  "an ECDSA key": [OTHER_KEYS["ecdsa"]!.public!, /^an ECDSA key, and only ed25519 keys convert to age$/],
  "a DSA key": [OTHER_KEYS["dsa"]!.public!, /^a DSA key, and only/],
  "a small RSA key": [OTHER_KEYS["rsa_small"]!.public!, /^an RSA key of less than 2048 bits$/],
  "a certificate": [
    OTHER_KEYS["ed25519_certificate"]!.public!,
    /^a certificate; the key itself stands in the \.pub file/,
  ],
  "a key on a device": [
    `sk-ssh-ed25519@openssh.com ${join(wireString("sk-ssh-ed25519@openssh.com"), wireString("ssh:")).toBase64()} me`,
    /^a key on a security device \(sk-…\), which signs but cannot decrypt$/,
  ],
  "an authority in known_hosts": [`@cert-authority *.example.com ${KEY}`, /^the key of a certificate authority/],
  "an authority in authorized_keys": [`cert-authority,principals="a b" ${KEY}`, /^the key of a certificate authority/],
  "a revoked key": [`@revoked * ${KEY}`, /^a revoked key$/],
};

for (const [name, [line, reason]] of Object.entries(UNUSABLE)) {
  Deno.test(`parseSshKeyLines() keeps ${name} as unusable`, () => {
    const { found } = parseOne(line);
    assert(found.kind === "unusable", found.kind);
    assert(reason.test(found.reason), found.reason);
  });
}

const MALFORMED: Readonly<Record<string, readonly [line: string, reason: RegExp]>> = {
  "a word": ["hunter2", /^no ssh public key$/],
  "a private key": ["-----BEGIN OPENSSH PRIVATE KEY-----", /^the beginning of a private key$/],
  "an age identity": [KEY_PAIRS[0]!.identity, /^an age identity, the private half of a key$/],
  "an age recipient": [TEST_X25519.recipient, /^an age recipient already$/],
  "a key cut short": [KEY.slice(0, -8), /^an ed25519 key that is damaged or cut short$/],
  "a key cut in a letter": [KEY.slice(0, -1), /^an ed25519 key that is damaged or cut short$/],
  "a type alone": ["ssh-ed25519", /^an ed25519 key that is damaged or cut short$/],
  "a type with a text": ["ssh-ed25519 hunter2", /^an ed25519 key that is damaged or cut short$/],
  "a key of another type": [`ssh-rsa ${ENCODED}`, /^an RSA key that is damaged or cut short$/],
  "a host without a key": ["web1 ssh-ed25519", /^an ed25519 key that is damaged/],
};

for (const [name, [line, reason]] of Object.entries(MALFORMED)) {
  Deno.test(`parseSshKeyLines() keeps ${name} as malformed`, () => {
    const { found } = parseOne(line);
    assert(found.kind === "malformed", found.kind);
    assert(reason.test(found.reason), found.reason);
    assert(!found.reason.includes("hunter2"));
  });
}

Deno.test("parseSshKeyLines() counts lines, and leaves blank lines and comments out", () => {
  const text = `\ufeff# web1:22 SSH-2.0-OpenSSH_9.2\r\n\r\nweb1 ${KEY}\r\n  # x\r\nweb1 ${TEST_SSH_RSA}\r`;
  assertEquals(parseSshKeyLines(text).map(({ lineNumber, found }) => [lineNumber, found.kind]), [[3, "key"], [
    5,
    "key",
  ]]);
  assertEquals(parseSshKeyLines(""), []);
});

Deno.test("namesOfSshKey() prefers hosts to the comment", () => {
  assertEquals(namesOfSshKey(parseOne(`a,b ${KEY} c`)), ["a", "b"]);
  assertEquals(namesOfSshKey(parseOne(`${KEY} c d`)), ["c d"]);
  assertEquals(namesOfSshKey(parseOne(`|1|a|b ${KEY}`)), []);
});

Deno.test("parseSshKeyLines() reads any options, and is done soon with any text", () => {
  const value = fc.string({ maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, "").replace(/["\\]/g, "\\$&"));
  fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
    const options = values.map((text) => `command="${text}"`).join(",");
    const { found, comment } = parseOne(`${options} ${KEY} me`);
    assert(found.kind === "key", options);
    assertEquals(comment, "me");
  }));
  for (const text of ['"', '\\"', 'a"', '"a', ",", " ", "ssh-rsa ", "@a ", '"\\', "="]) {
    const start = performance.now();
    parseSshKeyLines(text.repeat(100_000));
    assert(performance.now() - start < 2_000, `slow with ${JSON.stringify(text)}`);
  }
});

Deno.test("parseSshKeyLines() reads every key of generated pairs", () => {
  const lines = parseSshKeyLines(KEY_PAIRS.map((pair) => pair.public).join("\n"));
  assertEquals(
    lines.map(({ found }) => found.kind === "key" && found.key.encoded),
    KEY_PAIRS.map((pair) => {
      return pair.public.split(" ")[1]!;
    }),
  );
});
