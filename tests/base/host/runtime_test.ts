import { findRuntimeProblem, RUN_FLAGS } from "../../../lib/base/host/runtime.ts";
import { ROOT, ROOT_URL } from "../../../scripts/process.ts";
import { assert, assertEquals } from "../../support/assert.ts";

for (const version of ["2.7.0", "2.7.1", "2.9.6", "2.10.0", "3.0.0", "2.7.0+abcdef", "canary"]) {
  Deno.test(`findRuntimeProblem() has nothing against Deno ${version}`, () => {
    assertEquals(findRuntimeProblem(version), undefined);
  });
}

for (const version of ["2.6.8", "2.6.10+abcdef", "1.46.3", "0.99.9"]) {
  Deno.test(`findRuntimeProblem() says what Deno ${version} lacks`, () => {
    const problem = findRuntimeProblem(version);
    assertEquals(problem?.kind, "unsupported");
    assertEquals(problem?.message, `cannot run on Deno ${version}: expected 2.7.0 or newer`);
  });
}

Deno.test("the README starts the bundle with what it needs, and with nothing that reaches the network", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT_URL));
  assert(readme.includes(`\ndeno run -q ${RUN_FLAGS} sopsmith.js keygen\n`));
});

Deno.test("start() does nothing on a Deno that is too old", async () => {
  const source = 'Object.defineProperty(Deno, "version", { value: { deno: "2.6.8" } }); ' +
    `const { start } = await import("${ROOT_URL}main.ts"); await start();`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "-q", "--config", `${ROOT}/deno.json`, source],
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await child.output();
  assertEquals([code, stdout.length], [1, 0]);
  const text = new TextDecoder().decode(stderr);
  assert(/^error: cannot run on Deno 2\.6\.8: expected 2\.7\.0 or newer\n/.test(text), text);
});
