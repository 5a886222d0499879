/**
 * Files of the engine read by the real `sops` after every operation, and files of `sops` read by the engine.
 *
 * @module
 */
import { createKeyOpener } from "../../lib/keys/age/unwrap.ts";
import { createKeyWrapper } from "../../lib/keys/age/wrap.ts";
import { loadIdentities } from "../../lib/keys/places/identities.ts";
import {
  decryptFile,
  editFile,
  encryptFile,
  type EncryptOptions,
  openEncryptedFile,
  type OpenOptions,
  rekeyFile,
  rotateFile,
  setValue,
  unsetValue,
} from "../../lib/sops/mod.ts";
import { TEST_X25519 } from "../keys/test_keys.ts";
import { decode, encode, groupsOf } from "../sops/fake_keys.ts";
import { compileRegex } from "../sops/trees.ts";
import { assertEquals } from "../support/assert.ts";
import { runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { type TestHost, testHost } from "../support/test_host.ts";

const { recipient, identity } = TEST_X25519;

/** One plain file of each format that has places to go wrong. */
const FILES: Readonly<Record<string, string>> = {
  "a.yaml": `# top\nname: shop  # behind\ndb:\n  password: 'hunter2'\n  ports:\n    # first\n    - 5432\n    - 0x1F\n` +
    `  flow: {a: [1, "x, y"], b: }\n  text: |\n    one\n    two\nrate: 1.5\nwhen: 2024-01-02T03:04:05Z\nlast:\n  x: y\n  # end\n`,
  "a.json":
    `{"name": "shop", "db": {"password": "hünter2 😀", "ports": [5432, 1.5, true, null, ""]}, "10": 1, "2": 2}\n`,
  "a.env": `# top\nNAME=shop\nPASSWORD=hunter2 # no comment\nEMPTY=\n`,
  "a.ini": `; top\nname = shop\n\n[db]\npassword = hunter2\nempty =\n`,
  "a.bin": `any\tbytes\n`,
};

/** Where a value stands in each that can be changed. */
const PLACES: Readonly<Record<string, readonly (string | number)[]>> = {
  "a.yaml": ["db", "ports", 0],
  "a.json": ["db", "password"],
  "a.env": ["NAME"],
  "a.ini": ["db", "password"],
};

async function optionsOf(host: TestHost, path: string): Promise<EncryptOptions & OpenOptions> {
  await host.writeText("~/.config/sops/age/keys.txt", `${identity}\n`);
  return {
    path,
    compileRegex,
    random: host.randomBytes,
    now: () => new Date("2026-01-02T03:04:05Z"),
    wrap: createKeyWrapper(host),
    open: createKeyOpener(await loadIdentities(host)),
    groups: groupsOf([recipient]),
  };
}

/** What `sops` says, with a file of the given content. */
async function sops(host: TestHost, path: string, args: readonly string[], content: Uint8Array): Promise<string> {
  await Deno.writeFile(host.path(path), content);
  const env = { SOPS_DISABLE_VERSION_CHECK: "1", SOPS_AGE_KEY: identity };
  const result = await host.run("sops", [...args, host.path(path)], { env });
  assertEquals(result?.code, 0, `sops ${args[0]} ${path}: ${decode(result?.stderr)}`);
  return decode(result!.stdout)!;
}

for (const [path, text] of Object.entries(FILES)) {
  peerTest(`sops reads what the engine has made of ${path}, after every operation`, ["sops"], async () => {
    await using host = await testHost();
    const options = await optionsOf(host, path);
    /** Both read the same: ours in SOPS's layout is what SOPS prints. */
    const compare = async (bytes: Uint8Array): Promise<void> => {
      const ours = await decryptFile(bytes, { ...options, canonical: {} });
      assertEquals(await sops(host, path, ["decrypt"], bytes), decode(ours.bytes));
    };
    let { bytes } = await encryptFile(encode(text), options);
    await compare(bytes);
    await compare((await encryptFile(encode(text), { ...options, macOnlyEncrypted: true })).bytes);
    await compare((await encryptFile(encode(text), { ...options, groups: groupsOf([recipient], [recipient]) })).bytes);
    await compare((await rotateFile(bytes, options)).bytes);
    await compare((await rekeyFile(bytes, groupsOf([recipient]), { ...options, rewraps: true }))!);
    const opened = await openEncryptedFile(bytes, options);
    await compare(await editFile(opened, encode(text.replace("shop", "store")), options));
    const place = PLACES[path];
    if (place === undefined) return;
    bytes = (await setValue(bytes, { path: place, value: { kind: "leaf", value: "new: #" } }, options))!;
    await compare(bytes);
    await compare((await unsetValue(bytes, place, options))!);
  });

  peerTest(`the engine reads what sops has made of ${path}, and changes it`, ["sops"], async () => {
    await using host = await testHost();
    const options = await optionsOf(host, path);
    const bytes = encode(await sops(host, path, ["encrypt", "--age", recipient], encode(text)));
    const ours = await decryptFile(bytes, { ...options, canonical: {} });
    const reference = await encryptFile(encode(text), { ...options, canonical: {} });
    const expected = await decryptFile(reference.bytes, { ...options, canonical: {} });
    assertEquals(decode(ours.bytes), decode(expected.bytes));
    const { bytes: rotated } = await rotateFile(bytes, options);
    assertEquals(decode((await decryptFile(rotated, { ...options, canonical: {} })).bytes), decode(ours.bytes));
  });
}

peerTest("of a field that stands twice in JSON metadata, sops and we take the last", ["sops"], async () => {
  await using host = await testHost();
  const options = await optionsOf(host, "a.json");
  const text = decode((await encryptFile(encode(FILES["a.json"]!), options)).bytes)!;
  const own = /"enc":\s*"(?:[^"\\]|\\.)*",/.exec(text)![0];
  const cases = { first: [`"enc": "bad", ${own}`, true], last: [`${own} "enc": "bad",`, false] } as const;
  for (const [name, [fields, isRead]] of Object.entries(cases)) {
    await host.writeText("a.json", text.replace(own, () => fields));
    const { code } = await runPeer(host, "sops", ["decrypt", "a.json"], { SOPS_DISABLE_VERSION_CHECK: "1" });
    const ours = await decryptFile(encode(await host.readText("a.json")), options).then(() => true, () => false);
    assertEquals([code === 0, ours], [isRead, isRead], name);
  }
});

/** Documents with CRLF whose comments select, and whether SOPS counts them to the keys below. */
const COMMENTS_WITH_CRLF: readonly [text: string, isBelow: boolean][] = [
  ["---\r\n# pick\r\ns: secret\r\nt: 1\r\n", true],
  ["x: 1\r\n---\r\n\r\n# pick\r\ns: secret\r\nt: 1\r\n", true],
  ["x: 1\r\n---\r\n# pick\r\ns: secret\r\nt: 1\r\n", false],
];

peerTest("a comment that SOPS counts to another document never leaves a value in clear here", ["sops"], async () => {
  await using host = await testHost();
  const options = { ...await optionsOf(host, "a.yaml"), selectors: { unencrypted_comment_regex: "pick" } };
  const config = `creation_rules:\n  - unencrypted_comment_regex: pick\n    age: ${recipient}\n`;
  await host.writeText(".sops.yaml", config);
  for (const [text, isBelow] of COMMENTS_WITH_CRLF) {
    await host.writeText("a.yaml", text);
    const { stdout } = await runPeer(host, "sops", ["encrypt", "a.yaml"], { SOPS_DISABLE_VERSION_CHECK: "1" });
    assertEquals(stdout.includes("s: secret"), isBelow, text);
    const ours = await encryptFile(encode(text), options).then(({ bytes }) => decode(bytes)!, ({ kind }) => kind);
    assertEquals(isBelow ? ours.includes("s: secret") : ours, isBelow || "refused", text);
  }
});
