/**
 * What doctor says of a file ("can be decrypted here") is what real sops does: every set of recipients in every
 * situation of a machine. Keys that ask for a passphrase are left out: there is no terminal here.
 */
import { diagnose } from "../../lib/repository/doctor/diagnosis.ts";
import type { Host } from "../../lib/base/host/host.ts";
import { deriveRecipient, generateIdentity } from "../../lib/keys/age/identity.ts";
import { convertSshPublicKey } from "../../lib/keys/ssh/convert.ts";
import { findSshPublicKey } from "../../lib/keys/ssh/public_key.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { forEachOf, runPeer, sops } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { seededRandom, type TestHost, testHost } from "../support/test_host.ts";

/** Test keys, made anew in every run. */
interface Keys {
  readonly isabel: string;
  readonly minerva: string;
  readonly quantum: string;
  readonly recipients: Readonly<
    Record<"isabel" | "minerva" | "alice" | "quantum" | "ed25519" | "converted" | "rsa", string>
  >;
}

/** A machine: files in its home folder, and variables; `<home>` stands for the home folder. */
interface Situation {
  readonly name: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The `.sops.yaml` of the working folder. */
  readonly config?: string;
}

/** How many machines are put together of two or three situations by chance. */
const RANDOM_MACHINES = Deno.env.get("SOPSMITH_STRESS") === "full" ? 300 : 4;

const DEFAULT_FILE = ".config/sops/age/keys.txt";

async function makeKeys(host: TestHost): Promise<Keys> {
  const [isabel, minerva, alice] = [1, 2, 3].map((seed) => generateIdentity("x25519", seededRandom(seed)));
  const quantum = generateIdentity("hybrid", seededRandom(4));
  if (isabel === undefined || minerva === undefined || alice === undefined) throw new Error("no keys");
  for (const [name, options] of [["ed25519", []], ["rsa", ["-b", "2048"]], ["ecdsa", []]] as const) {
    await sshKeygen(host, ["-t", name, ...options, "-f", name]);
  }
  await Deno.copyFile(host.path("rsa"), host.path("rsa_pem"));
  await Deno.copyFile(host.path("rsa.pub"), host.path("rsa_pem.pub"));
  await runPeer(host, "ssh-keygen", ["-q", "-p", "-m", "PEM", "-P", "", "-N", "", "-f", "rsa_pem"]);
  const ed25519 = (await host.readText("ed25519.pub")).trim();
  return {
    isabel: isabel.revealText(),
    minerva: minerva.revealText(),
    quantum: quantum.revealText(),
    recipients: {
      isabel: await deriveRecipient(isabel),
      minerva: await deriveRecipient(minerva),
      alice: await deriveRecipient(alice),
      quantum: await deriveRecipient(quantum),
      ed25519,
      converted: convertSshPublicKey(findSshPublicKey(ed25519)!),
      rsa: (await host.readText("rsa.pub")).trim(),
    },
  };
}

async function sshKeygen(host: TestHost, args: readonly string[]): Promise<void> {
  const { code, stderr } = await runPeer(host, "ssh-keygen", ["-q", "-N", "", "-C", "test-key", ...args]);
  assertEquals(code, 0, stderr);
}

/** Who each file is for: lists of names; several lists are groups, with a threshold. */
const FILES: Readonly<
  Record<string, { groups: readonly (readonly (keyof Keys["recipients"])[])[]; threshold?: number }>
> = {
  "isabel.yaml": { groups: [["isabel"]] },
  "others.yaml": { groups: [["minerva", "alice"]] },
  "many.json": { groups: [["alice", "rsa", "converted", "isabel", "ed25519"]] },
  "quantum.yaml": { groups: [["quantum"]] },
  "ed25519.env": { groups: [["ed25519"]] },
  "converted.yaml": { groups: [["converted"]] },
  "rsa.ini": { groups: [["rsa"]] },
  "both.env": { groups: [["isabel"], ["minerva"]] },
  "two-of-three.yaml": { groups: [["isabel"], ["minerva", "ed25519"], ["alice"]], threshold: 2 },
  "three.bin": { groups: [["isabel"], ["minerva"], ["alice"]], threshold: 3 },
};

async function situations(host: TestHost, { isabel, minerva, quantum, recipients }: Keys): Promise<Situation[]> {
  const read = (name: string): Promise<string> => host.readText(name);
  const [ed25519, rsa, rsaPem, ecdsa] = [
    await read("ed25519"),
    await read("rsa"),
    await read("rsa_pem"),
    await read("ecdsa"),
  ];
  const both = `# test keys\n${isabel}\n\n${minerva}\n`;
  const inDefault = { [DEFAULT_FILE]: `${isabel}\n` };
  return [
    { name: "nothing" },
    { name: "default file", files: inDefault },
    { name: "default file, both", files: { [DEFAULT_FILE]: both } },
    { name: "default file, CRLF", files: { [DEFAULT_FILE]: both.replaceAll("\n", "\r\n") } },
    { name: "default file, empty", files: { [DEFAULT_FILE]: "" } },
    { name: "default file, hybrid", files: { [DEFAULT_FILE]: `${quantum}\n` } },
    { name: "default file, byte order mark", files: { [DEFAULT_FILE]: `\ufeff${both}` } },
    { name: "default file, UTF-16", files: { [DEFAULT_FILE]: utf16(both) } },
    { name: "default file, trailing comment", files: { [DEFAULT_FILE]: `${minerva}\n${isabel} # me\n` } },
    { name: "default file, blanks", files: { [DEFAULT_FILE]: `  ${isabel}\n` } },
    { name: "default file, lower case", files: { [DEFAULT_FILE]: `${isabel.toLowerCase()}\n` } },
    { name: "default file, a recipient", files: { [DEFAULT_FILE]: `${isabel}\n${recipients.isabel}\n` } },
    { name: "default file, a long line", files: { [DEFAULT_FILE]: `${isabel}\n#${"x".repeat(70_000)}\n${minerva}\n` } },
    { name: "default file is a folder", files: { [`${DEFAULT_FILE}/x`]: "" } },
    { name: "macOS place", files: { "Library/Application Support/sops/age/keys.txt": both } },
    {
      name: "XDG_CONFIG_HOME",
      files: { "xdg/sops/age/keys.txt": `${minerva}\n` },
      env: { XDG_CONFIG_HOME: "<home>/xdg" },
    },
    { name: "XDG_CONFIG_HOME hides the default", files: inDefault, env: { XDG_CONFIG_HOME: "<home>/xdg" } },
    { name: "XDG_CONFIG_HOME relative", files: inDefault, env: { XDG_CONFIG_HOME: "xdg" } },
    { name: "SOPS_AGE_KEY", env: { SOPS_AGE_KEY: isabel } },
    { name: "SOPS_AGE_KEY, two words", env: { SOPS_AGE_KEY: `${minerva} ${isabel}` } },
    { name: "SOPS_AGE_KEY, two lines", env: { SOPS_AGE_KEY: both } },
    { name: "SOPS_AGE_KEY, a path", files: { "k.txt": both }, env: { SOPS_AGE_KEY: "<home>/k.txt" } },
    { name: "SOPS_AGE_KEY, a path, and a default file", files: inDefault, env: { SOPS_AGE_KEY: "<home>/k.txt" } },
    { name: "SOPS_AGE_KEY, a recipient", env: { SOPS_AGE_KEY: recipients.isabel } },
    { name: "SOPS_AGE_KEY, empty", files: inDefault, env: { SOPS_AGE_KEY: "" } },
    { name: "SOPS_AGE_KEY_FILE", files: { "k.txt": both }, env: { SOPS_AGE_KEY_FILE: "<home>/k.txt" } },
    {
      name: "SOPS_AGE_KEY_FILE and default",
      files: { "k.txt": minerva, ...inDefault },
      env: { SOPS_AGE_KEY_FILE: "<home>/k.txt" },
    },
    { name: "SOPS_AGE_KEY_FILE, a key", env: { SOPS_AGE_KEY_FILE: isabel } },
    { name: "SOPS_AGE_KEY_FILE, missing", files: inDefault, env: { SOPS_AGE_KEY_FILE: "<home>/k.txt" } },
    { name: "SOPS_AGE_KEY_FILE, ~", files: { "k.txt": both }, env: { SOPS_AGE_KEY_FILE: "~/k.txt" } },
    {
      name: "SOPS_AGE_KEY_FILE, broken",
      files: { "k.txt": "junk\n", ...inDefault },
      env: { SOPS_AGE_KEY_FILE: "<home>/k.txt" },
    },
    { name: "SOPS_AGE_KEY_CMD", files: { "k.txt": both }, env: { SOPS_AGE_KEY_CMD: "cat '<home>/k.txt'" } },
    { name: "SOPS_AGE_KEY_CMD fails", files: inDefault, env: { SOPS_AGE_KEY_CMD: "false" } },
    { name: "SOPS_AGE_KEY_CMD is missing", env: { SOPS_AGE_KEY_CMD: "no-such-program-at-all" } },
    {
      name: "SOPS_AGE_KEY_CMD by recipient",
      files: { "k.sh": `case $SOPS_AGE_RECIPIENT in ${recipients.minerva}) echo ${minerva};; *) exit 1;; esac\n` },
      env: { SOPS_AGE_KEY_CMD: "sh <home>/k.sh" },
    },
    { name: "id_ed25519", files: { ".ssh/id_ed25519": ed25519 } },
    { name: "id_rsa", files: { ".ssh/id_rsa": rsa } },
    { name: "id_rsa, old form", files: { ".ssh/id_rsa": rsaPem, ".ssh/id_rsa.pub": await read("rsa.pub") } },
    { name: "both ssh keys and a file", files: { ".ssh/id_rsa": rsa, ".ssh/id_ed25519": ed25519, ...inDefault } },
    { name: "id_ed25519 is ECDSA", files: { ".ssh/id_ed25519": ecdsa, ...inDefault } },
    { name: "id_ed25519 is damaged", files: { ".ssh/id_ed25519": ed25519.slice(0, 120), ...inDefault } },
    { name: "an ssh key with another name", files: { ".ssh/work": ed25519, ".ssh/work.pub": recipients.ed25519 } },
    { name: "SSH_PRIVATE_KEY_FILE", files: { "key": ed25519 }, env: { SOPS_AGE_SSH_PRIVATE_KEY_FILE: "<home>/key" } },
    {
      name: "SSH_PRIVATE_KEY_FILE and id_rsa",
      files: { "key": ed25519, ".ssh/id_rsa": rsa },
      env: { SOPS_AGE_SSH_PRIVATE_KEY_FILE: "<home>/key" },
    },
    { name: "SSH_PRIVATE_KEY_FILE, missing", files: inDefault, env: { SOPS_AGE_SSH_PRIVATE_KEY_FILE: "<home>/key" } },
    {
      name: "SSH_PRIVATE_KEY_CMD",
      files: { "key": ed25519 },
      env: { SOPS_AGE_SSH_PRIVATE_KEY_CMD: "cat <home>/key" },
    },
    {
      name: "an age key in SSH_PRIVATE_KEY_FILE",
      files: { "k.txt": both },
      env: { SOPS_AGE_SSH_PRIVATE_KEY_FILE: "<home>/k.txt" },
    },
    { name: "broken config", files: inDefault, config: "creation_rules: [\n" },
    { name: "config of a wrong type", files: inDefault, config: "creation_rules:\n  - shamir_threshold: 'x'\n" },
    { name: "a private key in the config", files: inDefault, config: `creation_rules:\n  - age: ${isabel}\n` },
    { name: "SOPS_CONFIG names nothing", files: inDefault, env: { SOPS_CONFIG: "<home>/none.yaml" } },
  ];
}

/** Puts two or three situations together; what both have is taken from the later one. */
function combine(all: readonly Situation[], seed: number): Situation {
  const random = seededRandom(seed);
  const pick = (): Situation => {
    const [high = 0, low = 0] = random(2);
    return all[((high << 8) | low) % all.length] ?? { name: "nothing" };
  };
  const parts = (random(1)[0] ?? 0) % 2 === 0 ? [pick(), pick()] : [pick(), pick(), pick()];
  // A folder in the place of a file cannot be put over that file.
  const files = Object.assign({}, ...parts.map((part) => part.files)) as Record<string, string | Uint8Array>;
  for (const name of Object.keys(files)) {
    if (Object.keys(files).some((other) => other.startsWith(`${name}/`))) delete files[name];
  }
  const config = parts.findLast((part) => part.config !== undefined)?.config;
  return {
    name: `${parts.map(({ name }) => name).join(" + ")} (seed ${seed})`,
    files,
    env: Object.assign({}, ...parts.map(({ env }) => env)),
    ...(config === undefined ? {} : { config }),
  };
}

/** Sets up a machine, and asks both about every file. @returns where they disagree, and how many files open */
async function compare(
  host: TestHost,
  index: number,
  situation: Situation,
): Promise<{ disagreements: string[]; openCount: number }> {
  const home = `${host.root}/machine${index}`;
  const work = `${home}/work`;
  await Deno.mkdir(work, { recursive: true });
  for (const name of Object.keys(FILES)) await Deno.copyFile(host.path(name), `${work}/${name}`);
  for (const [name, content] of Object.entries(situation.files ?? {})) {
    await Deno.mkdir(`${home}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${home}/${name}`, bytes, { mode: 0o600 });
  }
  if (situation.config !== undefined) await Deno.writeTextFile(`${work}/.sops.yaml`, situation.config);
  const env: Record<string, string> = { HOME: home, PATH: Deno.env.get("PATH") ?? "", SOPS_DISABLE_VERSION_CHECK: "1" };
  for (const [name, value] of Object.entries(situation.env ?? {})) env[name] = value.replaceAll("<home>", home);
  const machine: Host = host.restarted({ cwd: work, env, stdin: new Uint8Array() });
  const targets = Object.keys(FILES).map((name) => `${work}/${name}`);
  const { files } = await diagnose(machine, targets, undefined);
  const disagreements: string[] = [];
  let openCount = 0;
  for (const [i, name] of Object.keys(FILES).entries()) {
    const file = files[i];
    assert(file?.state === "encrypted");
    const { code } = await machine.run("sops", ["decrypt", name]) ?? { code: -1 };
    const expected = code === 0 ? "yes" : "no";
    const said = file.access.answer;
    if (code === 0) openCount++;
    if (said !== expected) {
      disagreements.push(`${situation.name}, ${name}: doctor says ${said}, sops ends with ${code}`);
    }
  }
  return { disagreements, openCount };
}

function plainText(name: string): string {
  if (name.endsWith(".json")) return `{"password": "test"}`;
  if (name.endsWith(".ini")) return "[main]\npassword = test\n";
  return name.endsWith(".env") ? "PASSWORD=test\n" : "password: test\n";
}

function utf16(text: string): Uint8Array {
  return new Uint8Array(Uint16Array.from(`\ufeff${text}`.split(""), (unit) => unit.charCodeAt(0)).buffer);
}

peerTest("doctor says of every file what sops does with it, whatever the machine", ["sops", "ssh-keygen"], async () => {
  await using host = await testHost();
  const keys = await makeKeys(host);
  for (const [name, { groups, threshold }] of Object.entries(FILES)) {
    const items = groups.map((group) => ({ age: group.map((key) => keys.recipients[key]) }));
    const rule = { key_groups: items, ...(threshold === undefined ? {} : { shamir_threshold: threshold }) };
    await host.writeText(`${name}-config.json`, JSON.stringify({ creation_rules: [rule] }));
    await host.writeText(name, plainText(name));
    await sops(host, ["--config", `${name}-config.json`, "encrypt", "--in-place", name]);
  }
  const single = await situations(host, keys);
  const all = [...single, ...Array.from({ length: RANDOM_MACHINES }, (_, seed) => combine(single, seed))];
  const found = await forEachOf(
    [...all.entries()],
    ([index, situation]) => compare(host, index, situation),
  );
  assertEquals(found.flatMap(({ disagreements }) => disagreements), []);
  // Both answers are common, else the comparison would say little.
  const open = found.reduce((sum, { openCount }) => sum + openCount, 0);
  assert(open > 60 && open < all.length * Object.keys(FILES).length - 60, `${open} open`);
});

/** What happens to encrypted files, by name; each answers undefined where a format has no such place. */
const DAMAGES: Readonly<Record<string, (text: string) => string | undefined>> = {
  "nothing": (text) => text,
  "a byte of a value": (text) =>
    replaceOnce(text, /(ENC\[AES256_GCM,data:)(.)/, (_all, start, byte) => start + other(byte)),
  "two values exchanged": (text) => {
    const [first, second] = text.match(/ENC\[[^\]]*\]/g) ?? [];
    if (first === undefined || second === undefined) return undefined;
    return text.replace(first, "@").replace(second, first).replace("@", second);
  },
  "a value taken away": (text) => replaceOnce(text, /^\s*"?(?:user|USER)"?\s*[:=].*\n/m, () => ""),
  "a value in clear": (text) =>
    replaceOnce(text, /(user|USER)("?\s*[:=]\s*"?)ENC\[[^\]]*\]/, (_all, name, sign) => `${name}${sign}me`),
  "a byte of the MAC": (text) =>
    replaceOnce(text, /(mac"?\s*[:=]\s*"?ENC\[AES256_GCM,data:)(.)/, (_all, start, byte) => start + other(byte)),
  "no MAC": (text) =>
    replaceOnce(text, /^.*\bmac"?\s*[:=]\s*"?ENC.*\n/m, () => "") ?? replaceOnce(text, /^sops_mac=.*\n/m, () => ""),
  "another time": (text) =>
    replaceOnce(text, /(lastmodified.*T\d\d:\d\d:)(\d)/, (_all, start, digit) => start + other(digit, "0", "1")),
  "a byte of the data key": (text) =>
    replaceOnce(
      text,
      /(BEGIN AGE ENCRYPTED FILE-----(?:\\n|\s)+[^\s\\]{40})(.)/,
      (_all, start, byte) => start + other(byte),
    ),
  "the data key cut short": (text) => replaceOnce(text, /(.{10})((?:\\n|\s)+-----END AGE)/, (_all, _bytes, end) => end),
  "a version that is none": (text) =>
    replaceOnce(text, /(version"?\s*[:=]\s*"?)\d+\.\d+\.\d+/, (_all, start) => `${start}newest`),
  "an older version": (text) =>
    replaceOnce(text, /(version"?\s*[:=]\s*"?)\d+\.\d+\.\d+/, (_all, start) => `${start}3.9.0`),
  "another recipient": (text) =>
    replaceOnce(text, /(recipient"?\s*[:=]\s*"?)age1\w+/, (_all, start) => start + OTHER_RECIPIENT),
  "a comment in clear": (text) => replaceOnce(text, /^(?=password:|PASSWORD=|password\s+=)/m, () => "# a test\n"),
  "a conflict": (text) => `<<<<<<< HEAD\n${text}=======\n${text}>>>>>>> theirs\n`,
};

/** Its identity is not kept by anybody. */
const OTHER_RECIPIENT = await deriveRecipient(generateIdentity("x25519", seededRandom(99)));

function replaceOnce(text: string, pattern: RegExp, by: (...parts: string[]) => string): string | undefined {
  return pattern.test(text) ? text.replace(pattern, by) : undefined;
}

function other(character = "", one = "A", two = "B"): string {
  return character === one ? two : one;
}

const TWO_VALUES: Readonly<Record<string, string>> = {
  "x.yaml": "user: me\npassword: test\n",
  "x.json": `{"user": "me", "password": "test"}`,
  "x.env": "USER=me\nPASSWORD=test\n",
  "x.ini": "[main]\nuser = me\npassword = test\n",
};

peerTest("doctor says of a damaged file what sops does with it, and that it is damaged", ["sops"], async () => {
  await using host = await testHost();
  const identity = generateIdentity("x25519", seededRandom(1));
  const env = { SOPS_AGE_KEY: identity.revealText(), PATH: Deno.env.get("PATH") ?? "", HOME: host.home };
  const machine = host.restarted({ cwd: host.cwd, env, stdin: new Uint8Array() });
  const recipient = await deriveRecipient(identity);
  const cases: { name: string; damage: string }[] = [];
  for (const [name, plain] of Object.entries(TWO_VALUES)) {
    await host.writeText(name, plain);
    await sops(host, ["encrypt", "--age", recipient, "--in-place", name], env);
    const text = await host.readText(name);
    for (const [index, [damage, apply]] of Object.entries(DAMAGES).entries()) {
      const damaged = apply(text);
      if (damaged === undefined) continue;
      await host.writeText(`${index}${name}`, damaged);
      cases.push({ name: `${index}${name}`, damage });
    }
  }
  assert(cases.length > 50, `${cases.length} cases`);
  const wrong = await forEachOf(cases, async ({ name, damage }) => {
    const { files: [file], findings } = await diagnose(machine, [host.path(name)], undefined);
    const { code } = await runPeer(host, "sops", ["decrypt", name], env);
    const said = file?.state === "encrypted" && file.access.answer === "yes" ? "opens" : "is closed";
    const isTold = said === "opens" || file?.state === "damaged" || findings.length > 0;
    const done = code === 0 ? "opens" : "is closed";
    return said === done && isTold ? [] : [`${name}, ${damage}: doctor says it ${said}, sops ends with ${code}`];
  });
  assertEquals(wrong.flat(), []);
});

peerTest("doctor knows which file sops 3.13.2 refuses although a key is here", ["sops"], async () => {
  await using host = await testHost();
  const identity = generateIdentity("x25519", seededRandom(1));
  const env = { SOPS_AGE_KEY: identity.revealText(), PATH: Deno.env.get("PATH") ?? "", HOME: host.home };
  const config = { creation_rules: [{ age: await deriveRecipient(identity) }] };
  await host.writeText(".sops.yaml", JSON.stringify(config));
  const machine = host.restarted({ cwd: host.cwd, env, stdin: new Uint8Array() });
  for (const [name, plain] of [["list.yaml", "a:\n  # b\n  - c\n"], ["map.yaml", "a:\n  # b\n  c: d\n"]] as const) {
    await host.writeText(name, plain);
    await sops(host, ["encrypt", "--in-place", name], env);
    const { findings, sopsVersion } = await diagnose(machine, [host.path(name)], undefined);
    const isRefused = findings.some(({ code }) => code === "sops-refuses-comments");
    const { code } = await runPeer(host, "sops", ["decrypt", name], env);
    assertEquals(isRefused, code !== 0, `${name}, sops ${sopsVersion}`);
    assertEquals(isRefused, name === "list.yaml" && sopsVersion === "3.13.2");
  }
});
