import { joinChunks, parseChunk } from "../../../scripts/bundle/chunks.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";

const NOTICE = "\n/*!\n* a notice\n*/\n";

/** A split program as the bundler writes it: the main chunk, one that it loads when asked, and one that both share. */
const FILES: Readonly<Record<string, string>> = {
  "main.js":
    'import{a as l,b}from"./shared-1.js";import"./effect-2.js";l.push("main");var run=async()=>(await import("./late-3.js")).late(b());export{l as log,run};\n',
  "shared-1.js": 'var t=["shared"];function n(){return t.length}export{t as a,n as b};' + NOTICE,
  "effect-2.js": 'import{a}from"./shared-1.js";a.push("effect");',
  "late-3.js": 'import{a as q}from"./shared-1.js";q.push("late");var e=r=>r+1;export{e as late};',
};

function chunksOf(files: Readonly<Record<string, string>>): ReturnType<typeof parseChunk>[] {
  return Object.entries(files).map(([name, source]) => parseChunk(name, source));
}

Deno.test("parseChunk() takes a file apart", () => {
  const { imports, body, bodyOffset, exports, notices } = parseChunk("main.js", FILES["main.js"]!);
  assertEquals(imports, [
    { from: "shared-1.js", names: [{ from: "a", to: "l" }, { from: "b", to: "b" }] },
    { from: "effect-2.js", names: [] },
  ]);
  assertEquals(exports, [{ from: "l", to: "log" }, { from: "run", to: "run" }]);
  assertEquals(FILES["main.js"]!.slice(bodyOffset, bodyOffset + body.length), body);
  assertEquals(notices, "");
  assertEquals(parseChunk("shared-1.js", FILES["shared-1.js"]!).notices, NOTICE);
});

for (
  const source of [
    'import*as a from"./b.js";a();',
    "var a=1;export default a;",
    "var a=import.meta.url;",
    'var a=1;export*from"./b.js";',
  ]
) {
  Deno.test(`parseChunk() refuses ${source}`, () => {
    assertThrows(() => parseChunk("a.js", source), /^.*a\.js holds an import or export that is not understood$/);
  });
}

for (const wanted of [[], Object.keys(FILES)]) {
  Deno.test(`joinChunks() runs each chunk once, when it is asked for, ${wanted.length} of them marked`, async () => {
    const joined = joinChunks(chunksOf(FILES), "main.js", new Set(wanted));
    const program: { log: string[]; run: () => Promise<number> } = await import(
      `data:text/javascript,${encodeURIComponent(joined)}`
    );
    assertEquals(program.log, ["shared", "effect", "main"]);
    assertEquals([await program.run(), await program.run()], [5, 5]);
    assertEquals(program.log, ["shared", "effect", "main", "late"]);
    assert(joined.endsWith(NOTICE), joined);
  });
}

Deno.test("joinChunks() depends neither on the names of the chunks nor on their order", () => {
  const renamed = Object.entries(FILES).reverse().map(([name, source]) =>
    [name, source].map((text) => text.replaceAll(/(\w+)-\d\.js/g, "x-$1.js"))
  );
  assertEquals(
    joinChunks(chunksOf(Object.fromEntries(renamed)), "main.js", new Set()),
    joinChunks(chunksOf(FILES), "main.js", new Set()),
  );
});

Deno.test("joinChunks() refuses circles, missing chunks and taken names", () => {
  const circle = { "main.js": 'import"./b.js";', "b.js": 'import"./c.js";', "c.js": 'import"./b.js";' };
  assertThrows(() => joinChunks(chunksOf(circle), "main.js", new Set()), /b\.js → c\.js → b\.js/);
  assertThrows(() => joinChunks(chunksOf({ "main.js": 'import"./b.js";' }), "main.js", new Set()), /no chunk "b\.js"/);
  assertThrows(() => joinChunks(chunksOf({ "b.js": "" }), "main.js", new Set()), /no chunk "main\.js"/);
  assertThrows(() => joinChunks(chunksOf({ "main.js": "var $$r=1;" }), "main.js", new Set()), /is taken/);
});
