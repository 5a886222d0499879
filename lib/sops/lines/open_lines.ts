/**
 * Decrypts the values of a file line by line, and writes it in clear. Pure but for the native ciphers.
 *
 * It answers only what is whole and good: whatever is wrong with a file is for the reader of trees to find and to say.
 * Spec: sops-engine §3.4, §3.5, §3.7; decision 019.
 *
 * @module
 */
import { isPlainAscii } from "../../yaml/scalar_style.ts";
import { ByteQueue } from "../engine/bytes.ts";
import { addEncodedBytes } from "../engine/encoded_value.ts";
import { GcmBatch, type GcmKey } from "../engine/gcm.ts";
import { computeMac, startMac } from "../engine/mac.ts";
import { openMac } from "../engine/open.ts";
import type { Selector } from "../engine/selectors.ts";
import type { BlockMetadata } from "../metadata/fields.ts";
import { formatScalar as formatForPlace } from "../stores/yaml/text.ts";
import type { Scalar } from "../tree/tree.ts";
import { formatScalar, parseScalar } from "../tree/value.ts";
import { LineScanner } from "./line_scanner.ts";
import { countQuotes, isText, resolveScalar } from "./scalar.ts";
import { type LineType, ScalarTable } from "./scalar_table.ts";

/** The lines of an encrypted file. */
export interface EncodedLines {
  readonly bytes: Uint8Array;
  /** Where the metadata block starts. */
  readonly end: number;
  readonly scalars: ScalarTable;
  /** The values in the order of {@link EncodedLines.scalars}, with what is hashed but not encrypted between them. */
  readonly values: GcmBatch;
}

/** What the lines are read with. */
export interface ReadLinesOptions {
  /** Where the metadata block starts. */
  readonly end: number;
  readonly selector: Selector;
  readonly macOnlyEncrypted: boolean;
}

/**
 * Reads the lines of an encrypted file.
 *
 * @returns undefined where there is something that cannot be read line by line, or that is not encrypted but should be
 */
export function readLines(
  bytes: Uint8Array,
  { end, selector, macOnlyEncrypted }: ReadLinesOptions,
): EncodedLines | undefined {
  const scanner = new LineScanner(bytes, { start: 0, end, selector });
  const values = new GcmBatch(end >> 2);
  const scalars = new ScalarTable();
  startMac(values.data, macOnlyEncrypted);
  let step = scanner.next();
  for (; step === "scalar"; step = scanner.next()) {
    if (!scanner.isSelected) {
      if (!macOnlyEncrypted && !addClear(values.data, bytes, scanner)) return undefined;
      continue;
    }
    const dataStart = values.data.length;
    const nonceStart = values.nonces.length;
    const associatedStart = values.associated.length;
    const type = addEncodedBytes(bytes, scanner, values);
    if (type === undefined && isEmpty(bytes, scanner)) continue;
    if (type === undefined || type === "comment" || type === "bytes") return undefined;
    values.associated.addBytes(scanner.path.bytes, 0, scanner.path.length);
    values.add(dataStart, nonceStart, associatedStart);
    scalars.add(scanner, type);
  }
  return step === "end" ? { bytes, end, scalars, values } : undefined;
}

/**
 * Decrypts the values in place.
 *
 * @returns whether all of them are what was encrypted together; not where SOPS would spell one in another way
 */
export async function openLines(
  { scalars, values }: EncodedLines,
  { key, metadata }: { readonly key: GcmKey; readonly metadata: BlockMetadata },
): Promise<boolean> {
  if ((await key.open(values)).length > 0 || !haveUsualSpelling(scalars, values)) return false;
  return await computeMac(values.data.view()) === await openMac(key, metadata);
}

/** Adds a value in clear to what is hashed. */
export function addClear(hashed: ByteQueue, bytes: Uint8Array, scanner: LineScanner): boolean {
  if (isText(bytes, scanner)) {
    const quotes = countQuotes(scanner);
    hashed.addBytes(bytes, scanner.start + quotes, scanner.end - quotes);
    return true;
  }
  const value = resolveScalar(bytes, scanner);
  if (value !== undefined) hashed.addText(formatScalar(value));
  return value !== undefined;
}

/** Whether the present scalar is nothing, which SOPS does not encrypt. */
function isEmpty(bytes: Uint8Array, scanner: LineScanner): boolean {
  const value = resolveScalar(bytes, scanner);
  return value === null || value === "";
}

/** Whether SOPS would spell all values as they are spelled: the MAC is made of its spelling. */
function haveUsualSpelling(scalars: ScalarTable, values: GcmBatch): boolean {
  for (let index = 0; index < scalars.count; index++) {
    const type = scalars.type(index);
    if (type === "str") continue;
    const value = valueOf(type, values, index);
    if (value === undefined || formatScalar(value) !== textOf(values, index)) return false;
  }
  return true;
}

/** @returns undefined where the text is not of its type */
function valueOf(type: LineType, values: GcmBatch, index: number): Exclude<Scalar, Uint8Array> | undefined {
  const text = textOf(values, index);
  if (text === undefined || type === "str") return text;
  return parseScalar(type, text) as Exclude<Scalar, Uint8Array> | undefined;
}

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @returns undefined for bytes that are no text */
function textOf(values: GcmBatch, index: number): string | undefined {
  try {
    return DECODER.decode(values.data.bytes.subarray(values.dataStart(index), values.dataEnd(index)));
  } catch {
    return undefined;
  }
}

/** @returns the file in clear, once its lines are open; undefined where a value needs more than its line */
export function writePlainLines({ bytes, end, scalars, values }: EncodedLines): Uint8Array | undefined {
  const plain = new ByteQueue(end);
  let done = 0;
  for (let index = 0; index < scalars.count; index++) {
    plain.addBytes(bytes, done, scalars.start(index));
    done = scalars.end(index);
    const type = scalars.type(index);
    const from = values.dataStart(index);
    const to = values.dataEnd(index);
    if (type === "str" && isPlainAscii(values.data.bytes, from, to)) {
      plain.addBytes(values.data.bytes, from, to);
      continue;
    }
    const value = valueOf(type, values, index);
    if (value === undefined || (typeof value === "string" && value.includes("\n"))) return undefined;
    const indent = scalars.indent(index);
    plain.addText(formatForPlace(value, { indent, contentColumn: indent + 1, isFlow: false }));
  }
  plain.addBytes(bytes, done, end);
  return plain.view();
}
