import fc from "fast-check";
import { type CoveredFunction, markEager } from "../../../scripts/bundle/eager.ts";
import { assertEquals } from "../../support/assert.ts";

/** @returns the functions of a source, each marked by `«` (it has run) or `‹` at its start, `»` at its end */
function parseMarks(marked: string): { source: string; functions: CoveredFunction[] } {
  const functions: CoveredFunction[] = [];
  const open: { start: number; hasRun: boolean }[] = [];
  let source = "";
  for (const character of marked) {
    if (character === "«" || character === "‹") open.push({ start: source.length, hasRun: character === "«" });
    else if (character === "»") functions.push({ ...open.pop()!, end: source.length });
    else source += character;
  }
  return { source, functions: [...functions, { start: 0, end: source.length, hasRun: true }] };
}

const CASES: readonly (readonly [name: string, marked: string, expected: string])[] = [
  ["leaves functions that have not run", "‹function f(){}»var a=‹()=>1»;", "function f(){}var a=()=>1;"],
  [
    "puts function expressions in parentheses",
    "var a=«function(){}»,b=[«function*(){}»];",
    "var a=(function(){}),b=[(function*(){})];",
  ],
  ["puts arrows in parentheses", "a(«x=>x»,«(x,y)=>{}»);", "a((x=>x),((x,y)=>{}));"],
  ["marks inside what has run", "a(«()=>{b(«c=>c»)}»);", "a((()=>{b((c=>c))}));"],
  [
    "moves declarations to the front",
    "var a=f();«function f(){return 1}»a;",
    "var f=(function(){return 1});var a=f();a;",
  ],
  [
    "moves async and generator declarations",
    ";«async function f(){}»«function*g(){}»",
    "var f=(async function(){}),g=(function*(){});;",
  ],
  ["marks inside what it moves", ";«function f(){return «()=>1»}»", "var f=(function(){return (()=>1)});;"],
  ["leaves inner declarations", "var a=«()=>{«function f(){}»f()}»;", "var a=(()=>{function f(){}f()});"],
  [
    "makes methods of an object properties",
    "({«m(a){}»,«*g(){}»,«async n(){«()=>1»}»,«async*o(){}»});",
    "({m:(function(a){}),g:(function*(){}),n:(async function(){(()=>1)}),o:(async function*(){})});",
  ],
  [
    "makes methods of a class properties that nobody lists",
    "class A extends b{x=1;«m(a){}»«*g(){}»}",
    'var $$m=(function(c,n,f){Object.defineProperty(c.prototype,n,{value:f,writable:!0,configurable:!0})});class A extends b{x=1;static{$$m(this,"m",(function(a){}))}static{$$m(this,"g",(function*(){}))}}',
  ],
  [
    "leaves what cannot be a property, and async arrows",
    "class A{«constructor(){}»«#p(){}»«get x(){}»get «y(){}»static «s(){}»«t(){super.t()}»«[k](){}»}«async()=>1»;",
    "class A{constructor(){}#p(){}get x(){}get y(){}static s(){}t(){super.t()}[k](){}}async()=>1;",
  ],
];

for (const [name, marked, expected] of CASES) {
  Deno.test(`markEager() ${name}`, () => {
    const { source, functions } = parseMarks(marked);
    assertEquals(markEager(source, functions), expected);
  });
}

Deno.test("markEager() keeps what a class means", () => {
  const marked =
    "class A{#s=2;«double(n){return n*this.#s}»«*upTo(n){for(let i=0;i<n;i++)yield i}»«async later(){return 1}»}" +
    "class B extends A{«double(n){return super.double(n)+1}»«twice(n){return this.double(this.double(n))}»}";
  const { source, functions } = parseMarks(marked);
  const use = `${markEager(source, functions)};
    const b = new B(); const listed = []; for (const name in b) listed.push(name);
    return [b.twice(5), [...b.upTo(3)], listed, Object.keys(A.prototype), b.later() instanceof Promise,
      Object.getOwnPropertyNames(A.prototype).sort()];`;
  assertEquals(new Function(use)(), [23, [0, 1, 2], [], [], true, ["constructor", "double", "later", "upTo"]]);
});

Deno.test("markEager() does not depend on the order of the functions, and counts one run of several", () => {
  const { source, functions } = parseMarks("var a=«()=>b(«function(){}»)»;«function f(){«()=>1»}»");
  const reports = [...functions, ...functions.map((found) => ({ ...found, hasRun: false }))];
  const expected = markEager(source, functions);
  fc.assert(fc.property(fc.shuffledSubarray(reports, { minLength: reports.length }), (shuffled) => {
    assertEquals(markEager(source, shuffled), expected);
  }));
});
