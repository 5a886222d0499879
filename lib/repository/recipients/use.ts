/**
 * Every recipient of a `.sops.yaml` with the encrypted files that it can really read, and those of files that no rule
 * knows. Pure.
 *
 * @module
 */
import type { SopsConfig } from "../../config/rules/sops_config.ts";
import { nameKey } from "../scan/differences.ts";
import type { GovernedFile } from "../scan/governed_files.ts";
import { type KnownRecipient, listKnownRecipients } from "./known.ts";

/** A recipient and what it is used for. */
export interface RecipientUse extends KnownRecipient {
  /** The encrypted files that hold the data key for it. */
  readonly files: readonly GovernedFile[];
  /** Whether the `.sops.yaml` knows it, in a rule or by a name. */
  readonly isInConfig: boolean;
}

/** @returns those of the config in its order, then those that only files have, in the order of the files */
export function listRecipientUse(config: SopsConfig, files: readonly GovernedFile[]): readonly RecipientUse[] {
  const filesOf = new Map<string, Set<GovernedFile>>();
  const onlyInFiles: KnownRecipient[] = [];
  const known = listKnownRecipients(config);
  for (const { type, text } of known) filesOf.set(`${type} ${text}`, new Set());
  for (const file of files) {
    for (const { keys } of file.metadata.groups) {
      for (const key of keys) {
        const { type, text } = nameKey(key, undefined);
        const id = `${type} ${text}`;
        const readable = filesOf.get(id) ?? new Set();
        if (!filesOf.has(id)) onlyInFiles.push({ type, text, names: [], rules: [] });
        filesOf.set(id, readable.add(file));
      }
    }
  }
  const useOf = (key: KnownRecipient, isInConfig: boolean): RecipientUse => {
    return { ...key, files: [...filesOf.get(`${key.type} ${key.text}`) ?? []], isInConfig };
  };
  return [...known.map((key) => useOf(key, true)), ...onlyInFiles.map((key) => useOf(key, false))];
}
