/**
 * The fields of metadata in another order: what other writers of SOPS files do, and merges.
 *
 * @module
 */
import type { Choices } from "./yaml_documents.ts";

/** How the fields of a block are found, by the end of a file's name. */
const BLOCKS: Readonly<Record<string, { readonly block: RegExp; readonly field: RegExp }>> = {
  yaml: { block: /(?<=^sops:\n)(?: {4}.*\n)+/gm, field: /^(?= {4}[^ -])/m },
  env: { block: /(?:^sops_.*\n)+/gm, field: /^(?=sops_)/m },
  ini: { block: /(?<=^\[sops\]\n)(?:\w.*\n)+/gm, field: /^(?=\w)/m },
};

/** @returns the file with its metadata in another order; the same file where the format has no lines for it */
export function shuffleMetadata(name: string, text: string, choices: Choices): string {
  const found = BLOCKS[name.replace(/.*\./, "")];
  if (found === undefined) return text;
  return text.replace(found.block, (block) => {
    const fields = block.split(found.field);
    return fields.map((field) => ({ field, place: choices.below(1000) })).sort((a, b) => a.place - b.place)
      .map(({ field }) => field).join("");
  });
}
