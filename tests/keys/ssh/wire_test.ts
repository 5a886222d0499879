import { decodePaddedBase64, decodeSshFields, SshReader } from "../../../lib/keys/ssh/wire.ts";
import { assertEquals } from "../../support/assert.ts";
import { join, wireNumber, wireString } from "./build.ts";
import fc from "../../support/property.ts";

Deno.test("SshReader reads values in their order", () => {
  const reader = new SshReader(
    join(wireNumber(0xfffffffe), wireString("tëxt"), wireString("ab"), Uint8Array.of(1, 2, 3)),
  );
  assertEquals(reader.number(), 0xfffffffe);
  assertEquals(reader.string(), new TextEncoder().encode("tëxt"));
  assertEquals(reader.text(), "ab");
  assertEquals(reader.bytes(2), Uint8Array.of(1, 2));
  assertEquals(reader.rest(), Uint8Array.of(3));
  assertEquals(reader.rest(), new Uint8Array());
});

Deno.test("SshReader stays at the end once something was missing", () => {
  const reader = new SshReader(join(wireNumber(5), Uint8Array.of(1, 2)));
  assertEquals(reader.string(), undefined);
  assertEquals([reader.number(), reader.text(), reader.bytes(1)], [undefined, undefined, undefined]);
  assertEquals(reader.rest(), new Uint8Array());
  assertEquals(new SshReader(wireNumber(0xffffffff)).string(), undefined);
});

Deno.test("SshReader reads from a view into a larger buffer", () => {
  const outer = join(Uint8Array.of(9, 9), wireNumber(7), Uint8Array.of(9));
  assertEquals(new SshReader(outer.subarray(2, 6)).number(), 7);
});

Deno.test("decodeSshFields() takes apart what was put together, and nothing that is longer or shorter", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1 }), (fields) => {
    const bytes = join(...fields.map(wireString));
    assertEquals(decodeSshFields(bytes)?.map((field) => [...field]), fields.map((field) => [...field]));
    assertEquals(decodeSshFields(bytes.subarray(0, -1)), undefined);
    assertEquals(decodeSshFields(join(bytes, Uint8Array.of(0))), undefined);
  }));
  assertEquals(decodeSshFields(new Uint8Array()), []);
});

Deno.test("decodePaddedBase64() wants its padding and no blanks, and ignores spare bits as Go does", () => {
  assertEquals(decodePaddedBase64("AAE="), Uint8Array.of(0, 1));
  assertEquals(decodePaddedBase64("AAF="), Uint8Array.of(0, 1));
  for (const text of ["AAE", "AA E", "AAE\n", "AA==AA==", "!!!!", "AA-_"]) {
    assertEquals(decodePaddedBase64(text), undefined);
  }
});
