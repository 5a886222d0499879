import { type NarInfo, parseNarInfo } from "../../lib/nix/narinfo.ts";
import { judgeContentAddress } from "../../lib/nix/content_address.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { NIX_NARINFOS } from "./test_keys.ts";

const parse = (text: string): NarInfo => parseNarInfo(new TextEncoder().encode(text), "x.narinfo");

Deno.test("judgeContentAddress() finds the content address that Nix made, and no other, its own", async () => {
  let count = 0;
  for (const [name, text] of NIX_NARINFOS) {
    const info = parse(text);
    const finding = await judgeContentAddress(info);
    assertEquals(finding, info.contentAddress === undefined ? "absent" : "own", name);
    if (finding === "absent") continue;
    count++;
    const changes: readonly (readonly [what: string, text: string])[] = [
      ["the name", text.replace(/^(StorePath: .*)$/m, "$1x")],
      ["the store", text.replace("/nix/store/", "/nix/shop/")],
      ["the hash", text.replace(/^(CA: .*)(.)$/m, (_all, head, last) => head + (last === "0" ? "1" : "0"))],
      ["the references", text.replace("References: ", `References: ${"0".repeat(32)}-x `)],
      ["the kind", text.replace(/^CA: (?:text|fixed(?::r)?):/m, "CA: git:")],
      ["the text", text.replace(/^CA: .*$/m, "CA: text")],
    ];
    for (const [what, changed] of changes) {
      assert(changed !== text, what);
      assertEquals(await judgeContentAddress(parse(changed)), "other", `${name}: ${what}`);
    }
  }
  assertEquals(count, NIX_NARINFOS.size - 2);
});

Deno.test("judgeContentAddress() wants the hash of an archive in both places", async () => {
  const text = [...NIX_NARINFOS.values()].find((found) => /^CA: fixed:r:sha256/m.test(found)) ?? "";
  const changed = text.replace(/^NarHash: .*$/m, `NarHash: sha256:${"0".repeat(52)}`);
  assertEquals(await judgeContentAddress(parse(changed)), "other");
});
