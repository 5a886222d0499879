/** Private keys that gpg writes, with and without a passphrase, are told apart. */
import { findPrivateKeys } from "../../lib/repository/check/private_keys.ts";
import { assertEquals } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";

/** Kinds of key, as gpg names them. */
const ALGORITHMS = ["rsa1024", "ed25519", "nistp256"];

async function gpg(home: string, ...args: string[]): Promise<Uint8Array> {
  const { code, stdout, stderr } = await new Deno.Command("gpg", {
    args: ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", ...args],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return stdout;
}

peerTest("findPrivateKeys() knows keys of gpg, and whether a passphrase protects them", ["gpg"], async () => {
  const home = await Deno.makeTempDir({ prefix: "sopsmith-gpg-" });
  try {
    await Deno.chmod(home, 0o700);
    for (const algorithm of ALGORITHMS) {
      for (const passphrase of ["", "correct horse"]) {
        const name = `${algorithm}-${passphrase.length}@example.org`;
        await gpg(home, "--passphrase", passphrase, "--quick-generate-key", name, algorithm, "sign", "never");
        const armoured = await gpg(home, "--passphrase", passphrase, "--armor", "--export-secret-keys", name);
        const binary = new TextDecoder().decode(armoured);
        assertEquals(
          (await findPrivateKeys(new TextEncoder().encode(binary), "key.asc")).map((
            { kind, severity },
          ) => [kind, severity]),
          [["pgp-private-key", passphrase === "" ? "error" : "note"]],
          name,
        );
      }
    }
  } finally {
    await new Deno.Command("gpgconf", { args: ["--homedir", home, "--kill", "all"] }).output();
    await Deno.remove(home, { recursive: true });
  }
});
