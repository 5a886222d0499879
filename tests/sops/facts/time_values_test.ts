import { holdsTime } from "../../../lib/sops/facts/time_values.ts";
import { assertEquals } from "../../support/assert.ts";

const TIME = "ENC[AES256_GCM,data:x,iv:x,tag:x,type:time]";

Deno.test("holdsTime() finds times, encrypted or in clear", () => {
  const cases: readonly (readonly [text: string, format: string, found: boolean])[] = [
    [`a: ${TIME}\n`, "yaml", true],
    [`{"a": "${TIME}"}`, "json", true],
    ["a: 2026-01-02\n", "yaml", true],
    ["a:\n  - [2026-01-02T03:04:05Z]\n", "yaml", true],
    ["a: '2026-01-02'\nb: x 2026-01-02\n# 2026-01-02\n", "yaml", false],
    ['sops:\n    lastmodified: "2026-01-02T03:04:05Z"\n', "yaml", false],
    ["a=2026-01-02\n", "dotenv", false],
    ["a: [ 2026-01-02\n", "yaml", false],
    ["", "yaml", false],
  ];
  for (const [text, format, found] of cases) assertEquals(holdsTime(text, format), found, text);
});
