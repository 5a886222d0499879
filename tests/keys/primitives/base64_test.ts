import { decodeBareBase64, encodeBareBase64 } from "../../../lib/keys/primitives/base64.ts";
import { assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

Deno.test("decodeBareBase64() takes back what encodeBareBase64() makes, and one spelling only", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    const text = encodeBareBase64(bytes);
    assertEquals(decodeBareBase64(text), bytes);
    for (const other of [`${text}=`, ` ${text}`, `${text}\n`, text.replace(/.$/, "-")]) {
      if (other !== text) assertEquals(decodeBareBase64(other), undefined, other);
    }
  }));
});

Deno.test("decodeBareBase64() refuses spare bits and lengths that no bytes have", () => {
  for (const text of ["AB", "AAB", "A", "AAAAA", "AA=="]) assertEquals(decodeBareBase64(text), undefined, text);
});
