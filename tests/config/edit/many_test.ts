/**
 * Many recipients at once: the same as one after the other, and in time that grows with their number.
 *
 * @module
 */
import { planChange } from "../../../lib/config/edit/change.ts";
import type { NewRecipient } from "../../../lib/config/edit/intent.ts";
import type { SopsConfig } from "../../../lib/config/rules/sops_config.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { generatedConfig } from "./sources.ts";
import fc from "../../support/property.ts";

const PATH = "/repo/.sops.yaml";

function recipientsOf(count: number): NewRecipient[] {
  return Array.from({ length: count }, (_, at) => ({ text: `age1testhost${at}`, name: `host${at}` }));
}

/** A key more or less changes how the next one is written only where the rule had none. */
Deno.test("planChange() writes several recipients as it writes them one after the other, in every dialect", () => {
  fc.assert(
    fc.property(generatedConfig, fc.integer({ min: 1, max: 4 }), fc.nat(255), ({ source }, count, bits) => {
      const config = parseSopsConfig(source, PATH);
      const rules = config.rules.map(({ index }) => index).filter((index) => (bits >> index) % 2 === 1);
      const add = recipientsOf(count);
      const together = planChange(config, { keys: [{ rules, add, group: 0 }] }).after;
      const one = (current: SopsConfig, recipient: NewRecipient): SopsConfig =>
        planChange(current, { keys: [{ rules, add: [recipient], group: 0 }] }).after;
      assertEquals(together.document.source, add.reduce(one, config).document.source);
    }),
    { numRuns: 60 },
  );
});

Deno.test("planChange() adds to rules that share a list and lack different recipients", () => {
  const source = "keys:\n  - &a age1testalice\ncreation_rules:\n  - age: [*a, age1testhost1]\n  - age: [*a]\n";
  const { after, rules } = planChange(parseSopsConfig(source, PATH), {
    keys: [{ rules: [0, 1], add: [...recipientsOf(3), ...recipientsOf(1)] }],
  });
  assertEquals(rules.map(({ gained }) => gained.map(({ name }) => name)), [["host0", "host2"], [
    "host0",
    "host2",
    "host1",
  ]]);
  assertEquals(after.keys.map(({ name }) => name), ["a", "host0", "host2", "host1"]);
});

/** Milliseconds, the least of three runs: the machine may be busy. */
function measure(count: number): number {
  const source =
    "keys:\n  - &a age1testalice\ncreation_rules:\n  - key_groups:\n      - age:\n          - *a\n  - age: *a\n";
  const config = parseSopsConfig(source, PATH);
  const add = recipientsOf(count);
  const times = [0, 1, 2].map(() => {
    const start = performance.now();
    const { after } = planChange(config, { keys: [{ rules: [0, 1], add }] });
    assertEquals(after.rules.map(({ groups }) => groups[0]!.keys.length), [count + 1, count + 1]);
    return performance.now() - start;
  });
  return Math.min(...times);
}

Deno.test("planChange() adds recipients in time that grows with their number", () => {
  measure(100); // warm
  const [few, many] = [measure(500), measure(5_000)];
  assert(many < 20 * few, `${few} ms for 500, ${many} ms for 5,000`);
});
