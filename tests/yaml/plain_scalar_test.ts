import { RefusedScalar, resolvePlainScalar, resolveTaggedScalar } from "../../lib/yaml/plain_scalar.ts";
import { type Scalar, Timestamp } from "../../lib/yaml/scalar.ts";
import { assert, assertEquals } from "../support/assert.ts";

const VECTORS = new URL("../vectors/sops/yaml-plain-scalars.json", import.meta.url);

/** How the vectors name the type of a value. */
function typeName(value: Scalar | RefusedScalar | undefined): string {
  if (value === null) return "plain:null";
  if (value instanceof Timestamp) return "time";
  if (value instanceof RefusedScalar) return "ERR";
  return { string: "str", bigint: "int", number: "float", boolean: "bool" }[typeof value as string] ?? "?";
}

Deno.test("resolvePlainScalar() takes every scalar of the real engine's list for what the engine took it for", () => {
  const vectors = JSON.parse(Deno.readTextFileSync(VECTORS)) as [text: string, expected: string][];
  assert(vectors.length > 100);
  for (const [text, expected] of vectors) {
    if (text === "-") continue; // no scalar: the start of a list item
    assertEquals(typeName(resolvePlainScalar(text)), expected.split(" ")[0]!, text);
  }
});

Deno.test("resolvePlainScalar() gives integers their exact value", () => {
  const values: [string, bigint][] = [
    ["-0", 0n],
    ["+0x1F", 31n],
    ["0777", 511n],
    ["-0o17", -15n],
    ["1_000", 1000n],
    ["0b-11", -3n],
    ["0o+17", 15n],
    ["9223372036854775807", 2n ** 63n - 1n],
    ["-9223372036854775808", -(2n ** 63n)],
  ];
  for (const [text, value] of values) assertEquals(resolvePlainScalar(text), value, text);
});

Deno.test("resolvePlainScalar() gives floats their exact value", () => {
  const values: [string, number][] = [
    ["08", 8],
    ["1_000.5e1_0", 1.0005e13],
    [".5_0e1_0", 5e9],
    ["18446744073709551616", 18446744073709551616],
    ["-9223372036854775809", -9223372036854775809],
    ["0777777777777777777777777", 777777777777777777777777],
    ["-.INF", -Infinity],
    ["-0.0", -0],
  ];
  for (const [text, value] of values) {
    assert(Object.is(resolvePlainScalar(text), value), text);
  }
});

Deno.test("resolvePlainScalar() leaves what no type can hold a string", () => {
  const texts = ["1e400", "-.nan", "0b-", "0x", "0xFFFFFFFFFFFFFFFFF", "-18446744073709551616x", ".5_", ".5_e1", "._5"];
  texts.push("2024-02-30", "2024-01-02T03:04:05", "2024-01-02 03:04:05Z", "2024-01-02T03:04:05.+01:00", "2023-02-29");
  texts.push("2024-01-02T24:00:00Z", "2024-01-02T03:04:05+25:00", "2024-01-02T", "yes", "off", "=", "<<", "1:30");
  for (const text of texts) assertEquals(resolvePlainScalar(text), text);
});

Deno.test("resolvePlainScalar() spells times as SOPS hashes them", () => {
  const values: [string, string][] = [
    ["2024-1-2", "2024-01-02T00:00:00Z"],
    ["2024-01-02T3:4:5,50Z", "2024-01-02T03:04:05.5Z"],
    ["2024-01-02   3:04:05.1234567891", "2024-01-02T03:04:05.123456789Z"],
    ["2024-01-02t03:04:05+00:00", "2024-01-02T03:04:05Z"],
    ["2024-01-02T03:04:05+01:60", "2024-01-02T03:04:05+02:00"],
    ["2024-02-29T03:04:05.000-23:59", "2024-02-29T03:04:05-23:59"],
  ];
  for (const [text, time] of values) assertEquals(resolvePlainScalar(text), new Timestamp(time), text);
});

Deno.test("resolvePlainScalar() tells apart what go-yaml reads and SOPS refuses", () => {
  for (const text of ["9223372036854775808", "0xFFFFFFFFFFFFFFFF", "2024-01-02T03:04:05+24:00"]) {
    const value = resolvePlainScalar(text);
    assert(value instanceof RefusedScalar && !value.problem.includes(text), text);
  }
});

Deno.test("resolveTaggedScalar() reads a text as its tag says, or refuses it", () => {
  const cases: [string, string, Scalar | undefined][] = [
    ["!!int", "5", 5n],
    ["!!int", "5.0", undefined],
    ["!!int", "", undefined],
    ["!!float", "3", 3],
    ["!!float", ".inf", Infinity],
    ["!!float", "2024-01-02", undefined],
    ["!!float", "18446744073709551615", undefined],
    ["!!bool", "true", true],
    ["!!bool", "yes", undefined],
    ["!!null", "", null],
    ["!!null", "x", undefined],
    ["!!str", "12", "12"],
    ["!!merge", "12", "12"],
    ["!!timestamp", "2024-01-02", new Timestamp("2024-01-02T00:00:00Z")],
    ["!!timestamp", "x", undefined],
    ["!!binary", "aGVs\nbG8=", "hello"],
    ["!!binary", "gA==", Uint8Array.of(0x80)],
    ["!!binary", "", ""],
    ["!!binary", "aGV sbG8", undefined],
    ["!!binary", "aGVsbG8", undefined],
  ];
  for (const [tag, text, value] of cases) assertEquals(resolveTaggedScalar(tag, text), value, `${tag} ${text}`);
});
