import { loadHeaderCrypto } from "../../../lib/base/host/crypto.ts";
import { createNodeStanzaCrypto, createStanzaCrypto } from "../../../lib/keys/primitives/busy_crypto.ts";
import { BASE_POINT, createWebStanzaCrypto, type StanzaCrypto } from "../../../lib/keys/primitives/stanza_crypto.ts";
import { signEd25519, verifyEd25519 } from "../../../lib/keys/primitives/ed25519.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { vectorTest } from "../../support/shared_vectors.ts";

/** Both providers, and the one that goes from the first to the second. */
const PROVIDERS: Readonly<Record<string, () => StanzaCrypto | Promise<StanzaCrypto>>> = {
  "WebCrypto": () => createWebStanzaCrypto(),
  "node:crypto": async () => createNodeStanzaCrypto(await loadHeaderCrypto()),
  "the busy one": createStanzaCrypto,
};

interface Group<Test> {
  readonly tests: readonly Test[];
  readonly ivSize?: number;
  readonly [name: string]: unknown;
}

async function readGroups<Test>(folder: URL, name: string, minTests: number): Promise<readonly Group<Test>[]> {
  const { testGroups, numberOfTests } = JSON.parse(await Deno.readTextFile(new URL(name, folder)));
  assert(numberOfTests >= minTests, `${name} has ${numberOfTests} tests`);
  return testGroups;
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(text);
}

for (const [name, create] of Object.entries(PROVIDERS)) {
  vectorTest(`X25519 of ${name} gives the known answers`, "wycheproof", async (folder) => {
    const crypto = await create();
    type Test = { tcId: number; public: string; private: string; shared: string; flags: string[] };
    for (const { tests } of await readGroups<Test>(folder, "x25519_test.json", 500)) {
      for (const test of tests) {
        const product = await crypto.multiply(fromHex(test.private), fromHex(test.public));
        const isZero = /^0*$/.test(test.shared);
        assertEquals(product?.toHex(), isZero ? undefined : test.shared, `test ${test.tcId}`);
      }
    }
  });

  vectorTest(`ChaCha20-Poly1305 of ${name} gives the known answers`, "wycheproof", async (folder) => {
    const crypto = await create();
    type Test = {
      tcId: number;
      key: string;
      iv: string;
      aad: string;
      msg: string;
      ct: string;
      tag: string;
      result: string;
    };
    let count = 0;
    for (const { tests, ivSize } of await readGroups<Test>(folder, "chacha20_poly1305_test.json", 300)) {
      if (ivSize !== 96) continue; // age has no other nonces
      for (const test of tests.filter(({ aad }) => aad === "")) { // nor data beside the message
        count++;
        const cipherKey = { key: fromHex(test.key), nonce: fromHex(test.iv) };
        const opened = await crypto.open(cipherKey, fromHex(test.ct + test.tag));
        assertEquals(opened?.toHex(), test.result === "valid" ? test.msg : undefined, `test ${test.tcId}`);
        if (test.result !== "valid") continue;
        assertEquals(
          (await crypto.seal(cipherKey, fromHex(test.msg))).toHex(),
          test.ct + test.tag,
          `test ${test.tcId}`,
        );
      }
    }
    assert(count > 20, `only ${count} tests without further data`);
  });

  vectorTest(`HKDF of ${name} gives the known answers`, "wycheproof", async (folder) => {
    const crypto = await create();
    type Test = { tcId: number; ikm: string; salt: string; info: string; okm: string; size: number; result: string };
    let count = 0;
    for (const { tests } of await readGroups<Test>(folder, "hkdf_sha256_test.json", 80)) {
      for (const test of tests.filter(({ size, result }) => size >= 32 && result === "valid")) {
        const info = findText(test.info);
        if (info === undefined) continue; // age derives by names, which are text
        count++;
        const key = await crypto.derive({ secret: fromHex(test.ikm), salt: fromHex(test.salt), info });
        assertEquals(key.toHex(), test.okm.slice(0, 64), `test ${test.tcId}`); // shorter keys begin longer ones
      }
    }
    assert(count > 5, `only ${count} tests with text`);
  });
}

Deno.test("the providers agree on HMAC and on what is empty, and the busy one changes over without a trace", async () => {
  const [web, node] = [createWebStanzaCrypto(), createNodeStanzaCrypto(await loadHeaderCrypto())];
  const busy = createStanzaCrypto();
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  const empty = new Uint8Array();
  assertEquals(await node.authenticate(key, empty), await web.authenticate(key, empty));
  const input = { secret: empty, salt: key, info: "a test" };
  assertEquals(await node.derive(input), await web.derive(input));
  const sealed = await web.seal({ key, nonce: new Uint8Array(12) }, empty);
  assertEquals(await node.open({ key, nonce: new Uint8Array(12) }, sealed), empty);
  const expected = await web.multiply(key, BASE_POINT);
  for (let time = 0; time < 120; time++) assertEquals(await busy.multiply(key, BASE_POINT), expected);
});

vectorTest("Ed25519 takes and refuses the signatures of the known answers", "wycheproof", async (folder) => {
  type Test = { tcId: number; msg: string; sig: string; result: string };
  for (const group of await readGroups<Test>(folder, "ed25519_test.json", 150)) {
    const { pk, sk } = group["publicKey"] as { pk: string; sk?: string };
    for (const { tcId, msg, sig, result } of group.tests) {
      const isGood = await verifyEd25519(fromHex(pk), fromHex(sig), fromHex(msg));
      assertEquals(isGood, result === "valid", `test ${tcId}`);
      if (sk === undefined || result !== "valid") continue;
      assertEquals((await signEd25519(fromHex(sk), fromHex(msg))).toHex(), sig, `test ${tcId}`);
    }
  }
});

function findText(hex: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromHex(hex));
  } catch {
    return undefined;
  }
}
