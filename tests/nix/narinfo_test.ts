import {
  formatFingerprint,
  MAX_NARINFO_BYTES,
  type NarInfo,
  parseNarInfo,
  planAddSignatures,
} from "../../lib/nix/narinfo.ts";
import { InternalError } from "../../lib/base/error.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows, assertUserError } from "../support/assert.ts";
import { narInfoOf, NIX_NARINFOS, withoutSignatures } from "./test_keys.ts";
import fc from "../support/property.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);
const parse = (text: string): NarInfo => parseNarInfo(encode(text), "x.narinfo");

const PLAIN = withoutSignatures(narInfoOf("plain"));

Deno.test("formatFingerprint() is version, path, hash, size and sorted references", () => {
  assertEquals(
    formatFingerprint(parse(narInfoOf("linked"))),
    "1;/nix/store/lkjypw8y31gbpialmkj1gvb6bnnydq0z-linked;" +
      "sha256:0r5k9qd77lris6x9fxa34zm0vd5jzdibpaf2add6m1k9s9baq5xs;216;" +
      "/nix/store/lkjypw8y31gbpialmkj1gvb6bnnydq0z-linked,/nix/store/q7y69wy0f62rnbzqwlg6asnl9c7lvybb-letter",
  );
  assertEquals(
    formatFingerprint(parse(PLAIN)),
    "1;/nix/store/9yfk8g7dqlncksm208cb3g2b7rk1hbrd-plain;" +
      "sha256:1m9j24c1bsdjfxswsg9if6y4zmn90hjqfv5bnqfknyanwa6n371i;128;",
  );
});

Deno.test("formatFingerprint() does not depend on the order of references or the form of the hash", () => {
  const linked = narInfoOf("linked");
  const turned = linked
    .replace(/References: (\S+) (\S+)/, "References: $2  $1 $2")
    .replace(/NarHash: .*/, `NarHash: sha256:${parse(linked).narHash.bytes.toHex()}`);
  assert(turned !== linked);
  assertEquals(formatFingerprint(parse(turned)), formatFingerprint(parse(linked)));
});

Deno.test("parseNarInfo() reads the fields of a file that Nix wrote", () => {
  const info = parse(narInfoOf("plain"));
  assertEquals(info.storePath, { storeFolder: "/nix/store", hash: "9yfk8g7dqlncksm208cb3g2b7rk1hbrd", name: "plain" });
  assertEquals(info.url, "nar/1ly7ij0vsfk9hp6giw0sj27nj1fkxqx008y0mkxf0mazhfdcy604.nar.xz");
  assertEquals([info.compression, info.fileSize, info.narSize], ["xz", "136", "128"]);
  assertEquals(info.signatures.map((text) => text.split(":")[0]), ["test-a-1", "test-b-1"]);
  assertEquals(info.contentAddress, undefined);
});

Deno.test("parseNarInfo() takes what Nix takes to be left out", () => {
  const info = parse(PLAIN.replace(/^(?:Compression|FileHash|FileSize|References|Deriver): .*\n/gm, ""));
  assertEquals([info.compression, info.fileHash, info.fileSize, info.references], ["bzip2", undefined, undefined, []]);
});

Deno.test("parseNarInfo() says the line of what is wrong", () => {
  const lines = PLAIN.split("\n");
  const texts: readonly (readonly [text: string, message: RegExp])[] = [
    ["", /line 1: found an empty file/],
    ["x", /line 1: found a line without an end/],
    [PLAIN.slice(0, -1), /line 9: found a line without an end/],
    [PLAIN.replaceAll("\n", "\r\n"), /line 1: found a carriage return/],
    [`${PLAIN}\n`, /line 10: found no NAME: VALUE/],
    [`${PLAIN}Sig:x\n`, /line 10: found no NAME: VALUE/],
    [PLAIN.replace("Compression: xz", "URL: y"), /line 3: found a second URL \(the first is in line 2\)/],
    [PLAIN.replace(/^NarHash.*$/m, "NarHash: "), /line 6: found no NarHash/],
    [PLAIN.replace(/^NarHash.*$/m, "NarHash: sha1:kpcd173cq987hw957sx6m0868wv3x6d9"), /a NarHash that is no SHA-256/],
    [PLAIN.replace(/^FileHash.*$/m, "FileHash: x"), /line 4: found a FileHash that is no SHA-256/],
    [PLAIN.replace(/^NarSize.*$/m, "NarSize: 18446744073709551616"), /line 7: found a NarSize that is no size/],
    [PLAIN.replace(/^FileSize.*$/m, "FileSize: -1"), /line 5: found a FileSize that is no size/],
    [PLAIN.replace(/^StorePath.*$/m, "StorePath: x"), /line 1: found a StorePath that is no store path/],
    [PLAIN.replace(/^References.*$/m, "References: x"), /line 8: found References with something/],
    ...["StorePath", "URL", "NarHash", "NarSize"].map((name): readonly [string, RegExp] => [
      lines.filter((line) => !line.startsWith(name)).join("\n"),
      new RegExp(`found no ${name},`),
    ]),
  ];
  for (const [text, message] of texts) assertUserError(assertThrows(() => parse(text)), "malformed", message);
  const bytes = Uint8Array.of(...encode(PLAIN), 0xff, 0x0a);
  assertUserError(assertThrows(() => parseNarInfo(bytes, "x")), "malformed", /not UTF-8/);
});

Deno.test("planAddSignatures() gives back the files that Nix signed, whatever the order", () => {
  for (const [name, text] of NIX_NARINFOS) {
    const { signatures } = parse(text);
    assertEquals(signatures.length, 2);
    const none = parse(withoutSignatures(text));
    assertEquals(decode(planAddSignatures(none, signatures)), text, name);
    assertEquals(decode(planAddSignatures(none, signatures.toReversed())), text, name);
    assertEquals(planAddSignatures(parse(text), signatures), undefined);
    for (const one of signatures) {
      const half = parse(decode(planAddSignatures(none, [one])) ?? "");
      assertEquals(decode(planAddSignatures(half, signatures)), text, name);
    }
  }
});

Deno.test("planAddSignatures() keeps every line as it is, in its order", () => {
  const signature = fc.tuple(fc.stringMatching(/^[a-z]{1,5}$/), fc.uint8Array({ minLength: 64, maxLength: 64 }))
    .map(([name, bytes]) => `${name}:${new Uint8Array(bytes).toBase64()}`);
  const extra = fc.stringMatching(/^X[a-z]{1,5}: [ -~]{0,20}$/);
  fc.assert(fc.property(
    fc.array(extra),
    fc.array(signature),
    fc.array(signature),
    fc.nat(9),
    (extras, there, added, place) => {
      const lines = PLAIN.trimEnd().split("\n");
      lines.splice(place, 0, ...extras, ...there.map((text) => `Sig: ${text}`));
      const before = `${lines.join("\n")}\n`;
      const after = decode(planAddSignatures(parse(before), added)) ?? before;
      const isNew = (line: string): boolean => added.includes(line.slice(5)) && !there.includes(line.slice(5));
      assertEquals(after.split("\n").filter((line) => !isNew(line)).join("\n"), before);
      for (const text of added) assertStringIncludes(after, `Sig: ${text}\n`);
      assertEquals(planAddSignatures(parse(after), added), undefined);
    },
  ));
});

Deno.test("planAddSignatures() proves its plan", () => {
  assert(assertThrows(() => planAddSignatures(parse(PLAIN), ["a-1:x\nDeriver: y"])) instanceof Error);
  assert(assertThrows(() => planAddSignatures(parse(PLAIN), ["a-1:x\nX: y"])) instanceof InternalError);
});

Deno.test("a narinfo with 10,000 references is within the limit", () => {
  const name = `${"0".repeat(32)}-some-package-of-the-usual-length-1.2.3`;
  assert(PLAIN.length + 10_000 * (name.length + 1) < MAX_NARINFO_BYTES);
});
