/** Many `secret set` at once, of which the first makes the file: none is lost, and the file opens. */
import { TEST_X25519 } from "../keys/test_keys.ts";
import { assertEquals } from "../support/assert.ts";
import { Machine } from "../support/stress_program.ts";

const RUNS = 24;

Deno.test(`${RUNS} parallel secret set lose none, though there is no file yet`, async () => {
  await using machine = await Machine.create();
  await Deno.mkdir(machine.keysPath.slice(0, machine.keysPath.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(machine.keysPath, `${TEST_X25519.identity}\n`, { mode: 0o600 });
  await Deno.writeTextFile(machine.configPath, `creation_rules:\n  - age: ${TEST_X25519.recipient}\n`);
  const names = Array.from({ length: RUNS }, (_, i) => `NAME_${i + 10}`);
  const endings = await Promise.all(names.map((name) => machine.run(["secret", "set", `${name}=value of ${name}`])));
  for (const { code, stderr } of endings) assertEquals(code, 0, stderr);
  const { code, stdout, stderr } = await machine.run(["secret", "pull"]);
  assertEquals([code, stdout], [0, names.map((name) => `${name}=value of ${name}\n`).join("")], stderr);
});
