/**
 * Scalars as SOPS encrypts and hashes them: a type tag, and the bytes of one spelling.
 *
 * Pure. Spec: sops-engine §3.4 (SOPS 3.13.2: strconv and time of Go).
 *
 * @module
 */
import { type Scalar, Timestamp } from "./tree.ts";

/** What the type of an encrypted value can be; `bytes` stands in files of old versions only. */
export type ValueType = "str" | "int" | "float" | "bool" | "time" | "comment" | "bytes";

/** What fits into Go's `int`. */
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n } as const;

/** @returns the tag of a value, which is never null */
export function typeOfScalar(value: Exclude<Scalar, null>): ValueType {
  switch (typeof value) {
    case "bigint":
      return "int";
    case "number":
      return "float";
    case "boolean":
      return "bool";
    default:
      return value instanceof Timestamp ? "time" : "str";
  }
}

/** @returns the spelling that is encrypted and hashed; empty for null, which is neither */
export function formatScalar(value: Exclude<Scalar, Uint8Array>): string {
  switch (typeof value) {
    case "string":
      return value;
    case "bigint":
      return value.toString();
    case "number":
      return formatFloat(value);
    case "boolean":
      return value ? "True" : "False";
    default:
      return value === null ? "" : value.text;
  }
}

/** @returns the shortest digits that read back as the same number, never with an exponent */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const [mantissa = "", exponentText] = String(value).split("e");
  if (exponentText === undefined) return mantissa;
  const sign = mantissa.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = mantissa.slice(sign.length).split(".");
  const digits = whole + fraction;
  const point = whole.length + Number(exponentText);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, "0"); // JavaScript writes an exponent only from 1e21 on: no fraction is left
}

/**
 * Reads what was encrypted, as Go reads it.
 *
 * @param type of a text; strings, comments and bytes are not read
 * @returns undefined when the text is not of the type
 */
export function parseScalar(type: "int" | "float" | "bool" | "time", text: string): Scalar | undefined {
  switch (type) {
    case "int":
      return parseInt64(text);
    case "float":
      return parseFloat64(text);
    case "bool":
      return BOOLEANS.get(text);
    case "time":
      return parseTimestamp(text);
  }
}

/** What Go's `strconv.ParseBool` takes. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "true", "True"].map((word) => [word, true] as const),
  ...["0", "f", "F", "FALSE", "false", "False"].map((word) => [word, false] as const),
]);

/** @returns undefined for anything but true and false as `strconv.ParseBool` knows them */
export function findBoolean(text: string): boolean | undefined {
  return BOOLEANS.get(text);
}

function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,30}$/.test(text)) return undefined;
  const value = text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text.replace("+", ""));
  return value < INT64.min || value > INT64.max ? undefined : value;
}

/** Digits with single underscores between them, as Go allows them. */
const GO_DECIMAL = /^[+-]?(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?$/;

/** A hexadecimal float of Go: the exponent is never left out. */
const GO_HEXADECIMAL =
  /^([+-]?)0[xX]_?([0-9a-fA-F](?:_?[0-9a-fA-F])*)?(?:\.((?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?))?[pP]([+-]?\d+)$/;

function parseFloat64(text: string): number | undefined {
  if (GO_DECIMAL.test(text)) {
    const value = Number(text.replaceAll("_", ""));
    return Number.isFinite(value) ? value : undefined; // out of range is an error in Go
  }
  if (/^[+-]?(?:inf|infinity)$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  const hexadecimal = GO_HEXADECIMAL.exec(text);
  return hexadecimal === null ? undefined : parseHexadecimal(hexadecimal);
}

/** Longest mantissa whose value a double holds without rounding twice. */
const MAX_HEX_DIGITS = 13;

function parseHexadecimal([, sign, whole = "", fraction = "", exponent]: RegExpExecArray): number | undefined {
  const digits = (whole + fraction).replaceAll("_", "").replace(/^0+/, "");
  const places = fraction.replaceAll("_", "").length;
  if (whole + fraction === "" || digits.length > MAX_HEX_DIGITS) return undefined;
  const value = parseInt(digits || "0", 16) * 2 ** (Number(exponent) - 4 * places);
  if (!Number.isFinite(value)) return undefined;
  return sign === "-" ? -value : value;
}

/** RFC 3339 as Go's `time.Parse` takes it. */
const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-](\d{2}):(\d{2}))$/;

/**
 * Reads a time and spells it as Go's `time.RFC3339Nano` does: at most nine digits of a second, without trailing zeros, and
 * `Z` where the offset is nothing.
 *
 * @returns undefined when Go would not read it
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = RFC_3339.exec(text);
  if (match === null || !isInCalendar(match)) return undefined;
  const fraction = (match[7] ?? "").slice(0, 9).replace(/0+$/, "");
  const offset = /^[+-]00:00$/.test(match[8]!) ? "Z" : match[8]!;
  return new Timestamp(text.slice(0, 19) + (fraction === "" ? "" : `.${fraction}`) + offset);
}

function isInCalendar(match: RegExpExecArray): boolean {
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const [offsetHour, offsetMinute] = match.slice(9, 11).map((text) => Number(text ?? 0));
  return month! >= 1 && month! <= 12 && day! >= 1 && day! <= daysOf(year!, month!) && hour! < 24 && minute! < 60 &&
    second! < 60 && offsetHour! <= 24 && offsetMinute! < 60;
}

function daysOf(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}
