/**
 * Signing keys between sopsmith and the real nix: what one makes, the other reads, and both refuse the same.
 *
 * @module
 */
import { formatPublicKey, generateSigningKey, parseSigningKey } from "../../lib/nix/key.ts";
import { UserError } from "../../lib/base/error.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { forEachOf } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { NIX_TEST_KEYS } from "../nix/test_keys.ts";
import { runIsolated } from "../support/test_host.ts";

/** How many keys are compared. */
const COMPARED = 40;

interface Run {
  readonly code: number;
  readonly stdout: string;
}

async function nixKey(args: readonly string[], stdin = ""): Promise<Run> {
  const env = { PATH: Deno.env.get("PATH") ?? "", HOME: "/nonexistent", NIX_CONF_DIR: "/nonexistent" };
  const command = ["--extra-experimental-features", "nix-command", "key", ...args];
  const options = { cwd: Deno.cwd(), env, stdin: new TextEncoder().encode(stdin) };
  const result = await runIsolated("nix", command, options);
  return { code: result?.code ?? -1, stdout: new TextDecoder().decode(result?.stdout) };
}

/** @returns the public key, or undefined where the input is refused */
async function convertHere(text: string): Promise<string | undefined> {
  try {
    return formatPublicKey((await parseSigningKey(new TextEncoder().encode(text), "test")).publicKey);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

const convertByNix = (text: string): Promise<Run> => nixKey(["convert-secret-to-public"], text);

peerTest("nix converts the keys that are made here as they are converted here", ["nix"], async () => {
  const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
  await forEachOf(Array.from({ length: COMPARED }, (_, i) => `cache.example.org-${i}`), async (name) => {
    const key = await generateSigningKey(name, randomBytes);
    assertEquals(await convertByNix(key.secret.revealText()), { code: 0, stdout: formatPublicKey(key.publicKey) });
  });
});

peerTest("the keys that nix makes are read here, and have the same form", ["nix"], async () => {
  await forEachOf(Array.from({ length: COMPARED }, (_, i) => `nix-${i}`), async (name) => {
    const { code, stdout: secret } = await nixKey(["generate-secret", "--key-name", name]);
    assertEquals(code, 0);
    assert(/^nix-\d+:[A-Za-z0-9+/]{86}==$/.test(secret)); // no newline either
    assertEquals(await convertHere(secret), (await convertByNix(secret)).stdout);
  });
});

peerTest("input that is no key is refused by both; here also what nix gets wrong", ["nix"], async () => {
  const { a, b } = NIX_TEST_KEYS;
  const digits = a.secret.slice("test-a-1:".length);
  const both = ["", "\n", "x", ":", digits, `:${digits}`, "test-a-1:", "test-a-1:*", a.public, a.secret.slice(0, -8)];
  for (const text of both) {
    assert((await convertByNix(text)).code !== 0, text);
    assertEquals(await convertHere(text), undefined, text);
  }
  const mixed = Uint8Array.fromBase64(digits);
  mixed.set(Uint8Array.fromBase64(b.public.slice("test-b-1:".length)), 32);
  const believed = `test-a-1:${mixed.toBase64()}`;
  assertEquals((await convertByNix(believed)).code, 0);
  assertEquals(await convertHere(believed), undefined);
  for (
    const text of [`${a.secret}\n`, a.secret.replace(/=+$/, ""), `${a.secret.slice(0, 40)}\n${a.secret.slice(40)}`]
  ) {
    assertEquals(await convertByNix(text), { code: 0, stdout: await convertHere(text) ?? "" }, text);
  }
});
