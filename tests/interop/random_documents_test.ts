/**
 * Random documents of every format, selectors and key groups, encrypted here and read by three versions of the real SOPS,
 * and the other way round: equal values, and a MAC that is good.
 */
import { createKeyOpener } from "../../lib/keys/age/unwrap.ts";
import { createKeyWrapper } from "../../lib/keys/age/wrap.ts";
import { loadIdentities } from "../../lib/keys/places/identities.ts";
import { UserError } from "../../lib/base/error.ts";
import { decryptFile, encryptFile, type EncryptOptions, type OpenOptions } from "../../lib/sops/mod.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../keys/test_keys.ts";
import { loadStore } from "../../lib/sops/choose_store.ts";
import { storeOfName } from "../../lib/sops/metadata/metadata.ts";
import type { Comment, Entry, Node } from "../../lib/sops/tree/tree.ts";
import { decode, encode, groupsOf } from "../sops/fake_keys.ts";
import { plainOf } from "../sops/stores/trees.ts";
import { compileRegex } from "../sops/trees.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { forEachOf, runPeer } from "../support/interop_peers.ts";
import { peerTest } from "../support/peers.ts";
import { ENDINGS, makeSecretDocument, type SecretDocument } from "../support/secret_documents.ts";
import { shuffleMetadata } from "../support/metadata_order.ts";
import { SEED } from "../support/seed.ts";
import { IS_FULL } from "../support/stress_program.ts";
import { type TestHost, testHost } from "../support/test_host.ts";
import { Choices } from "../support/yaml_documents.ts";

/** Documents in each direction. */
const COUNT = IS_FULL ? 2_000 : 100;

const ONE = TEST_X25519.recipient;
const OTHER = TEST_X25519_OTHER.recipient;
const ENV = {
  SOPS_DISABLE_VERSION_CHECK: "1",
  SOPS_AGE_KEY: `${TEST_X25519.identity}\n${TEST_X25519_OTHER.identity}`,
};

/** How a file is encrypted, for us and as flags of SOPS. */
interface Style {
  readonly flags: readonly string[];
  readonly options: Pick<EncryptOptions, "selectors" | "macOnlyEncrypted" | "groups" | "shamirThreshold">;
}

const alone = groupsOf([ONE]);
const STYLES: readonly Style[] = [
  { flags: ["--age", ONE], options: { groups: alone } },
  { flags: ["--age", `${OTHER},${ONE}`], options: { groups: groupsOf([OTHER, ONE]) } },
  {
    flags: ["--age", ONE, "--encrypted-regex", "secret|^k[0-9]"],
    options: { groups: alone, selectors: { encrypted_regex: "secret|^k[0-9]" } },
  },
  {
    flags: ["--age", ONE, "--unencrypted-regex", "uni|number|KEY_1"],
    options: { groups: alone, selectors: { unencrypted_regex: "uni|number|KEY_1" } },
  },
  {
    flags: ["--age", ONE, "--encrypted-suffix", "1"],
    options: { groups: alone, selectors: { encrypted_suffix: "1" } },
  },
  {
    flags: ["--config", "pick.yaml"],
    options: { groups: alone, selectors: { encrypted_comment_regex: "pick" } },
  },
  {
    flags: ["--config", "leave.yaml"],
    options: { groups: alone, selectors: { unencrypted_comment_regex: "^ ?pick" } },
  },
  { flags: ["--config", "groups.yaml"], options: { groups: groupsOf([ONE], [OTHER]), shamirThreshold: 2 } },
  {
    flags: ["--config", "mac_only.yaml"],
    options: { groups: alone, macOnlyEncrypted: true, selectors: { encrypted_regex: "secret" } },
  },
];

const CONFIGS = {
  "groups.yaml":
    `creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n      - age: [${ONE}]\n      - age: [${OTHER}]\n`,
  "pick.yaml": `creation_rules:\n  - encrypted_comment_regex: pick\n    age: ${ONE}\n`,
  "leave.yaml": `creation_rules:\n  - unencrypted_comment_regex: "^ ?pick"\n    age: ${ONE}\n`,
  "mac_only.yaml": `creation_rules:\n  - mac_only_encrypted: true\n    encrypted_regex: secret\n    age: ${ONE}\n`,
} as const;

type Options = EncryptOptions & OpenOptions;

async function prepare(host: TestHost): Promise<(path: string, style: Style) => Options> {
  await host.writeText("~/.config/sops/age/keys.txt", ENV.SOPS_AGE_KEY);
  for (const [name, text] of Object.entries(CONFIGS)) await host.writeText(name, text);
  const shared = {
    compileRegex,
    random: host.randomBytes,
    now: (): Date => new Date("2026-01-02T03:04:05Z"),
    wrap: createKeyWrapper(host),
    open: createKeyOpener(await loadIdentities(host)),
  };
  return (path, { options }) => ({ ...shared, ...options, path });
}

/** @returns a document with the style that it is encrypted in */
function makeCase(choices: Choices): { readonly document: SecretDocument; readonly style: Style } {
  const ending = choices.once(2) ? "yaml" : choices.pick(ENDINGS);
  const document = makeSecretDocument(choices, ending);
  const style = choices.once(2) ? STYLES[0]! : choices.pick(STYLES);
  const isSelecting = style.options.selectors !== undefined;
  return { document, style: ending === "bin" && isSelecting ? STYLES[0]! : style };
}

/** Words of a style for `sops`: a config stands before the command. */
function sopsEncrypt({ flags }: Style, name: string): string[] {
  return flags[0] === "--config" ? [...flags, "encrypt", name] : ["encrypt", ...flags, name];
}

/** Times, which 3.9.4 cannot read, whoever wrote them and whether they are encrypted. */
async function holdsTime(name: string, text: string): Promise<boolean> {
  return JSON.stringify(await valuesOf(name, text), (_, value) => typeof value === "bigint" ? 0 : value).includes(
    '{"time":',
  );
}

/** @returns what stands in messages, so that a document can be made again */
function describe(seed: number, index: number, text: string): string {
  return `document ${index} of seed ${seed}:\n${text}`;
}

/** A document encrypted here. */
interface Made {
  readonly index: number;
  readonly name: string;
  readonly text: string;
  readonly encrypted: string;
  /** What we decrypt it to, laid out as SOPS does. */
  readonly decrypted: string;
}

/** Every third file has its metadata in another order. */
function inAnyOrder(name: string, text: string, index: number): string {
  return index % 3 === 0 ? shuffleMetadata(name, text, new Choices(SEED + index)) : text;
}

let made: Promise<readonly (Made | undefined)[]> | undefined;

/** Encrypts the documents once for all versions. */
function makeDocuments(host: TestHost): Promise<readonly (Made | undefined)[]> {
  return made ??= (async () => {
    const optionsOf = await prepare(host);
    const choices = new Choices(SEED);
    const cases = Array.from({ length: COUNT }, (_, index) => ({ ...makeCase(choices), index }));
    return await forEachOf(cases, async ({ document: { name, text }, style, index }) => {
      const options = optionsOf(name, style);
      try {
        const encrypted = inAnyOrder(name, decode((await encryptFile(encode(text), options)).bytes)!, index);
        const decrypted = decode((await decryptFile(encode(encrypted), { ...options, canonical: {} })).bytes)!;
        return { index, name, text, encrypted, decrypted };
      } catch (error) {
        if (error instanceof UserError) return undefined; // what SOPS would refuse too, or leave in clear
        throw new Error(describe(SEED, index, text), { cause: error });
      }
    });
  })();
}

for (const peer of ["sops", "sops-3.13.3", "sops-3.9.4"]) {
  peerTest(`${peer} reads ${COUNT} random documents encrypted here (SOPSMITH_SEED=${SEED})`, [peer], async () => {
    await using host = await testHost();
    let read = 0;
    await forEachOf(await makeDocuments(host), async (document) => {
      if (document === undefined) return;
      const { index, name, text, encrypted, decrypted } = document;
      if (peer === "sops-3.9.4" && await holdsTime(name, decrypted)) return;
      const path = `${index}-${name}`;
      await host.writeText(path, encrypted);
      const { code, stdout, stderr } = await runPeer(host, peer, ["decrypt", path], ENV);
      assertEquals(code, 0, `${stderr}\n${describe(SEED, index, text)}\n${encrypted}`);
      assertEquals(await valuesOf(name, stdout), await valuesOf(name, decrypted), describe(SEED, index, text));
      read++;
    });
    assert(read > COUNT * 0.7, `only ${read} of ${COUNT} were compared`);
  });
}

/** The values of a text, without comments: versions differ in where they lay those out, and lose some. */
async function valuesOf(name: string, text: string): Promise<unknown> {
  if (name.endsWith("bin")) return text;
  const { documents } = (await loadStore(storeOfName(name))).parse(text, name);
  return documents.map(({ root }) => plainOf(withoutComments(root)));
}

function withoutComments(node: Node): Node {
  if (node.kind === "leaf") return node;
  const items = (node.items as readonly (Entry | Node | Comment)[]).filter((item) => item.kind !== "comment").map((
    item,
  ) => item.kind === "entry" ? { ...item, value: withoutComments(item.value) } : withoutComments(item));
  return { ...node, items } as Node;
}

peerTest(`${COUNT} random documents encrypted by sops are read here (SOPSMITH_SEED=${SEED})`, ["sops"], async () => {
  await using host = await testHost();
  const optionsOf = await prepare(host);
  const choices = new Choices(SEED + 1);
  let read = 0;
  const cases = Array.from({ length: COUNT }, (_, index) => ({ ...makeCase(choices), index }));
  await forEachOf(cases, async ({ document: { name, text }, style, index }) => {
    const path = `${index}-${name}`;
    await host.writeText(path, text);
    const { code, stdout } = await runPeer(host, "sops", sopsEncrypt(style, path), ENV);
    if (code !== 0) return; // what it refuses, it writes for nobody
    const options = optionsOf(name, style);
    try {
      const encrypted = encode(inAnyOrder(name, stdout, index));
      const theirs = decode((await decryptFile(encrypted, { ...options, canonical: {} })).bytes);
      const reference = await encryptFile(encode(text), options);
      const ours = decode((await decryptFile(reference.bytes, { ...options, canonical: {} })).bytes);
      assertEquals(await valuesOf(name, theirs!), await valuesOf(name, ours!));
      read++;
    } catch (error) {
      if (error instanceof UserError && error.kind === "unsupported") return; // SOPS leaves a text in clear there
      await host.writeText(path, stdout);
      if ((await runPeer(host, "sops", ["decrypt", path], ENV)).code !== 0) return; // it cannot read that itself
      throw new Error(`${describe(SEED, index, text)}\n${stdout}`, { cause: error });
    }
  });
  assert(read > COUNT * 0.7, `only ${read} of ${COUNT} were compared`);
});
