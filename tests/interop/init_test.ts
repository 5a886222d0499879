/**
 * A repository that `init` has set up, in the hands of the real programs: sops encrypts and decrypts, git sees no private
 * half, and Nix reads the module and finds every file that it names.
 *
 * @module
 */
import { run } from "../../main.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { runPeer, sops } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { type TestHost, testHost } from "../support/test_host.ts";

/** Runs `init` in process and fails unless it succeeds. @returns its standard output */
async function initIn(host: TestHost, ...flags: string[]): Promise<string> {
  const start = host.output.length;
  const exitCode = await run(["init", ...flags], host);
  const written = host.output.slice(start);
  assertEquals(exitCode, 0, written.map(({ text }) => text).join(""));
  return written.filter(({ stream }) => stream === "stdout").map(({ text }) => text).join("");
}

peerTest("init: sops encrypts to the new key and decrypts with it, without any variable", ["sops"], async () => {
  await using host = await testHost();
  const recipient = await initIn(host, "--name", "alice");
  await host.writeText("secrets/web.yaml", "db:\n  password: hunter2\n");
  await sops(host, ["encrypt", "--in-place", "secrets/web.yaml"]);
  assertStringIncludes(await host.readText("secrets/web.yaml"), recipient.trimEnd());
  assertEquals(await sops(host, ["decrypt", "secrets/web.yaml"]), "db:\n  password: hunter2\n");
  assertEquals(await initIn(host), recipient);
});

peerTest("init: sops decrypts with the identity of a real ssh key", ["sops", "ssh-keygen"], async () => {
  await using host = await testHost();
  const { code } = await runPeer(host, "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test key", "-f", "id"]);
  assertEquals(code, 0);
  await initIn(host, "--name", "alice", "--ssh-key", "id");
  await host.writeText("secrets/web.yaml", "token: hunter2\n");
  await sops(host, ["encrypt", "--in-place", "secrets/web.yaml"]);
  assertEquals(await sops(host, ["decrypt", "secrets/web.yaml"]), "token: hunter2\n");
});

peerTest("init: git has no private half to commit", ["git"], async () => {
  await using host = await testHost({ env: { SOPS_AGE_KEY_FILE: "key files/a[1]*.txt" } });
  await runPeer(host, "git", ["init", "-q"]);
  await initIn(host);
  const { stdout } = await runPeer(host, "git", ["status", "--porcelain", "--untracked-files=all"]);
  assertEquals(stdout, "?? .gitignore\n?? .sops.yaml\n");
  assertStringIncludes(await host.readText("key files/a[1]*.txt"), "AGE-SECRET-KEY-1");
});

for (const kind of ["nixos", "nix-darwin", "home-manager"]) {
  peerTest(`init --${kind}: Nix evaluates the module`, ["sops", "nix-instantiate"], async () => {
    await using host = await testHost();
    await initIn(host, "--name", "alice");
    await host.writeText("secrets/web.yaml", 'plain: a\n"odd ${name}": b\n"with \\" quote": c\ndb:\n  password: d\n');
    await host.writeText("secrets/a b.json", '{"token": "e", "count": 1}\n');
    await host.writeText("secrets/app.env", "TOKEN=f\n");
    for (const file of ["web.yaml", "a b.json", "app.env"]) {
      await sops(host, ["encrypt", "--in-place", `secrets/${file}`]);
    }
    await host.writeText("module.nix", await initIn(host, `--${kind}`));
    const expression = `let module = import ./module.nix { config.home.homeDirectory = "/home/alice"; };
      exists = file: if builtins.pathExists file then true else throw "no file \${toString file}";
      s = module.sops;
    in assert exists s.defaultSopsFile; assert builtins.all (v: v ? sopsFile -> exists v.sopsFile)
      (builtins.attrValues s.secrets); { inherit (s) age; names = builtins.attrNames s.secrets; }`;
    const result = await runPeer(host, "nix-instantiate", ["--eval", "--strict", "--json", "-E", expression], {
      NIX_STATE_DIR: host.path("nix/state"),
      NIX_STORE_DIR: host.path("nix/store"),
    });
    assertEquals(result.code, 0, result.stderr);
    const { age, names } = JSON.parse(result.stdout);
    assert(["/home/alice/.config/sops/age/keys.txt", "/var/lib/sops-nix/key.txt"].includes(age.keyFile), age.keyFile);
    assertEquals(names, ["app.env", "db/password", "odd ${name}", "plain", "token", 'with " quote']);
  });
}
