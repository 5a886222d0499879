import { decodeYaml } from "../../lib/yaml/decode.ts";
import { assertEquals, assertThrows, assertUserError } from "../support/assert.ts";

const encoder = new TextEncoder();

Deno.test("decodeYaml() keeps a byte order mark and every character", () => {
  const text = "\ufeffé😀\r\n\t";
  assertEquals(decodeYaml(encoder.encode(text), "x"), text);
  assertEquals(decodeYaml(new Uint8Array(), "x"), "");
});

const REFUSED: readonly (readonly [name: string, bytes: number[], message: RegExp])[] = [
  ["UTF-16 with a little-endian mark", [0xff, 0xfe, 0x61, 0x00], /it is UTF-16 text, expected UTF-8$/],
  ["UTF-16 with a big-endian mark", [0xfe, 0xff, 0x00, 0x61], /it is UTF-16 text, expected UTF-8$/],
  ["UTF-16 without a mark", [0x61, 0x00, 0x3a, 0x00], /it is UTF-16 text, expected UTF-8$/],
  ["a NUL byte", [0x61, 0x0a, 0x62, 0x00], /line 2, byte 2 of the line: a NUL byte/],
  ["a stray continuation byte", [0x61, 0x0a, 0x80, 0x61], /line 2, byte 1 of the line: a byte that is not UTF-8$/],
  ["a surrogate", [0x61, 0xed, 0xa0, 0x80], /line 1, byte [234] of the line: a byte that is not UTF-8$/],
  ["a character that is cut off", [0x61, 0x0a, 0x0a, 0xc3], /line 3, byte 1 of the line: a byte that is not UTF-8$/],
  ["Latin-1", [0x61, 0x62, 0xe9, 0x62, 0x62], /line 1, byte [34] of the line: a byte that is not UTF-8$/],
];

for (const [name, bytes, message] of REFUSED) {
  Deno.test(`decodeYaml() refuses ${name}`, () => {
    assertUserError(assertThrows(() => decodeYaml(Uint8Array.from(bytes), "x")), "malformed", message);
  });
}
