/** Scalars as SOPS spells them. */
import { Timestamp } from "../../../lib/sops/tree/tree.ts";
import { formatFloat, formatScalar, parseScalar, parseTimestamp, typeOfScalar } from "../../../lib/sops/tree/value.ts";
import { assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

Deno.test("formatFloat() writes the shortest digits and never an exponent", () => {
  const cases: [number, string][] = [
    [1e21, "1000000000000000000000"],
    [1.2345e22, "12345000000000000000000"],
    [-1e-7, "-0.0000001"],
    [1.25e-9, "0.00000000125"],
    [1, "1"],
    [-0, "-0"],
    [0.1, "0.1"],
    [5e-324, `0.${"0".repeat(323)}5`],
    [Number.MAX_VALUE, `17976931348623157${"0".repeat(292)}`],
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
    [NaN, "NaN"],
  ];
  for (const [value, text] of cases) assertEquals(formatFloat(value), text);
});

Deno.test("property: parseScalar() reads every number as formatScalar() spells it", () => {
  fc.assert(fc.property(fc.double(), (value) => assertEquals(parseScalar("float", formatFloat(value)), value)));
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(fc.property(int64, (value) => assertEquals(parseScalar("int", formatScalar(value)), value)));
});

Deno.test("parseScalar() reads integers as Go's Atoi does", () => {
  assertEquals(parseScalar("int", "+007"), 7n);
  for (
    const text of ["", "+", "1_0", "0x1", "1.0", " 1", "9223372036854775808", "-9223372036854775809", "1".repeat(9999)]
  ) {
    assertEquals(parseScalar("int", text), undefined, text);
  }
});

Deno.test("parseScalar() reads floats as Go's ParseFloat does", () => {
  const cases: [string, number | undefined][] = [
    ["0x1p3", 8],
    ["-0X1.8p1", -3],
    ["0x_1Fp-4", 1.9375],
    ["1_000.5", 1000.5],
    ["5.", 5],
    [".5", 0.5],
    ["+1e-400", 0],
    ["inf", Infinity],
    ["-Infinity", -Infinity],
    ["nan", NaN],
    ["1e400", undefined],
    ["0x1", undefined],
    ["1__0", undefined],
    ["_1", undefined],
    ["1e", undefined],
    [".", undefined],
    ["", undefined],
    ["0x.p1", undefined],
    ["Infinit", undefined],
  ];
  for (const [text, value] of cases) assertEquals(parseScalar("float", text), value, text);
});

Deno.test("parseScalar() reads booleans as Go's ParseBool does", () => {
  assertEquals(["True", "t", "1", "FALSE", "f", "0"].map((text) => parseScalar("bool", text)), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  assertEquals(["yes", "tRUE", ""].map((text) => parseScalar("bool", text)), [undefined, undefined, undefined]);
});

Deno.test("parseTimestamp() spells times as Go's RFC3339Nano does", () => {
  const cases: [string, string | undefined][] = [
    ["2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"],
    ["2024-01-02T03:04:05.1200Z", "2024-01-02T03:04:05.12Z"],
    ["2024-01-02T03:04:05.000+00:00", "2024-01-02T03:04:05Z"],
    ["2024-01-02T03:04:05.1234567891-07:30", "2024-01-02T03:04:05.123456789-07:30"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"],
    ["1900-02-29T00:00:00Z", undefined],
    ["2023-04-31T00:00:00Z", undefined],
    ["2024-13-01T00:00:00Z", undefined],
    ["2024-01-01T24:00:00Z", undefined],
    ["2024-01-01T00:00:60Z", undefined],
    ["2024-01-01T00:00:00", undefined],
    ["2024-01-01t00:00:00z", undefined],
    ["2024-1-1T00:00:00Z", undefined],
  ];
  for (const [text, spelling] of cases) assertEquals(parseTimestamp(text)?.text, spelling, text);
});

Deno.test("typeOfScalar() and formatScalar() know every type", () => {
  const values = ["a", new Uint8Array([1]), 1n, 1.5, true, new Timestamp("t")] as const;
  assertEquals(values.map(typeOfScalar), ["str", "str", "int", "float", "bool", "time"]);
  assertEquals(["a", 1n, 1.5, true, false, new Timestamp("t"), null].map((value) => formatScalar(value)), [
    "a",
    "1",
    "1.5",
    "True",
    "False",
    "t",
    "",
  ]);
});
