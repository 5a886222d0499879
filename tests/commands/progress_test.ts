/**
 * Commands that look through a repository before they report: what they say starts on an empty line.
 *
 * @module
 */
import { hostWith } from "../../lib/base/host/host.ts";
import { run } from "../../main.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { testHost } from "../support/test_host.ts";

const KEY = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";
const CONFIG = `creation_rules:\n  - path_regex: a/\n    age: ${KEY}\n  - age: ${KEY}\n`;

for (
  const words of [
    ["init", "--name", "alice", "--new-key", "--all-rules"],
    ["keygen"],
    ["rules", "add", "new/", "bob=age13k8kz6sc28j46rgleh9sfaxucup2gg73wyfvlr6xykw0a9r6ryys38ts8c"],
    ["recipient", "add", "bob", "age13k8kz6sc28j46rgleh9sfaxucup2gg73wyfvlr6xykw0a9r6ryys38ts8c", "--all-rules"],
    ["updatekeys"],
    ["doctor"],
  ]
) {
  Deno.test(`${words.slice(0, 2).join(" ")} wipes its progress before it says anything`, async () => {
    await using host = await testHost({
      files: { ".sops.yaml": CONFIG, "a/b/c.txt": "", "secrets/x/y.txt": "" },
      env: { PATH: "/nowhere", NO_COLOR: "1" },
      terminal: ["stderr"],
    });
    let seconds = 0; // every look at the clock finds it ten seconds later
    const slow = hostWith(host, { now: () => new Date((seconds += 10) * 1_000) });
    await run([...words], slow);
    const shown = host.written("stderr").match(/(?:looking for|opening)[^\r\n]*/g) ?? [];
    assert(shown.length > 0, "the progress is shown");
    for (const line of shown) assertEquals(/: \d+$/.test(line), true, line);
  });
}
