/** Lists of keys that change in every way, in blocks as SOPS, older versions of it, people and mergers leave them. */
import {
  decryptFile,
  encryptFile,
  openDataKey,
  parseEncryptedFile,
  rekeyFile,
  RekeyMemory,
  rotateFile,
} from "../../lib/sops/mod.ts";
import { findBlockMetadata } from "../../lib/sops/metadata/metadata.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../support/assert.ts";
import { ALICE, armoredOpen, armoredWrap, decode, encode, fakeOpen, groupsOf } from "./fake_keys.ts";
import fc from "../support/property.ts";

const RUNS = Deno.env.get("SOPSMITH_STRESS") === "full" ? 5_000 : 150;

const NAMES = ["alice", "bob", "carol", "dave", "eve"] as const;

/** Plain files by name. */
const FILES = {
  "a.yaml": "# top\na: secret\nl:\n  - x\n",
  "flow.yaml": '{a: secret, l: ["x"]}\n',
  "pretty.yaml": '{\n  "a": "secret",\n  "b": 1\n}\n',
  "indented.yaml": "  a: secret\n  b: 1\n",
  "two.yaml": "a: secret\n---\nb: other\n",
  "crlf.yaml": "a: secret\r\nb: 1\r\n",
  "a.json": '{\n  "a": "secret"\n}\n',
  "a.env": "a=secret\n",
  "a.ini": "[s]\na = secret\n",
  "a.bin": "secret",
} as const;

const group = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 });
const groups = fc.oneof(
  { weight: 3, arbitrary: group.map((keys) => [keys]) },
  { weight: 1, arbitrary: fc.array(group, { minLength: 2, maxLength: 3 }) },
);

/** What is done to a block before its keys change: nothing, or what it may look like in files that others wrote. */
const DRESSES: readonly ((text: string) => string)[] = [
  (text) => text,
  // as versions before 3.13 wrote it: the recipient first, lists of other keys, the version last
  (text) =>
    text.replace(/^( *)- enc: \|\n((?: {8,}\S.*\n)+?) +recipient: (.*)\n/gm, "$1- recipient: $3\n$1  enc: |\n$2"),
  (text) => text.replace(/^sops:\n/gm, "sops:\n    kms: []\n    gcp_kms: []\n    hc_vault: []\n"),
  (text) => text.replace(/^( *)(- enc: )/gm, "$1# whose it is\n$1$2"),
  (text) => text.replace(/^ {4}(?=lastmodified)/gm, "    # when\n    unknown: kept # for ever\n    "),
  // the keys stand last
  (text) => text.replace(/^( {4}(?:age|key_groups):\n(?: {8}.*\n)+)((?: {4}\w.*\n)+)/gm, "$2$1"),
  (text) => text.replace(/\n$/, ""),
];

/** @returns the recipients of a file, by group, each sorted */
async function recipientsOf(bytes: Uint8Array, path: string): Promise<string[][]> {
  const { metadata } = await parseEncryptedFile(bytes, { path });
  return metadata.groups.map(({ keys }) => keys.map(({ text }) => text).sort());
}

const sorted = (lists: readonly (readonly string[])[]): string[][] => lists.map((keys) => [...keys].sort());

for (const [name, text] of Object.entries(FILES)) {
  Deno.test(`property: rekeyFile() and rotateFile() give ${name} exactly the keys that are wanted`, async () => {
    const path = name;
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(groups, groups, fc.constantFrom(...DRESSES), fc.boolean(), async (from, to, dress, rewraps) => {
        const all = { ...ALICE, path, open: fakeOpen(...NAMES) };
        const made = decode((await encryptFile(encode(text), { ...all, groups: groupsOf(...from) })).bytes)!;
        const dressed = encode(path.endsWith("yaml") ? dress(made.replaceAll("\r\n", "\n")) : made);
        const before = encode(name.startsWith("crlf") ? decode(dressed)!.replaceAll("\n", "\r\n") : decode(dressed)!);
        const plain = (await decryptFile(before, all)).bytes;
        const rekeyed = await rekeyFile(before, groupsOf(...to), { ...all, rewraps });
        if (rekeyed !== undefined) {
          changed++;
          assertEquals(await recipientsOf(rekeyed, path), sorted(to));
          assertEquals(decode((await decryptFile(rekeyed, all)).bytes), decode(plain));
          if (decode(before)!.includes("unknown: kept")) {
            assertStringIncludes(decode(rekeyed)!, "unknown: kept # for ever");
          }
          assertEquals(await rekeyFile(rekeyed, groupsOf(...to), all), undefined, "a second run has nothing to do");
          if (path.endsWith("yaml") && from.length === 1 && to.length === 1) { // shares of groups are random
            const line = `# "${name.startsWith("crlf") ? "\r" : ""}\n`; // so that the file is read as a whole
            const other = await rekeyFile(encode(line + decode(before)), groupsOf(...to), { ...all, rewraps });
            assertEquals(decode(other!), line + decode(rekeyed), "what stands before the block makes no difference");
          }
        }
        const [first = []] = from;
        const added = NAMES.filter((person) => !first.includes(person)).map((person) => ({
          type: "age" as const,
          text: person,
        }));
        const removed = from.length > 1
          ? []
          : first.slice(0, -1).map((person) => ({ type: "age" as const, text: person }));
        const { bytes: rotated } = await rotateFile(before, { ...all, added, removed });
        const expected = [[...first, ...added.map((key) => key.text)], ...from.slice(1)];
        const gone = removed.map((key) => key.text);
        assertEquals(
          await recipientsOf(rotated, path),
          sorted(expected.map((keys) => keys.filter((key) => !gone.includes(key)))),
        );
        assertEquals(decode((await decryptFile(rotated, all)).bytes), decode(plain));
      }),
      { numRuns: RUNS },
    );
    assert(changed > RUNS / 3, `only ${changed} files changed`);
  });
}

Deno.test("rekeyFile() takes nothing for metadata that is a part of a value", async () => {
  const all = { ...ALICE, path: "a.yaml", open: fakeOpen("alice") };
  const made = decode((await encryptFile(encode("a: secret\n"), { ...all, groups: groupsOf(["alice"]) })).bytes)!;
  for (
    const text of [
      `b: '\n${made}'\n`, // go on in whatever column
      `b: '\n${made}`,
      `b: [\n${made}`,
      `b: {\n${made}`,
      made + made.slice(made.indexOf("sops:")),
      `sops: x\n${made}`,
    ]
  ) {
    await assertRejects(() => rekeyFile(encode(text), groupsOf(["alice", "bob"]), all), /cannot read "a\.yaml"/);
  }
});

Deno.test("rekeyFile() leaves the values as they are, whatever is wrong with them", async () => {
  const all = { ...ALICE, path: "a.yaml", open: fakeOpen("alice", "bob") };
  const made = decode((await encryptFile(encode("a: secret\n"), { ...all, groups: groupsOf(["alice"]) })).bytes)!;
  const body = "a: by hand\nb:  @ no YAML\n";
  const changed = body + made.slice(made.indexOf("sops:\n"));
  const rekeyed = decode((await rekeyFile(encode(changed), groupsOf(["alice", "bob"]), all))!)!;
  assert(rekeyed.startsWith(`${body}sops:\n`));
  assertStringIncludes(rekeyed, "recipient: bob");
});

Deno.test("rekeyFile() learns nothing from a file in which two keys have the same data key", async () => {
  const all = { ...ALICE, path: "a.yaml", wrap: armoredWrap, open: armoredOpen("alice"), memory: new RekeyMemory() };
  const make = async (): Promise<string> =>
    decode((await encryptFile(encode("a: secret\n"), { ...all, groups: groupsOf(["alice", "bob"]) })).bytes)!;
  const armors = (text: string): string[] => text.match(/-----BEGIN[^:]+?-----END/g) ?? [];
  const first = await make();
  const [ofAlice = "", ofBob = ""] = armors(first);
  const wanted = groupsOf(["alice", "bob", "carol"]);
  for (const text of [first.replace(ofBob, ofAlice), await make()]) {
    const dataKey = await openDataKey(findBlockMetadata(encode(text), "a.yaml")!, all.open, "a.yaml");
    const rekeyed = decode((await rekeyFile(encode(text), wanted, { ...all, dataKey }))!)!;
    assertEquals(armors(rekeyed).slice(0, 2), armors(text));
    assertEquals(armors(rekeyed).length, 3);
  }
});

Deno.test("property: rekeyFile() makes of a file what it makes of it alone, whatever it has seen before", async () => {
  const all = { ...ALICE, path: "a.yaml", wrap: armoredWrap, open: armoredOpen(...NAMES) };
  await fc.assert(
    fc.asyncProperty(
      groups,
      groups,
      fc.constantFrom(...DRESSES),
      fc.boolean(),
      fc.boolean(),
      async (from, to, dress, ...flags) => {
        const [rewraps, reorders] = flags;
        const wanted = groupsOf(...to);
        const memory = new RekeyMemory();
        for (const plain of ["a: secret\n", "b: other\nlist:\n  - x\n", "a: third\n"]) {
          const { bytes } = await encryptFile(encode(plain), { ...all, groups: groupsOf(...from) });
          const before = encode(dress(decode(bytes)!));
          const dataKey = await openDataKey(findBlockMetadata(before, "a.yaml")!, all.open, "a.yaml");
          const options = { ...all, dataKey, rewraps, reorders };
          const alone = await rekeyFile(before, wanted, options);
          const after = await rekeyFile(before, wanted, { ...options, memory });
          if (to.length === 1) assertEquals(decode(after), decode(alone)); // shares of groups are random
          else assertEquals(after === undefined, alone === undefined);
        }
      },
    ),
    { numRuns: RUNS },
  );
});
