import { type Breach, findBreaches } from "../../scripts/check_layers.ts";
import { assertEquals } from "../support/assert.ts";

/** Path and source of a file, and the reasons it must be blamed for, with their lines. */
const TABLE: readonly [name: string, path: string, source: string, expected: readonly [number, RegExp][]][] = [
  ["accepts an import down", "lib/keys/a.ts", `import { x } from "../yaml/parse.ts";`, []],
  ["accepts an import inside a room", "lib/keys/a.ts", `import { x } from "./b.ts";`, []],
  ["refuses an import up", "lib/yaml/a.ts", `\nimport type { X } from "../keys/b.ts";`, [[2, /up, from yaml to keys/]]],
  ["refuses a dynamic import up", "lib/base/a.ts", `await import("../keys/b.ts");`, [[1, /up, from base to keys/]]],
  ["refuses a re-export up", "lib/base/a.ts", `export * from "../sops/b.ts";`, [[1, /up/]]],
  ["refuses config and sops to know each other", "lib/sops/a.ts", `import "../config/b.ts";`, [[1, /sideways/]]],
  ["refuses main.ts as a library", "lib/commands/a.ts", `import { run } from "../../main.ts";`, [[1, /up/]]],
  ["refuses a test as a library", "lib/keys/a.ts", `import "../../tests/support/assert.ts";`, [[
    1,
    /outside the rooms/,
  ]]],
  ["refuses Deno outside lib/base", "lib/keys/a.ts", "const a = 1;\nDeno.cwd();", [[2, /Deno\.\*/]]],
  ["accepts Deno in lib/base", "lib/base/a.ts", "Deno.cwd();", []],
  ["accepts Deno in a comment", "lib/keys/a.ts", "// Deno.cwd()\n/** Deno.cwd() */", []],
  ["finds code after a URL in a string", "lib/keys/a.ts", `const a = "https://x"; Deno.cwd();`, [[1, /Deno\.\*/]]],
  ["accepts the exit status in main.ts", "main.ts", "Deno.exitCode = await run(Deno.args, host);", []],
  ["refuses other Deno calls in main.ts", "main.ts", "Deno.cwd();", [[1, /Deno\.\*/]]],
  ["refuses the exit status in lib/base", "lib/base/a.ts", "Deno.exit(1);", [[1, /exit status/]]],
  ["refuses the command-line library outside its one file", "lib/commands/a.ts", `import "@stricli/core";`, [[
    1,
    /stricli/,
  ]]],
  ["refuses a static node: import", "lib/base/a.ts", `import "node:crypto";`, [[1, /at start/]]],
  ["accepts a lazy node: import in lib/base", "lib/base/a.ts", `await import("node:crypto");`, []],
  ["refuses a node: import elsewhere", "lib/keys/a.ts", `await import("node:crypto");`, [[1, /outside lib\/base/]]],
  ["refuses a package without a pin", "lib/keys/a.ts", `import "npm:yaml@2";`, [[1, /no pin/]]],
  ["refuses a test package", "lib/keys/a.ts", `import fc from "fast-check";`, [[1, /for tests/]]],
  ["refuses what loads language data", "lib/keys/a.ts", `a.localeCompare(b);`, [[1, /language data/]]],
  ["refuses what loads Node compatibility", "main.ts", `const a = process.platform;`, [[1, /Node compatibility/]]],
  ["refuses what loads timers", "lib/base/a.ts", `await new Promise((resolve) => setTimeout(resolve, 10));`, [[
    1,
    /timers/,
  ]]],
  ["refuses repeated timers", "lib/base/a.ts", `globalThis.setInterval(f, 1);`, [[1, /timers/]]],
  ["accepts timers in a comment", "lib/base/a.ts", "// without `setTimeout`", []],
  ["accepts a property called process", "main.ts", `const a = context.process.stdout;`, []],
  ["refuses a long file", "lib/keys/a.ts", "\n".repeat(451), [[451, /451 lines/]]],
];

for (const [name, path, source, expected] of TABLE) {
  Deno.test(`findBreaches() ${name}`, () => {
    const breaches = findBreaches(path, source);
    assertEquals(breaches.map((breach: Breach) => breach.line), expected.map(([line]) => line));
    expected.forEach(([, reason], index) => assertEquals(reason.test(breaches[index]?.reason ?? ""), true));
  });
}
