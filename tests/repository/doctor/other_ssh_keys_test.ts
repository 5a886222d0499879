import { assert, assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";
import { findOtherSshKeys } from "../../../lib/repository/doctor/other_ssh_keys.ts";
import { convertSshPublicKey } from "../../../lib/keys/ssh/convert.ts";
import { findSshPublicKey } from "../../../lib/keys/ssh/public_key.ts";
import type { Host } from "../../../lib/base/host/host.ts";
import { TEST_SSH_ED25519, TEST_SSH_RSA } from "../../keys/test_keys.ts";

/** The host with a host key of its own, instead of the machine's. */
function withHostKey(host: Host, publicKey: string | undefined): Host {
  const read: Host["files"]["read"] = (path, maxBytes) =>
    path.startsWith("/etc/")
      ? (publicKey === undefined ? undefined : new TextEncoder().encode(publicKey))
      : host.files.read(path, maxBytes);
  return { ...host, files: { ...host.files, read } };
}

async function kindsOf(host: Host): Promise<string[]> {
  const found = await findOtherSshKeys(host, [], []);
  return found.map(({ recipient, origin, obstacle }) =>
    `${/^age1|^.{7}/.exec(recipient ?? "")} ${origin} ${obstacle?.repair.kind}`
  );
}

Deno.test("findOtherSshKeys() tells keys under other names, where both halves are there", async () => {
  await using host = await testHost({
    files: {
      "~/.ssh/id_ed25519": "x",
      "~/.ssh/id_ed25519.pub": TEST_SSH_ED25519,
      "~/.ssh/work": "x",
      "~/.ssh/work.pub": TEST_SSH_ED25519,
      "~/.ssh/rsa": "x",
      "~/.ssh/rsa.pub": TEST_SSH_RSA,
      "~/.ssh/public_only.pub": TEST_SSH_ED25519,
      "~/.ssh/junk": "x",
      "~/.ssh/junk.pub": "junk",
      "~/.ssh/config": "x",
    },
  });
  assertEquals(await kindsOf(withHostKey(host, undefined)), [
    "ssh-rsa ~/.ssh/rsa set-variable",
    "ssh-ed2 ~/.ssh/work set-variable",
    "age1 ~/.ssh/work convert-ssh-key",
  ]);
});

Deno.test("findOtherSshKeys() tells the converted key of the host, which sops-nix uses", async () => {
  await using host = await testHost();
  assertEquals((await kindsOf(withHostKey(host, TEST_SSH_ED25519))).map((line) => line.slice(5)), [
    "/etc/ssh/ssh_host_ed25519_key use-host-key",
  ]);
  assertEquals(await kindsOf(withHostKey(host, undefined)), []);
  assertEquals(await kindsOf(withHostKey(host, TEST_SSH_RSA)), []);
  await using windows = await testHost({ os: "windows", env: { USERPROFILE: undefined } });
  assertEquals(await kindsOf(withHostKey(windows, TEST_SSH_ED25519)), []);
});

Deno.test("findOtherSshKeys() tells an ssh key of which only the converted age key is here", async () => {
  await using host = await testHost();
  const bare = TEST_SSH_ED25519.trim().split(" ").slice(0, 2).join(" ");
  const publicKey = findSshPublicKey(bare);
  assert(publicKey !== undefined);
  const own = { recipient: convertSshPublicKey(publicKey), origin: "keys.txt", isLocked: false };
  const [found, ...rest] = await findOtherSshKeys(withHostKey(host, undefined), [bare, "age1other"], [own]);
  assertEquals([found?.recipient, found?.origin, found?.obstacle?.repair.kind], [bare, "keys.txt", "name-ssh-key"]);
  assertEquals(rest, []);
  assertEquals(await findOtherSshKeys(withHostKey(host, undefined), [bare], []), []);
});
