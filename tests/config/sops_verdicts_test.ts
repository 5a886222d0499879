/** Files with small mistakes, and what SOPS itself said to each: the reader must refuse or resolve the same. */
import { findWinningRule } from "../support/rule_match.ts";
import { parseSopsConfig } from "../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../support/assert.ts";

interface Verdict {
  readonly source: string;
  readonly refused?: true;
  /** By path: the groups as `type key`, `none` when no rule matches, `no rules` when the file has no rules at all. */
  readonly winners?: Readonly<Record<string, "none" | "no rules" | readonly (readonly string[])[]>>;
}

const text = Deno.readTextFileSync(new URL("../vectors/config/sops_verdicts.json", import.meta.url));
const { keys }: { keys: Readonly<Record<string, string>> } = JSON.parse(text);
/** In the cases, `{A}` stands for the recipient A. */
const { cases }: { cases: readonly Verdict[] } = JSON.parse(
  text.replace(/\{([ABC])\}/g, (_, name) => keys[name] ?? ""),
);

Deno.test("parseSopsConfig() refuses what SOPS refuses", () => {
  const refused = cases.filter((verdict) => verdict.refused);
  assert(refused.length > 100);
  for (const { source } of refused) assertUserError(assertThrows(() => parseSopsConfig(source, "x")), "malformed");
});

Deno.test("parseSopsConfig() and findWinningRule() resolve what SOPS resolves", () => {
  const accepted = cases.filter((verdict) => verdict.winners !== undefined);
  assert(accepted.length > 100);
  for (const { source, winners = {} } of accepted) {
    const config = parseSopsConfig(source, "x");
    for (const [path, expected] of Object.entries(winners)) {
      const rule = config.hasCreationRules ? findWinningRule(config, path) : undefined;
      const groups = rule?.groups.map((group) => group.keys.map((key) => `${key.type} ${key.text}`));
      const found = groups ?? (config.hasCreationRules ? "none" : "no rules");
      assertEquals<unknown>(found, expected, `${path} in ${source}`);
    }
  }
});
