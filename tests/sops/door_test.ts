/** The engine's door: whole files encrypted, opened, changed and given to others. */
import {
  decryptFile,
  editFile,
  encryptFile,
  extractValue,
  fileStatus,
  type KeyOpener,
  type NoDataKeyError,
  openEncryptedFile,
  parseEncryptedFile,
  parseNewValue,
  parseTreePath,
  proveEncrypted,
  rekeyFile,
  rotateFile,
  setValue,
  unsetValue,
} from "../../lib/sops/mod.ts";
import { UserError } from "../../lib/base/error.ts";
import { openDataKey } from "../../lib/sops/data_key.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertUserError } from "../support/assert.ts";
import { ALICE, decode, encode, fakeOpen, groupsOf, SURROUNDINGS } from "./fake_keys.ts";

const JSON_TEXT = `{
  "name": "shop",
  "db": {"password": "hunter2", "ports": [5432, 5433]},
  "note_unencrypted": "readable"
}
`;
const OPTIONS = { ...ALICE, path: "a.json" };

async function encrypted(text = JSON_TEXT, more: Partial<Parameters<typeof encryptFile>[1]> = {}): Promise<Uint8Array> {
  return (await encryptFile(encode(text), { ...OPTIONS, ...more })).bytes;
}

async function decrypted(bytes: Uint8Array | undefined, more = {}): Promise<string> {
  assert(bytes !== undefined, "there is a file");
  return decode((await decryptFile(bytes, { ...OPTIONS, ...more })).bytes)!;
}

/** The lines of a text that another one does not have. */
function newLines(text: string, old: string): string[] {
  const known = new Set(old.split("\n"));
  return text.split("\n").filter((line) => !known.has(line));
}

Deno.test("encryptFile() and decryptFile() keep the author's text", async () => {
  const bytes = await encrypted();
  const text = decode(bytes)!;
  assertStringIncludes(text, `"note_unencrypted": "readable"`);
  assertStringIncludes(text, `"version": "3.13.2"`);
  assert(!text.includes("hunter2") && !text.includes("5432"), "nothing else is in clear");
  assertEquals(await decrypted(bytes, { proves: true }), JSON_TEXT);
  assertEquals([await fileStatus(bytes, OPTIONS), await fileStatus(encode(JSON_TEXT), OPTIONS)], [
    { encrypted: true },
    { encrypted: false },
  ]);
});

Deno.test("encryptFile() says what it encrypted, and refuses a file that is encrypted", async () => {
  const { encryptedCount, clearCount } = await encryptFile(encode(JSON_TEXT), OPTIONS);
  assertEquals([encryptedCount, clearCount], [4, 1]);
  const nothing = await encryptFile(encode(JSON_TEXT), { ...OPTIONS, selectors: { encrypted_regex: "^x$" } });
  assertEquals([nothing.encryptedCount, nothing.clearCount], [0, 5]);
  assertUserError(await assertRejects(async () => encryptFile(await encrypted(), OPTIONS)), "exists");
});

Deno.test("encryptFile() refuses empty groups, foreign keys, thresholds and bad selectors before it writes", async () => {
  const refused = async (more: object, kind: "usage" | "unsupported" | "malformed"): Promise<void> => {
    assertUserError(await assertRejects(() => encrypted(JSON_TEXT, more)), kind);
  };
  await refused({ groups: [] }, "usage");
  await refused({ groups: groupsOf(["alice"], []) }, "usage");
  await refused({ groups: groupsOf(["alice"], ["bob"]), shamirThreshold: 1 }, "usage");
  await refused({ groups: [{ keys: [{ type: "pgp", text: "ABCD" }] }] }, "unsupported");
  await refused({ selectors: { encrypted_regex: "(" } }, "malformed");
});

Deno.test("files of several groups open with enough of them, whoever has the keys", async () => {
  const groups = groupsOf(["alice", "amy"], ["bob"], ["carol"]);
  const bytes = await encrypted(JSON_TEXT, { groups, shamirThreshold: 2 });
  for (const names of [["amy", "carol"], ["alice", "bob"], ["alice", "amy", "bob", "carol"]]) {
    assertEquals(await decrypted(bytes, { open: fakeOpen(...names) }), JSON_TEXT, names.join());
  }
  const error = await assertRejects(() => decrypted(bytes, { open: fakeOpen("alice", "amy") }));
  assertUserError(error, "no-identity", /1 of the 2 key groups/);
  assertEquals((error as NoDataKeyError).failedKeys.map(({ key, groupIndex }) => [key.text, groupIndex]), [["bob", 1], [
    "carol",
    2,
  ]]);
  const all = await encrypted(JSON_TEXT, { groups });
  assertUserError(await assertRejects(() => decrypted(all, { open: fakeOpen("amy", "carol") })), "no-identity");
});

Deno.test("what would let an identity be used is a hint of the error, once", async () => {
  const bytes = await encrypted(JSON_TEXT, { groups: groupsOf(["alice", "bob"]) });
  const locked = new UserError("usage", "cannot ask for the passphrase", { hints: ["set SSH_TO_AGE_PASSPHRASE"] });
  const open = (): ReturnType<KeyOpener> => Promise.resolve({ attempts: [{ origin: "id_ed25519", error: locked }] });
  const error = assertUserError(await assertRejects(() => decrypted(bytes, { open })), "no-identity");
  assertEquals(error.hints[0], "set SSH_TO_AGE_PASSPHRASE");
  assertEquals(error.hints.length, 2);
});

Deno.test("openDataKey() asks nobody for anything while cheaper keys open", async () => {
  const bytes = await encrypted(JSON_TEXT, { groups: groupsOf(["plugin", "alice"], ["bob"]), shamirThreshold: 2 });
  const { metadata } = await parseEncryptedFile(bytes, OPTIONS);
  const asked: string[] = [];
  const mine = fakeOpen("plugin", "alice", "bob");
  await openDataKey(metadata, (recipient, enc, effort) => {
    asked.push(`${recipient} ${effort}`);
    return recipient === "plugin" && effort !== "all"
      ? Promise.resolve({ attempts: [] })
      : mine(recipient, enc, effort);
  }, "a.json");
  assertEquals(asked, ["plugin free", "alice free", "bob free"]);
});

Deno.test("decryptFile() refuses what is not encrypted, damaged or changed", async () => {
  assertUserError(await assertRejects(() => decrypted(encode(JSON_TEXT))), "malformed", /not encrypted/);
  const text = decode(await encrypted())!;
  const changes: [string, RegExp, string, "malformed" | "integrity"][] = [
    ["no version", /"version": "[^"]*"/, `"version": ""`, "malformed"],
    ["no semantic version", /"version": "[^"]*"/, `"version": "new"`, "malformed"],
    ["no mac", /"mac": "[^"]*"/, `"mac": ""`, "malformed"],
    ["bad time", /"lastmodified": "[^"]*"/, `"lastmodified": "today"`, "malformed"],
    ["other time", /"lastmodified": "2026/, `"lastmodified": "2027`, "integrity"],
    ["clear value", /"readable"/, `"changed"`, "integrity"],
    ["value in clear", /"ENC\[[^"]*type:str\]"/, `"hunter3"`, "integrity"],
    ["value gone", /"name": "ENC[^"]*",/, "", "integrity"],
  ];
  for (const [name, from, to, kind] of changes) {
    const changed = text.replace(from, to);
    assert(changed !== text, name);
    const error = assertUserError(await assertRejects(() => decrypted(encode(changed)), /a\.json/), kind);
    assert(!error.message.includes("hunter"), "no value in the message");
  }
  const changed = encode(text.replace("readable", "changed"));
  assertStringIncludes(await decrypted(changed, { ignoresMac: true }), "changed");
});

Deno.test("setValue() changes its line, the time and the MAC", async () => {
  const before = await encrypted();
  const now = (): Date => new Date("2026-02-02T00:00:00Z");
  const change = { path: parseTreePath(`["db"]["password"]`), value: await parseNewValue(`"geheim"`) };
  const after = await setValue(before, change, { ...OPTIONS, now });
  assertEquals(newLines(decode(after)!, decode(before)!).map((line) => line.trim().slice(0, 14)), [
    `"db": {"passwo`,
    `"lastmodified"`,
    `"mac": "ENC[AE`,
  ]);
  assertEquals(await decrypted(after), JSON_TEXT.replace("hunter2", "geheim"));
});

Deno.test("setValue() adds keys, items and whole structures, and keeps whole numbers", async () => {
  let bytes = await encrypted();
  const set = async (path: string, json: string): Promise<void> => {
    bytes = (await setValue(bytes, { path: parseTreePath(path), value: await parseNewValue(json) }, OPTIONS))!;
  };
  await set(`["new"]["deep"][0]`, `12345678901234567`);
  await set(`["db"]["ports"][9]`, `5434`);
  await set(`["name"]`, `{"first": "a", "list": [1, true, null, ""]}`);
  await set(`["note_unencrypted"]`, `"clear"`);
  assertEquals(
    JSON.parse(await decrypted(bytes), (_, value, context?: { source?: string }) => context?.source ?? value),
    {
      name: { first: `"a"`, list: ["1", "true", "null", `""`] },
      db: { password: `"hunter2"`, ports: ["5432", "5433", "5434"] },
      note_unencrypted: `"clear"`,
      new: { deep: ["12345678901234567"] },
    },
  );
  assertStringIncludes(decode(bytes)!, `"clear"`);
});

Deno.test("setValue() writes nothing for the same value where it is told to", async () => {
  const bytes = await encrypted();
  const set = async (json: string, isIdempotent: boolean): Promise<Uint8Array | undefined> =>
    await setValue(bytes, { path: ["name"], value: await parseNewValue(json) }, { ...OPTIONS, isIdempotent });
  assertEquals(await set(`"shop"`, true), undefined);
  assert(await set(`"shop"`, false) !== undefined, "it is written");
  assert(await set(`"other"`, true) !== undefined, "it is written");
});

Deno.test("setValue() and unsetValue() answer with an error where SOPS panics or says nothing", async () => {
  const bytes = await encrypted();
  const value = await parseNewValue("1");
  for (const path of [`["db"]["ports"]["x"]`, `[0]`, `["sops"]["mac"]`]) {
    assertUserError(await assertRejects(() => setValue(bytes, { path: parseTreePath(path), value }, OPTIONS)), "usage");
  }
  for (const path of [`["name"]["x"]`, `["x"]`, `["db"]["ports"][2]`, `[0]`]) {
    assertUserError(await assertRejects(() => unsetValue(bytes, parseTreePath(path), OPTIONS)), "not-found");
    assertEquals(await unsetValue(bytes, parseTreePath(path), { ...OPTIONS, isIdempotent: true }), undefined);
  }
  for (const text of [``, `hunter2`, `1}, {`, `1, "x": 2`]) {
    const error = assertUserError(await assertRejects(() => parseNewValue(text)), "usage");
    assert(!JSON.stringify(error).includes("hunter2") && error.cause === undefined, "the value is not repeated");
  }
});

Deno.test("unsetValue() takes a value away", async () => {
  const bytes = await unsetValue(await encrypted(), ["db", "ports", 0], OPTIONS);
  const rest = await unsetValue(bytes!, ["name"], OPTIONS);
  assertEquals(JSON.parse(await decrypted(rest)), {
    db: { password: "hunter2", ports: [5433] },
    note_unencrypted: "readable",
  });
});

Deno.test("extractValue() gives text as it is", async () => {
  const opened = await openEncryptedFile(await encrypted(), OPTIONS);
  assertEquals(decode(await extractValue(opened, ["db", "password"])), "hunter2");
  assertEquals(decode(await extractValue(opened, ["db", "ports", 1])), "5433");
  assertUserError(await assertRejects(() => extractValue(opened, ["db", "x"])), "not-found", /\["db"\]\["x"\]/);
  assertUserError(await assertRejects(() => extractValue(opened, ["name", "x"])), "not-found");
});

Deno.test("editFile() keeps the ciphertext of what has not changed", async () => {
  const before = await encrypted();
  const opened = await openEncryptedFile(before, OPTIONS);
  const edited = JSON_TEXT.replace("hunter2", "geheim").replace("5433", "5433, 5432");
  const after = await editFile(opened, encode(edited), SURROUNDINGS);
  assertEquals(await decrypted(after), edited);
  const texts = (bytes: Uint8Array): string[] => decode(bytes)!.match(/ENC\[[^\]]*\]/g)!.slice(0, -1);
  const [old, now] = [texts(before), texts(after)];
  assertEquals([now[0], now[2], now[3]], [old[0], old[2], old[3]]);
  assert(now[1] !== old[1] && now[4] !== old[2], "the rest is new");
  assertUserError(await assertRejects(() => editFile(opened, before, SURROUNDINGS)), "malformed", /metadata of SOPS/);
});

Deno.test("rotateFile() takes a new data key for everything", async () => {
  const before = await encrypted(JSON_TEXT, { groups: groupsOf(["alice", "bob", "bob"]) });
  const { bytes: after } = await rotateFile(before, {
    ...OPTIONS,
    added: [{ type: "age", text: "carol" }, { type: "age", text: "alice" }],
    removed: [{ type: "age", text: "bob" }],
  });
  const { metadata } = await parseEncryptedFile(after, OPTIONS);
  assertEquals(metadata.groups.map(({ keys }) => keys.map(({ text }) => text)), [["alice", "carol"]]);
  assertEquals(await decrypted(after, { open: fakeOpen("carol") }), JSON_TEXT);
  const texts = (bytes: Uint8Array): Set<string> => new Set(decode(bytes)!.match(/ENC\[[^\]]*\]/g)!);
  assertEquals([...texts(after)].filter((text) => texts(before).has(text)), []);
  const keyOf = async (bytes: Uint8Array): Promise<Uint8Array> =>
    openDataKey((await parseEncryptedFile(bytes, OPTIONS)).metadata, ALICE.open, "a.json");
  assert(decode(await keyOf(before)) !== decode(await keyOf(after)), "it is another data key");
  const nobody = { ...OPTIONS, removed: [{ type: "age", text: "alice" }] } as const;
  assertUserError(await assertRejects(async () => rotateFile(await encrypted(), nobody)), "usage", /empty/);
});

Deno.test("rekeyFile() changes the list of keys and nothing else, and writes nothing twice", async () => {
  const before = await encrypted();
  const wanted = groupsOf(["alice", "bob"]);
  const after = await rekeyFile(before, wanted, OPTIONS);
  const [old, now] = [decode(before)!, decode(after)!];
  assertEquals(newLines(old, now), [], "every line is still there");
  assertStringIncludes(now, `"recipient": "bob"`);
  assertEquals(await decrypted(after, { open: fakeOpen("bob") }), JSON_TEXT);
  assertEquals(await rekeyFile(after!, wanted, OPTIONS), undefined);
  assertEquals(
    await rekeyFile(after!, groupsOf(["bob", "alice", "bob"]), OPTIONS),
    undefined,
    "order counts for nothing",
  );
  assert(await rekeyFile(after!, wanted, { ...OPTIONS, rewraps: true }) !== undefined, "all are wrapped anew");
  const back = await rekeyFile(after!, groupsOf(["alice"]), OPTIONS);
  assertEquals(decode(back), old, "without bob it is what it was");
});

Deno.test("rekeyFile() goes from one group to several and back", async () => {
  const before = await encrypted();
  const shared = await rekeyFile(before, groupsOf(["alice"], ["bob"], ["carol"]), OPTIONS);
  const { metadata } = await parseEncryptedFile(shared!, OPTIONS);
  assertEquals([metadata.groups.length, metadata.shamirThreshold], [3, 3]);
  const all = { ...OPTIONS, open: fakeOpen("alice", "bob", "carol") };
  assertEquals(await decrypted(shared!, all), JSON_TEXT);
  const fewer = await rekeyFile(shared!, groupsOf(["alice"], ["bob"]), all);
  assertEquals((await parseEncryptedFile(fewer!, OPTIONS)).metadata.shamirThreshold, 2);
  const one = await rekeyFile(fewer!, groupsOf(["alice"]), all);
  assertEquals((await parseEncryptedFile(one!, OPTIONS)).metadata.shamirThreshold, undefined);
  assertEquals(await decrypted(one!), JSON_TEXT);
});

Deno.test("whatever wraps a data key again proves that it is the key of the values", async () => {
  const [one, other] = [decode(await encrypted())!, decode(await encrypted())!];
  const encOf = (text: string): string => /"enc": "([^"]*)"/.exec(text)![1]!;
  const mixed = encode(one.replace(encOf(one), encOf(other))); // as a merge of two branches leaves it
  const wanted = groupsOf(["alice", "bob"]);
  for (const more of [{}, { rewraps: true }]) {
    const error = await assertRejects(() => rekeyFile(mixed, wanted, { ...OPTIONS, ...more }));
    assertUserError(error, "integrity", /does not open the MAC/);
  }
  assertUserError(await assertRejects(() => rotateFile(mixed, OPTIONS)), "integrity");
});

Deno.test("a MAC that is no text shifts nothing where it is ignored", async () => {
  const text = "# first\na: 1\n# second\nb: 2\n";
  const options = { ...ALICE, path: "a.yaml" };
  const { bytes } = await encryptFile(encode(text), options);
  const changed = encode(decode(bytes)!.replace(/(mac: .*)type:str/, "$1type:bytes"));
  assertUserError(await assertRejects(() => decryptFile(changed, options)), "integrity");
  assertEquals(decode((await decryptFile(changed, { ...options, ignoresMac: true })).bytes), text);
});

Deno.test("an encrypted comment that somebody has moved stays as it is, and can be moved back", async () => {
  const options = { ...ALICE, path: "a.yaml" };
  const text = "a: 1\nb:\n  # note\n  c: 2\n";
  const sealed = decode((await encryptFile(encode(text), options)).bytes)!;
  const [line = ""] = /^ {2}#ENC.*\n/m.exec(sealed)!;
  const moved = encode(line.trimStart() + sealed.replace(line, ""));
  const change = { path: ["a"], value: await parseNewValue("5") };
  const after = decode(await setValue(moved, change, options))!;
  assert(after.startsWith(line.trimStart()), "the comment keeps its text");
  const [, rest = ""] = after.split(line.trimStart());
  const { bytes } = await decryptFile(encode(rest.replace("b:\n", `b:\n${line}`)), options);
  assertEquals(decode(bytes), text.replace("1", "5"));
});

Deno.test("fields that SOPS does not know, empty lists and foreign keys stay where they are", async () => {
  const bytes = await encrypted();
  const foreign = `"kms": [], "future": {"a": [1]}, "pgp": [{"fp": "ABCD", "enc": "x", "created_at": "t"}],`;
  const text = decode(bytes)!.replace(/("sops"\s*:\s*\{)/, `$1 ${foreign}`);
  const after = decode(
    await rekeyFile(encode(text), [
      { keys: [...groupsOf(["alice", "bob"])[0]!.keys, { type: "pgp", text: "ABCD" }] },
    ], OPTIONS),
  )!;
  assertStringIncludes(after, foreign);
  assertStringIncludes(after, `"recipient": "bob"`);
  const gone = decode(await rekeyFile(encode(text), groupsOf(["alice"]), OPTIONS))!;
  assert(!gone.includes("ABCD") && gone.includes("future"), "a key that is not wanted goes, the rest stays");
});

Deno.test("binary files keep every byte, and empty files stay empty", async () => {
  const options = { ...ALICE, path: "a.bin" };
  for (const content of [new Uint8Array([0, 255, 10, 13, 128]), new Uint8Array(), encode("text"), encode(`{"a": 1}`)]) {
    const { bytes } = await encryptFile(content, options);
    assertEquals((await decryptFile(bytes, options)).bytes, content);
    const { bytes: again } = await decryptFile((await rotateFile(bytes, options)).bytes, options);
    assertEquals(again, content);
  }
  const asBinary = await assertRejects(async () => decrypted(await encrypted(), { outputFormat: "binary" }));
  assertUserError(asBinary, "unsupported");
});

Deno.test("proveEncrypted() opens what was written and compares", async () => {
  const bytes = await encrypted();
  const opened = await openEncryptedFile(bytes, OPTIONS);
  const dataKey = await openDataKey(opened.metadata, ALICE.open, "a.json");
  const plain = (text: string): Promise<typeof opened.file> =>
    import("../../lib/sops/stores/json/json.ts").then(({ jsonStore }) => jsonStore.parse(text, "a.json"));
  const { documents } = await plain(JSON_TEXT);
  await proveEncrypted(bytes, { ...OPTIONS, dataKey, expected: documents });
  const { documents: other } = await plain(JSON_TEXT.replace("hunter2", "hunter3"));
  await assertRejects(() => proveEncrypted(bytes, { ...OPTIONS, dataKey, expected: other }), /does not hold/);
});
