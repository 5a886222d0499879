/** Secret sharing among key groups. */
import { combineParts, splitSecret } from "../../../lib/sops/engine/shamir.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import fc from "../../support/property.ts";

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

Deno.test("splitSecret() makes parts of one byte more, x last", () => {
  const parts = splitSecret(random(32), { partCount: 3, threshold: 2, random });
  assertEquals(parts.map((part) => [part.length, part[32]]), [[33, 1], [33, 2], [33, 3]]);
});

Deno.test("splitSecret() follows the polynomial of its coefficients", () => {
  // over GF(2^8) mod 0x11b: 7 + 3x at 1, 2, 3 is 7^3, 7^6, 7^5
  const parts = splitSecret(new Uint8Array([7]), { partCount: 3, threshold: 2, random: () => new Uint8Array([3]) });
  assertEquals(parts.map(([y]) => y), [4, 1, 2]);
  const [, high] = splitSecret(new Uint8Array([0]), {
    partCount: 2,
    threshold: 2,
    random: () => new Uint8Array([0x80]),
  });
  assertEquals(high?.[0], 0x1b);
});

Deno.test("property: combineParts() finds the secret from any parts that are enough, in any order", () => {
  const numbers = fc.integer({ min: 2, max: 6 }).chain((partCount) =>
    fc.record({
      partCount: fc.constant(partCount),
      threshold: fc.integer({ min: 2, max: partCount }),
      order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5].slice(0, partCount), { minLength: partCount }),
    })
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), numbers, (secret, { partCount, threshold, order }) => {
      const parts = splitSecret(secret, { partCount, threshold, random });
      const shuffled = order.map((i) => parts[i]!);
      for (let count = threshold; count <= partCount; count++) {
        assertEquals(combineParts(shuffled.slice(0, count)), secret);
      }
    }),
  );
});

Deno.test("combineParts() takes any x, as old versions of SOPS wrote them", () => {
  // 9 + 5x at 0x53 and 0xca, which are inverses of each other
  const at = (x: number): Uint8Array =>
    new Uint8Array([9 ^ x ^ ((x << 2) ^ (x & 0x80 ? 0x236 : 0) ^ (x & 0x40 ? 0x11b : 0)) & 0xff, x]);
  assertEquals(combineParts([at(0x53), at(0xca)]), new Uint8Array([9]));
});

Deno.test("combineParts() refuses parts that do not belong together", () => {
  const [one, two] = splitSecret(random(4), { partCount: 2, threshold: 2, random });
  assertEquals(combineParts([one!]), undefined);
  assertEquals(combineParts([]), undefined);
  assertEquals(combineParts([one!, one!]), undefined);
  assertEquals(combineParts([one!, two!.slice(1)]), undefined);
  assertEquals(combineParts([one!, new Uint8Array(5)]), undefined, "x is never 0");
});

Deno.test("splitSecret() refuses thresholds that make no sense", () => {
  for (const [partCount, threshold] of [[2, 1], [2, 3], [1, 1], [256, 2]] as const) {
    const error = assertThrows(() => splitSecret(random(4), { partCount, threshold, random }));
    assertUserError(error, "usage");
  }
});
