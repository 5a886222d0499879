import { Secret } from "../../../lib/base/secret.ts";
import type { ErrorKind } from "../../../lib/base/error.ts";
import { convertSshPrivateKey } from "../../../lib/keys/ssh/convert.ts";
import {
  decryptOpensshPrivateKey,
  type OpensshPrivateKey,
  parseOpensshPrivateKey,
} from "../../../lib/keys/ssh/private_key.ts";
import { assert, assertEquals, assertRejects, assertThrows, assertUserError } from "../../support/assert.ts";
import {
  buildPrivateKey,
  dearmor,
  join,
  KEY_PAIRS,
  OTHER_KEYS,
  PRIVATE_KEYS,
  type PrivateKeyParts,
  type PrivateKeyVector,
  publicBlob,
  rawKeyPair,
  wireNumber,
  wireString,
} from "./build.ts";

const encoder = new TextEncoder();
const PAIR = await rawKeyPair(new Uint8Array(32).fill(1));
const OTHER_PAIR = await rawKeyPair(new Uint8Array(32).fill(2));

/** The name stands in every message. */
const NAME = "/home/me/.ssh/id_test";

async function open(text: string, passphrase?: string): Promise<OpensshPrivateKey | undefined> {
  const file = parseOpensshPrivateKey(encoder.encode(text), NAME);
  return await decryptOpensshPrivateKey(file, passphrase === undefined ? undefined : new Secret(passphrase));
}

/** Fails unless opening the file throws an error of this kind. */
async function assertRefused(text: string, kind: ErrorKind, message: RegExp): Promise<readonly string[]> {
  const error = assertUserError(await assertRejects(() => open(text)), kind, message);
  assert(error.message.includes(NAME));
  assertEquals(error.location?.path, NAME);
  return error.hints;
}

function describe({ cipher, rounds, passphrase }: PrivateKeyVector): string {
  return `${cipher}, ${rounds} rounds, "${passphrase}"`;
}

Deno.test("the vectors hold a key for every cipher that OpenSSH has", () => {
  const ciphers = new Set(PRIVATE_KEYS.map(({ cipher }) => cipher));
  assertEquals([...ciphers].sort(), [
    "3des-cbc",
    "aes128-cbc",
    "aes128-ctr",
    "aes128-gcm@openssh.com",
    "aes192-cbc",
    "aes192-ctr",
    "aes256-cbc",
    "aes256-ctr",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "none",
  ]);
});

for (const vector of PRIVATE_KEYS) {
  Deno.test(`decryptOpensshPrivateKey() opens ${describe(vector)}`, async () => {
    const key = await open(vector.private, vector.passphrase);
    assert(key !== undefined);
    const { identity, recipient } = await convertSshPrivateKey(key);
    assertEquals(identity.revealText(), vector.identity);
    assertEquals(recipient, vector.recipient);
    const { type, encoded, comment } = key.publicKey;
    assertEquals(`${type} ${encoded} ${comment}`, vector.public);
  });

  if (vector.cipher === "none") continue;
  Deno.test(`decryptOpensshPrivateKey() knows a wrong passphrase for ${describe(vector)}`, async () => {
    assertEquals(await open(vector.private, `${vector.passphrase} `), undefined);
    assertEquals(await open(vector.private, ""), undefined);
    assertEquals(await open(vector.private), undefined);
  });
}

Deno.test("parseOpensshPrivateKey() reads the public half without the passphrase", () => {
  for (const vector of PRIVATE_KEYS) {
    const file = parseOpensshPrivateKey(encoder.encode(vector.private), NAME);
    const [type, encoded] = vector.public.split(" ");
    assertEquals(file.publicKey, { type: "ssh-ed25519" as const, encoded: encoded ?? "", comment: "" });
    assertEquals(file.type, type);
    assertEquals(file.isEncrypted, vector.cipher !== "none");
    assertEquals(file.rounds, vector.rounds);
  }
});

Deno.test("parseOpensshPrivateKey() reads a file with CRLF, a byte order mark, blank lines or text around the key", async () => {
  const [{ private: text, public: line }] = [KEY_PAIRS[0]!];
  const utf16 = new Uint8Array(Uint16Array.from(`\ufeff${text}`, (unit) => unit.charCodeAt(0)).buffer);
  const forms = [text.replaceAll("\n", "\r\n"), `\ufeff${text}`, `\n\n  ${text}\n\n`, `# my key\n${text}# end\n`];
  for (const bytes of [utf16, ...forms.map((form) => encoder.encode(form))]) {
    const key = await decryptOpensshPrivateKey(parseOpensshPrivateKey(bytes, NAME), undefined);
    assert(key !== undefined);
    assertEquals(key.publicKey.encoded, line.split(" ")[1]);
  }
});

Deno.test("an opened key and its file show none of the secret when they are printed", async () => {
  const text = KEY_PAIRS[0]!.private;
  const file = parseOpensshPrivateKey(encoder.encode(text), NAME);
  const key = await decryptOpensshPrivateKey(file, undefined);
  assert(key !== undefined);
  const shown = [Deno.inspect(file), JSON.stringify(file), Deno.inspect(key), JSON.stringify(key), String(key)].join();
  assert(!shown.includes(key.seed.reveal().toHex()));
  assert(!shown.includes(key.seed.reveal().toBase64().slice(0, 20)));
  assert(shown.includes("<redacted>"));
});

/** A whole private section behind changed parts, unless the section itself is given. */
const DAMAGED: Readonly<Record<string, PrivateKeyParts>> = {
  "another magic": { magic: "openssh-key-v2\0" },
  "different check numbers": { checkNumbers: [1, 2] },
  "another type in the private section": { sectionType: "ssh-rsa" },
  "a pair that is too short": { pair: PAIR.seed },
  "a pair that is too long": { pair: new Uint8Array(65) },
  "padding that is wrong": { padding: Uint8Array.of(2) },
  "padding that is missing": { padding: new Uint8Array() },
  "padding of a whole block": { padding: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) },
  "no private section": { section: new Uint8Array() },
  "an empty section of whole blocks": { section: new Uint8Array(16) },
  "bytes behind the private section": { tail: new Uint8Array(16) },
  "options of a key derivation that is not there": { kdfOptions: wireString("salt") },
  "a cipher without a key derivation": { cipher: "aes256-ctr" },
  "a key derivation without a cipher": { kdf: "bcrypt" },
  "a public half of another length": { publicBlob: join(wireString("ssh-ed25519"), wireString(new Uint8Array(31))) },
  "a public half with something behind it": { publicBlob: join(publicBlob(PAIR.point), wireString("x")) },
  "no public half": { publicBlob: new Uint8Array() },
  "no salt": bcryptParts({ salt: new Uint8Array(), rounds: 16 }),
  "no rounds": bcryptParts({ salt: new Uint8Array(16), rounds: 0 }),
  "something behind the rounds": bcryptParts({ salt: new Uint8Array(16), rounds: 1, behind: new Uint8Array(1) }),
};

function bcryptParts(
  { salt, rounds, behind }: { salt: Uint8Array; rounds: number; behind?: Uint8Array },
): PrivateKeyParts {
  return {
    cipher: "aes256-ctr",
    kdf: "bcrypt",
    kdfOptions: join(wireString(salt), wireNumber(rounds), behind ?? new Uint8Array()),
    section: new Uint8Array(160),
  };
}

for (const [name, parts] of Object.entries(DAMAGED)) {
  Deno.test(`a private key file is damaged with ${name}`, async () => {
    await assertRefused(buildPrivateKey(PAIR, parts), "malformed", /the private key is damaged or cut short$/);
  });
}

Deno.test("decryptOpensshPrivateKey() refuses halves that do not belong together", async () => {
  const message = /its public half does not belong to its private half$/;
  await assertRefused(buildPrivateKey(PAIR, { point: OTHER_PAIR.point }), "malformed", message);
  await assertRefused(buildPrivateKey(PAIR, { pair: join(OTHER_PAIR.seed, PAIR.point) }), "malformed", message);
  await assertRefused(buildPrivateKey(PAIR, { pair: join(PAIR.seed, OTHER_PAIR.point) }), "malformed", message);
  await assertRefused(buildPrivateKey(PAIR, { publicBlob: publicBlob(OTHER_PAIR.point) }), "malformed", message);
});

Deno.test("parseOpensshPrivateKey() refuses too many rounds before it tries any", async () => {
  const salt = new Uint8Array(16);
  for (const rounds of [10_001, 0xffffffff]) {
    const text = buildPrivateKey(PAIR, bcryptParts({ salt, rounds }));
    const hints = await assertRefused(
      text,
      "refused",
      new RegExp(`it wants ${rounds} rounds of bcrypt, expected at most`),
    );
    assertEquals(hints, [`encrypt it anew: ssh-keygen -p -a 100 -f "${NAME}"`]);
  }
  parseOpensshPrivateKey(encoder.encode(buildPrivateKey(PAIR, bcryptParts({ salt, rounds: 10_000 }))), NAME);
});

Deno.test("parseOpensshPrivateKey() refuses what OpenSSH does not have", async () => {
  const parts = bcryptParts({ salt: new Uint8Array(16), rounds: 1 });
  const cipher = buildPrivateKey(PAIR, { ...parts, cipher: "rot13" });
  await assertRefused(cipher, "unsupported", /it is encrypted with a cipher that OpenSSH does not have$/);
  const derivation = buildPrivateKey(PAIR, { ...parts, kdf: "scrypt" });
  await assertRefused(derivation, "unsupported", /with a key derivation that OpenSSH does not have$/);
  for (const keyCount of [0, 2, 0xffffffff]) {
    await assertRefused(buildPrivateKey(PAIR, { keyCount }), "unsupported", /it does not hold exactly one key$/);
  }
});

/** What is said of the private halves that do not convert. */
const OTHER: Readonly<Record<keyof typeof OTHER_KEYS, RegExp>> = {
  rsa: /it is an RSA key, and only ed25519 keys convert to age$/,
  rsa_small: /it is an RSA key, and only ed25519 keys convert to age$/,
  rsa_pem: /it is an RSA key, and only ed25519 keys convert to age$/,
  rsa_pem_encrypted: /it is an RSA key, and only ed25519 keys convert to age$/,
  rsa_pkcs8: /it is an RSA key, and only ed25519 keys convert to age$/,
  ecdsa: /it is an ECDSA key, and only ed25519 keys convert to age$/,
  ecdsa_pem: /it is an ECDSA key, and only ed25519 keys convert to age$/,
  ecdsa_pkcs8: /it is an ECDSA key, and only ed25519 keys convert to age$/,
  dsa: /it is a DSA key, and only ed25519 keys convert to age$/,
  ed25519_pkcs8: /it is a private key in the form "PRIVATE KEY", expected "OPENSSH PRIVATE KEY"$/,
  ed25519_pkcs8_encrypted: /it is a private key in the form "ENCRYPTED PRIVATE KEY", expected "OPENSSH PRIVATE KEY"$/,
};

for (const [name, { private: text }] of Object.entries(OTHER_KEYS)) {
  if (text === null) continue;
  Deno.test(`decryptOpensshPrivateKey() refuses ${name} before it needs a passphrase`, async () => {
    const message = OTHER[name];
    assert(message !== undefined, `no expectation for ${name}`);
    const error = assertUserError(await assertRejects(() => open(text)), "unsupported", message);
    const [hint, ...others] = error.hints;
    assertEquals(others, []);
    const wanted = name.startsWith("ed25519") ? `ssh-keygen -p -f "${NAME}"` : "ssh-keygen -t ed25519";
    assert(hint?.endsWith(wanted) ?? false, hint);
  });
}

/** What is no private key at all. */
const NO_KEY: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
  "an empty file": ["", /: it is empty, expected an ssh private key$/],
  "blank lines": ["\n \n", /: it is empty, expected an ssh private key$/],
  "a public key": [KEY_PAIRS[0]!.public, /: it is a public key, expected/],
  "an age identity": [KEY_PAIRS[0]!.identity, /: it is an age identity already, expected/],
  "an age keys file": [`# test key\n${KEY_PAIRS[0]!.identity}\n`, /: it is an age identity already, expected/],
  "a PuTTY key": ["PuTTY-User-Key-File-3: ssh-ed25519\n", /: it is a key of PuTTY, expected/],
  "a text": ["hunter2\n", /: it is something else, expected an ssh private key$/],
  "only the first line": ["-----BEGIN OPENSSH PRIVATE KEY-----\n", /damaged or cut short$/],
  "no last line": [KEY_PAIRS[0]!.private.replace(/-----END.*/, ""), /damaged or cut short$/],
  "no Base64": [
    "-----BEGIN OPENSSH PRIVATE KEY-----\n???\n-----END OPENSSH PRIVATE KEY-----\n",
    /damaged or cut short$/,
  ],
};

for (const [name, [text, message]] of Object.entries(NO_KEY)) {
  Deno.test(`parseOpensshPrivateKey() refuses ${name}`, () => {
    const error = assertThrows(() => parseOpensshPrivateKey(encoder.encode(text), NAME));
    assertUserError(error, "malformed", message);
    assert(!error.message.includes("hunter2"));
  });
}

Deno.test("the repair command never holds a name that could end the quotes around it", () => {
  const { private: text } = OTHER_KEYS["ed25519_pkcs8"]!;
  const error = assertThrows(() => parseOpensshPrivateKey(encoder.encode(text ?? ""), '/tmp/a b"; rm -rf ~'));
  assert(assertUserError(error, "unsupported").hints[0]?.endsWith("ssh-keygen -p -f FILE") ?? false);
});

Deno.test("buildPrivateKey() builds what ssh-keygen builds", async () => {
  const key = await open(KEY_PAIRS[0]!.private);
  assert(key !== undefined);
  const pair = await rawKeyPair(key.seed.reveal());
  const checkNumber = checkNumberOf(KEY_PAIRS[0]!.private);
  const parts = { comment: key.publicKey.comment, checkNumbers: [checkNumber, checkNumber] } as const;
  assertEquals(buildPrivateKey(pair, parts), KEY_PAIRS[0]!.private);
});

/** It is the first thing in the private section. */
function checkNumberOf(text: string): number {
  const { length: offset } = dearmor(buildPrivateKey(PAIR, { section: new Uint8Array() }));
  return new DataView(dearmor(text).buffer).getUint32(offset);
}

Deno.test("decryptOpensshPrivateKey() leaves the passphrase as it is, for the next key", async () => {
  const vector = PRIVATE_KEYS.find(({ cipher, rounds }) => cipher === "aes256-ctr" && rounds === 2)!;
  const passphrase = new Secret(vector.passphrase!);
  const file = parseOpensshPrivateKey(encoder.encode(vector.private), NAME);
  for (let time = 0; time < 2; time++) assert(await decryptOpensshPrivateKey(file, passphrase) !== undefined);
  assert(passphrase.equals(new Secret(vector.passphrase!)));
});
