import { type CoveredFunction, markEager } from "../../../scripts/bundle/eager.ts";
import { assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

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
    "leaves methods, accessors and async arrows",
    "({«m(){}»,get «y(){}»,async «n(){«()=>1»}»});class A{«constructor(){}»«#p(){}»static «s(){}»}«async()=>1»;",
    "({m(){},get y(){},async n(){(()=>1)}});class A{constructor(){}#p(){}static s(){}}async()=>1;",
  ],
  [
    "marks what a property and a field hold",
    "({a:«function(){}»});class A{b=«()=>1»}",
    "({a:(function(){})});class A{b=(()=>1)}",
  ],
  ["marks arrows that end together", "«a=>«b=>«c=>d»»»;", "(a=>(b=>(c=>d)));"],
  [
    "is not misled by text",
    'var a="function f(){}",b=/«/;«function f(){return `${«()=>1»}`}»'.replace("/«/", "/x/"),
    'var f=(function(){return `${(()=>1)}`});var a="function f(){}",b=/x/;',
  ],
  ["keeps what is exported", "«function f(){}»export{f as g};", "var f=(function(){});export{f as g};"],
];

for (const [name, marked, expected] of CASES) {
  Deno.test(`markEager() ${name}`, () => {
    const { source, functions } = parseMarks(marked);
    assertEquals(markEager(source, functions), expected);
  });
}

Deno.test("markEager() keeps names, and what is called before its declaration", () => {
  const { source, functions } = parseMarks("var n=f();var arrow=«()=>1»;«function f(){return f.name}»");
  assertEquals(new Function(`${markEager(source, functions)};return [n,f.name,arrow.name]`)(), ["f", "f", "arrow"]);
});

Deno.test("markEager() does not depend on the order of the functions, and counts one run of several", () => {
  const { source, functions } = parseMarks("var a=«()=>b(«function(){}»)»;«function f(){«()=>1»}»");
  const reports = [...functions, ...functions.map((found) => ({ ...found, hasRun: false }))];
  const expected = markEager(source, functions);
  fc.assert(fc.property(fc.shuffledSubarray(reports, { minLength: reports.length }), (shuffled) => {
    assertEquals(markEager(source, shuffled), expected);
  }));
});
