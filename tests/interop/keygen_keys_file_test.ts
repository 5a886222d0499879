/**
 * `keygen` into a keys file that the real `age-keygen` made: every identity of it still works in age and in sops.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { keygenIn } from "../support/interop_config.ts";
import { runPeer, sops } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { testHost } from "../support/test_host.ts";

const KEYS_FILE = "~/.config/sops/age/keys.txt";

/** How the existing text is changed before keygen sees it. */
const FORMS: Readonly<Record<string, (text: string) => string>> = {
  "as age-keygen writes it": (text) => text,
  "with CRLF": (text) => text.replaceAll("\n", "\r\n"),
  "without a final line break": (text) => text.trimEnd(),
  "with CRLF and no final line break": (text) => text.trimEnd().replaceAll("\n", "\r\n"),
  "with blank lines and a last comment": (text) => `\n\n${text}\n\n# the end`,
};

for (const [form, change] of Object.entries(FORMS)) {
  peerTest(
    `age-keygen and sops read all identities after keygen, keys file ${form}`,
    ["age-keygen", "sops"],
    async () => {
      await using host = await testHost();
      const texts = [await runPeer(host, "age-keygen", []), await runPeer(host, "age-keygen", ["-pq"])];
      const content = change(texts.map(({ stdout }) => stdout).join(""));
      await host.writeText(KEYS_FILE, content);
      await Deno.chmod(host.path(KEYS_FILE), 0o600);
      const old = (await runPeer(host, "age-keygen", ["-y", host.path(KEYS_FILE)])).stdout.trimEnd().split("\n");
      assertEquals(old.length, 2);

      const { exitCode, stdout, stderr } = await keygenIn(host);
      assertEquals(exitCode, 0, stderr);
      const after = await host.readText(KEYS_FILE);
      assert(after.startsWith(content));
      const all = (await runPeer(host, "age-keygen", ["-y", host.path(KEYS_FILE)])).stdout.trimEnd().split("\n");
      assertEquals(all, [...old, stdout.trimEnd()]);
      assertEquals((await Deno.stat(host.path(KEYS_FILE))).mode! & 0o777, 0o600);
      for (const [index, recipient] of all.entries()) {
        await host.writeText("secrets/plain.yaml", "a: b\n");
        const output = `secrets/${index}.yaml`;
        await sops(host, ["encrypt", "--age", recipient, "--output", output, "secrets/plain.yaml"]);
        assertEquals(await sops(host, ["decrypt", output]), "a: b\n");
      }
    },
  );
}
