/**
 * What keys are called, by all configs that an examination has met. Pure.
 *
 * @module
 */
import type { SopsConfig } from "../../config/rules/sops_config.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { type NamedRuleKey, nameKey } from "../../repository/scan/differences.ts";
import { bareRecipient } from "../../repository/doctor/access.ts";
import type { FileKey } from "../../repository/scan/scanned_metadata.ts";
import { formatKeyName } from "../shared/rule_text.ts";

/** Names keys by the configs, in their order. */
export class KeyNames {
  readonly #configs: readonly SopsConfig[];
  /** By recipient, of an ssh key without its comment; undefined for one without a name. */
  readonly #known = new Map<string, string | undefined>();

  constructor(configs: readonly SopsConfig[]) {
    this.#configs = configs;
    for (const { rules, keys } of configs) {
      const ofRules = rules.flatMap(({ groups }) => groups.flatMap((group) => group.keys));
      for (const { text, name } of [...ofRules, ...keys]) {
        const recipient = bareRecipient(text);
        this.#known.set(recipient, this.#known.get(recipient) ?? name);
      }
    }
  }

  /** @param first the config that counts for the key's file */
  nameOf(key: FileKey, first?: SopsConfig): NamedRuleKey {
    const configs = first === undefined ? this.#configs : [first, ...this.#configs];
    const named = configs.map((config) => nameKey(key, config)).find(({ name }) => name !== undefined);
    return named ?? nameKey(key, undefined);
  }

  /** @returns the name of a key, or the key shortened */
  format(key: FileKey): string {
    return formatKeyName(this.nameOf(key));
  }

  /** @returns `age1ql3z…cac8p = isabel`, or that no rule knows it where there are rules */
  formatLocal(recipient: string): string {
    const short = formatShortRecipient(recipient);
    const name = this.#known.get(recipient);
    if (name !== undefined) return `${short} = ${name}`;
    return this.#configs.length === 0 || this.#known.has(recipient) ? short : `${short} (no rule knows it)`;
  }

  /** @returns the name of a local identity's recipient; undefined when it has none */
  nameOfLocal(recipient: string): string | undefined {
    return this.#known.get(recipient);
  }

  /** @returns whether a rule or a name stands for the recipient */
  knows(recipient: string): boolean {
    return this.#known.has(recipient);
  }
}
