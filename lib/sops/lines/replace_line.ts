/**
 * Gives one value of an open file another content. Pure but for the native ciphers; randomness is handed in.
 *
 * @module
 */
import { ByteQueue } from "../engine/bytes.ts";
import { addEncodedText } from "../engine/encoded_value.ts";
import { GcmBatch } from "../engine/gcm.ts";
import { isEmptyScalar, respell } from "../engine/open.ts";
import { addToBatch } from "../engine/seal.ts";
import { formatScalar, typeOfScalar } from "../tree/value.ts";
import type { Scalar } from "../tree/tree.ts";
import type { EncodedLines } from "./open_lines.ts";
import { type SealedLines, type SealLinesOptions, sealWithMac } from "./seal_lines.ts";

/** What is changed: the keys that lead to a value, and what it becomes. */
export interface LineChange {
  readonly keys: readonly string[];
  readonly value: Scalar;
}

/** @returns undefined where there is no such value that stands in no list, or where it takes more than its line */
export async function replaceLine(
  { bytes, end, scalars, values }: EncodedLines,
  { keys, value }: LineChange,
  options: SealLinesOptions,
): Promise<SealedLines | undefined> {
  if (isEmptyScalar(value) || value instanceof Uint8Array || keys.some((key) => key.includes(":"))) return undefined;
  const path = new ByteQueue();
  path.addText(keys.map((key) => `${key}:`).join(""));
  let index = 0;
  while (index < scalars.count && !values.isAssociatedWith(index, path)) index++;
  if (index === scalars.count || scalars.isInList(index)) return undefined;
  const text = formatScalar(value);
  const batch = new GcmBatch();
  batch.data.addText(text);
  addToBatch(batch, 0, path);
  const mac = await sealWithMac(batch, respell(values, new Map([[index, text]])), options);
  const changed = new ByteQueue(end + batch.data.length * 2);
  changed.addBytes(bytes, 0, scalars.start(index));
  addEncodedText(changed, { batch, index: 0, type: typeOfScalar(value) });
  changed.addBytes(bytes, scalars.end(index), end);
  return { bytes: changed, mac };
}
