/**
 * What go-yaml takes an unquoted scalar for: its own mixture of YAML 1.1, YAML 1.2 and Go literals.
 *
 * SOPS hashes values by their type, so this answers exactly as go-yaml v3.0.4 does, `08` (a float) and `0777` (octal)
 * included. The same answer decides which texts need quotes when they are written. Pure. Spec: sops-engine §4.2.
 *
 * @module
 */
import { type Scalar, Timestamp } from "./scalar.ts";

/** A scalar that go-yaml reads and that SOPS then refuses. */
export class RefusedScalar {
  /** @param problem what it is, in words that hold nothing of it */
  constructor(readonly problem: string) {}
}

/** What an untagged scalar without quotes can be. */
export type PlainScalar = Exclude<Scalar, Uint8Array> | RefusedScalar;

/** Words with a meaning of their own. */
const WORDS: ReadonlyMap<string, PlainScalar> = new Map<string, PlainScalar>([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Infinity] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, -Infinity] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, NaN] as const),
]);

/** What a text that is no string can start with; all others need no second look. */
const FIRST_OF_TYPED = /^[-+.0-9~nNtTfF]/;

/** Longest of {@link WORDS}. */
const MAX_WORD_LENGTH = 5;

const DECIMAL = /^[-+]?(?:0|[1-9][0-9]*)$/;
const OCTAL = /^[-+]?0[oO]?[0-7]+$/;
const HEXADECIMAL = /^[-+]?0[xX][0-9a-fA-F]+$/;
const BINARY = /^[-+]?0[bB][01]+$/;

/** go-yaml lets a sign stand behind a lower-case prefix too. */
const SIGN_INSIDE = /^0(?:b[-+][01]+|o[-+][0-7]+)$/;

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** What follows a leading `.` is a Go literal, with `_` between digits. */
const FLOAT_OF_GO = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const TIMESTAMP =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]| +)([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2})?)?$/;

/** Largest and smallest whole number that SOPS knows. */
const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);

/** Largest whole number that go-yaml knows. */
const MAX_UINT = 2n ** 64n - 1n;

/** Digits of a second that Go keeps. */
const MAX_FRACTION_DIGITS = 9;

/** @returns what go-yaml makes of an untagged scalar without quotes */
export function resolvePlainScalar(text: string): PlainScalar {
  if (text !== "" && !FIRST_OF_TYPED.test(text)) return text;
  if (text.length <= MAX_WORD_LENGTH) {
    const word = WORDS.get(text);
    if (word !== undefined) return word;
  }
  if (text.startsWith(".")) return FLOAT_OF_GO.test(text) ? finiteOr(text, text.replaceAll("_", "")) : text;
  return /^[-+0-9]/.test(text) ? findTimestamp(text) ?? resolveNumber(text) : text;
}

/**
 * Reads a scalar that has an explicit standard tag, quoted or not.
 *
 * @param tag short form: `!!int`
 * @returns undefined where go-yaml refuses the tag for this text
 */
export function resolveTaggedScalar(tag: string, text: string): Scalar | RefusedScalar | undefined {
  switch (tag) {
    case "!!binary":
      return resolveBinary(text);
    case "!!timestamp":
      return findTimestamp(text);
    case "!!null":
      return resolvePlainScalar(text) === null ? null : undefined;
    case "!!bool": {
      const value = resolvePlainScalar(text);
      return typeof value === "boolean" ? value : undefined;
    }
    case "!!int": {
      const value = resolveUntimed(text);
      return typeof value === "bigint" || value instanceof RefusedScalar ? value : undefined;
    }
    case "!!float": {
      const value = resolveUntimed(text);
      return typeof value === "bigint" ? Number(value) : typeof value === "number" ? value : undefined;
    }
    default: // !!str, !!merge, !!seq and tags of others: text
      return text;
  }
}

/** With another tag than `!!timestamp`, go-yaml does not look for a date. */
function resolveUntimed(text: string): PlainScalar {
  return WORDS.has(text) || text.startsWith(".")
    ? resolvePlainScalar(text)
    : /^[-+0-9]/.test(text)
    ? resolveNumber(text)
    : text;
}

function resolveBinary(text: string): string | Uint8Array | undefined {
  const digits = text.replace(/[\r\n]/g, "");
  if (!BASE64.test(digits)) return undefined;
  const bytes = Uint8Array.fromBase64(digits);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

function resolveNumber(text: string): PlainScalar {
  const digits = text.includes("_") ? text.replaceAll("_", "") : text;
  if (DECIMAL.test(digits)) return wholeNumber(text, digits);
  if (OCTAL.test(digits)) return wholeNumber(text, digits.replace(/0[oO]?/, "0o"));
  if (HEXADECIMAL.test(digits) || BINARY.test(digits)) return wholeNumber(text, digits);
  if (FLOAT.test(digits)) return finiteOr(text, digits);
  if (SIGN_INSIDE.test(digits)) return wholeNumber(text, digits[2] + digits.slice(0, 2) + digits.slice(3));
  return text;
}

/** @param digits a whole number as JavaScript writes it, with a sign before any prefix */
function wholeNumber(text: string, digits: string): PlainScalar {
  const isNegative = digits.startsWith("-");
  const size = BigInt(/^[-+]/.test(digits) ? digits.slice(1) : digits);
  const value = isNegative ? -size : size;
  if (value >= MIN_INT && value <= MAX_INT) return value;
  // Go reads an unsigned number only where there is no sign; what fits nowhere is a float if it looks like one.
  if (value <= MAX_UINT && !/^[-+]/.test(digits)) {
    return new RefusedScalar("a whole number beyond 9223372036854775807, which SOPS cannot hold");
  }
  const plain = text.replaceAll("_", "");
  return FLOAT.test(plain) ? finiteOr(text, plain) : text;
}

/** @returns the float that `digits` write, or the text as it is where it is too large for one */
function finiteOr(text: string, digits: string): number | string {
  const value = Number(digits);
  return Number.isFinite(value) ? value : text;
}

function findTimestamp(text: string): Timestamp | RefusedScalar | undefined {
  if (text[4] !== "-") return undefined;
  const parts = TIMESTAMP.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isSpaced = text.includes(" ");
  const zone = parts[8];
  if (parts[4] !== undefined && (zone === undefined) !== isSpaced) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = formatOffset(zone);
  if (offset === undefined) return undefined;
  const date = `${parts[1]}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
  if (offset === "out of range") return new RefusedScalar("a time with an offset of a day or more, which SOPS refuses");
  return new Timestamp(date + formatFraction(parts[7]) + offset);
}

/** Go accepts 24 hours and 60 minutes in an offset, and then cannot write a whole day. */
function formatOffset(zone: string | undefined): string | undefined {
  if (zone === undefined || zone === "Z") return "Z";
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 24 || minutes > 60) return undefined;
  const total = hours * 60 + minutes;
  if (total === 0) return "Z";
  return total >= 24 * 60 ? "out of range" : `${zone[0]}${two(Math.floor(total / 60))}:${two(total % 60)}`;
}

function formatFraction(digits: string | undefined): string {
  const kept = (digits ?? "").slice(0, MAX_FRACTION_DIGITS).replace(/0+$/, "");
  return kept === "" ? "" : `.${kept}`;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
