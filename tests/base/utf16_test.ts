import { findUtf16 } from "../../lib/base/utf16.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("findUtf16() tells the byte order by the mark or by the first letter", () => {
  assertEquals(findUtf16(Uint8Array.of(0xff, 0xfe, 0x41, 0)), "utf-16le");
  assertEquals(findUtf16(Uint8Array.of(0xfe, 0xff, 0, 0x41)), "utf-16be");
  assertEquals(findUtf16(Uint8Array.of(0x41, 0)), "utf-16le");
  assertEquals(findUtf16(Uint8Array.of(0, 0x41)), "utf-16be");
});

Deno.test("findUtf16() takes UTF-8, NUL bytes and short texts for something else", () => {
  for (const bytes of [[], [0xff], [0x41, 0x42], [0xef, 0xbb, 0xbf], [0, 0]]) {
    assertEquals(findUtf16(Uint8Array.from(bytes)), undefined);
  }
});
