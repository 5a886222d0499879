/**
 * For whom a file is encrypted, and what of it: the rule that wins for it, and what the person says instead.
 *
 * Refuses what would leave someone out or something in clear without a word: keys of types that cannot be encrypted for
 * here, two selectors, a selector that does not compile. I/O through the host. Spec: sops-engine §1.3–1.5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { compilePattern } from "../../config/patterns/matcher.ts";
import { type Rule, type Selector, SELECTORS, type SopsConfig } from "../../config/rules/sops_config.ts";
import { parseRecipient } from "../../keys/age/recipient_parse.ts";
import type { StoreFormat } from "../../sops/metadata/metadata.ts";
import { FileRules } from "../scan/file_rules.ts";
import { DEFAULT_SELECTORS } from "../scan/settings.ts";

/** What a person says on the command line; what is left out comes from the rule. */
export interface EncryptionWish {
  /** Value of `--config`. */
  readonly config?: string | undefined;
  /** Recipients with commas: one group instead of the rule's groups. */
  readonly age?: string | undefined;
  readonly selectors?: Readonly<Partial<Record<Selector, string>>>;
  readonly macOnlyEncrypted?: boolean | undefined;
  readonly shamirThreshold?: number | undefined;
}

/** For whom, and what. */
export interface Encryption {
  /** Recipients by group, in the order in which they are written. */
  readonly groups: readonly (readonly string[])[];
  /** Undefined: every group is needed. */
  readonly shamirThreshold: number | undefined;
  readonly selectors: Readonly<Partial<Record<Selector, string>>>;
  readonly macOnlyEncrypted: boolean;
  readonly config: SopsConfig | undefined;
  readonly rule: Rule | undefined;
  /** What the person should know, for warnings. */
  readonly warnings: readonly string[];
}

/** Variables by which SOPS adds keys that cannot be encrypted for here. */
const FOREIGN_KEY_VARIABLES = [
  "SOPS_KMS_ARN",
  "SOPS_PGP_FP",
  "SOPS_GCP_KMS_IDS",
  "SOPS_HUAWEICLOUD_KMS_IDS",
  "SOPS_AZURE_KEYVAULT_URLS",
  "SOPS_VAULT_URIS",
] as const;

/**
 * Decides how a file is to be encrypted.
 *
 * @param file absolute path of the file, which need not exist
 * @param wish and the store that will write the file
 * @throws {UserError} `not-found` without rules and recipients; `refused` when no rule matches; `unsupported` for keys of other services; `usage` for
 * selectors that contradict each other; `malformed` for a recipient or a selector that cannot be read
 */
export async function chooseEncryption(
  host: Host,
  file: string,
  wish: EncryptionWish & { readonly format: StoreFormat },
): Promise<Encryption> {
  refuseForeignVariables(host);
  const given = wish.age || host.env("SOPS_AGE_RECIPIENTS") || undefined;
  const { config, rule } = await findRule(host, file, { named: wish.config, isOptional: given !== undefined });
  if (rule === undefined && given === undefined) throw noRules(file);
  const groups = given === undefined ? groupsOf(rule!, config!) : [splitRecipients(given)];
  for (const recipient of groups.flat()) parseRecipient(recipient);
  const { selectors, warnings } = await chooseSelectors(rule, wish);
  return {
    groups,
    shamirThreshold: wish.shamirThreshold ?? rule?.shamirThreshold,
    selectors,
    macOnlyEncrypted: wish.format !== "binary" && (wish.macOnlyEncrypted ?? rule?.macOnlyEncrypted ?? false),
    config,
    rule,
    warnings,
  };
}

/** SOPS would encrypt for these keys too; a file without them would lock somebody out. */
function refuseForeignVariables(host: Host): void {
  for (const variable of FOREIGN_KEY_VARIABLES) {
    if (!host.env(variable)) continue;
    throw new UserError("unsupported", `cannot encrypt: ${variable} names keys that only their service can use`, {
      hints: [`unset ${variable} to encrypt for age recipients alone, or use sops`],
    });
  }
}

/**
 * @param options `isOptional`: the file can do without a config
 * @throws {UserError} `not-found` when there are rules and none matches: SOPS refuses that, whoever is named besides
 */
async function findRule(
  host: Host,
  file: string,
  { named, isOptional }: { readonly named: string | undefined; readonly isOptional: boolean },
): Promise<{ readonly config?: SopsConfig; readonly rule?: Rule }> {
  try {
    const { config, matcher, comparedPath } = await new FileRules(host, named).configOf(file);
    if (!config.hasCreationRules) return {};
    const rule = matcher.findWinner(comparedPath);
    if (rule !== undefined) return { config, rule };
    throw new UserError("refused", `cannot encrypt "${file}": no rule of "${config.path}" matches it`, {
      hints: [`sopsmith rules explain shows what each rule says to a path; sopsmith rules add makes a rule`],
      location: { path: config.path },
    });
  } catch (error) {
    if (!isOptional || !(error instanceof UserError) || error.kind !== "not-found") throw error;
    return {};
  }
}

function noRules(file: string): UserError {
  return new UserError("not-found", `cannot encrypt "${file}": its ".sops.yaml" has no creation rules`, {
    hints: ["make one with: sopsmith init"],
  });
}

function groupsOf(rule: Rule, config: SopsConfig): string[][] {
  const number = rule.index + 1;
  const groups = rule.groups.map(({ keys }) =>
    keys.map(({ type, text }) => {
      if (type === "age") return text;
      throw new UserError(
        "unsupported",
        `cannot encrypt for rule ${number} of "${config.path}": it has a key of type ${type}, which only its service can use`,
        {
          hints: ["encrypt with sops, or pass --age RECIPIENT to encrypt for age recipients alone"],
          location: { path: config.path, line: rule.lineNumber },
        },
      );
    })
  );
  if (groups.length > 0 && groups.every((keys) => keys.length > 0)) return groups;
  throw new UserError(
    "malformed",
    `cannot encrypt for rule ${number} of "${config.path}": ${
      groups.length > 1 ? "one of its key groups has no keys" : "it has no recipients"
    }`,
    {
      hints: [`sopsmith recipient add NAME RECIPIENT --rule ${number}`],
      location: { path: config.path, line: rule.lineNumber },
    },
  );
}

/** @param list recipients with commas @throws {UserError} `usage` for an empty one, as SOPS refuses it */
export function splitRecipients(list: string): string[] {
  const recipients = list.split(",").map((text) => text.trim());
  if (!recipients.includes("")) return recipients;
  throw new UserError("usage", "one of the recipients is empty: a comma stands too much", {
    hints: ["write recipients with one comma between them"],
  });
}

async function chooseSelectors(
  rule: Rule | undefined,
  { selectors: wished = {}, format }: EncryptionWish & { readonly format: StoreFormat },
): Promise<Pick<Encryption, "selectors" | "warnings">> {
  const chosen: Partial<Record<Selector, string>> = {};
  for (const selector of SELECTORS) {
    const text = wished[selector] || rule?.selectors[selector];
    if (text) chosen[selector] = text;
  }
  const names = SELECTORS.filter((selector) => chosen[selector] !== undefined);
  if (format === "binary") {
    return { selectors: {}, warnings: names.map((name) => `${name} does not count for a binary file`) };
  }
  if (names.length > 1) {
    throw new UserError("usage", `cannot encrypt: ${names.join(" and ")} contradict each other, expected one of them`, {
      hints: [rule === undefined ? "pass one of them" : `look at rule ${rule.index + 1}, and pass one of them`],
    });
  }
  const [name] = names;
  if (name === undefined) return { selectors: DEFAULT_SELECTORS, warnings: [] };
  if (name.endsWith("_regex")) await compilePattern(chosen[name] ?? "");
  return { selectors: chosen, warnings: [] };
}
