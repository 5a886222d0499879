/** Shares of a repository find together what one run over the whole finds. */
import { run } from "../../../main.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../../keys/test_keys.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

const SHARES = 4;

/** What is compared of `check --json`. */
interface Result {
  readonly findings: readonly Record<string, unknown>[];
  readonly checked: number;
  readonly encrypted: number;
}

Deno.test("shares of check find together what one run finds", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `secrets/t${i % 5}/f${i}.yaml`);
  await using host = await testHost({
    files: {
      ".sops.yaml": `creation_rules:\n  - path_regex: ^secrets/\n    agee: x\n    age: ${TEST_X25519.recipient}\n`,
      "secrets/t1/.sops.yaml": `creation_rules:\n  - age: ${TEST_X25519_OTHER.recipient}\n`,
      "keys.txt": `# test key\n${TEST_X25519.identity}\n`,
      "all.yaml": `creation_rules:\n  - age: ${TEST_X25519.recipient}\n`,
      ...Object.fromEntries(names.map((name) => [name, "a: 1\n"])),
    },
  });
  for (const name of names.filter((_, i) => i % 3 > 0)) {
    assertEquals(await run(["encrypt", "-i", "--config", "all.yaml", name], host), 0);
  }
  const check = async (...flags: string[]): Promise<Result> => {
    const start = host.written("stdout").length;
    await run(["check", "--json", ...flags], host);
    return JSON.parse(host.written("stdout").slice(start));
  };
  const whole = await check();
  const parts: Result[] = [];
  for (let number = 1; number <= SHARES; number++) parts.push(await check("--shard", `${number}/${SHARES}`));
  const sorted = (findings: Result["findings"]): string[] => findings.map((one) => JSON.stringify(one)).sort();
  assert(whole.findings.length > 10 && parts.every(({ findings }) => findings.length > 0));
  assertEquals(sorted(parts.flatMap(({ findings }) => findings)), sorted(whole.findings));
  for (const name of ["checked", "encrypted"] as const) {
    assertEquals(parts.reduce((sum, part) => sum + part[name], 0), whole[name]);
  }
});
