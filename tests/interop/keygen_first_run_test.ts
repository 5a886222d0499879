/**
 * The first run of a new user: an empty folder, or a clone of this repository, and an empty home; then real sops works
 * without any variable, and a second run changes nothing. In process, and as the bundle with the documented permissions.
 *
 * @module
 */
import { RUN_FLAGS } from "../../lib/base/host/runtime.ts";
import { putBundle } from "../support/bundled.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { keygenIn } from "../support/interop_config.ts";
import { type PeerRun, runPeer, sops } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { runIsolated, type TestHost, testHost } from "../support/test_host.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

const KEYS_FILE = "~/.config/sops/age/keys.txt";

/** What a lone file must be granted: a permission set in a configuration file says nothing about it. */
const PERMISSIONS = RUN_FLAGS.split(" ");

/** Runs `keygen` in a folder of the host, in whatever form of the program. */
type RunKeygen = (host: TestHost) => Promise<PeerRun>;

/** Where Deno keeps the packages that are there already; the home folder of a test has none. */
async function denoEnv(): Promise<Record<string, string>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  return { DENO_DIR: denoDir, DENO_NO_UPDATE_CHECK: "1" };
}

/** Two runs, with sops in between. */
async function checkFirstRun(host: TestHost, runKeygen: RunKeygen): Promise<void> {
  const first = await runKeygen(host);
  assertEquals(first.code, 0, first.stderr);
  assert(/^age1[02-9ac-hj-np-z]{58}\n$/.test(first.stdout), `stdout: ${first.stdout}`);
  assertStringIncludes(first.stderr, 'made an age key for vault "default"');
  await host.writeText("secrets/x.enc.yaml", "password: hunter2\n");
  await sops(host, ["encrypt", "--in-place", "secrets/x.enc.yaml"]);
  const encrypted = await host.readText("secrets/x.enc.yaml");
  assertStringIncludes(encrypted, first.stdout.trimEnd());
  assert(!encrypted.includes("hunter2"));
  assertEquals(await sops(host, ["decrypt", "secrets/x.enc.yaml"]), "password: hunter2\n");

  const files = [KEYS_FILE, ".sops.yaml"];
  const before = await Promise.all(files.map((name) => Deno.readFile(host.path(name))));
  const second = await runKeygen(host);
  assertEquals([second.code, second.stdout], [0, first.stdout], second.stderr);
  assertStringIncludes(second.stderr, "nothing changed");
  assertEquals(await Promise.all(files.map((name) => Deno.readFile(host.path(name)))), before);
  if (Deno.build.os !== "windows") {
    assertEquals((await Deno.stat(host.path(KEYS_FILE))).mode! & 0o777, 0o600);
    assertEquals((await Deno.stat(host.path("~/.config/sops/age"))).mode! & 0o777, 0o700);
  }
}

const inProcess: RunKeygen = async (host) => {
  const { exitCode, stdout, stderr } = await keygenIn(host);
  return { code: exitCode, stdout, stderr };
};

/** @returns a way to run `deno run` with these arguments before the command's name */
async function asProcess(args: readonly string[]): Promise<RunKeygen> {
  const deno = await denoEnv();
  return async (host) => {
    const env = { HOME: host.home, PATH: Deno.env.get("PATH") ?? "", ...deno };
    const result = await runIsolated(Deno.execPath(), ["run", "-q", "--no-prompt", ...args, "keygen"], {
      cwd: host.cwd,
      env,
    });
    if (result === undefined) throw new Error("cannot start Deno");
    const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    return { code: result.code, stdout: decode(result.stdout), stderr: decode(result.stderr) };
  };
}

peerTest("first run in an empty folder, in process", ["sops"], async () => {
  await using host = await testHost();
  await checkFirstRun(host, inProcess);
});

peerTest("first run in an empty folder, the bundle with explicit permissions", ["sops"], async () => {
  await using host = await testHost();
  const program = `${host.root}/sopsmith.js`;
  await putBundle(program);
  await checkFirstRun(host, await asProcess(["--no-config", ...PERMISSIONS, program]));
  const names = [...Deno.readDirSync(host.cwd)].map(({ name }) => name).toSorted();
  assertEquals(names, [".sops.yaml", "secrets"]);
});

peerTest("first run in a new git repository", ["sops", "git"], async () => {
  await using host = await testHost();
  assertEquals((await runPeer(host, "git", ["init", "--quiet"])).code, 0);
  await checkFirstRun(host, inProcess);
  const { stdout } = await runPeer(host, "git", ["status", "--porcelain", "--untracked-files=all"]);
  assertEquals(stdout, "?? .sops.yaml\n?? secrets/x.enc.yaml\n");
});

peerTest("first run in a clone of this repository, whose git and formatter ignore what it writes", [
  "sops",
  "git",
], async (t) => {
  await using host = await testHost();
  // The files may belong to another user than the one who runs the tests.
  await host.writeText("~/.gitconfig", "[safe]\n\tdirectory = *\n");
  const cloned = await runPeer(host, "git", [
    "clone",
    "--quiet",
    "--no-local",
    "--depth=1",
    `file://${ROOT}`,
    host.cwd,
  ]);
  await Deno.remove(host.path("~/.gitconfig"));
  if (cloned.code !== 0) {
    // Sources that were unpacked from an archive have no history to clone.
    assert(!await exists(`${ROOT}/.git`), cloned.stderr);
    return;
  }
  await checkFirstRun(host, await asProcess(["-P", "main.ts"]));
  await Deno.remove(host.path("secrets"), { recursive: true });
  const { stdout } = await runPeer(host, "git", ["status", "--porcelain", "--untracked-files=all"]);
  assertEquals(stdout, "");
  await t.step("deno fmt --check", async () => {
    const { stdout, stderr } = await runPeer(host, Deno.execPath(), ["fmt", "--check"], await denoEnv());
    assert(!(stdout + stderr).includes(".sops.yaml"), stdout + stderr);
  });
  await t.step("its main.ts from an empty folder elsewhere", async () => {
    await using elsewhere = await testHost();
    await checkFirstRun(elsewhere, await asProcess(["-P", `--config=${host.path("deno.json")}`, host.path("main.ts")]));
  });
});

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
