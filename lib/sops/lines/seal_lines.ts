/**
 * Encrypts the values of a plain file line by line. Pure but for the native ciphers; randomness is handed in.
 *
 * It takes whole files that are simple throughout; all others are for the reader of trees. What is written is proved to
 * read, line by line, as what was planned. Spec: sops-engine §3.3 to §3.5, §3.7; decision 019.
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import { ByteQueue } from "../engine/bytes.ts";
import { addEncodedText } from "../engine/encoded_value.ts";
import { GcmBatch, type GcmKey } from "../engine/gcm.ts";
import { computeMac, computeMacPath, startMac } from "../engine/mac.ts";
import { addToBatch } from "../engine/seal.ts";
import type { Selector } from "../engine/selectors.ts";
import { typeOfScalar } from "../tree/value.ts";
import { LineScanner } from "./line_scanner.ts";
import { addClear } from "./open_lines.ts";
import { countQuotes, isText, resolveScalar } from "./scalar.ts";
import { type LineType, ScalarTable } from "./scalar_table.ts";

/** What it takes to seal a file. */
export interface SealLinesOptions {
  readonly key: GcmKey;
  /** RFC 3339, as it will be stored. */
  readonly lastModified: string;
  /** @returns so many random bytes */
  readonly random: (byteCount: number) => Uint8Array;
}

/** The lines of a file with their values encrypted, without metadata. */
export interface SealedLines {
  readonly bytes: ByteQueue;
  /** The encrypted MAC. */
  readonly mac: string;
}

/** A plain file whose lines can be encrypted. */
export interface LinesPlan {
  readonly bytes: Uint8Array;
  readonly selector: Selector;
  /** What is to be encrypted, in the order of the file. */
  readonly scalars: ScalarTable;
  /** Their values; all its data is what the MAC is made of. */
  readonly values: GcmBatch;
  readonly clearCount: number;
}

/**
 * Reads a plain file.
 *
 * @returns undefined where there is something that cannot be read line by line
 */
export function planLines(
  bytes: Uint8Array,
  { selector, macOnlyEncrypted }: { readonly selector: Selector; readonly macOnlyEncrypted: boolean },
): LinesPlan | undefined {
  const scanner = new LineScanner(bytes, { start: 0, end: bytes.length, selector });
  const values = new GcmBatch(bytes.length);
  const scalars = new ScalarTable();
  let clearCount = 0;
  startMac(values.data, macOnlyEncrypted);
  let step = scanner.next();
  for (; step === "scalar"; step = scanner.next()) {
    const value = isText(bytes, scanner) ? undefined : resolveScalar(bytes, scanner);
    if (value === undefined && !isText(bytes, scanner)) return undefined;
    if (value === null || scanner.end - scanner.start === 2 * countQuotes(scanner)) continue; // nothing to encrypt
    const dataStart = values.data.length;
    if (scanner.isSelected || !macOnlyEncrypted) addClear(values.data, bytes, scanner);
    if (!scanner.isSelected) {
      clearCount++;
      continue;
    }
    addToBatch(values, dataStart, scanner.path);
    scalars.add(scanner, value === undefined ? "str" : typeOfScalar(value) as LineType);
  }
  return step === "end" ? { bytes, selector, scalars, values, clearCount } : undefined;
}

/**
 * Encrypts the values of a plan, which is used up by it.
 *
 * @throws {InternalError} when what was written would not read as it was planned
 */
export async function sealLines(plan: LinesPlan, options: SealLinesOptions): Promise<SealedLines> {
  const mac = await sealWithMac(plan.values, plan.values.data.view(), options);
  const bytes = writeLines(plan);
  proveLines(bytes, plan);
  return { bytes, mac };
}

/**
 * Encrypts a batch of values, and the MAC.
 *
 * @param hashed what the MAC is made of
 * @returns the encrypted MAC
 */
export async function sealWithMac(
  values: GcmBatch,
  hashed: Uint8Array<ArrayBuffer>,
  { key, lastModified, random }: SealLinesOptions,
): Promise<string> {
  const others = new GcmBatch();
  others.data.addText(await computeMac(hashed));
  const path = new ByteQueue();
  path.addText(computeMacPath(lastModified));
  addToBatch(others, 0, path);
  for (const batch of [values, others]) {
    batch.nonces.bytes.set(random(batch.nonces.length));
    await key.seal(batch);
  }
  const text = new ByteQueue();
  addEncodedText(text, { batch: others, index: 0, type: "str" });
  return new TextDecoder().decode(text.view());
}

/** Most bytes that the text of an encrypted value has besides its data. */
const ENCODED_OVERHEAD = 120;

function writeLines({ bytes, scalars, values }: LinesPlan): ByteQueue {
  const capacity = bytes.length + scalars.count * ENCODED_OVERHEAD + Math.ceil(values.data.length / 3) * 4;
  const sealed = new ByteQueue(capacity);
  let done = 0;
  for (let index = 0; index < scalars.count; index++) {
    sealed.addBytes(bytes, done, scalars.start(index));
    addEncodedText(sealed, { batch: values, index, type: scalars.type(index) });
    done = scalars.end(index);
  }
  sealed.addBytes(bytes, done, bytes.length);
  return sealed;
}

/** Reads what was written once more: every value has to stand at its place, below its keys, and nothing else may be new. */
function proveLines(sealed: ByteQueue, { scalars, values, selector }: LinesPlan): void {
  const scanner = new LineScanner(sealed.bytes, { start: 0, end: sealed.length, selector });
  let [index, shift] = [0, 0];
  let step = scanner.next();
  for (; step === "scalar"; step = scanner.next()) {
    if (index === scalars.count || scanner.start !== scalars.start(index) + shift) continue;
    if (!scanner.isSelected || !values.isAssociatedWith(index, scanner.path)) break;
    shift = scanner.end - scalars.end(index);
    index++;
  }
  if (step === "end" && index === scalars.count) return;
  throw new InternalError("what would be written does not read as it was planned");
}
