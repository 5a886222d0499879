import { formatFingerprint, type NarInfo, parseNarInfo } from "../../lib/nix/narinfo.ts";
import { isTrusted, judgeNarInfo, parseTrustedKeys } from "../../lib/nix/trust.ts";
import { parseSigningKey, signWithKey } from "../../lib/nix/key.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../support/assert.ts";
import { narInfoOf, NIX_NARINFOS, NIX_TEST_KEYS, withoutSignatures } from "./test_keys.ts";

const { a, b } = NIX_TEST_KEYS;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): NarInfo => parseNarInfo(encode(text), "x.narinfo");

Deno.test("judgeNarInfo() takes every signature that Nix made", async () => {
  const trusted = parseTrustedKeys([`${a.public} ${b.public}`], "test");
  for (const [name, text] of NIX_NARINFOS) {
    const trust = await judgeNarInfo(parse(text), trusted);
    assertEquals(trust.goodKeys, ["test-a-1", "test-b-1"], name);
    assertEquals([trust.goodCount, trust.wrongKeys, trust.unknownKeys, trust.malformedCount], [2, [], [], 0]);
  }
});

Deno.test("judgeNarInfo() tells wrong, unknown and damaged signatures apart", async () => {
  const trusted = parseTrustedKeys([a.public], "test");
  const text = narInfoOf("plain");
  const wrong = await judgeNarInfo(parse(text.replace("NarSize: 128", "NarSize: 129")), trusted);
  assertEquals([wrong.goodKeys, wrong.wrongKeys, wrong.unknownKeys], [[], ["test-a-1"], ["test-b-1"]]);
  const damaged = await judgeNarInfo(parse(`${text}Sig: nonsense\nSig: test-a-1:AAAA\n`), trusted);
  assertEquals([damaged.goodKeys, damaged.malformedCount], [["test-a-1"], 2]);
  const none = await judgeNarInfo(parse(withoutSignatures(text)), trusted);
  assertEquals([none.goodKeys, none.wrongKeys, none.unknownKeys, none.malformedCount], [[], [], [], 0]);
});

Deno.test("judgeNarInfo() finds the right one among wrong signatures of one name", async () => {
  const info = parse(withoutSignatures(narInfoOf("plain")));
  const key = await parseSigningKey(encode(a.secret), "test");
  const [wrong, right] = [await signWithKey(key, "other"), await signWithKey(key, formatFingerprint(info))];
  for (const signatures of [[wrong, right], [right, wrong]]) {
    const trust = await judgeNarInfo({ ...info, signatures }, parseTrustedKeys([a.public], "test"));
    assertEquals([trust.goodKeys, trust.wrongKeys], [["test-a-1"], []]);
  }
});

Deno.test("isTrusted() counts keys, not names or lines", async () => {
  const twin = a.public.replace("test-a-1", "twin-1");
  const trusted = parseTrustedKeys([a.public, twin, b.public], "test");
  const info = parse(narInfoOf("plain"));
  const [first = "", second = ""] = info.signatures;
  const ofTwin = first.replace("test-a-1", "twin-1");
  const alone = await judgeNarInfo({ ...info, signatures: [first, ofTwin, first, first.replace(/=+$/, "")] }, trusted);
  assertEquals([alone.goodKeys, alone.goodCount], [["test-a-1", "twin-1"], 1]);
  assert(isTrusted(alone, 1));
  assertEquals(isTrusted(alone, 2), false);
  assert(isTrusted(await judgeNarInfo({ ...info, signatures: [ofTwin, second] }, trusted), 2));
  assert(isTrusted({ ...alone, goodCount: 0, contentAddress: "own" }, 5));
});

Deno.test("parseTrustedKeys() splits at white space and refuses what cannot be trusted as it stands", () => {
  assertEquals([...parseTrustedKeys([` ${a.public}\n\t${b.public} `, a.public], "test").keys()], [
    "test-a-1",
    "test-b-1",
  ]);
  assertEquals(parseTrustedKeys(["", " "], "test").size, 0);
  const other = b.public.replace("test-b-1", "test-a-1");
  assertUserError(assertThrows(() => parseTrustedKeys([a.public, other], "--flag")), "malformed", /different keys/);
  assertUserError(assertThrows(() => parseTrustedKeys([a.secret], "--flag")), "malformed", /secret key/);
});
