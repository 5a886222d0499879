import { suggest } from "../../../lib/base/show/suggest.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("suggest() finds the word that was meant", () => {
  const table = [
    ["prod-sop", "prod-sops"],
    ["recipient_file", "recipients_file"],
    ["age_recipient", "age_recipients"],
    ["KIND", "kind"],
    ["knid", "kind"],
    ["fil", "file"],
    ["filee", "file"],
  ] as const;
  const words = ["kind", "file", "recipients_file", "age_recipients", "dev-sops", "prod-sops"];
  for (const [word, meant] of table) assertEquals(suggest(word, words), meant, word);
});

Deno.test("suggest() stays silent when nothing is near", () => {
  for (const word of ["", "x", "spec", "completely-different", "fi"]) {
    assertEquals(suggest(word, ["kind", "file", "prod-sops"]), undefined, word);
  }
  assertEquals(suggest("anything", []), undefined);
});

Deno.test("suggest() takes the first of equally near words", () => {
  assertEquals(suggest("dev-1", ["dev-2", "dev-3"]), "dev-2");
});

Deno.test("suggest() compares huge words in little time", () => {
  const start = performance.now();
  suggest("x".repeat(1_000_000), Array.from({ length: 100 }, (_, i) => "y".repeat(100_000) + i));
  assert(performance.now() - start < 2000, "took too long");
});
