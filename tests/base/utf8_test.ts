/** UTF-8 to text: the fast way says what the strict decoder says. */
import { decodeUtf8 } from "../../lib/base/utf8.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";
import fc from "../support/property.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("decodeUtf8() keeps a byte order mark, and U+FFFD where the text holds it", () => {
  for (const text of ["", "a", "\ufeffa", "\ufffd", "a\ufffdé漢😀"]) assertEquals(decodeUtf8(encode(text)), text);
});

Deno.test("property: decodeUtf8() reads and refuses what the strict decoder does", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const pieces = [..."aé漢😀\ufffd"].map(encode).concat([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe6, 0xbc]].map(
    (bytes) => Uint8Array.from(bytes),
  ));
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 6 }), (parts) => {
      const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
      let expected: string | undefined;
      try {
        expected = strict.decode(bytes);
      } catch {
        assertThrows(() => decodeUtf8(bytes));
        return;
      }
      assertEquals(decodeUtf8(bytes), expected);
    }),
  );
});
