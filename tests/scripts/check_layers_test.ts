import { type Breach, findBreaches, findFullRooms, ROOMS } from "../../scripts/check_layers.ts";
import { assertEquals } from "../support/assert.ts";

/** Path and source of a file, and the reasons it must be blamed for, with their lines. */
const TABLE: readonly [name: string, path: string, source: string, expected: readonly [number, RegExp][]][] = [
  ["accepts an import that the room may have", "lib/keys/age/a.ts", `import { x } from "../ssh/b.ts";`, []],
  ["accepts an import inside a room", "lib/keys/age/a.ts", `import { x } from "./b.ts";`, []],
  ["refuses an import up", "lib/yaml/a.ts", `\nimport type { X } from "../keys/age/b.ts";`, [[
    2,
    /yaml may not import keys\/age/,
  ]]],
  ["refuses a dynamic import up", "lib/base/a.ts", `await import("./host/b.ts");`, [[1, /may not import base\/host/]]],
  ["refuses a re-export up", "lib/base/a.ts", `export * from "../sops/b.ts";`, [[1, /may not/]]],
  ["refuses config and sops to know each other", "lib/sops/a.ts", `import "../config/b.ts";`, [[1, /may not/]]],
  ["refuses a command to know another", "lib/commands/vault/a.ts", `import "../nix/b.ts";`, [[1, /may not/]]],
  ["refuses a folder that is no room", "lib/keys/new/a.ts", `import "../age/b.ts";`, [[1, /in no room/]]],
  ["refuses main.ts as a library", "lib/commands/a.ts", `import { run } from "../../main.ts";`, [[1, /outside/]]],
  ["refuses a test as a library", "lib/keys/age/a.ts", `import "../../../tests/support/assert.ts";`, [[
    1,
    /outside the rooms/,
  ]]],
  ["refuses Deno outside lib/base", "lib/keys/a.ts", "const a = 1;\nDeno.cwd();", [[2, /Deno\.\*/]]],
  ["accepts Deno in lib/base", "lib/base/a.ts", "Deno.cwd();", []],
  ["accepts Deno in a comment", "lib/keys/a.ts", "// Deno.cwd()\n/** Deno.cwd() */", []],
  ["finds code after a URL in a string", "lib/keys/a.ts", `const a = "https://x"; Deno.cwd();`, [[1, /Deno\.\*/]]],
  ["accepts the exit status in main.ts", "main.ts", "Deno.exit(await run(Deno.args, host));", []],
  ["refuses other Deno calls in main.ts", "main.ts", "Deno.cwd();", [[1, /Deno\.\*/]]],
  ["refuses the exit status in lib/base", "lib/base/a.ts", "Deno.exit(1);", [[1, /exit status/]]],
  ["refuses the regular expression engine outside its one file", "lib/commands/a.ts", `import "re2js";`, [[
    1,
    /re2js/,
  ]]],
  ["refuses a static node: import", "lib/base/host/a.ts", `import "node:crypto";`, [[1, /at start/]]],
  ["accepts a lazy node: import in lib/base/host", "lib/base/host/a.ts", `await import("node:crypto");`, []],
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

Deno.test("ROOMS lets no room import one above it", () => {
  const rooms = Object.keys(ROOMS);
  for (const [room, allowed] of Object.entries(ROOMS)) {
    for (const other of allowed) assertEquals(rooms.indexOf(other) < rooms.indexOf(room), true, `${room} → ${other}`);
  }
});

Deno.test("findFullRooms() finds rooms with too many files and rooms without any", () => {
  const paths = Object.keys(ROOMS).flatMap((room) =>
    room === "nix" ? [] : Array.from({ length: room === "yaml" ? 19 : 1 }, (_, index) => `lib/${room}/${index}.ts`)
  );
  assertEquals(findFullRooms(paths).map(({ path }) => path), ["lib/yaml/", "lib/nix/"]);
});
