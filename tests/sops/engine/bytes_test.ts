/** Bytes that grow, and base64. */
import { ByteQueue } from "../../../lib/sops/engine/bytes.ts";
import { assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

function decode(text: string): Uint8Array | undefined {
  const queue = new ByteQueue();
  const bytes = new TextEncoder().encode(text);
  return queue.addBase64(bytes, 0, bytes.length) ? queue.view() : undefined;
}

Deno.test("property: ByteQueue.addText() writes UTF-8 behind what is there", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", "~", "\0", "é", "漢", "😀", "\ud800") })), (texts) => {
      const queue = new ByteQueue();
      for (const text of texts) queue.addText(text);
      assertEquals(queue.view(), new TextEncoder().encode(texts.join("")));
    }),
  );
});

Deno.test("property: ByteQueue reads the base64 that it writes, and so does the platform", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
    const queue = new ByteQueue();
    queue.addAsBase64(bytes, 0, bytes.length);
    const text = new TextDecoder().decode(queue.view());
    assertEquals(text, btoa(String.fromCharCode(...bytes)));
    assertEquals(decode(text), bytes);
  }));
});

Deno.test("ByteQueue.addBase64() refuses what is no padded base64 of the standard alphabet", () => {
  for (const text of ["A", "AA", "AAA", "A===", "====", "AA=A", "A=AA", "AA==AAAA", "AA-_", "AAA\n", "AAAé", " AAA"]) {
    assertEquals(decode(text), undefined, text);
  }
  assertEquals(decode(""), new Uint8Array());
});

Deno.test("ByteQueue.addBytes() adds long and short parts", () => {
  const source = Uint8Array.from({ length: 300 }, (_, i) => i);
  const queue = new ByteQueue(1);
  queue.addBytes(source, 10, 20);
  queue.addBytes(source, 20, 280);
  assertEquals(queue.view(), source.slice(10, 280));
});
