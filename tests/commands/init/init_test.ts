import { run } from "../../../main.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

Deno.test("init refuses a keys file in a repository that no line of .gitignore can name", async () => {
  await using host = await testHost({ env: { SOPS_AGE_KEY_FILE: "a\nb.txt" } });
  await Deno.mkdir(host.path(".git"));
  assertEquals(await run(["init", "--name", "alice"], host), 1);
  assertStringIncludes(host.written("stderr"), "git would commit it, expected an ignored file");
  assertEquals(Array.from(Deno.readDirSync(host.cwd), ({ name }) => name), [".git"]);
});

Deno.test("init makes no second key when another run has made one meanwhile", async () => {
  let isFirst = true;
  await using host = await testHost({
    beforeFileOperation(operation, path) {
      // right before the first write: the other run does all of its work
      if (operation !== "lock" || !path.includes("keys.txt") || !isFirst) return undefined;
      isFirst = false;
      return run(["init", "--name", "alice"], host).then((code) => assertEquals(code, 0));
    },
  });
  assertEquals(await run(["init", "--name", "alice"], host), 0);
  const [first, second] = host.written("stdout").trim().split("\n");
  assertEquals(first, second);
  const keys = await Deno.readTextFile(`${host.home}/.config/sops/age/keys.txt`);
  assertEquals(keys.match(/^AGE-SECRET-KEY-/gm)?.length, 1);
  assert(host.written("stderr").includes("nothing changed"), host.written("stderr"));
});
