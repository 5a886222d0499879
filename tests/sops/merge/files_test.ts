/** Two versions of an encrypted file made one: ciphertext, recipients, data keys and settings. */
import { decryptFile, editFile, encryptFile, openEncryptedFile, rekeyFile, rotateFile } from "../../../lib/sops/mod.ts";
import { mergeOpened, type MergeOptions, openVersions, sealMerge } from "../../../lib/sops/merge/files.ts";
import { findMetadata } from "../../../lib/sops/metadata/metadata.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { ALICE, decode, encode, fakeOpen, fakeWrap, groupsOf, SURROUNDINGS } from "../fake_keys.ts";

const PATH = "a.yaml";
const BASE = "a: one\nb: two\nc: three\n";
const OURS = "a: ours\nb: two\nc: three\n";
const THEIRS = "a: one\nb: two\nc: theirs\n";
const MERGED = "a: ours\nb: two\nc: theirs\n";

/** Everybody's keys are here. */
const OPTIONS = { ...ALICE, path: PATH, open: fakeOpen("alice", "bob", "carol") };

async function make(text: string, recipients: string[][] = [["alice"]], more = {}): Promise<Uint8Array> {
  return (await encryptFile(encode(text), { ...OPTIONS, groups: groupsOf(...recipients), ...more })).bytes;
}

async function change(bytes: Uint8Array, text: string): Promise<Uint8Array> {
  return await editFile(await openEncryptedFile(bytes, OPTIONS), encode(text), OPTIONS);
}

/** The same values for one more reader. */
async function rekeyed(bytes: Uint8Array): Promise<Uint8Array> {
  return (await rekeyFile(bytes, groupsOf(["alice", "bob"]), OPTIONS))!;
}

async function merge(
  versions: { base?: Uint8Array; ours: Uint8Array; theirs: Uint8Array },
  more: Partial<MergeOptions> = {},
): Promise<{ bytes: Uint8Array; text: string; readers: string[][]; added: string[]; refused: string[] }> {
  const options: MergeOptions = { ...OPTIONS, wrap: fakeWrap, ...more };
  const opened = await openVersions({ base: undefined, ...versions } as Parameters<typeof openVersions>[0], options);
  const merged = await mergeOpened(opened);
  assertEquals(merged?.conflicts, []);
  const { bytes, added, refused } = await sealMerge(opened, merged!.plaintext, options);
  const metadata = findMetadata(bytes, PATH);
  return {
    bytes,
    text: decode((await decryptFile(bytes, OPTIONS)).bytes)!,
    readers: metadata!.groups.map(({ keys }) => keys.map(({ text }) => text)),
    added: added.map(({ text }) => text),
    refused: refused.map(({ text }) => text),
  };
}

Deno.test("sealMerge() keeps the ciphertext of both sides", async () => {
  const base = await make(BASE);
  const [ours, theirs] = [await change(base, OURS), await change(base, THEIRS)];
  const { bytes, text } = await merge({ base, ours, theirs });
  assertEquals(text, MERGED);
  const known = new Set([ours, theirs].flatMap((version) => decode(version)!.split("\n")));
  const added = decode(bytes)!.split("\n").filter((line) => !known.has(line));
  assertEquals(added.map((line) => line.trim().split(":")[0]), ["mac"]);
});

Deno.test("sealMerge() gives a side back where the other one has changed nothing", async () => {
  const base = await make(BASE);
  const ours = await change(base, OURS);
  const again = await rotateFile(base, OPTIONS);
  assertEquals((await merge({ base, ours, theirs: base })).bytes, ours);
  assertEquals((await merge({ base, ours: base, theirs: ours })).bytes, ours);
  assertEquals((await merge({ base, ours: base, theirs: again.bytes })).bytes, again.bytes, "with its new data key");
});

Deno.test("sealMerge() takes recipients of both sides, and leaves out whom one has removed", async () => {
  const base = await make(BASE, [["alice", "bob"]]);
  const withCarol = (await rekeyFile(base, groupsOf(["alice", "bob", "carol"]), OPTIONS))!;
  const withoutBob = (await rekeyFile(base, groupsOf(["alice"]), OPTIONS))!;
  const ours = await change(base, OURS);
  assertEquals((await merge({ base, ours, theirs: withCarol })).readers, [["alice", "bob", "carol"]]);
  assertEquals((await merge({ base, ours: withCarol, theirs: ours })).readers, [["alice", "bob", "carol"]]);
  assertEquals((await merge({ base, ours: withCarol, theirs: withoutBob })).readers, [["alice", "carol"]]);
  assertEquals((await merge({ base, ours: withoutBob, theirs: withCarol })).readers, [["alice", "carol"]]);
  const rule = groupsOf(["alice", "bob"]);
  assertEquals(
    (await merge({ base, ours, theirs: withoutBob }, { rule })).readers,
    [["alice"]],
    "not back by the rule",
  );
});

Deno.test("sealMerge() gives the file to whom the rule names and no version has", async () => {
  const base = await make(BASE);
  const [ours, theirs] = [await change(base, OURS), await change(base, THEIRS)];
  const { readers, added } = await merge({ base, ours, theirs }, { rule: groupsOf(["alice", "carol"]) });
  assertEquals([readers, added], [[["alice", "carol"]], ["carol"]]);
});

Deno.test("sealMerge() wraps a data key for nobody whom only the other side names", async () => {
  const base = await make(BASE);
  const ours = (await rotateFile(base, OPTIONS)).bytes;
  const theirs = (await rekeyFile(base, groupsOf(["alice", "bob"]), OPTIONS))!;
  const merged = await merge({ base, ours, theirs });
  assertEquals([merged.readers, merged.refused], [[["alice"]], ["bob"]]);
  const vouched = await merge({ base, ours, theirs }, { rule: groupsOf(["alice", "bob"]) });
  assertEquals([vouched.readers, vouched.refused], [[["alice", "bob"]], []]);
});

Deno.test("sealMerge() shares the data key anew where a key group changes", async () => {
  const base = await make(BASE, [["alice"], ["bob"]]);
  const ours = await change(base, OURS);
  const theirs = (await rekeyFile(base, groupsOf(["alice"], ["bob", "carol"]), OPTIONS))!;
  const merged = await merge({ base, ours, theirs }, { rule: groupsOf(["alice"], ["bob", "carol"]) });
  assertEquals([merged.text, merged.readers], [OURS, [["alice"], ["bob", "carol"]]]);
  const reader = await decryptFile(merged.bytes, { ...OPTIONS, open: fakeOpen("alice", "carol") });
  assertEquals(decode(reader.bytes), OURS);
  const kept = await merge({ base, ours, theirs: await change(base, THEIRS) });
  assertEquals(kept.readers, [["alice"], ["bob"]]);
});

Deno.test("sealMerge() takes the selector of the side that has changed it", async () => {
  const base = await make(BASE);
  const theirs = await make(THEIRS, [["alice"]], { selectors: { encrypted_regex: "^c$" } });
  const { bytes, text } = await merge({ base, ours: await rekeyed(base), theirs });
  assertEquals(text, THEIRS);
  assertEquals(findMetadata(bytes, PATH)!.selectors, { encrypted_regex: "^c$" });
});

Deno.test("sealMerge() puts nothing in clear that one side has encrypted", async () => {
  const base = await make(BASE);
  const ours = await change(base, `${OURS}new: secret\n`);
  // nobody needs a key for that: what is there stays encrypted, and the MAC is right
  const theirs = encode(decode(base)!.replace("unencrypted_suffix: _unencrypted", "unencrypted_regex: ^new"));
  assertUserError(await assertRejects(() => merge({ base, ours, theirs })), "refused", /"new" would be in clear/);
  const inClear = await make(THEIRS, [["alice"]], { selectors: { encrypted_regex: "^c$" } });
  const merged = await merge({ base, ours: base, theirs: inClear });
  assert(decode(merged.bytes)!.includes("a: one"), "what one side has in clear may stay so");
  assertUserError(await assertRejects(() => merge({ base, ours, theirs: inClear })), "refused");
});

Deno.test("openVersions() opens a base for others by the data key that it shares", async () => {
  const base = await make(BASE, [["dave"]]);
  const withDave = { ...OPTIONS, open: fakeOpen("dave", "alice") };
  const ours = (await rekeyFile(base, groupsOf(["dave", "alice"]), withDave))!;
  const options = { ...OPTIONS, open: fakeOpen("alice") };
  const opened = await openVersions({ base, ours, theirs: await change(ours, THEIRS) }, options);
  assert(typeof opened.base !== "string");
});

Deno.test("mergeOpened() leaves every difference to a person where nobody can read the base", async () => {
  const base = await make(BASE, [["dave"]]);
  const [ours, theirs] = [await make(OURS), await make(THEIRS)];
  const opened = await openVersions({ base, ours, theirs }, OPTIONS);
  assertEquals(opened.base, "unknown");
  const merged = await mergeOpened(opened);
  assertEquals(merged?.conflicts, ["a", "c"]);
});

Deno.test("openVersions() says which version does not open, or was changed", async () => {
  const base = await make(BASE);
  const error = await assertRejects(async () => {
    await openVersions({ base, ours: base, theirs: await make(THEIRS, [["dave"]]) }, OPTIONS);
  });
  assert(assertUserError(error, "no-identity").details.includes("this is their version of the file"));
  const cut = encode(decode(base)!.replace(/^sops:[^]*$/m, ""));
  const damaged = await assertRejects(() => openVersions({ base, ours: base, theirs: cut }, OPTIONS));
  assertUserError(damaged, "malformed", /encrypted values, but no metadata/);
  const forged = encode(decode(base)!.replace("a: ENC", "x: ENC"));
  const tampered = await assertRejects(() => openVersions({ base, ours: forged, theirs: base }, OPTIONS));
  assert(assertUserError(tampered, "integrity").details.includes("this is our version of the file"));
});

Deno.test("sealMerge() encrypts what only one side has encrypted, under its data key", async () => {
  const theirs = await make(THEIRS);
  const { bytes, text } = await merge({ base: encode(BASE), ours: encode(OURS), theirs });
  assertEquals(text, MERGED);
  assert(!decode(bytes)!.includes("ours"));
  const other = await merge({ base: encode(BASE), ours: theirs, theirs: encode(OURS) });
  assertEquals(other.text, MERGED);
});

Deno.test("sealMerge() refuses a text with metadata of SOPS", async () => {
  const base = await make(BASE);
  const options: MergeOptions = { ...OPTIONS, ...SURROUNDINGS };
  const opened = await openVersions({ base, ours: base, theirs: base }, options);
  assertUserError(await assertRejects(() => sealMerge(opened, encode("a: 1\nsops: {}\n"), options)), "malformed");
});
