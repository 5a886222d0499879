/**
 * What real sops makes of `.sops.yaml` files that `keygen` has edited: a file of the vault is encrypted for the new key,
 * which decrypts it again, and other files for whom they were encrypted before.
 *
 * @module
 */
import { parse } from "yaml";
import type { Rule } from "../../lib/config/rules/sops_config.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { CONFIG_FOLDERS, type ConfigFile, readConfigFiles } from "../support/corpus.ts";
import { keygenIn, probePaths, repositoryOf, rulesOf, VAULT_FILE } from "../support/interop_config.ts";
import { forEachOf, runPeer, sops } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import type { TestHost } from "../support/test_host.ts";

const PLAIN = "kind: Secret\ndata:\n  password: hunter2\n";

/** Set where nothing may be left out: then every rule of every file is asked for, in every way. */
const IS_COMPLETE = Deno.env.get("SOPSMITH_INTEROP") === "required";

/** Otherwise this many paths of each file. */
const MOST_PATHS = IS_COMPLETE ? Infinity : 1;

/** And of the ways other than the plain one, each is tried on every third file. */
const STEP = IS_COMPLETE ? 1 : 3;

const YAML_TO_YAML = ["--input-type", "yaml", "--output-type", "yaml"];

const NATIVE_AGE = /^age1(?:pq1)?[02-9ac-hj-np-z]{58,}$/;

/** Runs a check on every file, or one in `step` of them; what goes wrong is collected. */
async function onEveryFile(
  check: (file: ConfigFile, host: TestHost) => Promise<void>,
  { first, step } = { first: 0, step: 1 },
): Promise<void> {
  const all = CONFIG_FOLDERS.flatMap(readConfigFiles);
  const files = all.filter((_, index) => index % step === first % step);
  const problems = await forEachOf(files, async (file) => {
    await using host = await repositoryOf(file.content, { files: { [VAULT_FILE]: PLAIN } });
    try {
      await check(file, host);
      return [];
    } catch (error) {
      return [`${file.name}: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500)];
    }
  });
  assertEquals(problems.flat(), []);
}

/** @returns the age recipients in an encrypted YAML file, sorted */
function recipientsIn(encrypted: string): string[] {
  return [...encrypted.matchAll(/^\s*(?:- )?recipient: (\S+)$/gm)].map((match) => match[1]!).toSorted();
}

/** @returns the recipients of a rule, sorted; undefined when sops here cannot encrypt to all of them */
function nativeRecipients(rule: Rule | undefined): string[] | undefined {
  const keys = rule?.groups.flatMap((group) => group.keys) ?? [];
  const isNative = rule?.groups.length === 1 && keys.length > 0 && rule.shamirThreshold === undefined &&
    keys.every(({ type, text }) => type === "age" && NATIVE_AGE.test(text));
  return isNative ? keys.map(({ text }) => text).toSorted() : undefined;
}

/** Encrypts the vault's file and decrypts it again with what keygen has put where sops looks. */
async function checkRoundTrip(host: TestHost, recipients: readonly string[]): Promise<void> {
  await sops(host, ["encrypt", "--in-place", VAULT_FILE]);
  assertEquals(recipientsIn(await host.readText(VAULT_FILE)), [...recipients].toSorted());
  assertEquals(parse(await sops(host, ["decrypt", VAULT_FILE])), parse(PLAIN));
}

/** Compares for whom sops encrypts other files with what the rules said before keygen. */
async function checkOtherPaths(host: TestHost, content: Uint8Array): Promise<number> {
  const before = await rulesOf(content);
  const paths = probePaths(before).flatMap((path) => {
    const rule = before.findWinner(path);
    const recipients = nativeRecipients(rule);
    return rule !== undefined && recipients === undefined ? [] : [{ path, rule, recipients }];
  }).toReversed(); // made-up paths of the last rules first: they are the most likely to be hidden by a new rule
  await host.writeText("plain.yaml", PLAIN);
  for (const { path, recipients } of paths.slice(0, MOST_PATHS)) {
    const args = ["encrypt", "--filename-override", path, ...YAML_TO_YAML, "plain.yaml"];
    const { code, stdout, stderr } = await runPeer(host, "sops", args);
    if (recipients === undefined) assert(code !== 0 && /no matching creation rules/.test(stderr), `${path}: ${stderr}`);
    else assertEquals(recipientsIn(stdout), recipients, `${path}: ${stderr}`);
  }
  return Math.min(paths.length, MOST_PATHS);
}

peerTest("sops encrypts to the key of keygen in any file, elsewhere to the old ones", ["sops"], async () => {
  let asked = 0;
  await onEveryFile(async ({ content }, host) => {
    const { exitCode, stdout, stderr } = await keygenIn(host);
    assertEquals(exitCode, 0, stderr);
    await checkRoundTrip(host, [stdout.trimEnd()]);
    const count = await checkOtherPaths(host, content);
    asked += count;
  });
  assert(asked > 60, `sops was asked for ${asked} other paths`);
});

peerTest(
  "sops reads the result of keygen with CRLF, byte order mark and open end",
  ["sops"],
  () =>
    onEveryFile(async ({ content }, host) => {
      const text = new TextDecoder().decode(content).replace(/(?:\r?\n)+$/, "").replace(/\r?\n/g, "\r\n");
      await host.writeText(".sops.yaml", `\ufeff${text}`);
      const { stdout } = await keygenIn(host, "--name", "größer & besser: 1");
      await sops(host, ["encrypt", "--in-place", VAULT_FILE]);
      assertEquals(recipientsIn(await host.readText(VAULT_FILE)), [stdout.trimEnd()]);
    }, { first: 0, step: STEP }),
);

peerTest(
  "sops reads the result of keygen in files whose lines end with CR alone",
  ["sops"],
  () =>
    onEveryFile(async ({ content }, host) => {
      await host.writeText(".sops.yaml", new TextDecoder().decode(content).replace(/\r?\n/g, "\r"));
      const { stdout } = await keygenIn(host);
      await sops(host, ["encrypt", "--in-place", VAULT_FILE]);
      assertEquals(recipientsIn(await host.readText(VAULT_FILE)), [stdout.trimEnd()]);
    }, { first: 1, step: STEP }),
);

peerTest("sops encrypts to both keys after keygen --force", ["sops"], () =>
  onEveryFile(async (_file, host) => {
    const [first, second] = [await keygenIn(host), await keygenIn(host, "--force")];
    await sops(host, ["encrypt", "--in-place", VAULT_FILE]);
    const recipients = [first, second].map(({ stdout }) => stdout.trimEnd());
    assertEquals(recipientsIn(await host.readText(VAULT_FILE)), recipients.toSorted());
  }, { first: 1, step: STEP }));

peerTest("sops encrypts to the old and the new key after keygen --with-recipients", ["sops"], async () => {
  let asked = 0;
  await onEveryFile(async ({ content }, host) => {
    const old = nativeRecipients((await rulesOf(content)).findWinner(VAULT_FILE));
    if (old === undefined) return;
    asked++;
    const { stdout } = await keygenIn(host, "--with-recipients");
    await checkRoundTrip(host, [...new Set([...old, stdout.trimEnd()])]);
  }, { first: 2, step: STEP });
  assert(asked * STEP > 30, `only ${asked} files have a rule whose keys sops can use here`);
});

peerTest("sops encrypts to a post-quantum key of keygen", ["sops"], async () => {
  for (const content of ["", "creation_rules:\n  - age: []\n    path_regex: other/\n"]) {
    await using host = await repositoryOf(content, { files: { [VAULT_FILE]: PLAIN } });
    const { stdout } = await keygenIn(host, "--post-quantum");
    await checkRoundTrip(host, [stdout.trimEnd()]);
  }
});

peerTest("sops encrypts to the key of keygen for the built-in vault", ["sops"], async () => {
  let asked = 0;
  await onEveryFile(async (_file, host) => {
    await Deno.remove(host.path("sopsmith.yaml"));
    const { stdout, config } = await keygenIn(host);
    const recipients = nativeRecipients((await rulesOf(config!)).findWinner(VAULT_FILE));
    if (recipients === undefined) return;
    asked++;
    assert(recipients.includes(stdout.trimEnd()));
    await checkRoundTrip(host, recipients);
  }, { first: 0, step: STEP });
  assert(asked * STEP > 40, `only ${asked} files have a rule whose keys sops can use here`);
});
