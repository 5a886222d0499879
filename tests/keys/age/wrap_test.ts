import { Decrypter, Encrypter } from "age-encryption";
import { decodeArmor, encodeArmor } from "../../../lib/keys/age/armor.ts";
import { deriveRecipient, generateIdentity, parseIdentity } from "../../../lib/keys/age/identity.ts";
import { createIdentity } from "../../../lib/keys/age/native_identity.ts";
import { createKeyOpener, type UsableIdentity } from "../../../lib/keys/age/unwrap.ts";
import { createKeyWrapper } from "../../../lib/keys/age/wrap.ts";
import { createWebStanzaCrypto } from "../../../lib/keys/primitives/stanza_crypto.ts";
import { Secret } from "../../../lib/base/secret.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import fc from "../../support/property.ts";
import { type TestHost, testHost } from "../../support/test_host.ts";
import { TEST_HYBRID, TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";

const DATA_KEY = Uint8Array.from({ length: 32 }, (_, index) => 7 * index & 0xff);

/** An identity that costs nothing, with what is known of it. */
function usable(host: TestHost, text: string, more: Partial<UsableIdentity> = {}): UsableIdentity {
  const identity = parseIdentity(text);
  return {
    origin: text.slice(-4),
    cost: "free",
    findRecipient: () => deriveRecipient(identity.secret),
    open: () => Promise.resolve([createIdentity(host, identity, createWebStanzaCrypto())]),
    ...more,
  };
}

Deno.test("a data key goes through both implementations of age both ways", async () => {
  await using host = await testHost();
  const wrap = createKeyWrapper(host);
  const payload = fc.uint8Array({ minLength: 0, maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(payload, fc.constantFrom("x25519", "hybrid"), async (plain, kind) => {
      const identity = generateIdentity(kind as "x25519" | "hybrid", host.randomBytes);
      const recipient = await deriveRecipient(identity);
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity.revealText());
      assertEquals(await decrypter.decrypt(decodeArmor(await wrap(recipient, plain))!), plain);
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      const open = createKeyOpener({ identities: [usable(host, identity.revealText())] });
      assertEquals(await open(recipient, encodeArmor(await encrypter.encrypt(plain))), { dataKey: plain });
    }),
    { numRuns: 20 },
  );
});

Deno.test("an opened key may be for another recipient than the file says", async () => {
  await using host = await testHost();
  const encrypted = await createKeyWrapper(host)(TEST_X25519.recipient, DATA_KEY);
  const identities = [usable(host, TEST_X25519_OTHER.identity), usable(host, TEST_X25519.identity)];
  const open = createKeyOpener({ identities });
  assertEquals(await open(TEST_X25519_OTHER.recipient, encrypted), { dataKey: DATA_KEY });
});

Deno.test("the identity of the recipient is tried first, and what asks a person last", async () => {
  await using host = await testHost();
  const asked: string[] = [];
  const noting = (origin: string, more: Partial<UsableIdentity>): UsableIdentity => ({
    origin,
    cost: "free",
    findRecipient: () => Promise.resolve(undefined),
    open() {
      asked.push(origin);
      return Promise.resolve([]);
    },
    ...more,
  });
  const identities = [
    noting("another plugin", { cost: "plugin", suits: () => false }),
    noting("protected file", { cost: "passphrase", stanzaTypes: ["X25519", "mlkem768x25519"] }),
    noting("ssh key", { cost: "passphrase-if-named", stanzaTypes: ["ssh-ed25519"] }),
    noting("plugin", { cost: "plugin", suits: (recipient) => recipient === TEST_X25519.recipient }),
    noting("command", { cost: "command" }),
    noting("other", {}),
    noting("own", { findRecipient: () => Promise.resolve(TEST_X25519.recipient) }),
  ];
  const encrypted = await createKeyWrapper(host)(TEST_X25519.recipient, DATA_KEY);
  const open = createKeyOpener({ identities });
  const all = ["own", "other", "command", "plugin", "protected file", "another plugin"];
  for (const [effort, expected] of [["free", all.slice(0, 2)], ["likely", all.slice(0, 4)], ["all", all]] as const) {
    asked.length = 0;
    const opening = await open(TEST_X25519.recipient, encrypted, effort);
    assertEquals(asked, [...expected]);
    assert("attempts" in opening);
    assertEquals(opening.attempts.map(({ origin }) => origin), [...expected]);
  }
});

Deno.test("what is wrong with the encrypted key itself is told before anybody is asked", async () => {
  await using host = await testHost();
  const encrypted = await createKeyWrapper(host)(TEST_X25519.recipient, DATA_KEY);
  const open = createKeyOpener({ identities: [usable(host, TEST_X25519.identity)] });
  const bytes = decodeArmor(encrypted)!;
  const changed = (offset: number): string => {
    const copy = bytes.slice();
    copy[copy.length + offset]! ^= 1;
    return encodeArmor(copy);
  };
  for (
    const [problem, text] of [
      ["armor", encrypted.replace("-----END", "-----EN")],
      ["armor", ""],
      ["header", encodeArmor(bytes.subarray(1))],
      ["payload", changed(-1)],
      ["payload", encodeArmor(bytes.subarray(0, -1))],
    ] as const
  ) {
    const opening = await open(TEST_X25519.recipient, text);
    assert("attempts" in opening);
    assertEquals(opening.problemKind, problem);
  }
});

Deno.test("decodeArmor() does not take the square of the time for blanks in the middle", () => {
  assertEquals(decodeArmor(`x${" ".repeat(4_000_000)}y`), undefined);
});

Deno.test("a wrapper refuses what is no recipient, and shows nothing of an identity", async () => {
  await using host = await testHost();
  const error = await assertRejects(() => createKeyWrapper(host)(TEST_X25519.identity, DATA_KEY));
  assert(!assertUserError(error, "malformed").message.includes(TEST_X25519.identity));
});

Deno.test("a platform without ChaCha20-Poly1305 gets it from a library, with the same result", async () => {
  const refusing = new Proxy(crypto.subtle, {
    get(subtle, name) {
      if (name === "importKey") {
        return (format: string, ...rest: unknown[]) => {
          if (format === "raw-secret") throw new TypeError("not a format");
          return (subtle.importKey as (...all: unknown[]) => unknown)(format, ...rest);
        };
      }
      const member = Reflect.get(subtle, name);
      return typeof member === "function" ? member.bind(subtle) : member;
    },
  });
  const [native, library] = [createWebStanzaCrypto(), createWebStanzaCrypto(refusing)];
  const cipherKey = { key: DATA_KEY, nonce: new Uint8Array(12) };
  const sealed = await native.seal(cipherKey, DATA_KEY);
  assertEquals(await library.seal(cipherKey, DATA_KEY), sealed);
  assertEquals(await library.open(cipherKey, sealed), DATA_KEY);
  sealed[0]! ^= 1;
  assertEquals(await library.open(cipherKey, sealed), undefined);
  assertEquals(await library.open(cipherKey, sealed.subarray(0, 15)), undefined);
});

Deno.test("a hybrid identity is not for a file of another recipient, and loads nothing for one without its stanza", async () => {
  await using host = await testHost();
  const wrap = createKeyWrapper(host);
  const other = await deriveRecipient(generateIdentity("hybrid", host.randomBytes));
  const open = createKeyOpener({ identities: [usable(host, TEST_HYBRID.identity)] });
  for (const recipient of [other, TEST_X25519.recipient]) {
    assertEquals(await open(recipient, await wrap(recipient, DATA_KEY)), {
      attempts: [{ origin: TEST_HYBRID.identity.slice(-4) }],
    });
  }
  const own = await deriveRecipient(new Secret(TEST_HYBRID.identity));
  assertEquals(await open(own, await wrap(own, DATA_KEY)), { dataKey: DATA_KEY });
});

Deno.test("a mutated age file is a value, never a crash, and never opens to something else", async () => {
  await using host = await testHost();
  const encrypted = await createKeyWrapper(host)(TEST_X25519.recipient, DATA_KEY);
  const bytes = decodeArmor(encrypted)!;
  const open = createKeyOpener({ identities: [usable(host, TEST_X25519.identity)] });
  const check = async (text: string): Promise<void> => {
    const opening = await open(TEST_X25519.recipient, text);
    if ("dataKey" in opening) assertEquals(opening.dataKey, DATA_KEY);
  };
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (offset, change) => {
      const mutated = bytes.slice();
      mutated[offset]! ^= change;
      const opening = await open(TEST_X25519.recipient, encodeArmor(mutated));
      assert("attempts" in opening, `byte ${offset} is not authenticated`);
    }),
    { numRuns: 200 },
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(encrypted.length), fc.nat(encrypted.length), fc.string(), async (start, end, text) => {
      await check(encrypted.slice(0, start) + text + encrypted.slice(end));
    }),
    { numRuns: 200 },
  );
});

Deno.test("a small file needs no package: what loads identities and opens its key imports none", async () => {
  const seen = new Set<string>();
  const packages: string[] = [];
  const visit = async (url: URL): Promise<void> => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    const source = await Deno.readTextFile(url);
    for (const [, specifier = ""] of source.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "([^"]+)";/gm)) {
      if (specifier.startsWith(".")) await visit(new URL(specifier, url));
      else packages.push(`${specifier} in ${url.pathname.replace(/^.*\/lib\//, "lib/")}`);
    }
  };
  for (const entry of ["places/identities.ts", "age/unwrap.ts", "age/wrap.ts"]) {
    await visit(new URL(`../../../lib/keys/${entry}`, import.meta.url));
  }
  assert(seen.size > 20, `only ${seen.size} modules`);
  assertEquals(packages, []);
});
