/**
 * Binary caches between sopsmith and the real nix, in both directions: what one signs, the other verifies, and both find
 * the same faults. Every cache is made by nix from paths that it builds into a store of its own, without a daemon.
 *
 * @module
 */
import { run } from "../../main.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { type PeerRun, runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { type TestHost, testHost } from "../support/test_host.ts";

/** A path, one that refers to it and to itself, a file and a text. */
const EXPRESSION = `
let
  system = builtins.currentSystem;
  make = name: script: derivation { inherit name system; builder = "/bin/sh"; args = [ "-c" script ]; };
  plain = make "plain" "echo hello > $out";
  text = builtins.toFile "text" "a text";
in make "linked" "echo \${plain} \${text} > $out; echo $out >> $out"
`;

/** The files of a store and its cache, in the working folder of a test host. */
const FILES = { "paths.nix": EXPRESSION, "a file": "a file\n" };

/** What `nix store verify` adds up to its exit code. */
const NIX_EXIT = { corrupted: 1, untrusted: 2, other: 4 } as const;

function nixEnv(host: TestHost): Record<string, string> {
  return {
    NIX_STORE_DIR: host.path("store"),
    NIX_STATE_DIR: host.path("state"),
    NIX_LOG_DIR: host.path("log"),
    NIX_CONF_DIR: host.path("conf"),
    NIX_REMOTE: "local",
  };
}

async function nixRun(host: TestHost, args: readonly string[], env: Record<string, string> = {}): Promise<PeerRun> {
  const flags = ["--extra-experimental-features", "nix-command", "--offline"];
  return await runPeer(host, "nix", [...flags, ...args], { ...nixEnv(host), ...env });
}

/** Runs nix and fails, with what it says, unless it succeeds. @returns its standard output */
async function nix(host: TestHost, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await nixRun(host, args, env);
  if (code !== 0) throw new Error(`nix ${args.join(" ")}: exit ${code}: ${stderr}`);
  return stdout;
}

/** A host with the cache `cache`, which holds four paths that need a signature or not, and a derivation or two. */
async function hostWithCache(query = ""): Promise<TestHost> {
  const host = await testHost({ files: FILES });
  const build = ["--no-out-link", "--option", "substitute", "false", "--option", "sandbox", "false"];
  const built = await runPeer(
    host,
    "nix-build",
    ["paths.nix", ...build, "--option", "build-users-group", ""],
    nixEnv(host),
  );
  if (built.code !== 0) throw new Error(`nix-build: ${built.stderr}`);
  await nix(host, ["store", "add-file", "a file", "--name", "file"]);
  await nix(host, ["copy", "--all", "--to", `file://${host.path("cache")}${query}`]);
  return host;
}

async function sopsmith(
  host: TestHost,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const start = host.output.length;
  const code = await run(args, host);
  const shown = host.output.slice(start);
  const of = (stream: string): string =>
    shown.filter((piece) => piece.stream === stream).map(({ text }) => text).join("");
  return { code, stdout: of("stdout"), stderr: of("stderr") };
}

/** Makes a key of each kind. @returns the public keys */
async function makeKeys(host: TestHost): Promise<{ ours: string; theirs: string }> {
  const made = await sopsmith(host, ["nix", "key", "generate-secret", "--key-name", "ours-1", "--out", "ours.sec"]);
  assertEquals(made.code, 0);
  await host.writeText("theirs.sec", await nix(host, ["key", "generate-secret", "--key-name", "theirs-1"]));
  const theirs = await withInput(host, ["key", "convert-secret-to-public"], await host.readText("theirs.sec"));
  return { ours: made.stdout.trim(), theirs };
}

/** Runs nix with a standard input. @returns its standard output */
async function withInput(host: TestHost, args: readonly string[], input: string): Promise<string> {
  const child = new Deno.Command("nix", {
    args: ["--extra-experimental-features", "nix-command", ...args],
    env: { HOME: host.home, PATH: Deno.env.get("PATH") ?? "", ...nixEnv(host) },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  return new TextDecoder().decode((await output).stdout);
}

async function verifyByNix(host: TestHost, keys: string): Promise<PeerRun> {
  const cache = `file://${host.path("cache")}`;
  return await nixRun(host, ["store", "verify", "--all", "--store", cache, "--option", "trusted-public-keys", keys], {
    XDG_CACHE_HOME: await Deno.makeTempDir({ dir: host.root }), // nix remembers narinfos that it has seen
  });
}

async function verifyHere(host: TestHost, keys: string): Promise<{ code: number; paths: VerifiedPath[] }> {
  const args = ["nix", "store", "verify", "--contents", "--json", "--trusted-public-keys", keys, "cache"];
  const { code, stdout } = await sopsmith(host, args);
  return { code, paths: JSON.parse(stdout).paths };
}

/** What is read here of `nix store verify --json`. */
interface VerifiedPath {
  readonly storePath: string;
  readonly isTrusted: boolean;
  readonly contentAddress: string;
  readonly archive?: { readonly state: string };
}

/** The names of the cache's narinfo files, sorted. */
function narInfoNames(host: TestHost): string[] {
  return Array.from(Deno.readDirSync(host.path("cache")), ({ name }) => name)
    .filter((name) => name.endsWith(".narinfo")).sort();
}

function findNarInfo(host: TestHost, name: string): string {
  const found = narInfoNames(host).find((file) =>
    new RegExp(`^StorePath: .*-${name}$`, "m").test(Deno.readTextFileSync(host.path(`cache/${file}`)))
  );
  if (found === undefined) throw new Error(`no narinfo of "${name}"`);
  return `cache/${found}`;
}

peerTest("a cache that is signed here passes nix store verify, with a key of either side", ["nix"], async () => {
  await using host = await hostWithCache();
  const keys = await makeKeys(host);
  assertEquals((await verifyByNix(host, `${keys.ours} ${keys.theirs}`)).code, NIX_EXIT.untrusted);
  for (
    const [file, key, other] of [["ours.sec", keys.ours, keys.theirs], ["theirs.sec", keys.theirs, keys.ours]] as const
  ) {
    if (file === "ours.sec") assertEquals((await verifyByNix(host, other)).code, NIX_EXIT.untrusted);
    const before = new Map(narInfoNames(host).map((name) => [name, Deno.readTextFileSync(host.path(`cache/${name}`))]));
    const signed = await sopsmith(host, ["nix", "store", "sign", "--key-file", file, "cache"]);
    assertEquals([signed.code, signed.stdout], [0, ""]);
    assertEquals((await verifyByNix(host, key)).code, 0);
    for (const [name, text] of before) {
      const after = Deno.readTextFileSync(host.path(`cache/${name}`));
      assertEquals(after.replace(new RegExp(`^Sig: ${file.split(".")[0]}-1:.*\n`, "m"), ""), text);
    }
  }
});

peerTest("a cache that nix signed passes here, and both write the same bytes", ["nix"], async () => {
  await using host = await hostWithCache();
  const keys = await makeKeys(host);
  await runPeer(host, "cp", ["-r", "cache", "copy"]);
  for (const [key, file] of [[keys.ours, "ours.sec"], [keys.theirs, "theirs.sec"]] as const) {
    assertEquals((await verifyHere(host, key)).code, 3);
    await nix(host, ["store", "sign", "--all", "--store", `file://${host.path("cache")}`, "--key-file", file]);
    const { code, paths } = await verifyHere(host, key);
    assertEquals(code, 0);
    assert(paths.length >= 5 && paths.every(({ archive }) => archive?.state === "right"));
  }
  await sopsmith(host, ["nix", "store", "sign", "-k", "ours.sec", "-k", "theirs.sec", "copy"]);
  for (const name of narInfoNames(host)) {
    assertEquals(await host.readText(`copy/${name}`), await host.readText(`cache/${name}`));
  }
});

peerTest("both know the same paths to be content-addressed", ["nix"], async () => {
  await using host = await hostWithCache();
  const { ours } = await makeKeys(host);
  const { code, stderr } = await verifyByNix(host, ours);
  assertEquals(code, NIX_EXIT.untrusted);
  const { paths } = await verifyHere(host, ours);
  const untrusted = [...stderr.matchAll(/path '([^']+)' is untrusted/g)].map(([, path = ""]) => path).sort();
  assertEquals(paths.filter(({ isTrusted }) => !isTrusted).map(({ storePath }) => storePath).sort(), untrusted);
  const addressed = paths.filter(({ contentAddress }) => contentAddress === "own").map(({ storePath }) => storePath);
  for (const name of ["file", "text"]) assert(addressed.some((path) => path.endsWith(`-${name}`)), name);
});

peerTest("both find a missing archive, a damaged one, another one, and a changed narinfo", ["nix"], async () => {
  await using host = await hostWithCache("?compression=none");
  const keys = await makeKeys(host);
  await sopsmith(host, ["nix", "store", "sign", "--key-file", "ours.sec", "cache"]);
  assertEquals([(await verifyByNix(host, keys.ours)).code, (await verifyHere(host, keys.ours)).code], [0, 0]);
  const file = findNarInfo(host, "plain");
  const text = await host.readText(file);
  const archive = `cache/${/^URL: (.*)$/m.exec(text)?.[1]}`;
  const bytes = await Deno.readFile(host.path(archive));
  const other = new TextEncoder().encode(new TextDecoder().decode(bytes).replace("hello", "hallo"));
  const faults: readonly (readonly [what: string, arm: () => Promise<void>, here: number])[] = [
    ["missing", () => Deno.remove(host.path(archive)), 3],
    ["short", () => Deno.writeFile(host.path(archive), bytes.subarray(0, -8)), 3],
    ["another", () => Deno.writeFile(host.path(archive), other), 3],
    ["hash", () => host.writeText(file, text.replace(/NarHash: .*/, `NarHash: sha256:${"0".repeat(52)}`)), 3],
    ["size", () => host.writeText(file, text.replace(/NarSize: .*/, "NarSize: 112")), 3],
    ["reference", () => host.writeText(file, text.replace("References: ", `References: ${"0".repeat(32)}-x `)), 3],
    ["signature", () => host.writeText(file, text.replace(/(Sig: ours-1:)..../, "$1AAAA")), 3],
    ["malformed", () => host.writeText(file, text.replace(/NarHash: .*/, "NarHash: x")), 3],
  ];
  for (const [what, arm, here] of faults) {
    await arm();
    assert((await verifyByNix(host, keys.ours)).code !== 0, `nix finds nothing: ${what}`);
    assertEquals((await verifyHere(host, keys.ours)).code, here, what);
    await Deno.writeFile(host.path(archive), bytes);
    await host.writeText(file, text);
  }
  assertEquals((await verifyHere(host, keys.ours)).code, 0);
});

peerTest("archives of every compression that nix writes are looked into, but for two", ["nix"], async () => {
  const states = { xz: "right", none: "right", gzip: "right", br: "right", zstd: "stored", bzip2: "stored" } as const;
  for (const [compression, state] of Object.entries(states)) {
    await using host = await hostWithCache(`?compression=${compression}`);
    const { ours } = await makeKeys(host);
    await sopsmith(host, ["nix", "store", "sign", "--key-file", "ours.sec", "cache"]);
    const { code, paths } = await verifyHere(host, ours);
    assertEquals([code, [...new Set(paths.map(({ archive }) => archive?.state))]], [0, [state]], compression);
  }
});

peerTest("nix substitutes from a cache that is signed here, and refuses it without the key", ["nix"], async () => {
  await using host = await hostWithCache();
  const { ours } = await makeKeys(host);
  await sopsmith(host, ["nix", "store", "sign", "--key-file", "ours.sec", "cache"]);
  const path = /^StorePath: (.*)$/m.exec(await host.readText(findNarInfo(host, "linked")))?.[1] ?? "";
  const copy = (folder: string, keys: string): Promise<PeerRun> =>
    nixRun(host, ["copy", "--from", `file://${host.path("cache")}`, path, "--option", "trusted-public-keys", keys], {
      NIX_STATE_DIR: host.path(folder),
    });
  await Deno.rename(host.path("store"), host.path("store.old"));
  const refused = await copy("state1", "");
  assert(refused.code !== 0);
  assertStringIncludes(refused.stderr, "lacks a valid signature");
  assertEquals((await copy("state2", ours)).code, 0);
  assert((await Deno.stat(path)).isFile);
});
