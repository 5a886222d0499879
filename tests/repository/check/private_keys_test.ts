import { findPrivateKeys } from "../../../lib/repository/check/private_keys.ts";
import { generateIdentity } from "../../../lib/keys/age/identity.ts";
import { assertEquals } from "../../support/assert.ts";
import { TEST_HYBRID, TEST_PLUGIN, TEST_X25519 } from "../../keys/test_keys.ts";
import { seededRandom } from "../../support/test_host.ts";

/** Test keys of ssh. */
async function readVectors(name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await Deno.readTextFile(new URL(`../../vectors/ssh/${name}.json`, import.meta.url)));
}

/** @returns what is found, as `kind severity line` */
async function find(text: string, name = "x.txt"): Promise<string[]> {
  const places = await findPrivateKeys(new TextEncoder().encode(text), name);
  return places.map(({ kind, severity, lineNumber, isWhole }) =>
    `${kind} ${severity} ${lineNumber}${isWhole ? " whole" : ""}`
  );
}

Deno.test("findPrivateKeys() finds age identities, alone and in other text", async () => {
  assertEquals(await find(`# test key\n${TEST_X25519.identity}\n`), ["age-identity error 2 whole"]);
  assertEquals(await find(`${TEST_HYBRID.identity}\n`), ["age-identity error 1 whole"]);
  assertEquals(await find(`{"key": "${TEST_X25519.identity}"}\n`), ["age-identity error 1"]);
  assertEquals(await find(`A=${TEST_X25519.identity}\nB=${TEST_X25519.identity}\n`), [
    "age-identity error 1",
    "age-identity error 2",
  ]);
});

Deno.test("findPrivateKeys() takes nothing for an identity that stands for one", async () => {
  const identity = generateIdentity("x25519", seededRandom(7)).revealText();
  for (
    const text of [
      TEST_PLUGIN.identity,
      TEST_X25519.recipient,
      "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
      "AGE-SECRET-KEY-1...",
      `${identity.slice(0, -1)}${identity.endsWith("Q") ? "P" : "Q"}`,
      "-----BEGIN OPENSSH PRIVATE KEY-----\n...\n-----END OPENSSH PRIVATE KEY-----",
      "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nbm90IGEga2V5\n-----END PGP PRIVATE KEY BLOCK-----",
      "-----BEGIN PRIVATE KEY-----\nMII\n",
    ]
  ) assertEquals(await find(text, "id_rsa"), [], text.slice(0, 40));
});

Deno.test("findPrivateKeys() tells ssh keys with a passphrase from those without", async () => {
  const { pairs } = await readVectors("key_pairs") as { pairs: { private: string }[] };
  const { keys } = await readVectors("private_keys") as { keys: { private: string }[] };
  const open = pairs[0]!.private;
  assertEquals(await find(open), ["ssh-private-key error 1 whole"]);
  assertEquals(await find(keys[0]!.private), ["ssh-private-key note 1 whole"]);
  assertEquals(await find(JSON.stringify({ key: open })), ["ssh-private-key error 1"]);
  assertEquals(await find(`key: |\n${open.replace(/^/gm, "  ")}\n`), ["ssh-private-key error 2"]);
  assertEquals(await find(open.split("\n").map((line) => `# ${line}`).join("\n")), ["ssh-private-key error 1"]);
});

Deno.test("findPrivateKeys() counts keys in PEM form only where a file is called like an ssh key", async () => {
  const { privateKey } = await crypto.subtle.generateKey("Ed25519", true, ["sign"]) as CryptoKeyPair;
  const body = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey)).toBase64();
  const pem = `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
  assertEquals(await find(pem, "tls.key"), []);
  assertEquals(await find(pem, "id_ed25519"), ["ssh-private-key error 1 whole"]);
  assertEquals(await find(pem, "ssh_host_ed25519_key"), ["ssh-private-key error 1 whole"]);
});
