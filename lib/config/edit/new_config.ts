/**
 * A new `.sops.yaml`: one rule, and the settings that keep encrypted YAML files at the usual indentation. Pure.
 *
 * Spec: sops-config §3 (new file).
 *
 * @module
 */
import { InternalError } from "../../base/error.ts";
import { checkRecipients, type NewRule } from "./intent.ts";
import { underDash } from "./keys_text.ts";
import { takeName } from "./names.ts";
import type { ConfigChange } from "./change.ts";
import { diffConfigs } from "./diff.ts";
import { proveNewConfig } from "./proof.ts";
import { formatText } from "../../yaml/edit/quoting.ts";
import { SELECTORS } from "../rules/sops_config.ts";
import { parseSopsConfig } from "../rules/sops_config_read.ts";

/** How a new file writes its keys. */
export type NewConfigForm =
  /** Keys defined once under `keys:` and used by alias, as the sops-nix documentation does. */
  | "named-keys"
  /** A flat `age:` text, to which atmos can add. */
  | "flat";

/** The end of the file: SOPS indents YAML by 4 unless told otherwise. */
const STORES = ["stores:", "  yaml:", "    indent: 2", ""];

const DASH = { indent: 2, gap: " " };

/** What a new file is like. */
export interface NewConfigOptions {
  readonly form: NewConfigForm;
  /** What the file is for, in one line. */
  readonly purpose: string;
}

/**
 * Plans a new configuration file.
 *
 * @param path absolute path of the file
 * @param rule its only rule, with at least one recipient
 * @returns the proved change of a file without content
 * @throws {UserError} `malformed` for a recipient that cannot stand in the file
 * @throws {InternalError} when the text does not mean what it shall, or `rule.keysOfRule` is set
 */
export function planNewConfig(path: string, rule: NewRule, { form, purpose }: NewConfigOptions): ConfigChange {
  checkRecipients(rule.recipients);
  if (rule.keysOfRule !== undefined || rule.recipients.length === 0) {
    throw new InternalError("a new configuration needs recipients of its own");
  }
  const taken = new Set<string>();
  const names = rule.recipients.map((recipient) => takeName(recipient.name, taken));
  const definitions = rule.recipients.map(({ text }, at) => `&${names[at]!} ${formatText(text, "plain", false)}`);
  const settings = [
    `path_regex: ${formatText(rule.pathRegex, "plain", false)}`,
    ...SELECTORS.flatMap((name) =>
      rule.selectors[name] ? [`${name}: ${formatText(rule.selectors[name], "plain", false)}`] : []
    ),
    ...(rule.macOnlyEncrypted ? ["mac_only_encrypted: true"] : []),
  ];
  const aliases = names.flatMap((name) => underDash([`*${name}`], DASH));
  const keys = form === "flat"
    ? [`age: ${formatText(rule.recipients.map(({ text }) => text).join(","), "plain", false)}`]
    : ["key_groups:", ...underDash(["age:", ...aliases], DASH)];
  const named = form === "flat" ? [] : ["keys:", ...definitions.flatMap((line) => underDash([line], DASH)), ""];
  const rules = ["creation_rules:", ...underDash([...settings, ...keys], DASH), ""];
  const comment = `# ${purpose.replace(/\s+/g, " ").trim()}`;
  const config = parseSopsConfig([comment, ...named, ...rules, ...STORES].join("\n"), path);
  const defined = form === "flat" ? [] : rule.recipients.map(({ text }, at) => ({ name: names[at]!, text }));
  proveNewConfig(config, { rule, keys: rule.recipients.map(({ text }) => ({ type: "age", text })) }, defined);
  return { ...diffConfigs(parseSopsConfig("", path), config, { added: 0 }), changed: true };
}
